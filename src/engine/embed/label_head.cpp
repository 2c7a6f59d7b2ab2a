#include "engine/embed/label_head.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "engine/study_request.h"
#include "search/top_k.h"
#include "tensor/safetensors.h"

namespace hilum {
namespace {

constexpr const char* kLabelHeadSchema = "hilum.label_head/1";

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r"), last = text.find_last_not_of(" \t\r");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

// Every label's prompts by these templates -> [K, E], each the mean of its prompts' unit vectors, of length 1.
std::vector<float> label_vectors(Embedder& embedder, const std::vector<std::string>& labels,
    const std::vector<std::string>& templates, std::map<std::string, std::vector<float>>& done) {
  const auto width = static_cast<size_t>(embedder.info().width);
  std::vector<float> out(labels.size() * width, 0.0f);
  for (size_t k = 0; k < labels.size(); ++k) {
    const std::span<float> mean(out.data() + k * width, width);
    for (const std::string& form : templates) {
      std::string prompt = form;
      prompt.replace(prompt.find("{}"), 2, labels[k]);
      auto found = done.find(prompt);
      if (found == done.end()) {
        std::vector<float> embedding = embedder.embed_text(prompt);
        if (!(normalize_vector(embedding) > 0))
          throw Error(prompt, "has a text embedding of zeros", "Is the model whole?");
        found = done.emplace(prompt, std::move(embedding)).first;
      }
      for (size_t i = 0; i < width; ++i) mean[i] += found->second[i];
    }
    normalize_vector(mean);
  }
  return out;
}

double dot(std::span<const float> a, const float* b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

Json json_of(const std::vector<std::string>& texts) { return Json(texts); }

std::vector<std::string> texts_of(
    const std::map<std::string, std::string>& metadata, const char* key, const std::string& where) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return {};
  const Json list = parse_json(found->second, where + ": " + key);
  std::vector<std::string> texts;
  for (const Json& text : list.is_array() ? list : Json::array()) {
    if (!text.is_string()) throw Error(where + ": " + key, "is no list of texts");
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

double number_of(const std::map<std::string, std::string>& metadata, const char* key, const std::string& where) {
  const auto found = metadata.find(key);
  const double value = found == metadata.end() ? std::nan("") : std::strtod(found->second.c_str(), nullptr);
  if (!std::isfinite(value))
    throw Error(where, std::string("lacks the number \"") + key + "\"", "Make the head again with --save-head.");
  return value;
}

}  // namespace

LabelScoresRow LabelHead::scores(std::span<const float> embedding) const {
  const auto width = static_cast<size_t>(this->width());
  invariant(embedding.size() == width, "an embedding of the head's width");
  std::vector<float> unit(embedding.begin(), embedding.end());
  normalize_vector(unit);
  LabelScoresRow row;
  std::vector<double> logits(labels.size());
  for (size_t k = 0; k < labels.size(); ++k) logits[k] = scale * dot(unit, positive.data() + k * width) + bias;
  if (!negative.empty()) {
    for (size_t k = 0; k < labels.size(); ++k) {
      const double other = scale * dot(unit, negative.data() + k * width) + bias;
      row.emplace_back(labels[k], 1 / (1 + std::exp(other - logits[k])));
    }
    return row;
  }
  const double most = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (double& logit : logits) sum += logit = std::exp(logit - most);
  for (size_t k = 0; k < labels.size(); ++k) row.emplace_back(labels[k], logits[k] / sum);
  return row;
}

LabelHead build_label_head(Embedder& embedder, const std::vector<std::string>& labels,
    const std::vector<std::string>& templates, const std::vector<std::string>& negatives) {
  check(!labels.empty(), "--labels", "names no label", "Give them comma separated, or one a line in @FILE.");
  std::set<std::string> seen;
  for (const std::string& label : labels)
    if (!seen.insert(label).second) throw Error("--labels", "names \"" + label + "\" twice", "Give each label once.");
  for (const auto& [option, forms] : {std::pair{"--template", &templates}, {"--negative", &negatives}})
    for (const std::string& form : *forms)
      if (form.find("{}") == std::string::npos)
        throw Error(option, "\"" + form + "\" has no {} for the label", "Write it as \"x-ray chest {}\".");
  const EmbedderInfo& info = embedder.info();
  LabelHead head{.labels = labels,
      .templates = templates,
      .negatives = negatives,
      .model = info.name,
      .scale = info.scale,
      .bias = info.bias};
  if (head.templates.empty()) head.templates = {"{}"};
  std::map<std::string, std::vector<float>> done;  // the text tower runs once a prompt, however often it stands
  head.positive = label_vectors(embedder, labels, head.templates, done);
  if (!negatives.empty()) head.negative = label_vectors(embedder, labels, negatives, done);
  return head;
}

std::vector<std::string> parse_labels(const std::string& argument) {
  const bool file = !argument.empty() && argument[0] == '@';
  const std::string text = text_or_file(argument);
  std::vector<std::string> labels;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(file ? '\n' : ',', at), text.size());
    if (std::string label = trimmed(text.substr(at, end - at)); !label.empty()) labels.push_back(std::move(label));
    at = end + 1;
  }
  return labels;
}

void save_label_head(const fs::path& path, const LabelHead& head) {
  const auto k = static_cast<int64_t>(head.labels.size());
  std::vector<NamedTensor> tensors{
      {"positive", Tensor::host({k, head.width()}, std::span<const float>(head.positive))}};
  if (!head.negative.empty())
    tensors.push_back({"negative", Tensor::host({k, head.width()}, std::span<const float>(head.negative))});
  write_safetensors(path, tensors,
      {{"schema", kLabelHeadSchema}, {"labels", json_of(head.labels).dump()},
          {"templates", json_of(head.templates).dump()}, {"negatives", json_of(head.negatives).dump()},
          {"model", head.model}, {"weights_sha256", head.weights_sha256}, {"scale", Json(head.scale).dump()},
          {"bias", Json(head.bias).dump()}});
}

LabelHead load_label_head(const fs::path& path) {
  const SafetensorsFile file(path);
  const std::string where = path.string();
  const auto& metadata = file.metadata();
  const auto text = [&](const char* key) { return metadata.contains(key) ? metadata.at(key) : std::string(); };
  if (text("schema") != kLabelHeadSchema) throw Error(where, "is no label head", "Give a file that --save-head wrote.");
  LabelHead head{.labels = texts_of(metadata, "labels", where),
      .templates = texts_of(metadata, "templates", where),
      .negatives = texts_of(metadata, "negatives", where),
      .model = text("model"),
      .weights_sha256 = text("weights_sha256"),
      .scale = number_of(metadata, "scale", where),
      .bias = number_of(metadata, "bias", where)};
  const auto matrix = [&](const char* name) {
    const Tensor values = to_f32(file.tensor(name));
    if (values.shape().rank() != 2 || values.dim(0) != static_cast<int64_t>(head.labels.size()) || values.dim(1) < 1)
      throw Error(where,
          std::string(name) + " has shape " + values.shape().text() + " for " + std::to_string(head.labels.size()) +
              " labels",
          "Make the head again with --save-head.");
    return std::vector<float>(values.values().begin(), values.values().end());
  };
  check(!head.labels.empty(), where.c_str(), "names no labels", "Make the head again with --save-head.");
  head.positive = matrix("positive");
  if (file.find("negative")) head.negative = matrix("negative");
  if (!head.negative.empty() && head.negative.size() != head.positive.size())
    throw Error(where, "positive and negative differ in shape", "Make the head again with --save-head.");
  return head;
}

void check_label_head(const LabelHead& head, const Embedder& embedder, const std::string& where) {
  const std::string sha256 = embedder.weights_sha256();
  if (head.width() != embedder.info().width || head.weights_sha256 != sha256)
    throw Error(where,
        "was made with " + head.model + " (weights " + head.weights_sha256.substr(0, 12) + ", width " +
            std::to_string(head.width()) + "), the model is " + embedder.info().name + " (" + sha256.substr(0, 12) +
            ", " + std::to_string(embedder.info().width) + ")",
        "Name that model with --model, or make the head again.");
}

}  // namespace hilum
