// Pictures of a data set by name, wherever they lie: folders named by identifiers that its tables do not hold.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>

#include "datasets/collector.h"

namespace hilum {

// The folder of a data set whose root may be one of its files.
std::filesystem::path folder_of(const Collector& out);

class PictureIndex {
 public:
  // Everything below a folder that ends in .dcm, .dicom, .png, .jpg or .jpeg; folder links are not followed.
  explicit PictureIndex(const std::filesystem::path& folder);

  // The picture of that name (without ending), else `otherwise`. Of several the original: DICOM before PNG before JPEG,
  // then the first path.
  std::filesystem::path find(const std::string& name, const std::filesystem::path& otherwise) const;

 private:
  struct Place {
    size_t rank = 0;
    std::filesystem::path path;
  };
  std::unordered_map<std::string, Place> places_;
};

}  // namespace hilum
