#include "serve/wire/native_context.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "report/json.h"
#include "serve/wire/json_field.h"
#include "serve/wire/reply.h"

namespace hilum {
namespace {

constexpr size_t kMaxName = 256, kMaxSection = 64 << 10, kMaxLabels = 1000;  // bytes, bytes, labels
constexpr size_t kMaxFindings = 1000;

const std::vector<std::string> kSamplingKeys = {"max_new_tokens", "temperature", "top_p", "top_k", "seed"};

std::vector<std::string> with_sampling(std::vector<std::string> keys) {
  keys.insert(keys.end(), kSamplingKeys.begin(), kSamplingKeys.end());
  return keys;
}

Json parse_context(std::string_view json, const JsonLimits& limits) {
  if (is_blank(json, kJsonBlanks)) return Json::object();
  return parse_body(json, limits);
}

void read_text(const JsonField& root, const char* key, std::string& into, size_t max_bytes = kMaxName) {
  if (const auto field = root.find(key)) into = field->text(max_bytes);
}
void read_section(const JsonField& root, const char* key, std::optional<std::string>& into) {
  if (const auto field = root.find(key)) into = field->text(kMaxSection);
}
void read_truth(const JsonField& root, const char* key, bool& into) {
  if (const auto field = root.find(key)) into = field->truth();
}
void read_id(const JsonField& root, std::string& into) {
  const auto field = root.find("study_id");
  if (!field) return;
  into = field->text(kMaxName);
  const auto is_control = [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(into.begin(), into.end(), is_control)) field->fail("holds a control character");
}

SamplingContext read_sampling(const JsonField& root) {
  SamplingContext sampling;
  if (const auto limit = root.find("max_new_tokens"))
    sampling.max_new_tokens = static_cast<int>(limit->whole(1, 100'000));
  if (const auto temperature = root.find("temperature")) sampling.temperature = temperature->number(0, 10);
  if (const auto top_p = root.find("top_p")) {
    sampling.top_p = top_p->number(0, 1);
    if (*sampling.top_p == 0) top_p->fail("is 0", "Above 0, to 1. Greedy: \"temperature\": 0.");
  }
  if (const auto top_k = root.find("top_k")) sampling.top_k = static_cast<int>(top_k->whole(0, 1'000'000));
  if (const auto seed = root.find("seed")) sampling.seed = static_cast<uint64_t>(seed->whole(0, INT64_MAX));
  return sampling;
}

bool is_inside(const BoxNorm& box) {
  const auto is_span = [](double low, double high) { return low >= 0 && low <= high && high <= 1; };
  return is_span(box.x_min, box.x_max) && is_span(box.y_min, box.y_max);
}

// A report the viewer sends back, perhaps with sentences taken out or edited.
Report read_report(const JsonField& field) {
  try {
    Report report = report_from_json(field.json(), field.path());
    if (report.findings.size() > kMaxFindings)
      field.fail(fmt::format("has {} findings; {} are read", report.findings.size(), kMaxFindings));
    for (size_t i = 0; i < report.findings.size(); ++i)
      for (const BoxNorm& box : report.findings[i].boxes.value_or(std::vector<BoxNorm>()))
        if (!is_inside(box))
          throw RequestError(400, fmt::format("{}.findings[{}].boxes", field.path(), i),
              "holds a box that is not [x_min, y_min, x_max, y_max] in 0..1");
    return report;
  } catch (const RequestError&) {
    throw;
  } catch (const Error& error) {
    throw RequestError(400, error.where(), error.problem(), error.mend());
  }
}

std::string read_pattern(const JsonField& root, const char* key) {
  const auto field = root.find(key);
  if (!field) return "";
  const std::string pattern = field->text(1024);
  const size_t at = pattern.find("{}");
  if (at == std::string::npos || pattern.find("{}", at + 2) != std::string::npos)
    field->fail("does not hold {} once", "It stands for the label: \"x-ray chest {}\".");
  return pattern;
}

std::vector<std::string> read_labels(const JsonField& field) {
  std::vector<std::string> labels;
  if (field.need_array().size() < 1 || field.size() > kMaxLabels)
    field.fail(fmt::format("holds {} labels, not 1 to {}", field.size(), kMaxLabels));
  for (size_t i = 0; i < field.size(); ++i) {
    std::string label = field.at(i).text(kMaxName);
    if (label.empty()) field.at(i).fail("is empty");
    if (std::find(labels.begin(), labels.end(), label) != labels.end()) field.at(i).fail("stands there twice");
    labels.push_back(std::move(label));
  }
  return labels;
}

}  // namespace

ReportContext read_report_context(std::string_view text, const JsonLimits& limits) {
  const Json json = parse_context(text, limits);
  const JsonField root(json, "context");
  root.only(with_sampling({"model", "task", "indication", "technique", "comparison", "prior_report", "study_id",
      "allow_mismatch", "allow_demo", "sr", "report"}));
  ReportContext context;
  read_text(root, "model", context.model);
  read_text(root, "task", context.task, 64);
  read_section(root, "indication", context.indication);
  read_section(root, "technique", context.technique);
  read_section(root, "comparison", context.comparison);
  read_section(root, "prior_report", context.prior_report);
  read_id(root, context.study_id);
  context.sampling = read_sampling(root);
  read_truth(root, "allow_mismatch", context.allow_mismatch);
  read_truth(root, "allow_demo", context.allow_demo);
  if (const auto sr = root.find("sr")) {
    const std::string which = sr->text(16);
    if (which != "auto" && which != "text")
      sr->fail("is neither \"auto\" nor \"text\"", "auto: the boxes where there are any, else the text; text: that.");
    context.sr_text = which == "text";
  }
  if (const auto report = root.find("report")) context.report = read_report(*report);
  return context;
}

GroundingContext read_grounding_context(std::string_view text, const JsonLimits& limits) {
  const Json json = parse_context(text, limits);
  const JsonField root(json, "context");
  root.only(with_sampling({"phrase", "model", "study_id", "allow_mismatch", "allow_demo"}));
  GroundingContext context;
  const JsonField phrase = root.need("phrase");
  context.phrase = phrase.text(kMaxSection);
  if (is_blank(context.phrase, kJsonBlanks)) phrase.fail("is empty");
  read_text(root, "model", context.model);
  read_id(root, context.study_id);
  context.sampling = read_sampling(root);
  read_truth(root, "allow_mismatch", context.allow_mismatch);
  read_truth(root, "allow_demo", context.allow_demo);
  return context;
}

ClassifyContext read_classify_context(std::string_view text, const JsonLimits& limits) {
  const Json json = parse_context(text, limits);
  const JsonField root(json, "context");
  root.only({"labels", "template", "negative", "model"});
  ClassifyContext context;
  if (const auto labels = root.find("labels")) context.labels = read_labels(*labels);
  context.label_template = read_pattern(root, "template");
  context.negative = read_pattern(root, "negative");
  read_text(root, "model", context.model);
  return context;
}

SearchContext read_search_context(std::string_view text, const JsonLimits& limits) {
  const Json json = parse_context(text, limits);
  const JsonField root(json, "context");
  root.only({"text", "top", "model"});
  SearchContext context;
  if (const auto query = root.find("text")) {
    context.text = query->text(kMaxSection);
    if (is_blank(*context.text, kJsonBlanks)) query->fail("is empty");
  }
  if (const auto top = root.find("top")) context.top = static_cast<int>(top->whole(1, 1000));
  read_text(root, "model", context.model);
  return context;
}

}  // namespace hilum
