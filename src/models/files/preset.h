// A published system as data: presets/*.toml parsed into a plain struct. Adding a system of a known form is one file
// there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "models/files/preset_embedding.h"
#include "report/form/grounded_grammar.h"
#include "tensor/safetensors_index.h"

namespace hilum {

// A published key begins with `from`; ours with `to`. The first rule that fits a key holds.
struct KeyRule {
  std::string from, to;
};

// What the answer of a task is, its `output` in a preset: "plain" text, "grounded": sentences with boxes by [grammar],
// or "labels": findings and their states as JSON.
enum class AnswerForm { kPlain, kGrounded, kLabels };
const char* answer_form_name(AnswerForm form);  // as a preset writes it

struct PresetTask {
  std::string name;  // "grounded"
  AnswerForm form = AnswerForm::kPlain;
  std::string text;         // of the user's turn, after the images; {indication} and the like are filled in
  std::string images_only;  // set: the task takes this image alone ("frontal"), written as images_text
  std::string images_text;
  std::optional<std::string> before, after;  // instead of [prompt]'s
  int max_new_tokens = 0;
};

struct Preset {
  std::string name, title, licence;
  bool demo = false;  // trained on synthetic phantoms only
  std::map<std::string, std::string>
      detect;                 // keys of config.json ("part.key": inside a part) and the values that tell this system
  std::string detect_tensor;  // a published key that tells it where there is no config.json
  int64_t detect_columns =
      0;  // and how many columns that tensor has, where this tells two systems apart; 0: any number
  std::vector<FilePart> files;  // published in several files; empty: in one, or in shards

  std::optional<EmbeddingPreset> embedding;  // set: an embedding system, which has towers and none of the next five
  PresetPart encoder;  // "dinov2", "clip", or a form of vit_tower_config: "timm_vit", "open_clip_vit", "eva"
  std::string select;  // "default" (class token dropped) or "full", where config.json does not say
  std::string pooling,
      projection;  // of an encoder that gives one vector a picture: a tower of towers.cpp, as PresetTower's; else empty
  int64_t vector_width = 0;           // of that vector behind its projection
  std::optional<PresetPart> queries;  // "qformer": what reads the encoder's tokens before the projector
  struct {
    std::string kind;    // "mlp"
    int64_t layers = 0;  // 0: what config.json says
  } projector;
  PresetPart language;  // "llama" or "phi3"
  int64_t context = 0;  // positions the language model is good for; 0: what config.json says
  struct {
    bool sentencepiece = false;  // tokenizer.model is read although a tokenizer.json lies beside it
    std::optional<bool> legacy;  // of tokenizer.model, where the files do not say
  } tokenizer;
  std::vector<KeyRule> keys;
  std::vector<std::string>
      ignore;  // our names of published tensors that no forward uses; a * in one stands for any text

  PresetPreprocess preprocess;

  struct {
    std::string bos, image_token, empty_section, before, after;
    bool image_apart = false;  // image_token is no token: the text is cut there, and each piece becomes ids by itself
    std::map<std::string, std::string> images;  // image part by which images are present: "frontal_lateral"
  } prompt;

  struct {
    double temperature = 0, top_p = 1;  // as published; 0: greedy
    int64_t top_k = 0;
  } sampling;

  struct {
    std::string answer,
        question;  // what follows a prompt: {answer}, then the next {question}. Empty: made for single questions
  } chat;

  std::vector<PresetTask> tasks;  // sorted by name
  std::string default_task;       // what `hilum report` writes unasked

  GroundedGrammar grammar;       // of grounded answers
  std::string stop_token;        // ends every answer; [grammar] stop
  bool constrain_boxes = false;  // decoding holds boxes to the grammar (a model published with free decoding is run as
                                 // published); [grammar] guide

  struct {
    std::string stop_text;   // ends an answer wherever it comes, and is not part of it; empty: the stop token alone
    std::string after_last;  // an answer is what follows the last of these in the text
    std::map<std::string, std::string> shown;  // replaced in what people see, not in what a dialogue goes on from
  } answer;

  const PresetTask* task(std::string_view wanted) const;  // null: the preset has no such task
};

// Parses one preset. Unknown keys are Errors naming them, so that a slip does not pass unread.
Preset parse_preset(std::string_view toml, const std::string& where);

// Every preset in the binary, by name.
const std::vector<Preset>& presets();
const Preset& preset_named(std::string_view name);  // throws Error naming the known ones

// The preset of a model directory: hilum.toml's `preset = "name"`, else the one whose [detect] fits config.json. Every
// other key of hilum.toml overrides the preset's (tables key by key, lists whole). Of several that fit, one of the
// wanted use; a whole system before one of its parts. Throws Error naming the model_type and the known presets when
// none fits.
enum class PresetUse { kAny, kEmbedding };
Preset preset_for(const std::filesystem::path& model_dir, const Json& config, PresetUse use = PresetUse::kAny);

// The config.json of a folder, else its open_clip_config.json, else null.
Json read_model_config(const std::filesystem::path& model_dir);

// The preset of published files as they lie (folder, package or weight file; the config is looked for in model_folder):
// as above, and where neither config.json nor hilum.toml is there, by the names of its tensors.
Preset preset_of_files(const std::filesystem::path& path, PresetUse use = PresetUse::kAny);

// Published key -> our name, "" when no rule fits; and back by the longest `to` that fits (first rule among equals).
std::string our_name(const std::vector<KeyRule>& rules, const std::string& published);
std::string published_name(const std::vector<KeyRule>& rules, const std::string& ours);

// Whether one of the entries is this name, or fits it with its * as any text.
bool is_ignored(const std::vector<std::string>& ignore, const std::string& ours);

}  // namespace hilum
