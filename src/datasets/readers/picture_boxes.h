// Boxes of data sets, given in pixels, as Hilum has them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/study.h"
#include "datasets/collector.h"

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

// A box as a data set has it, in pixels of a picture, and the row that gives it.
struct PixelBox {
  std::string name;  // of its class or phrase
  double x_min = 0, y_min = 0, x_max = 0, y_max = 0;
  size_t row = 0;
};

// A box in 0..1 of a picture.
struct NamedBox {
  std::string name;
  BoxNorm box;
};

// All boxes of one picture, whose size is that of the frame they are in. One without an area is left away alone; one
// that reaches beyond the frame proves that the frame is another's, and none is kept. What is left away is listed;
// `remedy` says how the frame can be given.
std::vector<NamedBox> boxes_in_frame(const std::vector<PixelBox>& boxes, PictureSize frame, const std::string& remedy,
    const std::filesystem::path& file, const std::string& study_id, Collector& out);

// Does a box reach beyond a frame by more than rounding?
bool reaches_beyond(const PixelBox& box, PictureSize frame);

// Boxes of a data set that all lie in pixels of one size, whatever size the pictures at hand have. Says so where they
// look as if they were in pixels of the pictures at hand, or where those cannot be the published ones.
class FixedFrame {
 public:
  explicit FixedFrame(PictureSize frame) : frame_(frame) {}
  // As boxes_in_frame. `study` gives the picture.
  std::vector<NamedBox> boxes(
      const std::vector<PixelBox>& boxes, const Study& study, const std::filesystem::path& file, Collector& out);
  // Behind the last.
  void finish(const std::filesystem::path& file, Collector& out) const;

 private:
  PictureSize frame_, picture_;  // of the first picture with a box that could be read
  double x_max_ = 0, y_max_ = 0;
};

// Adds a box to the finding of this text, made where it is not there yet.
void add_box(Study& study, const std::string& text, const BoxNorm& box);

// Intersection over union.
double overlap(const BoxNorm& a, const BoxNorm& b);

// Boxes that several readers drew of one thing, fused: each joins the first group whose mean overlaps it by at least
// `at_least`, and becomes its mean (unweighted box fusion).
std::vector<BoxNorm> fuse_boxes(const std::vector<BoxNorm>& boxes, double at_least = 0.4);

}  // namespace hilum
