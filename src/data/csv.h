// Comma-separated values as RFC 4180 has them: quoted fields may hold commas, doubled quotes and line breaks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hilum {

using CsvRow = std::vector<std::string>;

// Every row; CRLF and LF both end one, a last line without an end counts. Throws Error(where, ...) naming the line for
// a quote never closed.
std::vector<CsvRow> parse_csv(std::string_view text, const std::string& where);
// A field as it stands in a row: quoted when it holds a comma, a quote or a line break.
std::string csv_field(std::string_view value);

}  // namespace hilum
