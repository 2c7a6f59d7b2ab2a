// Where the images of NIH ChestX-ray14 lie: images_001/images/ to images_012/images/, or any of images*/ and the root itself.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "datasets/collector.h"

namespace hilum {

class NihFiles {
 public:
  explicit NihFiles(const Collector& out);
  // Ways to an image, the likeliest first; never empty.
  std::vector<std::filesystem::path> ways(const std::string& name) const;

 private:
  std::filesystem::path root_;
  std::unordered_map<std::string, std::filesystem::path> found_;
};

}  // namespace hilum
