// Reports as RadGraph graphs by a published model's weights.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "engine/model.h"
#include "eval/graphs/radgraph.h"
#include "eval/graphs/radgraph_words.h"
#include "models/language/radgraph_model.h"

namespace hilum {

class RadGraphReader {
 public:
  // The published folder (config.json, weights.th, vocabulary/) with its encoder's vocab.txt beside them. Throws Error
  // naming what is missing.
  RadGraphReader(const std::filesystem::path& folder, const BackendConfig& backend);

  // Words as its model was trained on: RadGraph's first model its own way, all later ones as RadGraph-XL.
  RadGraph read(const std::string& report) const;
  const std::string& name() const { return loaded_.name; }  // "radgraph", "radgraph-xl", "None"

 private:
  LoadedRadGraph loaded_;
  std::unique_ptr<Ops> ops_;
  std::optional<Tokenizer> tokenizer_;
  RadGraphWords words_;
  int32_t cls_ = 0, sep_ = 0;
};

}  // namespace hilum
