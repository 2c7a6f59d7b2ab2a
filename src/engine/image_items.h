// What `embed`, `classify` and `search index` run over: the images that files, folders and manifests name, in order.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/study.h"

namespace hilum {

struct ImageItem {
  std::filesystem::path path;
  std::string study_id;        // of the manifest, else as read_requests() names it
  std::optional<Study> study;  // what a manifest says of it
  std::string trouble;         // not empty: this row cannot be run, and why
};

// A manifest gives one item a study, its frontal, so that row i of the result is line i; a folder one item an image
// file, views alike, in name order; a file itself. Throws Error for a path that is none of these.
std::vector<ImageItem> read_image_items(const std::vector<std::string>& inputs);

}  // namespace hilum
