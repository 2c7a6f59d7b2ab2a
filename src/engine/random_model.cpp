#include "engine/random_model.h"

#include <deque>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/progress.h"
#include "engine/random_weights.h"
#include "models/dual_encoder_config.h"
#include "models/files/checkpoint.h"
#include "models/vlm_config.h"
#include "text/bpe_trainer.h"
#include "text/synthetic_pieces.h"

namespace hilum {
namespace {

constexpr uint64_t kBesideWeights = 8 << 20;  // bytes: tokenizer and configs, generously

std::string gigabytes(uint64_t bytes) { return fmt::format("{:.2f} GB", static_cast<double>(bytes) / 1e9); }

void check_room(const fs::path& folder, uint64_t bytes) {
  fs::path existing = fs::absolute(folder).lexically_normal();
  while (!fs::exists(existing) && existing.has_parent_path() && existing != existing.parent_path())
    existing = existing.parent_path();
  std::error_code failed;
  const fs::space_info space = fs::space(existing, failed);
  if (!failed && space.available < bytes + kBesideWeights)
    throw Error(folder.string(),
        "needs " + gigabytes(bytes + kBesideWeights) + " of disk, " + gigabytes(space.available) + " are free",
        "Name a place with more room, or a smaller type.");
}

void write_language_tokenizer(const fs::path& folder, const ModelShape& shape) {
  write_file(folder / "tokenizer.model", synthetic_sentencepiece(shape.pieces));
  Json added = Json::object();
  int64_t id = shape.pieces;
  for (const std::string& token : shape.added) added[token] = id++;
  if (!added.empty()) write_file(folder / "added_tokens.json", added.dump(1) + "\n");
  write_file(folder / "tokenizer_config.json",
      R"({"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "legacy": false})"
      "\n");
}

}  // namespace

RandomModelSize write_random_model(const fs::path& folder, const ModelShape& shape, DType type) {
  check(!fs::exists(folder) || (fs::is_directory(folder) && fs::is_empty(folder)), folder.c_str(),
      "holds files already", "Name another folder.");
  std::unique_ptr<Vlm> vlm;
  std::unique_ptr<DualEncoder> towers;
  ParamList params;
  std::vector<UnusedTensor> spares;
  if (shape.preset.embedding) {
    towers = make_dual_encoder(shape.preset, Json(), shape.name);
    towers->params(params);
    spares = towers->unused_tensors();
  } else {
    vlm = std::make_unique<Vlm>(shape_config(shape));
    vlm->params(params);
    spares = vlm->unused_tensors();
  }
  std::deque<Param> unused;  // what published files hold beside
  for (const UnusedTensor& spare : spares)
    if (spare.dtype != DType::kI64) params.push_back(&unused.emplace_back(spare.name, spare.shape));

  RandomModelSize size;
  for (const Param* param : params) size.params += param->shape().count();
  size.bytes = static_cast<uint64_t>(size.params) * static_cast<uint64_t>(dtype_bits(type)) / 8;
  check_room(folder, size.bytes);
  fs::create_directories(folder);

  RandomWeights weights(1, params, type);
  const int64_t total = static_cast<int64_t>(size.bytes >> 20);
  Progress progress("writing " + folder.string(), total, "MiB");
  int64_t written = 0;
  save_checkpoint(folder, params, shape.preset.keys, type, 5'000'000'000, [&](const Param& param) {
    progress.update(written * dtype_bits(type) / 8 >> 20);
    written += param.shape().count();
    return weights(param);
  });

  write_file(folder / "README.md", "# " + shape.name + " with random weights\n\nWritten by `hilum bench --shape " +
                                       shape.name + " --write`: every weight is random" +
                                       (towers && !towers->has_text() ? "" : ", the tokenizer is made up") +
                                       ". For measuring alone; what it answers means nothing.\n");
  if (shape.config.empty() || shape.preset.detect.empty())
    write_file(
        folder / "hilum.toml", "preset = \"" + shape.preset.name + "\"  # random weights, for measuring alone\n");
  if (!shape.config.empty()) write_file(folder / "config.json", shape.config + "\n");
  if (!shape.preprocessor.empty()) write_file(folder / "preprocessor_config.json", shape.preprocessor + "\n");
  if (vlm) write_language_tokenizer(folder, shape);
  else if (towers->has_text())
    write_file(
        folder / "tokenizer.json", train_byte_bpe({"chest x-ray no finding pneumonia effusion"}, {.vocab_size = 300}));
  return size;
}

}  // namespace hilum
