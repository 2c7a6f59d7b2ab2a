#include "image/preprocess.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "image/grey.h"
#include "image/picture_steps.h"

namespace hilum {
namespace {

constexpr std::array<std::pair<const char*, PreprocessStep>, 9> kStepNames = {{
    {"standardize", PreprocessStep::kStandardize},
    {"grey", PreprocessStep::kGrey},
    {"minmax", PreprocessStep::kMinMax},
    {"pad_square", PreprocessStep::kPadSquare},
    {"resize_shortest", PreprocessStep::kResizeShortest},
    {"resize_exact", PreprocessStep::kResizeExact},
    {"center_crop", PreprocessStep::kCenterCrop},
    {"rescale", PreprocessStep::kRescale},
    {"normalize", PreprocessStep::kNormalize},
}};

constexpr int kMaxSidePx = 8192;  // of a model's picture; beyond this the config is wrong

bool has(const PreprocessConfig& config, PreprocessStep step) { return std::ranges::count(config.steps, step) > 0; }

void check_config(const PreprocessConfig& config) {
  const char* where = "preprocess";
  const auto side = [&](int px, const char* name) {
    if (px < 1 || px > kMaxSidePx)
      throw Error(where, fmt::format("{} is {} px, wanted 1 to {}", name, px, kMaxSidePx),
          "Mend the model's preprocessor_config.json.");
  };
  if (!std::ranges::is_sorted(config.steps))
    throw Error(where, "the steps are not in the order in which they can be run",
        "Keep this order: standardize, grey, minmax, pad_square, resize_shortest or resize_exact, center_crop, "
        "rescale, normalize.");
  if (has(config, PreprocessStep::kResizeShortest) && has(config, PreprocessStep::kResizeExact))
    throw Error(where, "both resize_shortest and resize_exact are among the steps", "Keep one of them.");
  if (has(config, PreprocessStep::kResizeShortest)) side(config.resize, "the shortest edge");
  if (has(config, PreprocessStep::kResizeExact)) {
    side(config.width, "the width");
    side(config.height, "the height");
  }
  if (has(config, PreprocessStep::kCenterCrop)) {
    side(config.crop_width, "the crop's width");
    side(config.crop_height, "the crop's height");
  }
  if (has(config, PreprocessStep::kStandardize)) {
    side(config.standard_px, "the standard side");
    if (config.standard_quality < 1 || config.standard_quality > 100)
      throw Error(where, fmt::format("the JPEG quality is {}, wanted 1 to 100", config.standard_quality));
  }
  if (has(config, PreprocessStep::kPadSquare)) {
    if (config.pad_min_side != 0) side(config.pad_min_side, "the padded side");
    if (config.pad_value < 0 || config.pad_value > 255)
      throw Error(where, fmt::format("the padding's value is {}, wanted 0 to 255", config.pad_value));
  }
  if (config.resize_alpha && (has(config, PreprocessStep::kStandardize) || has(config, PreprocessStep::kGrey) ||
                                 has(config, PreprocessStep::kPadSquare)))
    throw Error(where, "alpha cannot be resized behind standardize, grey or pad_square, which drop it",
        "Leave alpha = \"resized\" out.");
  if (config.channels != 1 && config.channels != 3)
    throw Error(where, fmt::format("{} channels, wanted 1 or 3", config.channels));
  if (has(config, PreprocessStep::kNormalize) && std::ranges::any_of(config.std, [](double s) { return !(s > 0); }))
    throw Error(where, "a standard deviation is not above 0", "Mend image_std in preprocessor_config.json.");
}

struct Size {
  int64_t width, height;
};

// The size after resize_shortest; a picture whose short edge has that size already keeps both edges.
Size shortest_edge_to(int edge, int width, int height) {
  const int shorter = std::min(width, height), longer = std::max(width, height);
  const auto other = static_cast<int64_t>(static_cast<double>(static_cast<int64_t>(edge) * longer) / shorter);
  return width <= height ? Size{edge, other} : Size{other, edge};
}

// How much of `rest` px a crop leaves out before it.
int64_t offset_of(int64_t rest, CropOffset rule) {
  if (rule == CropOffset::kDown || rest % 2 == 0) return rest / 2;
  return rest / 2 + (rest / 2) % 2;  // n + 1/2 goes to the even neighbour
}

// Resize and crop in one, so that only what the crop keeps is computed. out.geometry: what of the original `image`
// shows, and after it what the result shows.
Image resize_and_crop(const Image& image, const PreprocessConfig& config, Preprocessed& out) {
  const bool shortest = has(config, PreprocessStep::kResizeShortest), exact = has(config, PreprocessStep::kResizeExact);
  const bool crop = has(config, PreprocessStep::kCenterCrop);
  Size size{image.width, image.height};
  if (shortest) size = shortest_edge_to(config.resize, image.width, image.height);
  if (exact) size = {config.width, config.height};
  ResizeWindow window{0, 0, 0, 0};
  if (crop) {
    if (size.width < config.crop_width || size.height < config.crop_height)
      throw Error("preprocess",
          fmt::format("the crop of {} x {} px is larger than the resized picture, {} x {} px", config.crop_width,
              config.crop_height, size.width, size.height),
          "Mend the sizes in preprocessor_config.json.");
    window = {offset_of(size.width - config.crop_width, config.crop_offset),
        offset_of(size.height - config.crop_height, config.crop_offset), config.crop_width, config.crop_height};
  } else {
    if (size.width > kMaxSidePx || size.height > kMaxSidePx)
      throw Error("preprocess",
          fmt::format("the picture would be {} x {} px and is not cropped", size.width, size.height),
          "Crop the picture, or add center_crop to the steps.");
    window = {0, 0, static_cast<int>(size.width), static_cast<int>(size.height)};
  }
  if (shortest || exact)
    out.steps.push_back(fmt::format("resize {}x{} {}", size.width, size.height, resample_name(config.resample)));
  if (crop)
    out.steps.push_back(fmt::format("crop {}x{} at {},{}", window.width, window.height, window.left, window.top));

  const bool square =
      shortest && crop && config.crop_width == config.crop_height && config.crop_offset == CropOffset::kDown;
  Geometry geometry;
  if (square) {
    geometry = center_square(image.width, image.height, static_cast<double>(config.crop_width) / config.resize);
  } else {
    const double sx = static_cast<double>(image.width) / static_cast<double>(size.width);
    const double sy = static_cast<double>(image.height) / static_cast<double>(size.height);
    geometry = {image.width, image.height, static_cast<double>(window.left) * sx, static_cast<double>(window.top) * sy,
        window.width * sx, window.height * sy};
  }
  out.geometry = compose(out.geometry, geometry);
  out.used = used_rectangle(out.geometry);
  if (image.alpha8.empty()) return resize(image, size.width, size.height, config.resample, window);
  out.steps.push_back("alpha resized with the picture, then dropped");
  return resize_with_alpha(image, size.width, size.height, config.resample, window);
}

}  // namespace

CropOffset crop_offset_from_name(const std::string& name) {
  if (name == "down") return CropOffset::kDown;
  if (name == "half_even") return CropOffset::kHalfToEven;
  throw Error("preprocess.crop_offset", fmt::format("there is no rule \"{}\"", name), "Known: down, half_even.");
}

PreprocessStep preprocess_step_from_name(const std::string& name) {
  std::string known;
  for (const auto& [known_name, step] : kStepNames) {
    if (name == known_name) return step;
    known += (known.empty() ? "" : ", ") + std::string(known_name);
  }
  throw Error("preprocess.steps", fmt::format("there is no step \"{}\"", name), fmt::format("Known: {}.", known));
}

Image preprocess_levels(
    const Image& image, const PreprocessConfig& config, Preprocessed& out, const std::string& where) {
  check_config(config);
  invariant(image.width > 0 && image.height > 0, "a picture has pixels");
  if (is_constant(image))
    throw Error(where, "is a constant image: every pixel has the same value", "Give a picture that shows something.");
  std::string step;
  Image pixels = to_8_bit(image, step);
  if (!config.resize_alpha) pixels.alpha8.clear();
  if (!step.empty()) out.steps.push_back(step);
  out.geometry = whole_image(image.width, image.height);
  if (has(config, PreprocessStep::kStandardize)) {
    pixels = standardize(pixels, config.standard_px, config.standard_quality, where);
    out.steps.push_back(
        fmt::format("standardize {0}x{0} bicubic, jpeg quality {1}", config.standard_px, config.standard_quality));
  }
  if (has(config, PreprocessStep::kGrey) && pixels.channels == 3) {
    pixels = to_grey(pixels);
    out.steps.push_back("grey");
  }
  if (has(config, PreprocessStep::kMinMax)) {
    if (pixels.channels != 1)
      throw Error("preprocess.steps", "\"minmax\" needs \"grey\" before it", "Add \"grey\" to the preset's steps.");
    const auto [low, high] = std::minmax_element(pixels.data8.begin(), pixels.data8.end());
    step = fmt::format("minmax {}..{}", *low, *high);
    pixels = stretch_min_max(pixels, where);
    out.steps.push_back(step);
  }
  if (config.channels == 1 && pixels.channels == 3)
    throw Error("preprocess.steps", "a one-channel model needs \"grey\" among the steps",
        "Add \"grey\" to the preset's steps.");
  if (has(config, PreprocessStep::kPadSquare)) {
    const Geometry square = padded_square(pixels.width, pixels.height, config.pad_min_side);
    out.geometry = compose(out.geometry, square);
    pixels = pad_square(pixels, config.pad_min_side, static_cast<uint8_t>(config.pad_value), where);
    out.steps.push_back(fmt::format("pad to {0}x{0} with {1}, picture at {2:.0f},{3:.0f}", pixels.width,
        config.pad_value, -square.left, -square.top));
  }
  out.used = used_rectangle(out.geometry);
  return pixels;
}

Image preprocess_pixels(
    const Image& image, const PreprocessConfig& config, Preprocessed& out, const std::string& where) {
  return resize_and_crop(preprocess_levels(image, config, out, where), config, out);
}

void normalize_pixels(const Image& pixels, const PreprocessConfig& config, Preprocessed& out) {
  invariant(
      pixels.bits == 8 && (pixels.channels == 1 || config.channels == 3), "8-bit samples of the model's channels");
  out.channels = config.channels;
  out.height = pixels.height;
  out.width = pixels.width;
  const size_t plane = static_cast<size_t>(pixels.width) * static_cast<size_t>(pixels.height);
  out.pixels.resize(plane * static_cast<size_t>(config.channels));
  const bool rescale = has(config, PreprocessStep::kRescale), normalize = has(config, PreprocessStep::kNormalize);
  for (size_t c = 0; c < static_cast<size_t>(config.channels); ++c) {
    std::array<float, 256> table{};  // 256 input values a channel
    const auto mean = static_cast<float>(config.mean[c]), std = static_cast<float>(config.std[c]);
    for (size_t v = 0; v < table.size(); ++v) {
      auto value = static_cast<float>(v);
      if (rescale && config.rescale_float32) value *= static_cast<float>(config.rescale_factor);
      else if (rescale) value = static_cast<float>(static_cast<double>(v) * config.rescale_factor);
      if (normalize) value = (value - mean) / std;
      table[v] = value;
    }
    const size_t step = static_cast<size_t>(pixels.channels), from = pixels.channels == 3 ? c : 0;
    float* plane_out = &out.pixels[c * plane];  // [H, W]
    for (size_t i = 0; i < plane; ++i) plane_out[i] = table[pixels.data8[i * step + from]];
  }
  if (rescale) out.steps.push_back(fmt::format("rescale {:.6g}", config.rescale_factor));
  if (normalize) out.steps.push_back(fmt::format("normalize mean {:.6g} std {:.6g}", config.mean[0], config.std[0]));
}

Preprocessed preprocess(const Image& image, const PreprocessConfig& config, const std::string& where) {
  Preprocessed out;
  normalize_pixels(preprocess_pixels(image, config, out, where), config, out);
  return out;
}

std::optional<std::pair<int, int>> fixed_model_size(const PreprocessConfig& config) {
  if (has(config, PreprocessStep::kCenterCrop)) return std::pair(config.crop_width, config.crop_height);
  if (has(config, PreprocessStep::kResizeExact)) return std::pair(config.width, config.height);
  return std::nullopt;
}

std::string pixel_steps_text(const PreprocessConfig& config) {
  std::vector<std::string> parts;
  for (const PreprocessStep step : config.steps) switch (step) {
      case PreprocessStep::kStandardize:
        parts.push_back(fmt::format("standardize {} quality {}", config.standard_px, config.standard_quality));
        break;
      case PreprocessStep::kGrey: parts.emplace_back("grey"); break;
      case PreprocessStep::kMinMax: parts.emplace_back("minmax"); break;
      case PreprocessStep::kPadSquare:
        parts.push_back(fmt::format("pad_square {} value {}", config.pad_min_side, config.pad_value));
        break;
      case PreprocessStep::kResizeShortest:
        parts.push_back(fmt::format("resize_shortest {} {}", config.resize, resample_name(config.resample)));
        break;
      case PreprocessStep::kResizeExact:
        parts.push_back(
            fmt::format("resize_exact {}x{} {}", config.width, config.height, resample_name(config.resample)));
        break;
      case PreprocessStep::kCenterCrop:
        parts.push_back(fmt::format("center_crop {}x{} offset {}", config.crop_width, config.crop_height,
            config.crop_offset == CropOffset::kDown ? "down" : "half_even"));
        break;
      case PreprocessStep::kRescale:
      case PreprocessStep::kNormalize: break;  // of numbers, after the pixels
    }
  if (config.resize_alpha) parts.emplace_back("alpha resized");
  parts.push_back(fmt::format("channels {}", config.channels));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace hilum
