#include "engine/image_items.h"

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

// Every view is an image of its own here, whatever study it is of.
void add_folder(const fs::path& folder, std::vector<ImageItem>& items) {
  for (const fs::path& file : image_files(folder))
    items.push_back({.path = file, .study_id = fs::relative(file, folder).string()});
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
