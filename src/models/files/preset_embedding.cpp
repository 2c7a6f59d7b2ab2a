#include "models/files/preset_embedding.h"

#include <cmath>
#include <sstream>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/toml_fields.h"
#include "models/files/config_reader.h"

namespace hilum {
namespace {

PresetTower read_tower(TomlFields in) {
  PresetTower tower{{read_preset_part(in)}, in.text("pooling", true),
      in.one_of("projection", {"none", "linear", "matrix", "mlp"}, true), {}};
  for (const double width : in.reals("hidden")) {
    check(width >= 1 && width <= 1 << 20 && width == std::floor(width), in.where().c_str(),
        "\"hidden\" holds a width that is no whole number of 1 or more");
    tower.hidden.push_back(static_cast<int64_t>(width));
  }
  check((tower.projection == "mlp") == !tower.hidden.empty(), in.where().c_str(),
      "\"hidden\" gives the widths inside a projection of kind \"mlp\", and those alone");
  in.done();
  return tower;
}

}  // namespace

PresetPart read_preset_part(TomlFields& in) {
  PresetPart part{.kind = in.text("kind", true), .config_part = in.text("config_part")};
  if (const toml::table* config = in.table("config")) {
    std::ostringstream text;
    text << toml::json_formatter(*config);
    part.config = text.str();
  }
  return part;
}

Json part_config(const PresetPart& preset, const Json& config, const std::string& where) {
  Json sizes = parse_json(preset.config, where);
  if (preset.config_part.empty() || config.is_null()) return sizes;
  ConfigReader part(config, where);
  if (preset.config_part != ".")  // "model_cfg.vision_cfg": a part inside a part
    for (const std::string_view name : split(preset.config_part, '.')) part = part.part(std::string(name).c_str());
  for (const auto& [key, value] : part.json().items())
    if (!value.is_null()) sizes[key] = value;
  return sizes;
}

EmbeddingPreset read_embedding_preset(TomlFields& preset) {
  EmbeddingPreset p;
  TomlFields embedding = preset.part("embedding");
  p.width = embedding.integer("width");
  p.normalize = !embedding.flag("raw");
  check(p.width >= 1 && p.width <= 1 << 20, embedding.where().c_str(), "\"width\" is missing or not above 0");
  embedding.done();
  p.image = read_tower(preset.part("image"));
  if (preset.table("text")) p.text = read_tower(preset.part("text"));

  TomlFields tokenizer = preset.part("tokenizer");
  p.tokenizer.folder = tokenizer.text("folder");
  p.tokenizer.length = tokenizer.integer("length");
  p.tokenizer.clean = tokenizer.one_of("clean", {"none", "open_clip"});
  check(!p.text || p.tokenizer.length > 0, tokenizer.where().c_str(), "\"length\" is missing");
  check(p.text || (p.tokenizer.length == 0 && p.tokenizer.clean.empty()), tokenizer.where().c_str(),
      "there is no [text] to read tokens");
  tokenizer.done();

  TomlFields similarity = preset.part("similarity");
  p.similarity.scale = similarity.one_of("scale", {"exp", "none"}, true);
  p.similarity.bias = similarity.flag("bias");
  if (const double most = similarity.real("scale_max", 0); most != 0) p.similarity.scale_max = most;
  check(!p.similarity.scale_max || (p.similarity.scale == "exp" && *p.similarity.scale_max > 0),
      similarity.where().c_str(), "\"scale_max\" limits a scale of kind \"exp\" and is above 0");
  similarity.done();
  return p;
}

PresetPreprocess read_preset_preprocess(TomlFields& preset) {
  TomlFields in = preset.part("preprocess");
  PresetPreprocess p;
  p.steps = in.texts("steps");
  p.resample = in.text("resample");
  p.order = in.texts("order");
  p.alpha = in.one_of("alpha", {"ignored", "resized"});
  p.crop_offset = in.one_of("crop_offset", {"down", "half_even"});
  p.rescale_float32 = in.one_of("rescale", {"float32"}) == "float32";
  p.mean = in.reals("mean");
  p.std = in.reals("std");
  p.standard_px = in.integer("standard_px");
  p.jpeg_quality = in.integer("jpeg_quality");
  check(p.standard_px <= 8192 && p.jpeg_quality <= 100, in.where().c_str(),
      "standard_px is at most 8192, jpeg_quality at most 100");
  check(p.mean.size() == p.std.size() && (p.mean.empty() || p.mean.size() == 1 || p.mean.size() == 3),
      in.where().c_str(), "\"mean\" and \"std\" have one value or three");
  for (const double value : p.std) check(value > 0, in.where().c_str(), "\"std\" must be above 0");
  TomlFields modes = in.part("modes");
  for (const auto& [name, value] : modes.all())
    p.modes[std::string(name.str())] = modes.texts(std::string(name.str()).c_str());
  modes.done();
  in.done();
  return p;
}

}  // namespace hilum
