#include "models/files/preset.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/toml.h"
#include "base/toml_fields.h"
#include "models/files/embedded_presets.h"
#include "models/files/lora.h"
#include "models/files/model_path.h"
#include "tensor/safetensors_index.h"
#include "tensor/weight_folder.h"

namespace hilum {

const char* answer_form_name(AnswerForm form) {
  switch (form) {
    case AnswerForm::kPlain: return "plain";
    case AnswerForm::kGrounded: return "grounded";
    case AnswerForm::kLabels: return "labels";
  }
  return "";
}

namespace {

AnswerForm read_form(TomlFields& in) {
  const std::string word = in.one_of("output", {"plain", "grounded", "labels"}, true);
  for (const AnswerForm form : {AnswerForm::kGrounded, AnswerForm::kLabels})
    if (word == answer_form_name(form)) return form;
  return AnswerForm::kPlain;
}

PresetTask read_task(const std::string& name, TomlFields in) {
  PresetTask task{.name = name,
      .form = read_form(in),
      .text = in.text("text", true),
      .images_only = in.text("images_only"),
      .images_text = in.text("images_text"),
      .max_new_tokens = static_cast<int>(in.integer("max_new_tokens"))};
  if (in.has("before")) task.before = in.text("before");
  if (in.has("after")) task.after = in.text("after");
  check(task.max_new_tokens > 0, in.where().c_str(), "max_new_tokens is missing");
  in.done();
  return task;
}

// The parts of a vision-language model.
void read_language_system(TomlFields& in, Preset& p) {
  TomlFields encoder = in.part("encoder");
  p.encoder = read_preset_part(encoder);
  p.pooling = encoder.text("pooling");
  p.select = encoder.text("select", p.pooling.empty());
  p.projection = encoder.one_of("projection", {"none", "linear", "matrix"}, !p.pooling.empty());
  p.vector_width = encoder.integer("width");
  check(p.pooling.empty() == (p.vector_width == 0), encoder.where().c_str(),
      "\"pooling\", \"projection\" and \"width\" belong together");
  encoder.done();
  if (in.table("queries")) {
    TomlFields queries = in.part("queries");
    p.queries = read_preset_part(queries);
    queries.done();
    check(p.queries->kind == "qformer" && p.pooling.empty(), queries.where().c_str(),
        "are of kind \"qformer\", and read an encoder's tokens, no pooled vector");
  }
  TomlFields projector = in.part("projector");
  p.projector.kind = projector.text("kind", true);
  p.projector.layers = projector.integer("layers");
  projector.done();
  TomlFields language = in.part("language");
  p.language = read_preset_part(language);
  p.context = language.integer("context");
  language.done();
  TomlFields tokenizer = in.part("tokenizer");
  p.tokenizer.sentencepiece = tokenizer.flag("sentencepiece");
  if (tokenizer.has("legacy")) p.tokenizer.legacy = tokenizer.flag("legacy");
  tokenizer.done();
  TomlFields sampling = in.part("sampling");
  p.sampling.temperature = sampling.real("temperature", 0);
  p.sampling.top_p = sampling.real("top_p", 1);
  p.sampling.top_k = sampling.integer("top_k");
  check(p.sampling.temperature >= 0 && p.sampling.top_p > 0 && p.sampling.top_p <= 1, sampling.where().c_str(),
      "temperature is from 0 on, top_p in 0..1");
  sampling.done();
}

Preset read_preset(const toml::table& table, const std::string& where) {
  TomlFields in(table, where);
  Preset p;
  p.name = in.text("name", true);
  p.title = in.text("title", true);
  p.licence = in.text("licence", true);
  p.demo = in.flag("demo");
  p.detect = in.text_table("detect");
  p.detect_tensor = in.text("detect_tensor");
  p.detect_columns = in.integer("detect_columns");
  for (TomlFields& file : in.tables("files")) {
    p.files.push_back({file.text("part", true), file.text("holds", true)});
    file.done();
  }
  if (in.one_of("kind", {"vlm", "embedding"}) == "embedding") p.embedding = read_embedding_preset(in);
  else read_language_system(in, p);
  for (TomlFields& rule : in.tables("keys")) {
    p.keys.push_back({rule.text("from", true), rule.text("to", true)});
    rule.done();
  }
  p.ignore = in.texts("ignore");
  p.preprocess = read_preset_preprocess(in);
  TomlFields prompt = in.part("prompt");
  p.prompt.bos = prompt.text("bos");
  p.prompt.image_token = prompt.text("image_token");
  p.prompt.empty_section = prompt.text("empty_section");
  p.prompt.image_apart = prompt.flag("image_apart");
  p.prompt.before = prompt.text("before");
  p.prompt.after = prompt.text("after");
  p.prompt.images = prompt.text_table("images");
  prompt.done();
  TomlFields chat = in.part("chat");
  p.chat.answer = chat.text("answer");
  p.chat.question = chat.text("question");
  check(p.chat.answer.empty() == p.chat.question.empty(), chat.where().c_str(),
      "gives \"answer\" and \"question\", both or none");
  chat.done();
  TomlFields tasks = in.part("tasks");
  for (const auto& [name, value] : tasks.all()) {
    const std::string at = where + ": [tasks." + std::string(name.str()) + "]";
    check(value.is_table(), at.c_str(), "is not a table");
    p.tasks.push_back(read_task(std::string(name.str()), TomlFields(*value.as_table(), at)));
  }
  p.default_task = in.text("default_task");
  check(p.default_task.empty() || p.task(p.default_task), where.c_str(),
      "default_task \"" + p.default_task + "\" is no task of the preset");
  TomlFields grammar = in.part("grammar");
  p.grammar.finding_open = grammar.text("finding_open");
  p.grammar.finding_close = grammar.text("finding_close");
  p.grammar.box_open = grammar.text("box_open");
  p.grammar.box_close = grammar.text("box_close");
  p.grammar.bins = static_cast<int>(grammar.integer("bins"));
  p.stop_token = grammar.text("stop");
  p.constrain_boxes = grammar.flag("guide");
  grammar.done();
  TomlFields answer = in.part("answer");
  p.answer.stop_text = answer.text("stop_text");
  p.answer.after_last = answer.text("after_last");
  p.answer.shown = answer.text_table("shown");
  answer.done();
  in.done();
  return p;
}

// Puts every key of `over` into `base`; tables key by key, everything else whole.
void merge(toml::table& base, const toml::table& over) {
  for (const auto& [key, value] : over) {
    toml::table* old = base.get_as<toml::table>(key.str());
    if (old && value.is_table()) merge(*old, *value.as_table());
    else base.insert_or_assign(key.str(), value);
  }
}

std::string known_presets() {
  std::string all;
  for (const Preset& preset : presets()) all += (all.empty() ? "" : ", ") + preset.name;
  return all;
}

bool fits(const Preset& preset, const Json& config) {
  if (preset.detect.empty() || !config.is_object()) return false;
  for (const auto& [key, value] : preset.detect) {
    const Json* at = &config;
    for (const std::string_view part : split(key, '.')) {
      const auto found = at->find(std::string(part));
      at = found == at->end() ? nullptr : &*found;
      if (!at) break;
    }
    if (!at || !at->is_string() || at->get<std::string>() != value) return false;
  }
  return true;
}

std::string_view embedded(std::string_view name) {
  for (const EmbeddedPreset& preset : embedded_presets())
    if (preset.name == name) return preset.toml;
  return {};
}

}  // namespace

const PresetTask* Preset::task(std::string_view wanted) const {
  for (const PresetTask& one : tasks)
    if (one.name == wanted) return &one;
  return nullptr;
}

Preset parse_preset(std::string_view toml, const std::string& where) {
  return read_preset(parse_toml(toml, where), where);
}

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = [] {
    std::vector<Preset> made;
    for (const EmbeddedPreset& preset : embedded_presets())
      made.push_back(parse_preset(preset.toml, "preset " + std::string(preset.name)));
    return made;
  }();
  return all;
}

const Preset& preset_named(std::string_view name) {
  for (const Preset& preset : presets())
    if (preset.name == name) return preset;
  throw Error("preset", "\"" + std::string(name) + "\" is not known", "Known are " + known_presets() + ".");
}

Preset preset_for(const fs::path& model_dir, const Json& config, PresetUse use) {
  const fs::path file = model_dir / "hilum.toml";
  toml::table own;
  if (fs::exists(file)) own = parse_toml(read_file(file, 1 << 20), file.string());
  std::string_view base;
  if (const auto* named = own.get("preset")) {
    const std::string name = named->value<std::string>().value_or("");
    base = embedded(name);
    if (base.empty())
      throw Error(file.string(), "preset \"" + name + "\" is not known", "Known are " + known_presets() + ".");
    own.erase("preset");
  } else {
    for (const bool wanted : {false, true})  // the wanted kind last: it stays
      for (const Preset& preset : presets())
        if (fits(preset, config) && (preset.embedding.has_value() == (use == PresetUse::kEmbedding)) == wanted)
          base = embedded(preset.name);
    if (base.empty() && !own.contains("name")) {
      const auto type = config.is_object() ? config.find("model_type") : config.end();
      throw Error((model_dir / "config.json").string(),
          "model_type " + (config.is_object() && type != config.end() ? type->dump() : std::string("(none)")) +
              " fits no preset",
          "Known are " + known_presets() + "; a file hilum.toml beside it may name one: preset = \"maira-2\".");
    }
  }
  toml::table merged = parse_toml(base, "preset");
  merge(merged, own);
  return read_preset(merged, own.empty() ? "preset" : file.string());
}

Preset preset_of_files(const fs::path& path, PresetUse use) {
  check_model_path(path);
  const fs::path folder = model_folder(path);
  check_is_no_adapter(folder);
  const Json config = read_model_config(folder);
  if (!config.is_null() || fs::exists(folder / "hilum.toml")) return preset_for(folder, config, use);
  const Preset* told = nullptr;
  const auto look = [&](const fs::path& weights, bool several) {
    const WeightFiles opened(weights);
    for (const WeightFiles::Item& item : opened.items())
      for (const Preset& preset : presets())
        if (several != preset.files.empty() && preset.detect_tensor == item.entry->name &&
            (preset.detect_columns == 0 ||
                (item.entry->shape.rank() > 0 && item.entry->shape[-1] == preset.detect_columns)))
          told = &preset;
  };
  if (fs::is_directory(path))  // a system of several files before that of one of them
    for (const fs::path& set : weight_sets(path)) look(set, true);
  if (!told && holds_weight_files(path)) look(path, false);
  if (told) return *told;
  throw Error(path.string(), "holds no config.json, and its weights are of no system known by their names",
      "Give a model directory in the published layout, or name its preset in a file hilum.toml: preset = "
      "\"medimageinsight\".");
}

Json read_model_config(const fs::path& model_dir) {
  for (const char* name : {"config.json", "open_clip_config.json"})
    if (fs::exists(model_dir / name)) return read_json_file(model_dir / name);
  return {};
}

std::string our_name(const std::vector<KeyRule>& rules, const std::string& published) {
  for (const KeyRule& rule : rules)
    if (published.starts_with(rule.from)) return rule.to + published.substr(rule.from.size());
  return "";
}

std::string published_name(const std::vector<KeyRule>& rules, const std::string& ours) {
  const KeyRule* best = nullptr;
  for (const KeyRule& rule : rules)
    if (ours.starts_with(rule.to) && (!best || rule.to.size() > best->to.size())) best = &rule;
  return best ? best->from + ours.substr(best->to.size()) : "";
}

bool is_ignored(const std::vector<std::string>& ignore, const std::string& ours) {
  return std::any_of(ignore.begin(), ignore.end(), [&](const std::string& entry) {
    const size_t star = entry.find('*');
    if (star == std::string::npos) return entry == ours;
    return ours.size() + 1 >= entry.size() && ours.starts_with(entry.substr(0, star)) &&
           ours.ends_with(entry.substr(star + 1));
  });
}

}  // namespace hilum
