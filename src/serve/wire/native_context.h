// The JSON part `context` of Hilum's own routes: /v1/reports, /v1/grounding, /v1/classify, /v1/search. A key that is
// not known is refused with the nearest one that is; every refusal names the field. An empty context is {}.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"
#include "serve/wire/json_limits.h"

namespace hilum {

struct SamplingContext {
  std::optional<int> max_new_tokens;  // 1..100000
  std::optional<double> temperature;  // 0..10; 0 is greedy
  std::optional<double> top_p;        // above 0, to 1
  std::optional<int> top_k;           // 0 (no limit)..1000000
  std::optional<uint64_t> seed;
};

struct ReportContext {
  std::string model;  // "": the server's first that writes reports
  std::string task;   // "": the model's own ("grounded" of those that ground)
  std::optional<std::string> indication, technique, comparison, prior_report;
  std::string study_id;  // up to 256 bytes, no control characters
  SamplingContext sampling;
  bool allow_mismatch = false, allow_demo = false;
  bool sr_text = false;          // "sr": "text", of the two DICOM SR documents the narrative one
  std::optional<Report> report;  // made before: put it in another form, generate nothing
};

struct GroundingContext {
  std::string phrase, model, study_id;  // phrase: never empty
  SamplingContext sampling;
  bool allow_mismatch = false, allow_demo = false;
};

struct ClassifyContext {
  std::vector<std::string> labels;       // 1..1000, each once, none empty; left out: empty, for the server's adapter
  std::string label_template, negative;  // "template", "negative": hold {} once; "": not given
  std::string model;
};

struct SearchContext {
  std::optional<std::string> text;  // else a picture is searched with
  int top = 5;                      // 1..1000
  std::string model;
};

ReportContext read_report_context(std::string_view json, const JsonLimits& limits = {.max_bytes = size_t{4} << 20});
GroundingContext read_grounding_context(
    std::string_view json, const JsonLimits& limits = {.max_bytes = size_t{4} << 20});
ClassifyContext read_classify_context(std::string_view json, const JsonLimits& limits = {.max_bytes = size_t{4} << 20});
SearchContext read_search_context(std::string_view json, const JsonLimits& limits = {.max_bytes = size_t{4} << 20});

}  // namespace hilum
