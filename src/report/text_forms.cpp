// The forms of json.h that are not Hilum's own JSON: text for people, and the Azure service's list.
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "base/error.h"
#include "report/json.h"

namespace hilum {
namespace {

// As Python's json.dumps with ensure_ascii: \uXXXX, pairs of them past U+FFFF. Bytes that are not UTF-8 become U+FFFD.
std::string ascii_json_string(const std::string& text) {
  std::string out = "\"";
  const auto unit = [&](unsigned value) { out += fmt::format("\\u{:04x}", value); };
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0u; };
  for (size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i);
    if (lead < 0x80) {
      ++i;
      switch (lead) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        default: lead < 0x20 || lead == 0x7F ? unit(lead) : out.push_back(static_cast<char>(lead));
      }
      continue;
    }
    const int length = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    unsigned value = length ? lead & (0x7Fu >> length) : 0;
    bool valid = length != 0 && lead < 0xF5;
    for (int k = 1; k < length && valid; ++k) {
      valid = (byte(i + k) & 0xC0) == 0x80;
      value = (value << 6) | (byte(i + k) & 0x3F);
    }
    constexpr unsigned kSmallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    valid = valid && value >= kSmallest[length] && value <= 0x10FFFF && !(value >= 0xD800 && value < 0xE000);
    i += valid ? length : 1;
    if (!valid) unit(0xFFFD);
    else if (value < 0x10000) unit(value);
    else {
      unit(0xD800 + ((value - 0x10000) >> 10));
      unit(0xDC00 + ((value - 0x10000) & 0x3FF));
    }
  }
  return out + "\"";
}

std::string box_line(const BoxNorm& box, const Report& report) {
  std::string line = fmt::format("x {:.3f}-{:.3f}, y {:.3f}-{:.3f}", box.x_min, box.x_max, box.y_min, box.y_max);
  if (report.image_width > 0 && report.image_height > 0) {
    const auto px = [](double fraction, int size) { return static_cast<long>(std::lround(fraction * size)); };
    line += fmt::format("  (px {},{} to {},{})", px(box.x_min, report.image_width), px(box.y_min, report.image_height),
        px(box.x_max, report.image_width), px(box.y_max, report.image_height));
  }
  return line;
}

}  // namespace

std::string shortest_number(double value) {
  check(std::isfinite(value), "number", "is not finite");
  char text[400];
  // Python's repr: fixed notation from 1e-4 up to 1e16, scientific beyond; the digits are the shortest that read back.
  const bool fixed = value == 0 || (std::abs(value) >= 1e-4 && std::abs(value) < 1e16);
  const auto end =
      std::to_chars(text, text + sizeof text, value, fixed ? std::chars_format::fixed : std::chars_format::scientific)
          .ptr;
  std::string out(text, end);
  if (fixed && out.find('.') == std::string::npos) out += ".0";
  return out;
}

std::string to_azure(const std::vector<CropFinding>& findings) {
  std::string out = "[";
  for (const CropFinding& finding : findings) {
    out += (out.size() > 1 ? ", [" : "[") + ascii_json_string(finding.text) + ", ";
    if (!finding.boxes) {
      out += "null]";
      continue;
    }
    std::string boxes;
    for (const CropBox& box : *finding.boxes)
      boxes += fmt::format("{}[{}, {}, {}, {}]", boxes.empty() ? "" : ", ", shortest_number(box.x_min),
          shortest_number(box.y_min), shortest_number(box.x_max), shortest_number(box.y_max));
    out += "[" + boxes + "]]";
  }
  return out + "]";
}

std::string to_text(const Report& report) {
  std::string out;
  if (report.far_from_phantoms) out += fmt::format("{}\n", kDemoWarning);
  out += fmt::format("{}\n", kNotice);
  if (report.demo) out += fmt::format("{}.\n", kDemoNotice);
  out += '\n';
  for (size_t i = 0; i < report.findings.size(); ++i) {
    const Finding& finding = report.findings[i];
    out += fmt::format("{:>3}. {}\n", i + 1, finding.text);
    if (finding.boxes)
      for (const BoxNorm& box : *finding.boxes) out += "     box: " + box_line(box, report) + "\n";
  }
  if (report.report) out += *report.report + "\n";
  if (report.labels) {
    out += '\n';
    for (const auto& [name, state] : *report.labels)
      out += fmt::format("{:<28} {}\n", name, state > 0 ? "present" : state < 0 ? "uncertain" : "absent");
  }
  if (report.findings.empty() && !report.report) out += "No findings were written.\n";
  if (report.finish == Finish::kLength) out += "\nThe report is incomplete: the token limit was reached.\n";
  if (!report.warnings.empty()) out += "\nWarnings:\n";
  for (const std::string& warning : report.warnings) out += "  - " + warning + "\n";
  return out;
}

}  // namespace hilum
