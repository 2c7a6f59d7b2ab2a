#include "models/vlm_config.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "models/files/config_reader.h"
#include "tensor/weight_folder.h"

namespace hilum {
namespace {

// The vision or text part; its model_type is the preset's kind where the file leaves it out. A preset without sizes of
// its own needs the file's.
Json part_of(const ConfigReader& in, const PresetPart& preset, const std::string& type) {
  check(preset.config != "{}" || in.has(preset.config_part.c_str()), in.where().c_str(),
      "\"" + preset.config_part + "\" is missing", "Is this the config.json of a vision-language model?");
  Json part = part_config(preset, in.json(), in.where());
  if (!part.contains("model_type")) part["model_type"] = type;
  return part;
}

std::string vision_type(const Preset& preset) {
  return preset.encoder.kind == "clip" ? "clip_vision_model" : preset.encoder.kind;
}

VitConfig vit_config(const ConfigReader& in, const Preset& preset, const std::string& where) {
  const std::string at = where + ": " + preset.encoder.config_part,
                    select = in.text("vision_feature_select_strategy", preset.select);
  const Json part = part_of(in, preset.encoder, vision_type(preset));
  constexpr std::pair<const char*, VitForm> kForms[] = {
      {"timm_vit", VitForm::kTimm}, {"open_clip_vit", VitForm::kOpenClip}, {"eva", VitForm::kEva}};
  for (const auto& [name, form] : kForms)
    if (preset.encoder.kind == name) return with_select(vit_tower_config(form, part, at), select, at);
  const std::vector<int> layers = in.integers("vision_feature_layer");
  check(layers.size() <= 1, where.c_str(),
      "vision_feature_layer is a list: features of several layers are not known here");
  return vit_config_from_json(part, layers.empty() ? -1 : layers[0], select, at);
}

VisionConfig vision_config(const ConfigReader& in, const Preset& preset, const std::string& where) {
  VisionConfig vision;
  if (!preset.pooling.empty()) {
    PresetTower tower{preset.encoder, preset.pooling, preset.projection, {}};
    tower.config = part_config(preset.encoder, in.json(), where).dump();
    vision.pooled = PooledEncoderConfig{std::move(tower), preset.vector_width, where};
    return vision;
  }
  vision.vit = vit_config(in, preset, where);
  if (preset.queries) vision.queries = qformer_config_from_json(part_config(*preset.queries, in.json(), where), where);
  return vision;
}

std::vector<int32_t> eos_of(const ConfigReader& in) { return in.integers("eos_token_id"); }

}  // namespace

VlmConfig vlm_config_from_json(const Json& config, const Preset& preset, const std::string& where) {
  const ConfigReader in(config, where);
  check(preset.projector.kind == "mlp", where.c_str(),
      "projector \"" + preset.projector.kind + "\" of preset " + preset.name + " is not known", "Known is mlp.");
  VlmConfig c;
  c.vision = vision_config(in, preset, where);
  c.language = decoder_config_from_json(
      part_of(in, preset.language, preset.language.kind), where + ": " + preset.language.config_part);
  if (preset.context > 0) c.language.context = preset.context;
  c.projector.in = static_cast<int>(c.vision.pooled    ? c.vision.pooled->width
                                    : c.vision.queries ? c.vision.queries->width
                                                       : c.vision.vit.width);
  c.projector.out = c.language.width;
  c.projector.num_layers =
      in.integer("projector_n_layers", preset.projector.layers > 0 ? static_cast<int>(preset.projector.layers) : 4);
  c.projector.activation = activation_from_name(in.text("projector_hidden_act", "gelu"), where);
  c.projector.has_bias = in.flag("multimodal_projector_bias", true);
  c.projector.merge = in.integer("projector_patch_merge", 1);
  c.image_token =
      preset.prompt.image_apart ? kImageApart : in.integer("image_token_index", in.integer("image_token_id", 32204));
  return c;
}

Json vlm_config_to_json(const VlmConfig& c, const Preset& preset) {
  invariant(
      !c.vision.queries && !c.vision.pooled, "a config.json is written for encoders whose tokens go to the projector");
  const VitConfig& v = c.vision.vit;
  const DecoderConfig& t = c.language;
  const auto name = [](Activation a) {
    return a == Activation::kGelu ? "gelu" : a == Activation::kQuickGelu ? "quick_gelu" : "silu";
  };
  Json vision = {{"model_type", vision_type(preset)}, {"image_size", v.image_px}, {"patch_size", v.patch_px},
      {"num_channels", v.channels}, {"hidden_size", v.width}, {"num_hidden_layers", v.depth},
      {"num_attention_heads", v.num_heads}, {"hidden_act", name(v.activation)}, {"layer_norm_eps", v.norm_eps}};
  if (v.form == VitForm::kDinov2) {
    invariant(v.mlp_width % v.width == 0, "a Dinov2 MLP is a whole multiple of the width");
    vision["mlp_ratio"] = v.mlp_width / v.width;
    vision["qkv_bias"] = v.qkv_bias;
    vision["use_mask_token"] = v.has_mask_token;
    vision["apply_layernorm"] = v.final_norm;
    vision["reshape_hidden_states"] = false;
    vision["out_features"] = {v.feature_layer == 0 ? std::string("stem") : "stage" + std::to_string(v.feature_layer)};
  } else {
    vision["intermediate_size"] = v.mlp_width;
  }
  Json text = {{"model_type", preset.language.kind}, {"vocab_size", t.vocab}, {"hidden_size", t.width},
      {"intermediate_size", t.mlp_width}, {"num_hidden_layers", t.depth}, {"num_attention_heads", t.num_heads},
      {"num_key_value_heads", t.num_kv_heads}, {"head_dim", t.head_dim}, {"hidden_act", "silu"},
      {"rms_norm_eps", t.norm_eps}, {"rope_theta", t.rope_theta},
      {"max_position_embeddings", std::llround(static_cast<double>(t.context) / t.rope_factor)},
      {"attention_bias", t.qkv_bias}, {"mlp_bias", t.mlp_bias}, {"tie_word_embeddings", t.tied_embeddings}};
  if (t.rope_factor != 1.0f) text["rope_scaling"] = {{"type", "linear"}, {"factor", t.rope_factor}};
  Json json = Json::object();
  for (const auto& [key, value] : preset.detect) json[key] = value;
  json["image_token_index"] = c.image_token;
  json["projector_n_layers"] = c.projector.num_layers;
  json["projector_hidden_act"] = name(c.projector.activation);
  json["multimodal_projector_bias"] = c.projector.has_bias;
  if (c.projector.merge > 1) json["projector_patch_merge"] = c.projector.merge;
  json["vision_feature_layer"] = v.form == VitForm::kDinov2 ? -1 : v.feature_layer;
  json["vision_feature_select_strategy"] = v.keep_class_token ? "full" : "default";
  json["text_config"] = text;
  json["vision_config"] = vision;
  return json;
}

VlmDirectory read_vlm_directory(const fs::path& path) {
  VlmDirectory directory{.folder = model_folder(path), .preset = preset_of_files(path)};
  for (const FilePart& part : directory.preset.files) {  // of several files: beside the language model's
    if (part.part != "language") continue;
    if (const fs::path beside = folder_of_part(path, part); !beside.empty()) directory.folder = beside;
  }
  const fs::path &folder = directory.folder, file = folder / "config.json";
  const bool has_config = fs::exists(file);
  if (!has_config && directory.preset.files.empty())
    throw Error(path.string(), "holds no config.json", "Give a model directory in the published layout.");
  const Json config = has_config ? read_json_file(file) : Json::object();
  check(!directory.preset.embedding, path.string().c_str(), directory.preset.title + " makes embeddings, not reports",
      "Use hilum embed, classify or search.");
  directory.config = vlm_config_from_json(config, directory.preset, file.string());
  if (fs::exists(folder / "generation_config.json")) {
    const Json generation = read_json_file(folder / "generation_config.json");
    directory.stop_ids = eos_of(ConfigReader(generation, (folder / "generation_config.json").string()));
  }
  const ConfigReader in(config, file.string());
  if (directory.stop_ids.empty()) directory.stop_ids = eos_of(in);
  if (directory.stop_ids.empty()) directory.stop_ids = eos_of(in.part("text_config"));
  return directory;
}

LoraSummary merge_adapter(const fs::path& adapter, const VlmDirectory& directory, const ParamList& params) {
  return merge_lora(LoraAdapter(adapter),
      {.params = params,
          .preset = directory.preset,
          .where = directory.folder.string(),
          .tied = directory.config.language.tied_embeddings ? "language.embed_tokens.weight" : ""});
}

LoadedVlm load_vlm(const fs::path& path, const fs::path& adapter) {
  LoadedVlm loaded{.directory = read_vlm_directory(path)};
  loaded.model = std::make_unique<Vlm>(loaded.directory.config);
  ParamList params;
  loaded.model->params(params);
  loaded.report = load_checkpoint(
      path, params, loaded.directory.preset.keys, loaded.directory.preset.ignore, loaded.directory.preset.files);
  if (!adapter.empty()) loaded.adapter = merge_adapter(adapter, loaded.directory, params);
  return loaded;
}

}  // namespace hilum
