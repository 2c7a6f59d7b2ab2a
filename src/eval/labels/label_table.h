// A CSV of labels or scores: one study a line, its id first, one column a label. Cells that cannot be used are listed,
// never guessed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "eval/problems.h"

namespace hilum {

struct LabelTable {
  std::string name;                        // of the file, for messages
  std::vector<std::string> columns;        // without the first
  std::vector<std::string> ids;            // of the rows; ids given twice keep their first row
  std::vector<int64_t> lines;              // of the file
  std::vector<std::vector<double>> cells;  // [row][column]; NaN: blank, or a problem
  bool ids_are_rows = false;               // the first column is "Reports": rows are matched by their number

  // Index of a column, or -1.
  int column(std::string_view label) const;
};

// The first line names the columns; the first column is the study's id whatever its name is, but for "Reports" (what
// CheXpert-style labelers write), where the row's number stands for it. Left out with a problem: lines with a stray or
// open quote, another number of fields, bytes that are not UTF-8, no id, an id given before; cells that are no number.
// Throws Error naming the file when it has no header, no row, or one column twice.
LabelTable parse_label_table(std::string_view text, const std::string& name, std::vector<Problem>& problems);
LabelTable read_label_table(const std::filesystem::path& path, std::vector<Problem>& problems);

// Rows of a CSV: what is wrong with one is told apart from the others. Used for ratings too.
struct CsvLine {
  int64_t line = 0;                 // where the row begins
  std::vector<std::string> fields;  // blanks around them cut off
};
std::vector<CsvLine> parse_csv_lines(std::string_view text, const std::string& name, std::vector<Problem>& problems);

}  // namespace hilum
