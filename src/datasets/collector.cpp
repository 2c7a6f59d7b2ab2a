#include "datasets/collector.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "datasets/report_sections.h"

namespace hilum {

namespace fs = std::filesystem;

std::string view_of(std::string_view code) {
  const std::string c = lower_ascii(trim_ascii(code));
  if (c == "frontal" || c == "ap" || c == "pa" || c.starts_with("ap ") || c.starts_with("ap_") ||
      c.starts_with("pa ") || c.starts_with("pa_"))
    return c.find("axial") == std::string::npos && c.find("lld") == std::string::npos ? "frontal" : "other";
  if (c == "lateral" || c == "l" || c == "ll" || c == "rl") return "lateral";
  return "other";
}

std::string sex_of(std::string_view word) {
  const std::string w = lower_ascii(trim_ascii(word));
  return w == "f" || w == "female" ? "F" : w == "m" || w == "male" ? "M" : "";
}

std::optional<int> months_of_age(std::string_view text) {
  std::string_view t = trim_ascii(text);
  double unit = 12;
  if (!t.empty() && (t.back() == 'Y' || t.back() == 'M' || t.back() == 'W' || t.back() == 'D')) {
    unit = t.back() == 'Y' ? 12 : t.back() == 'M' ? 1 : t.back() == 'W' ? 7 / 30.44 : 1 / 30.44;
    t.remove_suffix(1);
  }
  double value = 0;
  const auto [end, code] = std::from_chars(t.data(), t.data() + t.size(), value);
  if (t.empty() || code != std::errc() || end != t.data() + t.size() || !(value >= 0) || value * unit > 120 * 12)
    return std::nullopt;
  return static_cast<int>(std::floor(value * unit));
}

bool is_placeholder(std::string_view label) {
  static constexpr std::string_view kPlaceholders[] = {"todo", "to do", "to-do", "tbd", "tba", "to be determined",
      "to be done", "unknown", "unk", "n/a", "na", "n.a.", "nan", "null", "-", "--", "?", "??", "???", "xxx", "missing",
      "pending", "undefined", "undetermined", "unspecified", "not specified", "not available", "not applicable",
      "not labeled", "not labelled", "not yet labeled", "not yet labelled", "unlabeled", "unlabelled", "no label",
      "not annotated", "unannotated", "not read", "unread", "no indexing", "placeholder", "fixme"};
  const std::string word = lower_ascii(trim_ascii(label, " \t\r\n\"'<>[]()"));
  return std::find(std::begin(kPlaceholders), std::end(kPlaceholders), word) != std::end(kPlaceholders);
}

void add_class(Study& study, const std::string& name) {
  if (std::find(study.classes.begin(), study.classes.end(), name) == study.classes.end()) study.classes.push_back(name);
}

fs::path Collector::find(std::initializer_list<std::string_view> names) const {
  const bool is_file = fs::is_regular_file(root_);  // the file itself was named
  for (const std::string_view name : names)
    for (const char* ending : {"", ".gz"}) {
      const std::string whole = std::string(name) + ending;
      if (fs::path path = is_file ? root_.parent_path() / whole : root_ / whole;
          fs::is_regular_file(path) && (!is_file || root_.filename() == whole))
        return path;
    }
  return {};
}

fs::path Collector::need(std::initializer_list<std::string_view> names) const {
  if (fs::path found = find(names); !found.empty()) return found;
  throw Error(root_.string(), fmt::format("holds no {}", fmt::join(names, " or ")),
      "Name the folder that holds it, with the names as published (.gz is read too).");
}

std::string Collector::shown(const fs::path& file) const {
  const std::string name = file.generic_string(), root = root_.generic_string();
  return name.starts_with(root + "/") ? name.substr(root.size() + 1) : name == root ? file.filename().string() : name;
}

void Collector::left_out(const fs::path& file, size_t row, const std::string& study_id, const std::string& reason) {
  out_.problems.push_back({shown(file), row, study_id, false, reason});
}

void Collector::remark(const fs::path& file, size_t row, const std::string& study_id, const std::string& reason) {
  out_.problems.push_back({shown(file), row, study_id, true, reason});
}

void Collector::count(const std::string& what, int64_t by) {
  const auto [at, is_new] = counts_.emplace(what, out_.counts.size());
  if (is_new) out_.counts.emplace_back(what, 0);
  out_.counts[at->second].second += by;
}

bool Collector::exists(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool Collector::add_image(
    Study& study, const std::vector<fs::path>& paths, const std::string& view, const fs::path& file, size_t row) {
  count("images named");
  for (const fs::path& path : paths)
    if (exists(path)) {
      count("images found");
      study.images.push_back({path, view});
      return true;
    }
  const std::string missing = "the image " + shown(paths.front()) + " is not there";
  if (options_.keep_missing_images) {
    remark(file, row, study.study_id, missing + "; it is named all the same");
    study.images.push_back({paths.front(), view});
    return true;
  }
  remark(file, row, study.study_id, missing);
  return false;
}

bool Collector::add_label(Study& study, const std::string& name, const fs::path& file, size_t row) {
  if (!is_placeholder(name)) {
    add_class(study, name);
    return true;
  }
  count("placeholders in place of a label");
  remark(file, row, study.study_id, fmt::format("'{}' only holds a label's place; it is no class", name));
  unlabelled_.insert(study.study_id);
  return false;
}

void Collector::add(Study study, const fs::path& file, size_t row, const std::string& when) {
  if (study.study_id.empty()) return left_out(file, row, "", "the study has no identifier");
  if (study.images.empty() && !has_text(study) && study.dialogues.empty())
    return left_out(file, row, study.study_id, "the study has neither an image that is there nor a text");
  if (!ids_.emplace(study.study_id, out_.studies.size()).second)
    return left_out(file, row, study.study_id, "the study's identifier was met before");
  if (study.classes.empty() && unlabelled_.contains(study.study_id)) study.class_set.clear();  // not known, not "none"
  // the first frontal is the one that boxes and models refer to
  std::stable_sort(study.images.begin(), study.images.end(),
      [](const StudyImage& a, const StudyImage& b) { return (a.view == "frontal") > (b.view == "frontal"); });
  out_.studies.push_back({std::move(study), when});
}

}  // namespace hilum
