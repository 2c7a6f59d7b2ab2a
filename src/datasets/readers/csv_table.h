// A CSV file of a data set, row by row and by column name. Plain or gzipped, with or without a byte order mark, its
// fields between commas, or between semicolons or tabs where the header has no comma. What does not fit becomes a
// DatasetProblem and reading goes on with the next line: rows with too few or too many fields, quotes that are never
// closed or stand astray. A row that is not UTF-8 is read as Latin-1, with a remark.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/progress.h"
#include "data/csv.h"
#include "datasets/collector.h"

namespace hilum {

class CsvTable {
 public:
  // Reads the header. `by_position` takes rows of any length (headers that hold unquoted commas); short ones read as
  // empty fields. Throws Error naming the file: not there, no header.
  CsvTable(const std::filesystem::path& file, Collector& problems, bool by_position = false);
  // The same from a text, for tests.
  CsvTable(std::string text, const std::filesystem::path& file, Collector& problems, bool by_position = false);
  CsvTable(const CsvTable&) = delete;

  const std::vector<std::string>& header() const { return header_; }
  // The column of the first name that is there; blanks around and case do not count.
  std::optional<size_t> find(std::initializer_list<std::string_view> names) const;
  // The same; none is an Error that lists what the header holds.
  size_t column(std::initializer_list<std::string_view> names) const;

  // Moves to the next good row; false at the end.
  bool next();
  // A field of the row, trimmed; empty for a column that is not there.
  std::string_view operator[](std::optional<size_t> column) const {
    return column && *column < fields_.size() ? trim_ascii(fields_[*column]) : std::string_view();
  }
  size_t line() const { return reader_.line(); }
  const std::filesystem::path& file() const { return file_; }

 private:
  void mend_encoding();

  std::filesystem::path file_;
  Collector& problems_;
  bool by_position_;
  std::string text_;
  CsvReader reader_;  // over text_
  std::vector<std::string> header_, fields_;
  Progress progress_;
};

// A number that fills the whole field, or none. "1.0", "-1", "3e2"; not "nan" nor "inf".
std::optional<double> number_of(std::string_view field);

// The columns of the 14 CheXpert labels, in whatever order the file has them. Throws Error where one is missing.
class ChexpertColumns {
 public:
  explicit ChexpertColumns(const CsvTable& table);
  // 1, 0, -1 (also 1.0 ...); blank: not mentioned; anything else is a remark.
  void read(const CsvTable& table, Study& study, Collector& problems) const;

 private:
  std::vector<std::pair<std::string, size_t>> columns_;
};

}  // namespace hilum
