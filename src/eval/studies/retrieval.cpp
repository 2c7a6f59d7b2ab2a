#include "eval/studies/retrieval.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "base/error.h"
#include "base/progress.h"
#include "eval/stats/roc.h"
#include "eval/stats/undefined.h"

namespace hilum {
namespace {

constexpr const char* kByLabel =
    "image to image, cosine, the query left out; mean over a label's queries, then over labels";
constexpr const char* kPairs = "image and its own report, cosine; ties count as nearer";
constexpr const char* kSearch = "images by a label's text: AUROC of the cosine";

// Unit rows; the usable ones' numbers.
struct Units {
  std::vector<float> values;
  size_t width = 0;
  const float* row(size_t i) const { return &values[i * width]; }
};

bool make_unit(const Vectors& from, size_t row, float* to) {
  double squares = 0;
  for (size_t j = 0; j < from.width; ++j)
    squares += static_cast<double>(from.values[row * from.width + j]) * from.values[row * from.width + j];
  if (!std::isfinite(squares) || squares == 0) return false;
  const double scale = 1 / std::sqrt(squares);
  for (size_t j = 0; j < from.width; ++j) to[j] = static_cast<float>(from.values[row * from.width + j] * scale);
  return true;
}

float cosine(const float* a, const float* b, size_t width) {
  constexpr size_t kLanes = 16;  // sums of their own, which a compiler may keep in vectors
  float lanes[kLanes] = {};
  size_t j = 0;
  for (; j + kLanes <= width; j += kLanes)
    for (size_t l = 0; l < kLanes; ++l) lanes[l] += a[j + l] * b[j + l];
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  for (; j < width; ++j) sum += a[j] * b[j];
  return sum;
}

// What is scored: the studies whose every vector can be used.
struct Input {
  std::vector<const RetrievalStudy*> studies;
  Units images, texts;
  RetrievalOptions options;
};

Input collect(const std::vector<RetrievalStudy>& studies, const Vectors& images, const Vectors& texts,
    const RetrievalOptions& options, std::vector<Problem>& problems) {
  Input input{{}, {{}, images.width}, {{}, texts.width}, options};
  std::vector<float> image(images.width), text(texts.width);
  for (size_t i = 0; i < studies.size(); ++i) {
    const auto complain = [&](const char* what) {
      problems.push_back({"embeddings", studies[i].study_id, what, static_cast<int64_t>(i) + 1});
    };
    if (!make_unit(images, i, image.data())) {
      complain("its image's row is not finite or zero, left out");
    } else if (texts.width > 0 && !make_unit(texts, i, text.data())) {
      complain("its report's row is not finite or zero, left out");
    } else {
      input.studies.push_back(&studies[i]);
      input.images.values.insert(input.images.values.end(), image.begin(), image.end());
      input.texts.values.insert(input.texts.values.end(), text.begin(), text.end());
    }
  }
  return input;
}

// The nearest `count` of each study, nearest first.
std::vector<std::vector<uint32_t>> nearest(const Input& input, size_t count) {
  const size_t n = input.studies.size();
  std::vector<std::vector<uint32_t>> found(n);
  std::vector<std::pair<float, uint32_t>> all;
  Progress progress("nearest", static_cast<int64_t>(n), "images");
  for (size_t i = 0; i < n; ++i) {
    all.clear();
    for (size_t j = 0; j < n; ++j) {
      if (j == i || (input.options.other_patients && input.studies[j]->patient_id == input.studies[i]->patient_id))
        continue;
      all.push_back({-cosine(input.images.row(i), input.images.row(j), input.images.width), static_cast<uint32_t>(j)});
    }
    const size_t kept = std::min(count, all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end());
    for (size_t k = 0; k < kept; ++k) found[i].push_back(all[k].second);
    progress.update(static_cast<int64_t>(i) + 1);
  }
  return found;
}

// For every study, how many others are at least as near as its partner.
std::vector<size_t> better_than_own(const Units& from, const Units& to, size_t n) {
  std::vector<size_t> better(n);
  for (size_t i = 0; i < n; ++i) {
    const float own = cosine(from.row(i), to.row(i), from.width);
    for (size_t j = 0; j < n; ++j) better[i] += j != i && cosine(from.row(i), to.row(j), from.width) >= own;
  }
  return better;
}

using Times = std::span<const uint32_t>;
struct Measure {
  std::string group, name;
  std::function<double(Times)> value;  // of how often each study was drawn
};

struct Query {
  uint32_t study;
  double value;
};

double weighted_mean(const std::vector<Query>& queries, Times times) {
  double sum = 0, count = 0;
  for (const Query& query : queries) {
    sum += query.value * times[query.study];
    count += times[query.study];
  }
  return count > 0 ? sum / count : kUndefined;
}

// Mean over labels of the mean over their queries.
double macro(const std::vector<std::vector<Query>>& labels, Times times) {
  double sum = 0;
  int64_t defined = 0;
  for (const auto& queries : labels)
    if (const double mean = weighted_mean(queries, times); !std::isnan(mean)) {
      sum += mean;
      ++defined;
    }
  return defined > 0 ? sum / static_cast<double>(defined) : kUndefined;
}

bool has(const RetrievalStudy& study, const std::string& label) {
  return std::find(study.labels.begin(), study.labels.end(), label) != study.labels.end();
}

void add_by_label(const Input& input, std::vector<Measure>& measures, RetrievalResult& result) {
  std::map<std::string, std::vector<uint32_t>> members;
  for (uint32_t i = 0; i < input.studies.size(); ++i)
    for (const std::string& label : input.studies[i]->labels) members[label].push_back(i);
  std::erase_if(members, [&](const auto& one) {
    if (one.second.size() < 2) result.excluded.push_back({one.first, "one study alone has it: nothing could be found"});
    return one.second.size() < 2;
  });
  if (members.empty()) return;
  const auto found =
      nearest(input, static_cast<size_t>(*std::max_element(input.options.ks.begin(), input.options.ks.end())));
  for (const bool precision : {true, false})
    for (const int k : input.options.ks) {
      std::vector<std::vector<Query>> labels;
      for (const auto& [label, queries] : members) {
        labels.emplace_back();
        for (const uint32_t query : queries) {
          const size_t count = std::min(found[query].size(), static_cast<size_t>(k));
          if (count == 0) continue;  // every other study is of the same patient
          size_t right = 0;
          for (size_t i = 0; i < count; ++i) right += has(*input.studies[found[query][i]], label);
          labels.back().push_back({query, precision   ? static_cast<double>(right) / static_cast<double>(count)
                                          : right > 0 ? 1.0
                                                      : 0.0});
        }
      }
      measures.push_back({kByLabel,
          precision ? fmt::format("precision@{}", k) : fmt::format("recall@{} (one of the label at least)", k),
          [labels = std::move(labels)](Times times) { return macro(labels, times); }});
    }
}

void add_pairs(const Input& input, std::vector<Measure>& measures) {
  const size_t n = input.studies.size();
  for (const bool forward : {true, false}) {
    const std::vector<size_t> better =
        better_than_own(forward ? input.images : input.texts, forward ? input.texts : input.images, n);
    for (const int k : input.options.ks) {
      std::vector<Query> queries;
      for (uint32_t i = 0; i < n; ++i) queries.push_back({i, better[i] < static_cast<size_t>(k) ? 1.0 : 0.0});
      measures.push_back({kPairs, fmt::format("{} recall@{}", forward ? "image to report" : "report to image", k),
          [queries = std::move(queries)](Times times) { return weighted_mean(queries, times); }});
    }
  }
}

void add_search(
    const Input& input, const LabelQueries& queries, std::vector<Measure>& measures, RetrievalResult& result) {
  auto ranked = std::make_shared<std::vector<RankedScores>>();
  const size_t first = measures.size();
  std::vector<float> text(queries.texts.width);
  for (size_t q = 0; q < queries.labels.size(); ++q) {
    const std::string& label = queries.labels[q];
    if (!make_unit(queries.texts, q, text.data())) {
      result.problems.push_back({"queries", "",
          fmt::format("the text of \"{}\" is not finite or zero, left out", label), static_cast<int64_t>(q) + 1});
      continue;
    }
    std::vector<double> scores;
    std::vector<uint8_t> positive;
    for (size_t i = 0; i < input.studies.size(); ++i) {
      scores.push_back(cosine(input.images.row(i), text.data(), text.size()));
      positive.push_back(has(*input.studies[i], label));
    }
    const int64_t positives = std::count(positive.begin(), positive.end(), 1);
    if (positives == 0 || positives == static_cast<int64_t>(positive.size())) {
      result.excluded.push_back({label, positives == 0 ? "no study has it: the search AUC is not defined"
                                                       : "every study has it: the search AUC is not defined"});
      continue;
    }
    ranked->push_back(rank_scores(scores, positive));
    measures.push_back({kSearch, fmt::format("AUC, {} ({} studies)", label, positives),
        [ranked, at = ranked->size() - 1](Times times) { return auroc((*ranked)[at], times); }});
  }
  if (ranked->empty()) return;
  Measure mean{kSearch, fmt::format("text search AUC, mean of {} labels", ranked->size()), [ranked](Times times) {
                 double sum = 0;
                 int64_t defined = 0;
                 for (const RankedScores& one : *ranked)
                   if (const double area = auroc(one, times); !std::isnan(area)) {
                     sum += area;
                     ++defined;
                   }
                 return defined > 0 ? sum / static_cast<double>(defined) : kUndefined;
               }};
  measures.insert(measures.begin() + static_cast<std::ptrdiff_t>(first), std::move(mean));
}

}  // namespace

RetrievalResult evaluate_retrieval(const std::vector<RetrievalStudy>& studies, const Vectors& images,
    const Vectors& texts, const LabelQueries& queries, const RetrievalOptions& options) {
  const auto check_rows = [](const Vectors& vectors, size_t rows, const char* what, const char* of) {
    check(vectors.rows() == rows, what, fmt::format("{} rows for {} {}", vectors.rows(), rows, of),
        "Row i belongs to line i.");
  };
  check(!options.ks.empty() && std::all_of(options.ks.begin(), options.ks.end(), [](int k) { return k >= 1; }), "--k",
      "needs whole numbers from 1");
  check_rows(images, studies.size(), "image embeddings", "studies");
  if (texts.width > 0) {
    check_rows(texts, studies.size(), "report embeddings", "studies");
    check(texts.width == images.width, "report embeddings",
        fmt::format("are {} wide, the images' {}", texts.width, images.width), "Use one model for both.");
  }
  if (!queries.labels.empty()) {
    check_rows(queries.texts, queries.labels.size(), "label texts", "labels");
    check(queries.texts.width == images.width, "label texts",
        fmt::format("are {} wide, the images' {}", queries.texts.width, images.width), "Use one model for both.");
  }
  RetrievalResult result{options};
  result.num_rows = static_cast<int64_t>(studies.size());
  const Input input = collect(studies, images, texts, options, result.problems);
  result.num_studies = static_cast<int64_t>(input.studies.size());
  check(input.studies.size() >= 2, "evaluation", "fewer than two embeddings can be used");
  std::vector<Measure> measures;
  add_by_label(input, measures, result);
  if (texts.width > 0) add_pairs(input, measures);
  add_search(input, queries, measures, result);
  if (options.strict) refuse(result.problems);
  check(!measures.empty(), "evaluation", "there is nothing to score",
      "The manifest needs labels or classes that two studies share, or give report embeddings with --texts.");
  std::vector<uint32_t> times(input.studies.size());
  const Metrics compute = [&](std::span<const uint32_t> which, std::span<double> values) {
    std::fill(times.begin(), times.end(), 0u);
    for (const uint32_t study : which) ++times[study];
    for (size_t m = 0; m < measures.size(); ++m) values[m] = measures[m].value(times);
  };
  const std::vector<Interval> intervals = bootstrap(static_cast<uint32_t>(times.size()),
      static_cast<int>(measures.size()), compute, {.rounds = options.rounds, .seed = options.seed});
  for (size_t m = 0; m < measures.size(); ++m)
    result.rows.push_back({measures[m].group, measures[m].name, intervals[m]});
  return result;
}

}  // namespace hilum
