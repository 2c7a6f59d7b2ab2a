// Boxes of data sets, given in pixels, as Hilum has them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/study.h"

namespace hilum {

struct PictureSize {
  int width = 0, height = 0;  // px
};

// The size a picture's header gives (PNG, JPEG, DICOM), else what decoding gives. Throws Error naming the path.
PictureSize picture_size(const std::filesystem::path& path);

// Corners in pixels -> 0..1 of a picture. Up to 2 px outside (rounding by the tools that drew them) are cut to the
// border; beyond that, with no area, or without a size: no value, and `why` says what is wrong.
std::optional<BoxNorm> box_of_pixels(
    double x_min, double y_min, double x_max, double y_max, PictureSize size, std::string& why);

// Adds a box to the finding of this text, made where it is not there yet.
void add_box(Study& study, const std::string& text, const BoxNorm& box);

// Intersection over union.
double overlap(const BoxNorm& a, const BoxNorm& b);

// Boxes that several readers drew of one thing, fused: each joins the first group whose mean overlaps it by at least
// `at_least`, and becomes its mean (unweighted box fusion).
std::vector<BoxNorm> fuse_boxes(const std::vector<BoxNorm>& boxes, double at_least = 0.4);

}  // namespace hilum
