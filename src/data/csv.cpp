#include "data/csv.h"

#include "base/ascii.h"
#include "base/error.h"

namespace hilum {
namespace {

constexpr size_t kLongestField = 1 << 20;  // bytes; a quote that opens more than this was never meant to

}  // namespace

CsvReader::CsvReader(std::string_view text, char separator) : text_(text), separator_(separator) {}

char csv_separator(std::string_view text) {
  bool quoted = false;
  size_t commas = 0, semicolons = 0, tabs = 0;
  for (const char c : text.substr(0, text.find('\n'))) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    commas += c == ',';
    semicolons += c == ';';
    tabs += c == '\t';
  }
  if (commas > 0 || semicolons + tabs == 0) return ',';
  return semicolons > 0 ? ';' : '\t';
}

void CsvReader::go_on_with_next_line() {
  at_ = first_line_end_ == std::string_view::npos ? text_.size() : first_line_end_ + 1;
  next_line_ = line_ + 1;
}

bool CsvReader::next() {
  if (!error_.empty()) go_on_with_next_line();
  if (at_ >= text_.size()) return false;
  read_row();
  return true;
}

void CsvReader::read_row() {
  fields_.assign(1, "");
  error_.clear();
  inner_quote_ = false;
  line_ = next_line_;
  first_line_end_ = std::string_view::npos;
  if (text_.substr(at_).starts_with("\xef\xbb\xbf")) at_ += 3;  // spreadsheets write one, files put together hold more
  enum class In { kPlain, kQuoted, kAfterQuote } state = In::kPlain;
  size_t opened = 0;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '\n') {
      ++next_line_;
      if (first_line_end_ == std::string_view::npos) first_line_end_ = at_;
    }
    if (state == In::kQuoted) {
      if (c != '"') fields_.back() += c;
      else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') fields_.back() += text_[++at_];
      else state = In::kAfterQuote;
      if (at_ - opened > kLongestField) break;
    } else if (c == separator_) {
      fields_.emplace_back();
      state = In::kPlain;
    } else if (c == '\n') {
      ++at_;
      return;
    } else if (c == '"' && state == In::kPlain && trim_ascii(fields_.back()).empty()) {
      fields_.back().clear();
      state = In::kQuoted;
      opened = at_;
    } else if (c == '\r') {
    } else if (state == In::kAfterQuote && c != ' ' && c != '\t') {
      error_ = "a stray quote in field " + std::to_string(fields_.size());
      fields_.back() += c;
    } else {
      inner_quote_ = inner_quote_ || c == '"';
      if (state == In::kPlain) fields_.back() += c;
    }
  }
  if (state == In::kQuoted)
    error_ = "the quote that opens field " + std::to_string(fields_.size()) + " is never closed";
}

std::vector<CsvRow> parse_csv(std::string_view text, const std::string& where) {
  std::vector<CsvRow> rows;
  for (CsvReader reader(text); reader.next();) {
    if (!reader.error().empty())
      throw Error(where + ": line " + std::to_string(reader.line()), reader.error(),
          "Is the file complete? A field that holds quotes is quoted, and they are doubled (RFC 4180).");
    rows.push_back(reader.fields());
  }
  return rows;
}

std::string csv_field(std::string_view value) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(value);
  std::string out = "\"";
  for (const char c : value) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace hilum
