// The parts of a COCO file (JSON of images, categories and annotations) that boxes are read from.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "datasets/collector.h"

namespace hilum {

struct CocoImage {
  std::string id, file_name, path, split;  // path and split: where the file has them
  std::optional<double> width, height;     // px
};

struct CocoBox {
  size_t row = 0;  // of the list of annotations, from 1
  const CocoImage* image = nullptr;
  std::string category, text;        // name of its category; label_text where the file has it
  std::optional<double> x, y, w, h;  // px
};

// `boxes` points into `images`.
struct CocoFile {
  std::vector<CocoImage> images;
  std::vector<CocoBox> boxes;
  CocoFile() = default;
  CocoFile(CocoFile&&) = default;
  CocoFile(const CocoFile&) = delete;
};

// Annotations without an image of the list or without four numbers are listed and left out. Throws Error naming the
// file where it has no lists 'images' and 'annotations'; `expected` says which file was.
CocoFile read_coco(const std::filesystem::path& file, const std::string& expected, Collector& out);

}  // namespace hilum
