// Comma-separated values as RFC 4180 has them: quoted fields may hold commas, doubled quotes and line breaks. The one
// reader of them; what a caller does with a row that is none is its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hilum {

using CsvRow = std::vector<std::string>;

// Row by row. CRLF and LF both end one, a last line without an end counts; a byte order mark before a row is skipped;
// blanks before a quote that opens a field are none of it.
class CsvReader {
 public:
  // `text` must outlive the reader. `separator` stands between fields.
  explicit CsvReader(std::string_view text, char separator = ',');

  // Moves to the next row, good or not; false at the end. Behind a row with an error it goes on with the line after
  // the one that the row began at: an astray quote swallows no good rows.
  bool next();
  // The same for a row that the caller finds wrong.
  void go_on_with_next_line();

  const CsvRow& fields() const { return fields_; }
  // Of the text, from 1: where the row begins.
  size_t line() const { return line_; }
  // What makes the row none: a quote that is never closed, or text behind a closing one. Empty: nothing.
  const std::string& error() const { return error_; }
  // A quote stands inside a field that is not quoted. RFC 4180 has none there; it is read as it is.
  bool has_inner_quote() const { return inner_quote_; }
  // How far it has read, in bytes.
  size_t position() const { return at_; }

 private:
  void read_row();

  std::string_view text_;
  char separator_;
  size_t at_ = 0, next_line_ = 1, line_ = 0, first_line_end_ = std::string_view::npos;
  CsvRow fields_;
  std::string error_;
  bool inner_quote_ = false;
};

// What separates the fields of the first line: a comma; where it holds none, a semicolon (spreadsheets write it where
// the comma is the decimal point) or a tab.
char csv_separator(std::string_view text);

// Every row. Throws Error(where, ...) naming the line of the first row with an error.
std::vector<CsvRow> parse_csv(std::string_view text, const std::string& where);
// A field as it stands in a row: quoted when it holds a comma, a quote or a line break.
std::string csv_field(std::string_view value);

}  // namespace hilum
