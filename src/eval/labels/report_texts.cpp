#include "eval/labels/report_texts.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file_kind.h"
#include "base/json.h"
#include "base/utf8.h"
#include "data/csv.h"

namespace hilum {
namespace {

constexpr std::array<std::string_view, 14> kReportNames = {"report", "reports", "reporttext", "reportstext", "text",
    "reporttexts", "radiologyreport", "fullreport", "reportimpression", "findingsimpression", "findingsandimpression",
    "rawreport", "rawtext", "narrative"};
constexpr const char* kWays =
    "Give one report a row without a header, quoted where it holds a comma; or a header that names the report's "
    "column: report, text, or findings and impression.";

// A name of a header as it is compared: lower case, letters and digits alone.
std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : lower_ascii(name))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  return out;
}

bool is_report_name(const std::string& name) {
  return std::find(kReportNames.begin(), kReportNames.end(), name) != kReportNames.end();
}

// A field that reads as a column's name and not as a report: one word of which "_" or a known name makes sure.
bool is_header_alone(const std::string& field) {
  const std::string_view word = trim_ascii(field);
  const std::string name = plain_name(word);
  if (is_report_name(name) || name == "findings" || name == "impression") return word.find('.') == word.npos;
  return !word.empty() && word.find_first_of(" .,;:") == word.npos && word.find('_') != word.npos;
}

// Which fields of a row make its report.
std::vector<size_t> report_columns(const CsvRow& header, const std::string& where) {
  std::vector<size_t> reports;
  std::optional<size_t> findings, impression;
  for (size_t i = 0; i < header.size(); ++i) {
    const std::string name = plain_name(header[i]);
    if (is_report_name(name)) reports.push_back(i);
    if (name == "findings" && !findings) findings = i;
    if (name == "impression" && !impression) impression = i;
  }
  if (reports.size() == 1) return reports;
  if (reports.size() > 1)
    throw Error(where,
        fmt::format("has {} columns that may hold the report: \"{}\" and \"{}\"", reports.size(), header[reports[0]],
            header[reports[1]]),
        "Leave the one that is meant.");
  std::vector<size_t> sections;
  if (findings) sections.push_back(*findings);
  if (impression) sections.push_back(*impression);
  if (sections.empty())
    throw Error(where + ": line 1",
        fmt::format("has {} fields, and none is named as a report's column is", header.size()), kWays);
  return sections;
}

void add(ReportTexts& reports, std::string text) {
  reports.num_empty += is_blank(text);
  reports.texts.push_back(std::move(text));
}

std::string text_of_line(const Json& row, const std::string& where) {
  check(row.is_object(), where.c_str(), "is no JSON object", "A study or a report a line is expected.");
  std::string text;
  bool any = false;
  if (row.contains("findings") && row["findings"].is_array()) {
    any = true;
    for (const Json& finding : row["findings"])
      if (finding.is_object() && finding.contains("text") && finding["text"].is_string())
        text += (text.empty() ? "" : " ") + finding["text"].get<std::string>();
  }
  for (const char* name : {"report", "impression"})
    if (row.contains(name) && row[name].is_string()) {
      any = true;
      if (text.empty()) text = row[name].get<std::string>();
    }
  check(any, where.c_str(), "has no report", "\"findings\" with their texts, \"report\" or \"impression\" are read.");
  return text;
}

}  // namespace

ReportTexts report_texts_of_csv(std::string_view text, const std::string& where) {
  ReportTexts reports;
  std::vector<size_t> columns;
  size_t num_fields = 0;
  for (CsvReader reader(text); reader.next();) {
    const CsvRow& row = reader.fields();
    const std::string here = fmt::format("{}: line {}", where, reader.line());
    if (!reader.error().empty())
      throw Error(here, reader.error(), "A field that holds quotes is quoted, and they are doubled (RFC 4180).");
    const bool is_first = num_fields == 0;
    if (is_first) {
      num_fields = row.size();
      columns = num_fields == 1 ? std::vector<size_t>{0} : report_columns(row, where);
      if (num_fields > 1 || is_header_alone(row[0])) continue;
    }
    if (num_fields > 1 && row.size() == 1 && is_blank(row[0])) continue;  // an empty line
    if (row.size() != num_fields)
      throw Error(here, fmt::format("has {} fields, the first row has {}", row.size(), num_fields), kWays);
    std::string report;
    for (const size_t column : columns)
      if (!is_blank(row[column])) report += (report.empty() ? "" : " ") + row[column];
    add(reports, std::move(report));
  }
  return reports;
}

ReportTexts report_texts_of_jsonl(std::string_view text, const std::string& where) {
  ReportTexts reports;
  size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    const std::string here = fmt::format("{}: line {}", where, ++number);
    if (!is_blank(line, " \t\r")) add(reports, text_of_line(parse_json(std::string(line), here), here));
  }
  return reports;
}

ReportTexts report_texts_of_file(std::string_view bytes, const std::string& where) {
  if (const std::string_view kind = kind_of_file(bytes); !kind.empty())
    throw Error(where, fmt::format("is {}, not reports", kind),
        "Reports are read from CSV or JSON lines, as text in UTF-8. `hilum report` writes them from images.");
  check(is_utf8(bytes), where.c_str(), "is not UTF-8", "Save it as UTF-8.");
  std::string_view start = bytes;
  if (start.starts_with("\xef\xbb\xbf")) start.remove_prefix(3);
  start = trim_ascii(start);
  check(!(where.ends_with(".json") && start.starts_with("[")), where.c_str(), "is one JSON array",
      "Write a study or a report a line (.jsonl).");
  const bool json = where.ends_with(".jsonl") || start.starts_with("{");
  ReportTexts reports = json ? report_texts_of_jsonl(bytes, where) : report_texts_of_csv(bytes, where);
  check(!reports.texts.empty(), where.c_str(), "holds no report");
  return reports;
}

}  // namespace hilum
