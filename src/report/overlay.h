// The report as a picture: the radiograph with numbered boxes, beside it the findings as text.
#pragma once

#include <string>
#include <vector>

#include "image/image.h"
#include "report/report.h"

namespace hilum {

struct OverlayOptions {
  int max_height = 1400;  // px of the whole picture; a list too long for it is cut with a line that says so
  bool show_used = true;  // dims what the model did not see (Report::used)
  std::string truth_title = "Reference";
};

// `frontal`: the display-ready original (8 or 16 bit, grey or RGB). Boxes of `ours` and `truth` are in 0..1 of it.
// `truth` may be null. Ours are drawn in orange, solid, numbered 1, 2, ...; the truth's in blue, dashed, lettered A, B,
// ...; the numbers stand in the list beside. kNotice is always part of the picture, kDemoNotice where the report is the
// demo model's, kDemoWarning across the top where it is far from the phantoms. Returns 8-bit RGB. Throws Error for a
// picture without pixels or a max_height below 400.
Image draw_overlay(
    const Image& frontal, const Report& ours, const std::vector<Finding>* truth, const OverlayOptions& options = {});

}  // namespace hilum
