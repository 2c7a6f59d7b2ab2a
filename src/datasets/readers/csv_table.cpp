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
CsvTable::CsvTable(const std::filesystem::path& file, Collector& problems, bool by_position)
    : CsvTable(read_text_file(file), file, problems, by_position) {}

CsvTable::CsvTable(std::string text, const std::filesystem::path& file, Collector& problems, bool by_position)
    : file_(file),
      problems_(problems),
      by_position_(by_position),
      text_(std::move(text)),
      reader_(text_, by_position ? ',' : csv_separator(text_)),
      progress_(file.filename().string(), static_cast<int64_t>(text_.size() >> 10), "KiB") {
  check(reader_.next() && reader_.error().empty(), file.c_str(), "has no header line",
      "A CSV whose first line names its columns is expected.");
  for (const std::string& name : reader_.fields()) header_.emplace_back(trim_ascii(name));
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

void CsvTable::mend_encoding() {
  bool mended = false;
  for (std::string& field : fields_) {
    if (is_utf8(field)) continue;
    std::string out;
    for (const char c : field) append_utf8(out, static_cast<unsigned char>(c));
    field = std::move(out);
    mended = true;
  }
  if (mended) problems_.remark(file_, line(), "", "the row is not UTF-8; it was read as Latin-1");
}

bool CsvTable::next() {
  while (reader_.next()) {
    if (line() % 1024 == 0) progress_.update(static_cast<int64_t>(reader_.position() >> 10));
    fields_ = reader_.fields();
    std::string why = reader_.error();
    if (why.empty() && fields_.size() == 1 && trim_ascii(fields_[0]).empty() && header_.size() > 1)
      continue;  // an empty line
    if (why.empty() && !by_position_) {
      while (fields_.size() > header_.size() && trim_ascii(fields_.back()).empty())
        fields_.pop_back();  // commas at the end
      if (fields_.size() != header_.size())
        why = fmt::format("the row has {} fields, the header has {}", fields_.size(), header_.size());
    }
    if (why.empty()) {
      mend_encoding();
      problems_.count(file_.filename().string() + " rows");
      return true;
    }
    problems_.left_out(file_, line(), "", why);
    if (reader_.error().empty()) reader_.go_on_with_next_line();
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
