#include "datasets/readers/csv_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/utf8.h"
#include "datasets/readers/packed_file.h"
#include "text/unicode.h"

namespace hilum {
namespace {

constexpr size_t kLongestField = 1 << 20;  // bytes; a quote that opens more than this was never meant to

}  // namespace

CsvTable::CsvTable(const std::filesystem::path& file, Collector& problems, bool by_position)
    : CsvTable(read_text_file(file), file, problems, by_position) {}

CsvTable::CsvTable(std::string text, const std::filesystem::path& file, Collector& problems, bool by_position)
    : file_(file),
      problems_(problems),
      by_position_(by_position),
      text_(std::move(text)),
      progress_(file.filename().string(), static_cast<int64_t>(text_.size() >> 10), "KiB") {
  if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  check(read_row() && why_.empty(), file.c_str(), "has no header line",
      "A CSV whose first line names its columns is expected.");
  for (const std::string& name : fields_) header_.emplace_back(trim_ascii(name));
}

std::optional<size_t> CsvTable::find(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names)
    for (size_t i = 0; i < header_.size(); ++i)
      if (lower_ascii(header_[i]) == lower_ascii(name)) return i;
  return std::nullopt;
}

size_t CsvTable::column(std::initializer_list<std::string_view> names) const {
  if (const auto found = find(names)) return *found;
  throw Error(file_.string(), fmt::format("has no column '{}'", fmt::join(names, "' or '")),
      fmt::format("Its header holds: {}.", fmt::join(header_, ", ")));
}

bool CsvTable::read_row() {
  fields_.assign(1, "");
  why_.clear();
  line_ = next_line_;
  first_line_end_ = std::string::npos;
  if (at_ >= text_.size()) return false;
  enum class In { kPlain, kQuoted, kAfterQuote } state = In::kPlain;
  size_t opened = 0;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '\n') {
      ++next_line_;
      if (first_line_end_ == std::string::npos) first_line_end_ = at_;
    }
    if (state == In::kQuoted) {
      if (c != '"') fields_.back() += c;
      else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') fields_.back() += text_[++at_];
      else state = In::kAfterQuote;
      if (at_ - opened > kLongestField) break;
    } else if (c == ',') {
      fields_.emplace_back();
      state = In::kPlain;
    } else if (c == '\n') {
      ++at_;
      return true;
    } else if (c == '"' && state == In::kPlain && trim_ascii(fields_.back()).empty()) {
      fields_.back().clear();
      state = In::kQuoted;
      opened = at_;
    } else if (c == '\r') {
    } else if (state == In::kAfterQuote && c != ' ') {
      why_ = "a stray quote in field " + std::to_string(fields_.size());
      fields_.back() += c;
    } else {
      fields_.back() += c;
    }
  }
  if (state == In::kQuoted) why_ = "the quote that opens field " + std::to_string(fields_.size()) + " is never closed";
  return true;
}

void CsvTable::mend_encoding() {
  bool mended = false;
  for (std::string& field : fields_) {
    if (is_utf8(field)) continue;
    std::string out;
    for (const char c : field) append_utf8(out, static_cast<unsigned char>(c));
    field = std::move(out);
    mended = true;
  }
  if (mended) problems_.remark(file_, line_, "", "the row is not UTF-8; it was read as Latin-1");
}

bool CsvTable::next() {
  while (read_row()) {
    if (line_ % 1024 == 0) progress_.update(static_cast<int64_t>(at_ >> 10));
    if (why_.empty() && fields_.size() == 1 && trim_ascii(fields_[0]).empty() && header_.size() > 1)
      continue;  // an empty line
    if (why_.empty() && !by_position_) {
      while (fields_.size() > header_.size() && trim_ascii(fields_.back()).empty())
        fields_.pop_back();  // commas at the end
      if (fields_.size() != header_.size())
        why_ = fmt::format("the row has {} fields, the header has {}", fields_.size(), header_.size());
    }
    if (why_.empty()) {
      mend_encoding();
      problems_.count(file_.filename().string() + " rows");
      return true;
    }
    problems_.left_out(file_, line_, "", why_);
    if (first_line_end_ != std::string::npos && next_line_ > line_ + 1) {
      at_ = first_line_end_ + 1;
      next_line_ = line_ + 1;  // an astray quote swallows no good rows
    } else if (first_line_end_ == std::string::npos) at_ = text_.size();
  }
  return false;
}

std::optional<double> number_of(std::string_view field) {
  const std::string_view t = trim_ascii(field);
  double value = 0;
  const auto [end, code] = std::from_chars(t.data(), t.data() + t.size(), value);
  if (t.empty() || code != std::errc() || end != t.data() + t.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

ChexpertColumns::ChexpertColumns(const CsvTable& table) {
  for (const std::string& name : kChexpertLabels) columns_.emplace_back(name, table.column({name}));
}

void ChexpertColumns::read(const CsvTable& table, Study& study, Collector& problems) const {
  for (const auto& [name, column] : columns_) {
    const std::string_view field = table[column];
    if (field.empty()) continue;
    const auto value = number_of(field);
    if (!value || (*value != 1 && *value != 0 && *value != -1)) {
      problems.remark(table.file(), table.line(), study.study_id,
          "the label " + name + " is neither 1, 0, -1 nor blank; it counts as not mentioned");
      continue;
    }
    const int label = static_cast<int>(*value);
    const auto [at, is_new] = study.labels.emplace(name, label);
    if (!is_new && at->second != label)
      problems.remark(table.file(), table.line(), study.study_id,
          "the label " + name + " differs from an earlier row of the same study; the earlier one stays");
  }
}

}  // namespace hilum
