#include "eval/labels/label_metrics.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "base/error.h"
#include "base/nearest.h"
#include "eval/stats/undefined.h"

namespace hilum {
namespace {

using Values = std::array<double, kNumLabelMetrics>;

// One label's usable cells; `study` indexes the matched studies.
struct Cells {
  bool scored = false;
  std::vector<uint32_t> study;
  std::vector<uint8_t> positive, decided;  // of the reference; at the threshold
  RankedScores ranked;
};
struct TargetCells {
  std::vector<uint32_t> study;
  std::vector<double> error;
};

struct Matched {
  std::vector<std::pair<size_t, size_t>> rows;  // of predictions, of references
};

Matched match(const LabelTable& predictions, const LabelTable& references, std::vector<Problem>& problems) {
  std::unordered_map<std::string, size_t> by_id;
  for (size_t i = 0; i < predictions.ids.size(); ++i) by_id.emplace(predictions.ids[i], i);
  std::vector<bool> used(predictions.ids.size());
  Matched matched;
  for (size_t i = 0; i < references.ids.size(); ++i) {
    const auto found = by_id.find(references.ids[i]);
    if (found == by_id.end()) {
      problems.push_back({references.name, references.ids[i], fmt::format("not in {}, left out", predictions.name),
          references.lines[i]});
    } else {
      used[found->second] = true;
      matched.rows.push_back({found->second, i});
    }
  }
  for (size_t i = 0; i < used.size(); ++i)
    if (!used[i])
      problems.push_back({predictions.name, predictions.ids[i], fmt::format("not in {}, left out", references.name),
          predictions.lines[i]});
  check(!matched.rows.empty(), "evaluation", "no study stands in both files",
      "Do the study ids, the first column of each, agree?");
  return matched;
}

bool is_label(double value) { return std::isnan(value) || value == 0 || value == 1 || value == -1; }

bool has_scores(const LabelTable& table, int column) {
  return std::any_of(table.cells.begin(), table.cells.end(), [&](const auto& row) { return !is_label(row[column]); });
}

// A label's value under the policy: 1, 0, or -1 for "left out".
int policy_value(double value, Uncertain policy) {
  if (value == 1) return 1;
  if (policy == Uncertain::kDrop) return value == 0 ? 0 : -1;
  return value == -1 && policy == Uncertain::kPositive ? 1 : 0;
}

Cells collect(const LabelTable& predictions, const LabelTable& references, const Matched& matched,
    const std::string& label, const LabelEvalOptions& options, bool scored, std::vector<Problem>& problems) {
  const int from = predictions.column(label), to = references.column(label);
  Cells cells{scored};
  std::vector<double> scores;
  for (uint32_t study = 0; study < matched.rows.size(); ++study) {
    const auto [p, r] = matched.rows[study];
    const double truth = references.cells[r][to], said = predictions.cells[p][from];
    if (!is_label(truth)) {
      problems.push_back({references.name, references.ids[r],
          fmt::format("{} is {}, not 1, 0, -1 or blank, the cell is left out", label, truth), references.lines[r]});
      continue;
    }
    if (scored && std::isnan(said)) {
      problems.push_back({predictions.name, predictions.ids[p],
          fmt::format("{} has no score, the cell is left out", label), predictions.lines[p]});
      continue;
    }
    const int wanted = policy_value(truth, options.uncertain);
    const int decided = scored ? said >= options.threshold : policy_value(said, options.uncertain);
    if (wanted < 0 || decided < 0) continue;
    cells.study.push_back(study);
    cells.positive.push_back(wanted == 1);
    cells.decided.push_back(decided == 1);
    scores.push_back(scored ? said : decided);
  }
  cells.ranked = rank_scores(scores, cells.positive);
  return cells;
}

double ratio(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : kUndefined;
}

LabelCounts count(const Cells& cells, std::span<const uint32_t> times) {
  LabelCounts counts;
  for (size_t i = 0; i < times.size(); ++i)
    (cells.positive[i]     ? cells.decided[i] ? counts.tp : counts.fn
        : cells.decided[i] ? counts.fp
                           : counts.tn) += times[i];
  return counts;
}

Values values_of(const Cells& cells, const LabelCounts& n, std::span<const uint32_t> times) {
  Values values;
  values[kAuroc] = cells.scored ? auroc(cells.ranked, times) : kUndefined;  // decisions have no ranking
  values[kAveragePrecision] = cells.scored ? average_precision(cells.ranked, times) : kUndefined;
  values[kAccuracy] = ratio(n.tp + n.tn, n.tp + n.tn + n.fp + n.fn);
  values[kSensitivity] = ratio(n.tp, n.tp + n.fn);
  values[kSpecificity] = ratio(n.tn, n.tn + n.fp);
  values[kPpv] = ratio(n.tp, n.tp + n.fp);
  values[kNpv] = ratio(n.tn, n.tn + n.fn);
  values[kF1] = ratio(2 * n.tp, 2 * n.tp + n.fp + n.fn);
  return values;
}

// The label sets whose means papers give; only those that are all there, beside the mean of everything.
struct LabelSet {
  std::string name;
  std::vector<size_t> members;  // indices of the labels scored
};
std::vector<LabelSet> label_sets(const std::vector<LabelResult>& labels) {
  LabelSet all{fmt::format("mean of {} label{}", labels.size(), labels.size() == 1 ? "" : "s"), {}};
  for (size_t i = 0; i < labels.size(); ++i) all.members.push_back(i);
  std::vector<LabelSet> sets = {std::move(all)};
  for (const auto& [name, wanted] : {std::pair{"mean of the 5 labels of the CheXpert competition", labels_5()},
           std::pair{"mean of the 6 findings of CXR-LLaVA", labels_6()}}) {
    LabelSet set{name, {}};
    for (const std::string& label : wanted)
      for (size_t i = 0; i < labels.size(); ++i)
        if (labels[i].label == label) set.members.push_back(i);
    if (set.members.size() == wanted.size() && wanted.size() < labels.size()) sets.push_back(std::move(set));
  }
  return sets;
}

std::vector<std::string> chosen_labels(const LabelTable& predictions, const LabelTable& references,
    const LabelEvalOptions& options, std::vector<ExcludedLabel>& excluded) {
  const auto check_known = [&](const std::string& name, const char* option) {
    for (const LabelTable* table : {&predictions, &references})
      if (table->column(name) < 0) {
        const std::string near = nearest_name(name, table->columns);
        throw Error(option, fmt::format("{} has no column \"{}\"", table->name, name),
            near.empty() ? "Name columns of both files." : fmt::format("Did you mean \"{}\"?", near));
      }
  };
  for (const std::string& name : options.targets) check_known(name, "--target");
  for (const std::string& name : options.labels) check_known(name, "--labels");
  if (!options.labels.empty()) return options.labels;
  std::vector<std::string> chosen;
  for (const std::string& label : references.columns) {
    if (std::find(options.targets.begin(), options.targets.end(), label) != options.targets.end()) continue;
    if (predictions.column(label) >= 0) chosen.push_back(label);
    else excluded.push_back({label, fmt::format("no column in {}", predictions.name)});
  }
  for (const std::string& label : predictions.columns)
    if (references.column(label) < 0) excluded.push_back({label, fmt::format("no column in {}", references.name)});
  return chosen;
}

TargetCells collect_target(const LabelTable& predictions, const LabelTable& references, const Matched& matched,
    const std::string& target, std::vector<Problem>& problems) {
  const int from = predictions.column(target), to = references.column(target);
  TargetCells cells;
  for (uint32_t study = 0; study < matched.rows.size(); ++study) {
    const auto [p, r] = matched.rows[study];
    const double truth = references.cells[r][to], said = predictions.cells[p][from];
    if (std::isnan(truth) || std::isnan(said)) {
      const LabelTable& side = std::isnan(truth) ? references : predictions;
      const size_t row = std::isnan(truth) ? r : p;
      problems.push_back(
          {side.name, side.ids[row], fmt::format("{} has no value, the cell is left out", target), side.lines[row]});
    } else {
      cells.study.push_back(study);
      cells.error.push_back(said - truth);
    }
  }
  return cells;
}

// Everything of a label that keeps it out, or out of some means.
void note_exclusions(const LabelResult& result, std::vector<ExcludedLabel>& excluded) {
  const int64_t negatives = result.kept - result.positives;
  if (result.positives == 0)
    excluded.push_back({result.label,
        "no positive reference: AUROC, average precision and sensitivity are not defined, left out of their means"});
  if (negatives == 0)
    excluded.push_back(
        {result.label, "no negative reference: AUROC and specificity are not defined, left out of their means"});
}

}  // namespace

const char* label_metric_name(LabelMetric metric) {
  static constexpr const char* kNames[] = {
      "AUROC", "average precision", "accuracy", "sensitivity", "specificity", "PPV", "NPV", "F1"};
  return kNames[metric];
}

LabelEvaluation evaluate_labels(const LabelTable& predictions, const LabelTable& references,
    const LabelEvalOptions& options, std::vector<Problem> problems) {
  check(predictions.ids_are_rows == references.ids_are_rows, "evaluation",
      "one file names its studies, the other holds reports alone", "Give both files the same first column.");
  LabelEvaluation out{options, predictions.name, references.name};
  out.problems = std::move(problems);
  const Matched matched = match(predictions, references, out.problems);
  out.num_studies = static_cast<int64_t>(matched.rows.size());
  out.num_references = static_cast<int64_t>(references.ids.size());

  std::vector<Cells> cells;
  for (const std::string& label : chosen_labels(predictions, references, options, out.excluded)) {
    const bool scored = has_scores(predictions, predictions.column(label));
    Cells one = collect(predictions, references, matched, label, options, scored, out.problems);
    const int64_t positives = std::count(one.positive.begin(), one.positive.end(), 1),
                  kept = static_cast<int64_t>(one.study.size());
    out.cells += out.num_studies;
    out.cells_kept += kept;
    if (kept == 0) {
      out.excluded.push_back({label, "no cell is left"});
    } else if (positives < options.min_cases) {
      out.excluded.push_back(
          {label, fmt::format("{} positive references, fewer than --min-cases {}", positives, options.min_cases)});
    } else {
      out.labels.push_back({label, kept, positives, scored});
      out.labels.back().ranked = one.ranked;
      note_exclusions(out.labels.back(), out.excluded);
      cells.push_back(std::move(one));
    }
  }
  std::vector<TargetCells> targets;
  for (const std::string& target : options.targets) {
    targets.push_back(collect_target(predictions, references, matched, target, out.problems));
    if (!targets.back().study.empty()) {
      out.targets.push_back({target, static_cast<int64_t>(targets.back().study.size())});
    } else {
      out.excluded.push_back({target, "no study has a value on both sides"});
      targets.pop_back();
    }
  }
  check(!out.labels.empty() || !out.targets.empty(), "evaluation", "no label is left to score",
      out.excluded.empty() ? "Do the columns' names agree?"
                           : fmt::format("First reason: {}: {}.", out.excluded[0].label, out.excluded[0].why));
  if (options.strict) refuse(out.problems);

  const std::vector<LabelSet> sets = out.labels.empty() ? std::vector<LabelSet>() : label_sets(out.labels);
  const size_t num_values = (cells.size() + sets.size()) * kNumLabelMetrics + 1 + 2 * targets.size();
  std::vector<uint32_t> drawn(matched.rows.size()), times;
  // Of each set and metric: labels defined over all studies (the first call), and draws with fewer.
  std::vector<std::array<int64_t, kNumLabelMetrics>> defined(sets.size()), fewer(sets.size());
  bool first_call = true;
  const Metrics compute = [&](std::span<const uint32_t> which, std::span<double> values) {
    std::fill(drawn.begin(), drawn.end(), 0u);
    for (const uint32_t study : which) ++drawn[study];
    auto to = values.begin();
    LabelCounts total;
    std::vector<Values> of_labels;
    for (const Cells& one : cells) {
      times.resize(one.study.size());
      for (size_t i = 0; i < times.size(); ++i) times[i] = drawn[one.study[i]];
      const LabelCounts counts = count(one, times);
      total += counts;
      of_labels.push_back(values_of(one, counts, times));
      to = std::copy(of_labels.back().begin(), of_labels.back().end(), to);
    }
    for (size_t s = 0; s < sets.size(); ++s)
      for (int m = 0; m < kNumLabelMetrics; ++m) {
        double sum = 0;
        int64_t n = 0;
        for (const size_t i : sets[s].members)
          if (const double value = of_labels[i][m]; !std::isnan(value)) {
            sum += value;
            ++n;
          }
        *to++ = n > 0 ? sum / static_cast<double>(n) : kUndefined;
        if (first_call) defined[s][m] = n;
        else fewer[s][m] += n < defined[s][m];
      }
    first_call = false;
    *to++ = ratio(2 * total.tp, 2 * total.tp + total.fp + total.fn);
    for (const TargetCells& one : targets) {
      double absolute = 0, plain = 0, n = 0;
      for (size_t i = 0; i < one.study.size(); ++i) {
        const double weight = drawn[one.study[i]];
        absolute += weight * std::abs(one.error[i]);
        plain += weight * one.error[i];
        n += weight;
      }
      *to++ = n > 0 ? absolute / n : kUndefined;
      *to++ = n > 0 ? plain / n : kUndefined;
    }
  };
  const std::vector<Interval> intervals = bootstrap(static_cast<uint32_t>(matched.rows.size()),
      static_cast<int>(num_values), compute, {.rounds = options.rounds, .seed = options.seed});
  auto from = intervals.begin();
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::vector<uint32_t> once(cells[i].study.size(), 1);
    out.labels[i].counts = count(cells[i], once);
    std::copy_n(from, kNumLabelMetrics, out.labels[i].metrics.begin());
    from += kNumLabelMetrics;
  }
  for (size_t s = 0; s < sets.size(); ++s) {
    MeanResult mean{sets[s].name};
    mean.num_labels = static_cast<int64_t>(sets[s].members.size());
    std::copy_n(from, kNumLabelMetrics, mean.metrics.begin());
    from += kNumLabelMetrics;
    mean.num_defined = defined[s];
    mean.draws_of_fewer = fewer[s];
    out.means.push_back(std::move(mean));
  }
  out.micro_f1 = *from++;
  for (TargetResult& target : out.targets) {
    target.mean_absolute_error = *from++;
    target.mean_error = *from++;
  }
  return out;
}

}  // namespace hilum
