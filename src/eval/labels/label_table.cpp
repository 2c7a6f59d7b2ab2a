#include "eval/labels/label_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_set>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/utf8.h"
#include "data/csv.h"

namespace hilum {
namespace {

// NaN: blank. No value: not a number.
bool parse_cell(const std::string& text, double& value) {
  value = std::numeric_limits<double>::quiet_NaN();
  if (text.empty()) return true;
  const char* first = text.data() + (text[0] == '+');
  const char* const last = text.data() + text.size();
  double parsed = 0;
  const auto [end, error] = std::from_chars(first, last, parsed);
  if (error != std::errc() || end != last || !std::isfinite(parsed)) return false;
  value = parsed;
  return true;
}

}  // namespace

int LabelTable::column(std::string_view label) const {
  for (size_t i = 0; i < columns.size(); ++i)
    if (columns[i] == label) return static_cast<int>(i);
  return -1;
}

std::vector<CsvLine> parse_csv_lines(std::string_view text, const std::string& name, std::vector<Problem>& problems) {
  check(!text.starts_with("\xff\xfe") && !text.starts_with("\xfe\xff"), name.c_str(), "is UTF-16", "Save it as UTF-8.");
  std::vector<CsvLine> lines;
  for (CsvReader reader(text); reader.next();) {
    CsvLine row{static_cast<int64_t>(reader.line()), reader.fields()};
    const auto in_utf8 = [](const std::string& field) { return is_utf8(field); };
    const char* wrong = !reader.error().empty() || reader.has_inner_quote() ? "a stray or open quote, left out"
                        : std::all_of(row.fields.begin(), row.fields.end(), in_utf8)
                            ? nullptr
                            : "bytes that are not UTF-8, left out";
    if (wrong) {
      problems.push_back({name, "", wrong, row.line});
      reader.go_on_with_next_line();
      continue;
    }
    bool blank = true;  // spreadsheets end with lines of commas
    for (std::string& field : row.fields) {
      field = std::string(trim_ascii(field, " \t"));
      blank = blank && field.empty();
    }
    if (!blank) lines.push_back(std::move(row));
  }
  return lines;
}

LabelTable parse_label_table(std::string_view text, const std::string& name, std::vector<Problem>& problems) {
  const size_t problems_before = problems.size();
  const std::vector<CsvLine> lines = parse_csv_lines(text, name, problems);
  check(!lines.empty() && (problems.size() == problems_before || problems[problems_before].row > lines[0].line),
      name.c_str(), "has no readable header", "The first line names the columns: a study id, then labels.");
  const std::vector<std::string>& header = lines[0].fields;
  check(header.size() >= 2, name.c_str(), "has one column alone", "A study id and at least one label are needed.");
  LabelTable table;
  table.name = name;
  table.columns.assign(header.begin() + 1, header.end());
  table.ids_are_rows = header[0] == "Reports";
  std::unordered_set<std::string> seen;
  for (const std::string& column : table.columns)
    check(seen.insert(column).second, name.c_str(), fmt::format("has the column \"{}\" twice", column),
        "Give each label one column.");
  seen.clear();
  for (size_t i = 1; i < lines.size(); ++i) {
    const CsvLine& line = lines[i];
    const std::string id = table.ids_are_rows ? fmt::format("row {}", i) : line.fields[0];
    const auto complain = [&](const std::string& problem) { problems.push_back({name, id, problem, line.line}); };
    if (line.fields.size() != header.size()) {
      complain(fmt::format("{} fields, not {}, left out", line.fields.size(), header.size()));
    } else if (id.empty()) {
      complain("no study id, left out");
    } else if (!seen.insert(id).second) {
      complain("study id given twice, the first is used");
    } else {
      std::vector<double> cells(table.columns.size());
      for (size_t c = 0; c < cells.size(); ++c)
        if (!parse_cell(line.fields[c + 1], cells[c]))
          complain(
              fmt::format("{} is \"{}\", not a number, the cell is left out", table.columns[c], line.fields[c + 1]));
      table.ids.push_back(id);
      table.lines.push_back(line.line);
      table.cells.push_back(std::move(cells));
    }
  }
  check(!table.ids.empty(), name.c_str(), "holds no study that can be used");
  return table;
}

LabelTable read_label_table(const std::filesystem::path& path, std::vector<Problem>& problems) {
  return parse_label_table(read_file(path), path.filename().string(), problems);
}

}  // namespace hilum
