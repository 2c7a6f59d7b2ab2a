// RadGraph's published folder: config.json, weights.th, vocabulary/NAMESPACE_labels.txt.
#include <set>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "models/files/checkpoint.h"
#include "models/files/config_reader.h"
#include "models/language/radgraph_model.h"
#include "tensor/safetensors_index.h"

namespace hilum {
namespace {

constexpr const char* kBert = "_embedder.token_embedder_bert._matched_embedder.transformer_model.";

// The published names hold the training set's, e.g. "_ner._ner_scorers.radgraph__ner_labels.0.": what stands between
// these two.
std::string namespace_in(
    const WeightFiles& files, const std::string& before, const std::string& suffix, const std::string& where) {
  std::string found;
  for (const WeightFiles::Item& item : files.items()) {
    if (!item.name.starts_with(before)) continue;
    const size_t end = item.name.find(suffix + ".", before.size());
    if (end == std::string::npos) continue;
    const std::string name = item.name.substr(before.size(), end - before.size());
    if (!found.empty() && found != name)
      throw Error(where, "holds heads of two data sets, " + found + " and " + name, "Use a folder of one.");
    found = name;
  }
  check(!found.empty(), where.c_str(), "holds no tensor " + before + "..." + suffix + "...", "Is it a RadGraph model?");
  return found;
}

Shape shape_of(const WeightFiles& files, const std::string& name, const std::string& where) {
  for (const WeightFiles::Item& item : files.items())
    if (item.name == name) {
      check(item.entry->shape.rank() == 2, where.c_str(), name + " is no matrix");
      return item.entry->shape;
    }
  throw Error(where, "holds no tensor " + name, "Is it a RadGraph model?");
}

// A label a line. The entity file begins with the null label, an empty line.
std::vector<std::string> labels_of(const fs::path& folder, const std::string& suffix, bool begins_with_null) {
  fs::path found;
  const fs::path vocabulary = folder / "vocabulary";
  std::error_code failed;
  for (fs::directory_iterator at(vocabulary, failed), end; !failed && at != end; at.increment(failed))
    if (at->path().filename().string().ends_with(suffix + ".txt")) {
      check(found.empty(), vocabulary.c_str(), "holds two files ..." + suffix + ".txt");
      found = at->path();
    }
  check(!found.empty(), vocabulary.c_str(), "holds no file ..." + suffix + ".txt", "Fetch the model's folder whole.");
  std::vector<std::string> labels;
  const std::string text = read_file(found, 1 << 20);
  for (std::string_view line : split_lines(text)) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    labels.emplace_back(line);
  }
  if (begins_with_null) {
    check(!labels.empty() && labels[0].empty(), found.c_str(), "does not begin with an empty line, the null label");
    labels.erase(labels.begin());
  }
  check(!labels.empty(), found.c_str(), "names no label");
  for (const std::string& label : labels) check(!label.empty(), found.c_str(), "holds an empty line among its labels");
  return labels;
}

BertConfig bert_sizes(const WeightFiles& files, const ConfigReader& config, const std::string& where) {
  BertConfig c = bert_config_from_json(config.part("bert").json(), where + ": bert");
  const Shape words = shape_of(files, std::string(kBert) + "embeddings.word_embeddings.weight", where);
  const Shape positions = shape_of(files, std::string(kBert) + "embeddings.position_embeddings.weight", where);
  c.vocab = static_cast<int>(words[0]);
  c.width = static_cast<int>(words[1]);
  c.positions = static_cast<int>(positions[0]);
  c.token_types =
      static_cast<int>(shape_of(files, std::string(kBert) + "embeddings.token_type_embeddings.weight", where)[0]);
  c.mlp_width =
      static_cast<int>(shape_of(files, std::string(kBert) + "encoder.layer.0.intermediate.dense.weight", where)[0]);
  c.depth = 0;
  std::set<std::string> names;
  for (const WeightFiles::Item& item : files.items()) names.insert(item.name);
  while (names.contains(std::string(kBert) + "encoder.layer." + std::to_string(c.depth) + ".intermediate.dense.bias"))
    ++c.depth;
  check(c.depth > 0, where.c_str(), "holds no layer of BERT");
  if (!config.part("bert").has("num_attention_heads")) c.num_heads = std::max(1, c.width / 64);
  check(c.width % c.num_heads == 0, where.c_str(),
      "BERT's width " + std::to_string(c.width) + " does not split into " + std::to_string(c.num_heads) + " heads");
  return c;
}

}  // namespace

LoadedRadGraph load_radgraph(const fs::path& folder) {
  const std::string where = folder.string();
  const WeightFiles files(folder);
  const std::string entities = namespace_in(files, "_ner._ner_scorers.", "__ner_labels", where);
  const std::string relations = namespace_in(files, "_relation._relation_scorers.", "__relation_labels", where);
  const fs::path config_file = folder / "config.json";
  const Json json = fs::exists(config_file) ? read_json_file(config_file) : Json::object();
  const ConfigReader config(json, config_file.string());
  const std::string entity = "_ner._ner_scorers." + entities + "__ner_labels.",
                    pruner = "_relation._mention_pruners." + relations + "__relation_labels._scorer.",
                    pair = "_relation._relation_feedforwards." + relations + "__relation_labels.",
                    scorer = "_relation._relation_scorers." + relations + "__relation_labels.";
  const Shape lengths = shape_of(files, "_endpoint_span_extractor._span_width_embedding.weight", where);

  RadGraphConfig c;
  c.bert = bert_sizes(files, config, config_file.string());
  c.max_span = static_cast<int>(lengths[0]);
  c.length_width = static_cast<int>(lengths[1]);
  c.hidden = static_cast<int>(shape_of(files, entity + "0._module._linear_layers.0.weight", where)[0]);
  const ConfigReader model = config.part("model"), modules = model.part("modules"),
                     reader = config.part("dataset_reader");
  c.max_span = std::min(c.max_span, reader.integer("max_span_width", c.max_span));
  c.spans_per_word = modules.part("relation").real("spans_per_word", 0.5f);
  c.max_pieces = std::min(
      c.bert.positions, model.part("embedder").part("token_embedders").part("bert").integer("max_length", 512));
  check(c.max_span > 0 && c.spans_per_word > 0 && c.spans_per_word <= 100 && c.max_pieces > 2,
      config_file.string().c_str(), "holds sizes that cannot be");
  c.entity_labels = labels_of(folder, "__ner_labels", true);
  c.relation_labels = labels_of(folder, "__relation_labels", false);

  LoadedRadGraph loaded{std::make_unique<RadGraphModel>(c), entities};
  ParamList params;
  loaded.model->params(params);
  const std::vector<KeyRule> keys = {{kBert, "bert."},
      {"_endpoint_span_extractor._span_width_embedding.", "span_lengths."},
      {entity + "0._module._linear_layers.", "entity."}, {entity + "1._module.", "entity_out."},
      {pruner + "0._module._linear_layers.", "mention."}, {pruner + "1._module.", "mention_out."},
      {pair + "_linear_layers.", "pair."}, {scorer, "relation_out."}, {"", "other."}};
  load_checkpoint(folder, params, keys, {"bert.embeddings.position_ids", "bert.pooler.dense.*", "other.*"});
  return loaded;
}

}  // namespace hilum
