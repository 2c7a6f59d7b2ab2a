// Pixels -> what a model takes, by steps that are data (a preset's [preprocess], a checkpoint's
// preprocessor_config.json).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "image/geometry.h"
#include "image/image.h"
#include "image/resample.h"

namespace hilum {

// In the only order in which they run.
enum class PreprocessStep {
  kStandardize,     // "standardize": MedImageInsight's server, standard_px square and a JPEG round trip; RGB
  kGrey,            // "grey": Pillow's mode L
  kMinMax,          // "minmax": stretch to 0..255, truncated (needs grey before it)
  kPadSquare,       // "pad_square": in the middle of a square of pad_value, its side at least pad_min_side
  kResizeShortest,  // "resize_shortest": shorter edge to `resize`, the other trunc(resize * long / short)
  kResizeExact,     // "resize_exact": to width x height, proportions not kept
  kCenterCrop,      // "center_crop": crop_width x crop_height, offsets as crop_offset says
  kRescale,         // "rescale": times rescale_factor in double, then float32; or all in float32
  kNormalize,       // "normalize": (x - mean) / std in float32, per channel
};

// By its name above; throws Error naming the nearest ones.
PreprocessStep preprocess_step_from_name(const std::string& name);

// Half of an odd rest: left out (transformers' processors), or rounded to the even number (torchvision's CenterCrop,
// open_clip).
enum class CropOffset { kDown, kHalfToEven };
CropOffset crop_offset_from_name(const std::string& name);  // "down", "half_even"; throws Error for another

// Defaults: MAIRA-2 (its preprocessor_config.json).
struct PreprocessConfig {
  std::vector<PreprocessStep> steps = {PreprocessStep::kGrey, PreprocessStep::kMinMax, PreprocessStep::kResizeShortest,
      PreprocessStep::kCenterCrop, PreprocessStep::kRescale, PreprocessStep::kNormalize};
  int resize = 518;                         // px, for resize_shortest
  int width = 518, height = 518;            // px, for resize_exact
  int crop_width = 518, crop_height = 518;  // px, for center_crop
  CropOffset crop_offset = CropOffset::kDown;
  int standard_px = 512, standard_quality = 75;  // for standardize: px a side, JPEG quality 1..100
  int pad_min_side = 0, pad_value = 0;           // for pad_square: px, 0..255
  Resample resample = Resample::kBicubic;
  bool resize_alpha = false;  // a partly transparent picture is resized as Pillow resizes RGBA, and alpha dropped after
                              // (open_clip); else it is dropped before
  double rescale_factor = 0.00392156862745098;
  bool rescale_float32 = false;  // v * float32(rescale_factor), as transformers before 4.25 (MedCLIP): last bits differ
  std::array<double, 3> mean = {0.5307, 0.5307, 0.5307}, std = {0.2583, 0.2583, 0.2583};
  int channels = 3;  // 3: grey is repeated; 1: colour needs "grey" among the steps
};

struct Preprocessed {
  std::vector<float> pixels;  // [C, H, W]
  int channels = 0, height = 0, width = 0;
  Geometry geometry;               // back to the original
  std::array<int, 4> used{};       // x0, y0, x1, y1 px of the original that fill the model's picture
  std::vector<std::string> steps;  // what was done, in order; for image.steps after the decoder's
};

// Runs the steps on an 8- or 16-bit picture (16 bit is first brought to 8, see grey.h). Bit-equal to the reference
// processor (Pillow resampling) for 8-bit input. `where` names the picture in errors. Throws Error: a constant image;
// steps that do not fit together (a crop larger than the resized picture).
Preprocessed preprocess(const Image& image, const PreprocessConfig& config, const std::string& where = "image");

// The same up to and including the crop, as 8-bit samples: what the model sees, to look at or to hash.
Image preprocess_pixels(
    const Image& image, const PreprocessConfig& config, Preprocessed& out, const std::string& where = "image");

// Its parts, for what stands between them in training. The steps before resizing; out.geometry is what of the original
// the result shows.
Image preprocess_levels(
    const Image& image, const PreprocessConfig& config, Preprocessed& out, const std::string& where = "image");
// Rescale and normalize of 8-bit samples that have the model's size: fills in pixels, channels, height and width.
void normalize_pixels(const Image& pixels, const PreprocessConfig& config, Preprocessed& out);

// Width and height of every model's picture, px; no value where it depends on the picture.
std::optional<std::pair<int, int>> fixed_model_size(const PreprocessConfig& config);
// The steps up to the crop with their settings, in one line: pictures preprocessed by one text have the same pixels.
std::string pixel_steps_text(const PreprocessConfig& config);

}  // namespace hilum
