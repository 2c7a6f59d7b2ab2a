#include "engine/image_items.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "engine/study_request.h"

namespace hilum {
namespace {

void add_manifest(const fs::path& manifest, std::vector<ImageItem>& items) {
  for (Study& study : read_studies(manifest)) {
    ImageItem item{.study_id = study.study_id};
    if (const StudyImage* frontal = study.image("frontal")) item.path = frontal->path;
    else item.trouble = "the study has no image with view \"frontal\"; give it one in the manifest";
    item.study = std::move(study);
    items.push_back(std::move(item));
  }
}

// read_requests() groups a folder's DICOM files by study; every view is an image of its own here.
void add_folder(const fs::path& folder, std::vector<ImageItem>& items) {
  const auto first = static_cast<std::ptrdiff_t>(items.size());
  for (const StudyRequest& request : read_requests(folder, {})) {
    if (!request.frontal.empty())
      items.push_back({.path = request.frontal.path(), .study_id = request.study_id, .trouble = request.trouble});
    if (!request.lateral.empty())
      items.push_back({.path = request.lateral.path(),
          .study_id = request.study_id});  // a report's need of a frontal is no trouble here
  }
  std::sort(items.begin() + first, items.end(), [](const ImageItem& a, const ImageItem& b) { return a.path < b.path; });
}

}  // namespace

std::vector<ImageItem> read_image_items(const std::vector<std::string>& inputs) {
  std::vector<ImageItem> items;
  for (const std::string& input : inputs) {
    const fs::path path = input;
    if (fs::is_directory(path)) {
      add_folder(path, items);
    } else if (path.extension() == ".jsonl") {
      add_manifest(path, items);
    } else {
      for (const StudyRequest& request : read_requests(path, {}))
        items.push_back({.path = request.frontal.path(), .study_id = request.study_id});
    }
  }
  return items;
}

}  // namespace hilum
