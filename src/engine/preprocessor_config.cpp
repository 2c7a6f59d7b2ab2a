#include "engine/preprocessor_config.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"

namespace hilum {
namespace {

const char kMend[] = "Use the file that came with this checkpoint.";

// The checkpoint's values, with errors that name the file and field.
class Values {
 public:
  Values(const Json& json, std::string where) : json_(json), where_(std::move(where)) {}

  bool has(const char* name) const { return json_.contains(name) && !json_[name].is_null(); }
  bool is_number(const char* name) const { return has(name) && json_[name].is_number(); }

  double number(const char* name, double low, double high) const {
    const Json& value = at(name);
    if (!value.is_number() || !(value.get<double>() >= low && value.get<double>() <= high))
      throw Error(where_ + ": " + name,
          "is " + value.dump() + ", not a number from " + std::to_string(low) + " to " + std::to_string(high), kMend);
    return value.get<double>();
  }

  // A side in pixels: a plain number or, in an object, under `part` ("shortest_edge", "width"). `absent` where the file
  // does not say.
  int pixels(const char* name, const char* part, int absent) const {
    if (!has(name)) return absent;
    if (is_number(name)) return static_cast<int>(number(name, 1, 16384));
    if (!json_[name].is_object()) throw Error(where_ + ": " + name, "is neither a number nor an object", kMend);
    return static_cast<int>(Values(json_[name], where_ + ": " + name).number(part, 1, 16384));
  }

  // One value for all channels, or three; the preset's where the file does not say.
  std::array<double, 3> per_channel(const char* name, const std::vector<double>& preset) const {
    std::array<double, 3> out{};
    if (!has(name) && !preset.empty()) {
      for (size_t i = 0; i < 3; ++i) out[i] = preset[preset.size() == 1 ? 0 : i];
      return out;
    }
    const Json& value = at(name);
    if (!value.is_array() || (value.size() != 3 && value.size() != 1))
      throw Error(where_ + ": " + name, "is not a list of three numbers", kMend);
    for (size_t i = 0; i < 3; ++i) {
      const Json& item = value[value.size() == 1 ? 0 : i];
      if (!item.is_number() || !std::isfinite(item.get<double>()))
        throw Error(where_ + ": " + name, "holds something that is no number", kMend);
      out[i] = item.get<double>();
    }
    return out;
  }

 private:
  const Json& at(const char* name) const {
    if (!has(name)) throw Error(where_ + ": " + name, "is missing", kMend);
    return json_[name];
  }
  const Json& json_;
  std::string where_;
};

// preprocessor_config.json, or the same two fields of open_clip's config; empty where there is neither.
Json values_of(const std::filesystem::path& folder, const std::filesystem::path& file) {
  if (std::filesystem::exists(file)) return read_json_file(file, 1 << 20);
  const Json config = read_model_config(folder);
  Json values = Json::object();
  if (config.is_object() && config.contains("preprocess_cfg") && config["preprocess_cfg"].is_object())
    for (const char* name : {"mean", "std"})
      values[std::string("image_") + name] = config["preprocess_cfg"].value(name, Json());
  return values;
}

std::vector<PreprocessStep> steps_of(const Preset& preset, const std::string& mode) {
  const auto& modes = preset.preprocess.modes;
  const auto wanted = modes.find(mode);
  if (!mode.empty() && wanted == modes.end()) {
    std::string known;
    for (const auto& [name, steps] : modes) known += (known.empty() ? "" : ", ") + name;
    throw Error("--preprocess", preset.name + " has no way \"" + mode + "\" to prepare pictures",
        known.empty() ? "It has one way alone: leave the option out."
                      : "Known are " + known + "; without the option, its own.");
  }
  std::vector<PreprocessStep> steps;
  for (const std::string& step : mode.empty() ? preset.preprocess.steps : wanted->second)
    steps.push_back(preprocess_step_from_name(step));
  return steps;
}

}  // namespace

PreprocessConfig read_preprocess_config(
    const std::filesystem::path& folder, const Preset& preset, int image_px, int channels, const std::string& mode) {
  const std::filesystem::path file = folder / "preprocessor_config.json";
  const Json json = values_of(folder, file);
  if (!json.is_object()) throw Error(file.string(), "is not a JSON object", kMend);
  const Values values(json, file.string());
  const PresetPreprocess& own = preset.preprocess;
  PreprocessConfig config;
  config.steps = steps_of(preset, mode);
  config.channels = channels;
  config.resize = config.width = config.height = config.crop_width = config.crop_height = config.pad_min_side =
      image_px;
  const auto fills = [&](const char* name, int width, int height) {
    if (width == image_px && height == image_px) return;
    throw Error(file.string() + ": " + name,
        "is " + std::to_string(width) + " x " + std::to_string(height) + ", the encoder takes " +
            std::to_string(image_px) + " px",
        kMend);
  };
  bool cropped = false;
  for (const PreprocessStep step : config.steps) switch (step) {
      case PreprocessStep::kResizeShortest: config.resize = values.pixels("size", "shortest_edge", image_px); break;
      case PreprocessStep::kResizeExact:
        config.width = values.pixels("size", "width", image_px);
        config.height = values.pixels("size", "height", image_px);
        break;
      case PreprocessStep::kCenterCrop:
        cropped = true;
        config.crop_width = values.pixels("crop_size", "width", image_px);
        config.crop_height = values.pixels("crop_size", "height", image_px);
        break;
      case PreprocessStep::kRescale:
        if (values.has("rescale_factor")) config.rescale_factor = values.number("rescale_factor", 0, 1);
        break;
      case PreprocessStep::kNormalize:
        config.mean = values.per_channel("image_mean", own.mean);
        config.std = values.per_channel("image_std", own.std);
        for (const double value : config.std)
          if (!(value > 0)) throw Error(file.string() + ": image_std", "must be above 0", kMend);
        break;
      case PreprocessStep::kStandardize:
        if (own.standard_px > 0) config.standard_px = static_cast<int>(own.standard_px);
        if (own.jpeg_quality > 0) config.standard_quality = static_cast<int>(own.jpeg_quality);
        break;
      case PreprocessStep::kGrey:
      case PreprocessStep::kMinMax:
      case PreprocessStep::kPadSquare: break;
    }
  if (cropped) fills("crop_size", config.crop_width, config.crop_height);
  else fills("size", config.width, config.height);
  config.resize_alpha = own.alpha == "resized";
  if (!own.crop_offset.empty()) config.crop_offset = crop_offset_from_name(own.crop_offset);
  config.rescale_float32 = own.rescale_float32;
  config.resample = values.is_number("resample")
                        ? resample_from_pillow(static_cast<int>(values.number("resample", 0, 5)))
                        : resample_from_name(own.resample);
  return config;
}

}  // namespace hilum
