#include "eval/labels/label_scores.h"

#include <array>
#include <bit>

#include <fmt/format.h>

#include "base/error.h"
#include "eval/labels/chexpert_lexicon.h"

namespace hilum {
namespace {

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

std::optional<double> share(int64_t part, int64_t whole) {
  return whole > 0 ? std::optional(static_cast<double>(part) / static_cast<double>(whole)) : std::nullopt;
}

LabelCounts counts_of(const StudyCells& cells) {
  return {std::popcount(cells.reference & cells.predicted), std::popcount(~cells.reference & cells.predicted),
      std::popcount(cells.reference & ~cells.predicted),
      std::popcount(~cells.reference & ~cells.predicted & cells.kept)};
}

// Calls visit(study) for the chosen studies.
template <typename Visit>
void for_chosen(std::span<const StudyCells> studies, std::span<const uint32_t> which, const Visit& visit) {
  if (which.empty())
    for (const StudyCells& study : studies) visit(study);
  else
    for (const uint32_t i : which) visit(studies[i]);
}

}  // namespace

const char* uncertain_name(Uncertain policy) {
  switch (policy) {
    case Uncertain::kNegative: return "uncertain as negative (LLaVA-Rad, MAIRA)";
    case Uncertain::kPositive: return "uncertain as positive (f1chexbert, RadEval)";
    case Uncertain::kDrop: return "only cells definite (1 or 0) on both sides (CXR-LLaVA)";
  }
  return "";
}

const std::vector<std::string>& labels_14() {
  static const std::vector<std::string> labels(kObservationNames.begin(), kObservationNames.end());
  return labels;
}

const std::vector<std::string>& labels_13() {
  static const std::vector<std::string> labels(
      kObservationNames.begin() + 1, kObservationNames.end());  // No Finding stands first
  return labels;
}

const std::vector<std::string>& labels_5() {
  static const std::vector<std::string> labels = {
      "Cardiomegaly", "Edema", "Consolidation", "Atelectasis", "Pleural Effusion"};
  return labels;
}

const std::vector<std::string>& labels_6() {
  static const std::vector<std::string> labels = {
      "Cardiomegaly", "Consolidation", "Edema", "Pleural Effusion", "Pneumonia", "Pneumothorax"};
  return labels;
}

double LabelCounts::f1() const { return ratio(2.0 * static_cast<double>(tp), static_cast<double>(2 * tp + fp + fn)); }

std::optional<double> LabelCounts::precision() const { return share(tp, tp + fp); }
std::optional<double> LabelCounts::recall() const { return share(tp, tp + fn); }
std::optional<double> LabelCounts::specificity() const { return share(tn, tn + fp); }
std::optional<double> LabelCounts::accuracy() const { return share(tp + tn, tp + tn + fp + fn); }

LabelCounts& LabelCounts::operator+=(const LabelCounts& other) {
  tp += other.tp;
  fp += other.fp;
  fn += other.fn;
  tn += other.tn;
  return *this;
}

StudyCells study_cells(
    const Labels& reference, const Labels& predicted, std::span<const std::string> labels, Uncertain policy) {
  if (labels.size() > 32)
    throw Error("labels", fmt::format("{} labels", labels.size()), "At most 32 can be scored together.");
  const bool definite_only = policy == Uncertain::kDrop;
  const auto value_of = [&](const Labels& of, const std::string& name) {
    const auto found = of.find(name);
    if (found == of.end()) return definite_only ? -1 : 0;
    if (found->second < -1 || found->second > 1)
      throw Error("label", fmt::format("{} is {}", name, found->second), "Labels are 1, 0 and -1.");
    return found->second;
  };
  StudyCells cells;
  for (size_t i = 0; i < labels.size(); ++i) {
    const int truth = value_of(reference, labels[i]), said = value_of(predicted, labels[i]);
    if (definite_only && (truth == -1 || said == -1)) continue;
    const auto positive = [&](int label) { return label == 1 || (label == -1 && policy == Uncertain::kPositive); };
    const uint32_t bit = 1u << i;
    cells.kept |= bit;
    if (positive(truth)) cells.reference |= bit;
    if (positive(said)) cells.predicted |= bit;
  }
  return cells;
}

LabelScores score_cells(
    std::span<const StudyCells> studies, std::span<const std::string> labels, std::span<const uint32_t> which) {
  LabelScores scores;
  for (const std::string& label : labels) scores.per_label.emplace_back(label, LabelCounts{});
  int64_t right = 0;
  double sample_f1 = 0;
  for_chosen(studies, which, [&](const StudyCells& study) {
    for (size_t i = 0; i < labels.size(); ++i) {
      const uint32_t bit = 1u << i;
      if (!(study.kept & bit)) continue;
      const bool truth = study.reference & bit, said = study.predicted & bit;
      LabelCounts& counts = scores.per_label[i].second;
      ++(truth ? said ? counts.tp : counts.fn : said ? counts.fp : counts.tn);
    }
    ++scores.num_studies;
    right += study.reference == study.predicted;
    sample_f1 += counts_of(study).f1();
    scores.cells_kept += std::popcount(study.kept);
  });
  double weighted = 0;
  for (const auto& [label, counts] : scores.per_label) {
    scores.total += counts;
    scores.macro_f1 += ratio(counts.f1(), static_cast<double>(labels.size()));
    weighted += static_cast<double>(counts.tp + counts.fn) * counts.f1();
  }
  const auto n = static_cast<double>(scores.num_studies);
  scores.cells = scores.num_studies * static_cast<int64_t>(labels.size());
  scores.micro_f1 = scores.total.f1();
  scores.weighted_f1 = ratio(weighted, static_cast<double>(scores.total.tp + scores.total.fn));
  scores.samples_f1 = ratio(sample_f1, n);
  scores.subset_accuracy = ratio(static_cast<double>(right), n);
  return scores;
}

LabelCounts total_counts(std::span<const StudyCells> studies, std::span<const uint32_t> which) {
  LabelCounts total;
  for_chosen(studies, which, [&](const StudyCells& study) {
    total.tp += std::popcount(study.reference & study.predicted);
    total.fp += std::popcount(~study.reference & study.predicted);
    total.fn += std::popcount(study.reference & ~study.predicted);
  });
  return total;
}

double micro_f1(std::span<const StudyCells> studies, std::span<const uint32_t> which) {
  return total_counts(studies, which).f1();
}

double macro_f1(std::span<const StudyCells> studies, size_t num_labels, std::span<const uint32_t> which) {
  std::array<int64_t, 32> hits{}, positives{};  // F1 = 2 hits / (reference positives + predicted positives)
  const auto count = [](std::array<int64_t, 32>& counts, uint32_t bits) {
    for (; bits != 0; bits &= bits - 1) ++counts[std::countr_zero(bits)];
  };
  for_chosen(studies, which, [&](const StudyCells& study) {
    count(hits, study.reference & study.predicted);
    count(positives, study.reference);
    count(positives, study.predicted);
  });
  double sum = 0;
  for (size_t i = 0; i < num_labels; ++i)
    sum += ratio(2.0 * static_cast<double>(hits[i]), static_cast<double>(positives[i]));
  return ratio(sum, static_cast<double>(num_labels));
}

LabelCounts one_label_counts(std::span<const StudyCells> studies, size_t label, std::span<const uint32_t> which) {
  LabelCounts counts;
  for_chosen(studies, which, [&](const StudyCells& study) {
    const uint32_t kept = study.kept >> label & 1, truth = study.reference >> label & kept,
                   said = study.predicted >> label & kept;
    counts.tp += truth & said;
    counts.fp += said & ~truth;
    counts.fn += truth & ~said;
    counts.tn += kept & ~truth & ~said;
  });
  return counts;
}

std::vector<LabelCounts> label_counts(
    std::span<const StudyCells> studies, size_t num_labels, std::span<const uint32_t> which) {
  std::vector<LabelCounts> counts(num_labels);
  for_chosen(studies, which, [&](const StudyCells& study) {
    for (uint32_t bits = study.kept; bits != 0; bits &= bits - 1) {
      const uint32_t bit = bits & (~bits + 1);
      LabelCounts& label = counts[static_cast<size_t>(std::countr_zero(bits))];
      const bool truth = study.reference & bit, said = study.predicted & bit;
      ++(truth ? said ? label.tp : label.fn : said ? label.fp : label.tn);
    }
  });
  return counts;
}

LabelScores score_labels(std::span<const Labels> references, std::span<const Labels> predictions,
    std::span<const std::string> labels, Uncertain policy) {
  check(references.size() == predictions.size(), "label scores",
      fmt::format("{} references beside {} predictions", references.size(), predictions.size()));
  std::vector<StudyCells> cells;
  for (size_t i = 0; i < references.size(); ++i)
    cells.push_back(study_cells(references[i], predictions[i], labels, policy));
  return score_cells(cells, labels);
}

}  // namespace hilum
