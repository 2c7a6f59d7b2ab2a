// What a reader writes into: studies, problems and counts, with the checks that all readers share.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "datasets/dataset.h"

namespace hilum {

class Collector {
 public:
  Collector(std::filesystem::path root, const DatasetOptions& options, Dataset& out)
      : root_(std::move(root)), options_(options), out_(out) {}

  const std::filesystem::path& root() const { return root_; }
  const DatasetOptions& options() const { return options_; }

  // The first of these files that is there, plain or with .gz; empty path if none.
  std::filesystem::path find(std::initializer_list<std::string_view> names) const;
  // The same, but none is an Error that names them all.
  std::filesystem::path need(std::initializer_list<std::string_view> names) const;

  void left_out(const std::filesystem::path& file, size_t row, const std::string& study_id, const std::string& reason);
  void remark(const std::filesystem::path& file, size_t row, const std::string& study_id, const std::string& reason);
  void count(const std::string& what, int64_t by = 1);

  // Adds the first of `paths` (alternatives: other endings, other folders) that is there. If none is, that is listed,
  // and the first is named all the same with keep_missing_images. Returns whether an image was added.
  bool add_image(Study& study, const std::vector<std::filesystem::path>& paths, const std::string& view,
      const std::filesystem::path& file, size_t row);

  // Adds a class that the data set names for a study, in a column of labels. What only holds a label's place ("todo",
  // "unknown", "n/a") is no label: it is listed, and a study without any other has no classes. Returns whether it is
  // one.
  bool add_label(Study& study, const std::string& name, const std::filesystem::path& file, size_t row);

  // Adds a study; one without image, text and label, or with an id already there, is listed and left out.
  void add(Study study, const std::filesystem::path& file, size_t row, const std::string& when = "");

 private:
  std::string shown(const std::filesystem::path& file) const;
  bool exists(const std::filesystem::path& path);

  std::filesystem::path root_;
  const DatasetOptions& options_;
  Dataset& out_;
  std::unordered_map<std::string, size_t> ids_, counts_;
  std::unordered_set<std::string> unlabelled_;  // studies with a placeholder in place of a label
};

// "frontal" for PA, AP and their kinds (AP supine, AP_horizontal, Frontal), "lateral" for L, LL, LATERAL, RL; anything
// else "other".
std::string view_of(std::string_view code);
// "F", "M", or empty for anything else ("Unknown").
std::string sex_of(std::string_view word);
// Whole years from "57", "57.0", "058Y" to months ("006M" to 6); no value for anything else or beyond 120 years.
std::optional<int> months_of_age(std::string_view text);

// Does a cell of labels only say that there is none (yet): "todo", "Unknown", "n/a", "-"? "None" is left to its set.
bool is_placeholder(std::string_view label);

// Adds each name once.
void add_class(Study& study, const std::string& name);

}  // namespace hilum
