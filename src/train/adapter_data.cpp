#include "train/adapter_data.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/rng.h"
#include "data/study.h"
#include "tensor/npy.h"

namespace hilum {
namespace {

const float kUnknown = std::nanf("");

float by_policy(const std::string& policy) {
  return policy == "positive" ? 1.0f : policy == "negative" ? 0.0f : kUnknown;
}

std::vector<std::string> all_names(const std::vector<Study>& studies, const std::string& labels) {
  std::set<std::string> found;
  for (const Study& study : studies) {
    if (labels == "chexpert")
      for (const auto& [name, value] : study.labels) found.insert(name);
    else if (labels == "targets")
      for (const auto& [name, value] : study.targets) found.insert(name);
    else found.insert(study.classes.begin(), study.classes.end());
  }
  if (labels != "chexpert") return {found.begin(), found.end()};
  std::vector<std::string> ordered;
  for (const std::string& name : kChexpertLabels)
    if (found.count(name)) ordered.push_back(name);
  return ordered;
}

float answer(const Study& study, const std::string& name, const AdapterRecipe::Data& data) {
  if (data.labels == "chexpert") {
    const auto label = study.labels.find(name);
    if (label == study.labels.end()) return by_policy(data.absent);
    return label->second < 0 ? by_policy(data.uncertain) : static_cast<float>(label->second);
  }
  if (data.labels == "targets") {
    const auto target = study.targets.find(name);
    return target == study.targets.end() ? kUnknown : static_cast<float>(target->second);
  }
  return std::find(study.classes.begin(), study.classes.end(), name) != study.classes.end() ? 1.0f : 0.0f;
}

// 0: train, 1: validate, 2: neither.
std::vector<int> split_studies(const std::vector<Study>& studies, const AdapterRecipe& recipe) {
  std::vector<int> side(studies.size(), 2);
  const bool named = std::any_of(
      studies.begin(), studies.end(), [&](const Study& s) { return s.split == recipe.data.validate_split; });
  std::map<std::string, int> of_patient;  // a patient's studies stay together; without an id a study is a patient
  Rng rng(recipe.core.run.seed, 77);
  for (size_t i = 0; i < studies.size(); ++i) {
    const Study& study = studies[i];
    if (named && study.split == recipe.data.validate_split) side[i] = 1;
    if (!(study.split == recipe.data.train_split || (study.split.empty() && !named))) continue;
    const auto [at, fresh] = of_patient.emplace(study.patient_id.empty() ? study.study_id : study.patient_id, 0);
    if (fresh && !named) at->second = rng.chance(recipe.data.validate_share) ? 1 : 0;
    side[i] = at->second;
  }
  return side;
}

void read_sidecar(const fs::path& path, AdapterData& data) {
  if (!fs::exists(path)) return;
  const Json json = read_json_file(path);
  if (!json.is_object() || !json.contains("model") || !json["model"].is_object()) return;
  data.model = json["model"].value("name", "");
  data.weights_sha256 = json["model"].value("weights_sha256", "");
}

void check_labels(const AdapterData& data) {
  const size_t k = data.labels.size();
  std::string always;
  for (size_t i = 0; i < k; ++i) {
    bool yes = false, no = false;
    for (int64_t n = 0; n < data.train.count; ++n) {
      const float value = data.train.y[static_cast<size_t>(n) * k + i];
      yes = yes || value == 1;
      no = no || value == 0;
    }
    if (!yes || !no) always += (always.empty() ? "" : ", ") + data.labels[i];
  }
  if (!always.empty())
    throw Error("data.names", "among the training studies these are always the same: " + always,
        "Name the labels to learn in data.names, or add studies.");
}

}  // namespace

AdapterData read_adapter_data(const AdapterRecipe& recipe) {
  const std::vector<Study> studies = read_studies(recipe.data.manifest);
  const Tensor embeddings = read_npy(recipe.data.embeddings);
  if (embeddings.shape().rank() != 2 || embeddings.dim(0) != static_cast<int64_t>(studies.size()))
    throw Error(recipe.data.embeddings,
        "has shape " + embeddings.shape().text() + ", " + recipe.data.manifest + " has " +
            std::to_string(studies.size()) + " studies",
        "Make it from that manifest: `hilum embed MANIFEST --format npy`.");
  AdapterData data;
  data.width = embeddings.dim(1);
  read_sidecar(recipe.data.embeddings + ".json", data);
  data.labels = recipe.data.names.empty() ? all_names(studies, recipe.data.labels) : recipe.data.names;
  check(!data.labels.empty(), "data.labels", "the manifest has no " + recipe.data.labels);
  data.output = recipe.data.labels == "targets"   ? Adapter::Output::kValue
                : recipe.data.labels == "classes" ? Adapter::Output::kExclusive
                                                  : Adapter::Output::kIndependent;

  const std::vector<int> side = split_studies(studies, recipe);
  for (size_t i = 0; i < studies.size(); ++i) {
    if (side[i] == 2) continue;
    const float* x = embeddings.f32() + static_cast<int64_t>(i) * data.width;
    std::vector<float> y;
    for (const std::string& name : data.labels) y.push_back(answer(studies[i], name, recipe.data));
    const bool known = std::any_of(y.begin(), y.end(), [](float v) { return !std::isnan(v); });
    const bool one_class = data.output != Adapter::Output::kExclusive || std::count(y.begin(), y.end(), 1.0f) == 1;
    if (!known || !one_class || !std::all_of(x, x + data.width, [](float v) { return std::isfinite(v); })) {
      ++data.dropped;
      continue;
    }
    AdapterSet& set = side[i] == 0 ? data.train : data.validate;
    set.x.insert(set.x.end(), x, x + data.width);
    set.y.insert(set.y.end(), y.begin(), y.end());
    set.ids.push_back(studies[i].study_id);
    ++set.count;
  }
  const std::string without =
      data.dropped > 0 ? " (" + std::to_string(data.dropped) + " have no embedding or no known answer)" : "";
  check(data.train.count > 1, "data.train_split",
      "leaves " + std::to_string(data.train.count) + " studies to train on" + without,
      "Has the manifest these labels?");
  check(data.validate.count > 0, "data.validate_split", "leaves no study to validate on" + without,
      "Name a split the manifest has, or set data.validate_share.");
  if (data.output != Adapter::Output::kValue) check_labels(data);
  return data;
}

double auroc(std::span<const float> scores, std::span<const float> answers) {
  std::vector<size_t> order;
  double positives = 0;
  for (size_t i = 0; i < scores.size(); ++i)
    if (!std::isnan(answers[i]) && !std::isnan(scores[i])) {
      order.push_back(i);
      positives += answers[i];
    }
  const double negatives = static_cast<double>(order.size()) - positives;
  if (positives == 0 || negatives == 0) return std::nan("");
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  double rank_sum = 0;
  for (size_t first = 0; first < order.size();) {
    size_t last = first;
    while (last < order.size() && scores[order[last]] == scores[order[first]]) ++last;
    const double rank = (static_cast<double>(first + last) + 1) / 2;  // mean of the 1-based ranks first+1 .. last
    for (size_t i = first; i < last; ++i) rank_sum += answers[order[i]] * rank;
    first = last;
  }
  return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

namespace {

double loss_of_scores(std::span<const float> scores, Adapter::Output output, const AdapterSet& set, size_t k) {
  if (output == Adapter::Output::kValue) return 0;
  constexpr double kLeast = 1e-7;  // a float beside 1 has no more
  double sum = 0, cells = 0;
  for (size_t i = 0; i < set.y.size(); ++i) {
    const double answer = set.y[i], score = std::clamp(double{scores[i]}, kLeast, 1 - kLeast);
    if (std::isnan(answer)) continue;
    sum -= answer * std::log(score);
    if (output == Adapter::Output::kIndependent) sum -= (1 - answer) * std::log(1 - score);
    ++cells;
  }
  if (output == Adapter::Output::kExclusive) cells /= static_cast<double>(k);
  return cells > 0 ? sum / cells : 0;
}

}  // namespace

AdapterMetrics measure_adapter(std::span<const float> scores, const AdapterData& data, const AdapterSet& set) {
  const size_t k = data.labels.size(), n = static_cast<size_t>(set.count);
  const auto column = [&](std::span<const float> from, size_t count, size_t i) {
    std::vector<float> out;
    for (size_t row = 0; row < count; ++row) out.push_back(from[row * k + i]);
    return out;
  };
  AdapterMetrics m;
  m.loss = loss_of_scores(scores, data.output, set, k);
  double right = 0, plain = 0, cells = 0, aurocs = 0, aurocs_known = 0;
  size_t most_common = 0;
  std::vector<double> share(k, 0);
  for (size_t i = 0; i < k; ++i) {
    std::vector<float> known;
    for (const float value : column(data.train.y, static_cast<size_t>(data.train.count), i))
      if (!std::isnan(value)) known.push_back(value);
    if (data.output == Adapter::Output::kValue) {
      std::nth_element(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2), known.end());
      share[i] = known.empty() ? 0 : known[known.size() / 2];
    } else {
      share[i] =
          known.empty() ? 0 : std::accumulate(known.begin(), known.end(), 0.0) / static_cast<double>(known.size());
    }
    if (share[i] > share[most_common]) most_common = i;
  }
  for (size_t i = 0; i < k; ++i) {
    const std::vector<float> s = column(scores, n, i), y = column(set.y, n, i);
    for (size_t row = 0; row < n; ++row) {
      if (std::isnan(y[row])) continue;
      ++cells;
      if (data.output == Adapter::Output::kValue) {
        m.mean_error += std::fabs(s[row] - y[row]);
        m.median_error += std::fabs(share[i] - y[row]);
      } else if (data.output == Adapter::Output::kIndependent) {
        right += (s[row] > 0.5f) == (y[row] > 0.5f);
        plain += (share[i] > 0.5) == (y[row] > 0.5f);
      }
    }
    if (data.output == Adapter::Output::kValue) continue;
    if (const double area = auroc(s, y); !std::isnan(area)) {
      aurocs += area;
      ++aurocs_known;
    }
  }
  if (data.output == Adapter::Output::kExclusive) {
    cells = static_cast<double>(n);
    for (size_t row = 0; row < n; ++row) {
      const float* s = scores.data() + row * k;
      right += set.y[row * k + static_cast<size_t>(std::max_element(s, s + k) - s)] == 1;
      plain += set.y[row * k + most_common] == 1;
    }
  }
  if (cells > 0) {
    m.mean_error /= cells;
    m.median_error /= cells;
    m.accuracy = right / cells;
    m.majority = plain / cells;
  }
  m.auroc = aurocs_known > 0 ? aurocs / aurocs_known : std::nan("");
  return m;
}

void fit_standardization(const AdapterSet& set, int64_t width, std::vector<float>& mean, std::vector<float>& scale) {
  const auto e = static_cast<size_t>(width);
  mean.assign(e, 0);
  scale.assign(e, 1);
  for (size_t i = 0; i < e; ++i) {
    double sum = 0, squares = 0;
    for (int64_t n = 0; n < set.count; ++n) sum += set.x[static_cast<size_t>(n) * e + i];
    const double middle = sum / static_cast<double>(set.count);
    for (int64_t n = 0; n < set.count; ++n) squares += std::pow(set.x[static_cast<size_t>(n) * e + i] - middle, 2);
    const double deviation = std::sqrt(squares / static_cast<double>(set.count));
    mean[i] = static_cast<float>(middle);
    if (deviation > 1e-8) scale[i] = static_cast<float>(deviation);
  }
}

}  // namespace hilum
