#include "engine/preprocessor_config.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"

namespace hilum {
namespace {

// Reads fields of one JSON object with errors that name the file and field.
class Fields {
 public:
  Fields(const Json& json, std::string where) : json_(json), where_(std::move(where)) {}

  double number(const char* name, double low, double high) const {
    const Json& value = at(name);
    if (!value.is_number() || !(value.get<double>() >= low && value.get<double>() <= high))
      throw Error(where_ + ": " + name, "is " + value.dump() + ", not a number from " + std::to_string(low) + " to " + std::to_string(high),
                  "Use the file that came with this checkpoint.");
    return value.get<double>();
  }
  int pixels(const char* name) const { return static_cast<int>(number(name, 1, 16384)); }

  // Three numbers, or as many as there are channels repeated to three.
  std::array<double, 3> per_channel(const char* name) const {
    const Json& value = at(name);
    std::array<double, 3> out{};
    if (!value.is_array() || (value.size() != 3 && value.size() != 1)) throw Error(where_ + ": " + name, "is not a list of three numbers");
    for (size_t i = 0; i < 3; ++i) {
      const Json& item = value[value.size() == 1 ? 0 : i];
      if (!item.is_number() || !std::isfinite(item.get<double>())) throw Error(where_ + ": " + name, "holds something that is no number");
      out[i] = item.get<double>();
    }
    return out;
  }

  Fields object(const char* name) const {
    if (!at(name).is_object()) throw Error(where_ + ": " + name, "is not an object");
    return {at(name), where_ + ": " + name};
  }
  bool has(const char* name) const { return json_.contains(name) && !json_[name].is_null(); }
  bool is_number(const char* name) const { return has(name) && json_[name].is_number(); }

 private:
  const Json& at(const char* name) const {
    if (!has(name)) throw Error(where_ + ": " + name, "is missing", "Use the file that came with this checkpoint.");
    return json_[name];
  }
  const Json& json_;
  std::string where_;
};

Resample resample_of(const Fields& file, const Preset& preset) {
  return file.is_number("resample") ? resample_from_pillow(static_cast<int>(file.number("resample", 0, 5))) : resample_from_name(preset.preprocess.resample);
}

}  // namespace

PreprocessConfig read_preprocess_config(const std::filesystem::path& folder, const Preset& preset, int image_px, int channels) {
  const std::filesystem::path path = folder / "preprocessor_config.json";
  const Json json = read_json_file(path, 1 << 20);
  const Fields file(json, path.string());
  PreprocessConfig config;
  config.steps.clear();
  for (const std::string& step : preset.preprocess.steps) config.steps.push_back(preprocess_step_from_name(step));
  config.channels = channels;
  for (const PreprocessStep step : config.steps) switch (step) {
    case PreprocessStep::kResizeShortest: config.resize = file.object("size").pixels("shortest_edge"); break;
    case PreprocessStep::kResizeExact:
      config.width = file.object("size").pixels("width");
      config.height = file.object("size").pixels("height");
      break;
    case PreprocessStep::kCenterCrop:
      config.crop_width = file.is_number("crop_size") ? file.pixels("crop_size") : file.object("crop_size").pixels("width");
      config.crop_height = file.is_number("crop_size") ? file.pixels("crop_size") : file.object("crop_size").pixels("height");
      if (config.crop_width != image_px || config.crop_height != image_px)
        throw Error(path.string() + ": crop_size", "is " + std::to_string(config.crop_width) + " x " + std::to_string(config.crop_height) +
                    ", the encoder takes " + std::to_string(image_px) + " px", "Use the file that came with this checkpoint.");
      break;
    case PreprocessStep::kRescale: config.rescale_factor = file.number("rescale_factor", 0, 1); break;
    case PreprocessStep::kNormalize:
      config.mean = file.per_channel("image_mean");
      config.std = file.per_channel("image_std");
      for (const double value : config.std) check(value > 0, "image_std", "must be above 0");
      break;
    case PreprocessStep::kStandardize:
    case PreprocessStep::kGrey:
    case PreprocessStep::kMinMax:
    case PreprocessStep::kPadSquare: break;
  }
  config.resample = resample_of(file, preset);
  return config;
}

}  // namespace hilum
