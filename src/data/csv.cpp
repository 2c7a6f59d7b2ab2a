#include "data/csv.h"

#include "base/error.h"

namespace hilum {

std::vector<CsvRow> parse_csv(std::string_view text, const std::string& where) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // the byte order mark spreadsheets write
  std::vector<CsvRow> rows;
  CsvRow row(1);
  bool quoted = false, any = false;
  size_t line = 1, opened = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    any = true;
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') row.back() += c;
      else if (i + 1 < text.size() && text[i + 1] == '"') row.back() += text[++i];
      else quoted = false;
    } else if (c == '"' && row.back().empty()) {
      quoted = true;
      opened = line;
    } else if (c == ',') {
      row.emplace_back();
    } else if (c == '\n') {
      rows.push_back(std::move(row));
      row = CsvRow(1);
      any = false;
    } else if (c != '\r') {
      row.back() += c;
    }
  }
  if (quoted)
    throw Error(where + ": line " + std::to_string(opened), "a quoted field is never closed", "Is the file complete?");
  if (any) rows.push_back(std::move(row));
  return rows;
}

std::string csv_field(std::string_view value) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(value);
  std::string out = "\"";
  for (const char c : value) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace hilum
