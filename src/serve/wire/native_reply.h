// What Hilum's own routes answer with.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "image/image.h"
#include "report/report.h"
#include "serve/wire/reply.h"

namespace hilum {

// What a report is asked for in, by Accept: application/json (also for nothing and */*), application/fhir+json,
// application/dicom, text/event-stream. No value: none of them (406).
enum class ReportForm { kJson, kFhir, kDicom, kEvents };
std::optional<ReportForm> report_form(std::string_view accept);

Reply report_reply(const Report& report);  // hilum.report/1 on one line; X-Hilum-Demo: true where a demo model wrote it

// {"model":"..","scores":{"A":0.7}}, in the labels' order.
Reply classify_reply(const std::string& model, std::span<const std::pair<std::string, double>> scores);

struct SearchHit {
  double score = 0;
  std::string path, study_id;
};
// {"results":[{"rank":1,"score","path","study_id"}]}; of the demo model each with "demo":true, and with a warning where
// there is one, as `hilum search query` has them.
Reply search_reply(std::span<const SearchHit> hits, bool demo = false, const std::string& warning = "");

// Of POST /v1/images: width * height little-endian 16-bit grey samples, row by row (8-bit pictures times 257), and
// X-Hilum-Image, one line of ASCII JSON. No name or number of a patient is in it.
Reply image_reply(const DecodedImage& image);

// The events of /v1/reports as a stream.
std::string piece_event(std::string_view text);  // event: piece, {"text"}; whole characters (Utf8Pieces)
std::string finding_event(
    size_t index, const Finding& finding);  // event: finding, {"index","text","boxes"}: of the original image, or null
std::string report_event(const Report& report);      // event: report, the last
std::string native_error_event(const Error& error);  // event: error, the last

}  // namespace hilum
