#include "models/shape.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/toml_fields.h"
#include "models/files/embedded_presets.h"
#include "models/vlm_config.h"

namespace hilum {
namespace {

constexpr int64_t kUsualPieces = 32000;  // of the Llama family

Json json_of(const toml::table* table, const std::string& where) {
  if (!table) return {};
  std::ostringstream text;
  text << toml::json_formatter(*table);
  return parse_json(text.str(), where);
}

// The keys of config.json by which the preset is told, where they are not there. "part.key" stands inside a part.
void tell_preset(Json& config, const Preset& preset) {
  for (const auto& [key, value] : preset.detect) {
    Json* at = &config;
    for (const std::string_view name : split(key, '.')) at = &(*at)[std::string(name)];
    if (at->is_null()) *at = value;
  }
}

// [["<obj>"], ["<x{}>", 100]]: a token, or so many, {} counting from 0.
std::vector<std::string> added_tokens(const toml::array& list, const std::string& where) {
  std::vector<std::string> tokens;
  for (const auto& item : list) {
    const toml::array* entry = item.as_array();
    check(entry && (entry->size() == 1 || entry->size() == 2) && (*entry)[0].is_string() &&
              (entry->size() == 1 || (*entry)[1].is_integer()),
        where.c_str(), "\"added\" is not a list of [\"token\"] and [\"token {}\", count]");
    const std::string text = *(*entry)[0].value<std::string>();
    const size_t hole = text.find("{}");
    const int64_t count = entry->size() == 1 ? 1 : *(*entry)[1].value<int64_t>();
    check(!text.empty() && count >= 1 && count <= 20'000 && (entry->size() == 1 || hole != std::string::npos),
        where.c_str(), "\"added\" holds \"" + text + "\", which gives no tokens");
    for (int64_t i = 0; i < count; ++i)
      tokens.push_back(entry->size() == 1 ? text : text.substr(0, hole) + std::to_string(i) + text.substr(hole + 2));
  }
  return tokens;
}

// What the preset's prompts and grammar need behind the pieces <s> and </s>, where the shape does not list it.
void add_preset_tokens(ModelShape& shape) {
  const Preset& p = shape.preset;
  std::vector<std::string> needed = {p.grammar.finding_open, p.grammar.finding_close, p.grammar.box_open,
      p.grammar.box_close, p.prompt.bos, p.stop_token};
  if (!p.prompt.image_apart) needed.push_back(p.prompt.image_token);
  for (const std::string& token : needed)
    if (!token.empty() && token != "<s>" && token != "</s>" &&
        std::ranges::find(shape.added, token) == shape.added.end())
      shape.added.push_back(token);
}

std::string_view embedded_shape(const std::string& name) {
  for (const EmbeddedPreset& shape : embedded_shapes())
    if (shape.name == name) return shape.toml;
  return {};
}

bool has_own_sizes(const Preset& preset) {
  return preset.embedding || (preset.encoder.config != "{}" && preset.language.config != "{}");
}

}  // namespace

ModelShape parse_shape(std::string_view toml, const std::string& name, const std::string& where) {
  const toml::table table = parse_toml(toml, where);
  TomlFields in(table, where);
  ModelShape shape{.name = name, .preset = preset_named(in.text("preset", true))};
  shape.language_alone = in.one_of("timed", {"language", "all"}) == "language";
  Json config = json_of(in.table("config"), where);
  if (const Json preprocessor = json_of(in.table("preprocessor"), where); !preprocessor.is_null())
    shape.preprocessor = preprocessor.dump(1);
  TomlFields tokenizer = in.part("tokenizer");
  shape.pieces = tokenizer.integer("pieces");
  if (const toml::array* added = tokenizer.array("added")) shape.added = added_tokens(*added, tokenizer.where());
  tokenizer.done();
  in.done();
  if (shape.preset.embedding) {
    check(!shape.language_alone && config.is_null(), where.c_str(),
        shape.preset.name + " is an embedding system: its preset gives its sizes");
    return shape;
  }
  if (config.is_null()) config = Json::object();
  tell_preset(config, shape.preset);
  shape.config = config.dump(1);
  add_preset_tokens(shape);
  const int64_t vocab = vlm_config_from_json(config, shape.preset, where).language.vocab,
                added = static_cast<int64_t>(shape.added.size());
  if (shape.pieces == 0) shape.pieces = std::min(vocab - added, kUsualPieces);
  check(shape.pieces > 0 && shape.pieces + added <= vocab, where.c_str(),
      fmt::format("{} pieces and {} tokens do not fit a vocabulary of {}", shape.pieces, added, vocab));
  return shape;
}

std::vector<std::string> shape_names() {
  std::vector<std::string> names;
  for (const EmbeddedPreset& shape : embedded_shapes()) names.emplace_back(shape.name);
  for (const Preset& preset : presets())
    if (has_own_sizes(preset) && std::ranges::find(names, preset.name) == names.end()) names.push_back(preset.name);
  return names;
}

ModelShape shape_named(const std::string& name) {
  if (name.ends_with(".toml")) return parse_shape(read_file(name, 1 << 20), fs::path(name).stem().string(), name);
  if (const std::string_view toml = embedded_shape(name); !toml.empty())
    return parse_shape(toml, name, "shape " + name);
  const std::vector<std::string> known = shape_names();
  if (std::ranges::find(known, name) != known.end())
    return parse_shape("preset = \"" + name + "\"", name, "shape " + name);
  const std::string near = nearest_name(name, known);
  throw Error("shape", "\"" + name + "\" is not known",
      (near.empty() ? "" : "Did you mean " + near + "? ") + fmt::format("Known are {}.", fmt::join(known, ", ")));
}

VlmConfig shape_config(const ModelShape& shape) {
  return vlm_config_from_json(parse_json(shape.config, shape.name), shape.preset, shape.name);
}

}  // namespace hilum
