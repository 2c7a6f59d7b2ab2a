#include "serve/wire/native_reply.h"

#include <array>

#include <nlohmann/json.hpp>

#include "image/grey.h"
#include "report/json.h"
#include "serve/wire/json_limits.h"
#include "serve/wire/media_type.h"
#include "serve/wire/openai_errors.h"
#include "serve/wire/sse.h"

namespace hilum {
namespace {

std::string samples_16(const Image& grey) {
  std::string bytes;
  bytes.reserve(size_t{2} * static_cast<size_t>(grey.width) * static_cast<size_t>(grey.height));
  const auto append = [&](uint16_t value) {
    bytes += static_cast<char>(value & 255);
    bytes += static_cast<char>(value >> 8);
  };
  for (const uint8_t value : grey.data8) append(static_cast<uint16_t>(value * 257));
  for (const uint16_t value : grey.data16) append(value);
  return bytes;
}

}  // namespace

std::optional<ReportForm> report_form(std::string_view accept) {
  constexpr std::array<std::string_view, 4> kForms = {
      "application/json", "application/fhir+json", "application/dicom", "text/event-stream"};  // as in ReportForm
  const auto chosen = accepted_type(accept, kForms);
  return chosen ? std::optional(static_cast<ReportForm>(*chosen)) : std::nullopt;
}

Reply report_reply(const Report& report) {
  Reply reply;
  reply.body = to_json_text(report, -1);
  if (report.demo) reply.headers.emplace_back("X-Hilum-Demo", "true");
  return reply;
}

Reply classify_reply(const std::string& model, std::span<const std::pair<std::string, double>> scores) {
  Json json = {{"model", model}, {"scores", Json::object()}};
  for (const auto& [label, score] : scores) json["scores"][label] = score;
  Reply reply;
  reply.body = json_line(json);
  return reply;
}

Reply search_reply(std::span<const SearchHit> hits, bool demo, const std::string& warning) {
  Json results = Json::array();
  for (size_t i = 0; i < hits.size(); ++i) {
    results.push_back(
        {{"rank", i + 1}, {"score", hits[i].score}, {"path", hits[i].path}, {"study_id", hits[i].study_id}});
    if (demo) results.back()["demo"] = true;
    if (!warning.empty()) results.back()["warning"] = warning;
  }
  Reply reply;
  reply.body = json_line({{"results", std::move(results)}});
  return reply;
}

Reply image_reply(const DecodedImage& image) {
  const ImageMetadata& metadata = image.metadata;
  Json json = {{"width", image.pixels.width}, {"height", image.pixels.height}, {"bits", image.pixels.bits},
      {"format", metadata.format}};
  json["steps"] = image.steps;
  json["warnings"] = image.warnings;
  json["view"] = metadata.view_position;
  json["spacing_mm"] = metadata.spacing_mm;
  json["study_date"] = metadata.study_date;
  Reply reply;
  reply.content_type = "application/octet-stream";
  reply.body = samples_16(to_grey(image.pixels));
  reply.headers.emplace_back("X-Hilum-Image", json.dump(-1, ' ', true, Json::error_handler_t::replace));
  return reply;
}

std::string piece_event(std::string_view text) { return sse_event(json_line({{"text", std::string(text)}}), "piece"); }

std::string finding_event(size_t index, const Finding& finding) {
  Report report;
  report.findings.push_back(finding);
  const Json whole = to_json(report);  // boxes rounded as in the report
  const Json& json = whole["findings"][0];
  return sse_event(json_line({{"index", index}, {"text", json["text"]}, {"boxes", json["boxes"]}}), "finding");
}

std::string report_event(const Report& report) { return sse_event(to_json_text(report, -1), "report"); }
std::string native_error_event(const Error& error) { return sse_event(openai_error_json(error), "error"); }

}  // namespace hilum
