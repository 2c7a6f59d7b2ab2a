#include "text/tokenizer_folder.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "text/sentencepiece.h"
#include "text/vocab_files.h"

namespace hilum {
namespace {

constexpr size_t kMaxVocabBytes = size_t{64} << 20, kMaxConfigBytes = size_t{16} << 20;

bool has(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

Json json_or_null(const std::filesystem::path& path) {
  return has(path) ? read_json_file(path, kMaxConfigBytes) : Json();
}

}  // namespace

Tokenizer load_tokenizer_folder(const std::filesystem::path& folder, const TokenizerChoice& choice) {
  const bool llama = has(folder / "tokenizer.model");
  if (has(folder / "tokenizer.json") && !(choice.sentencepiece && llama))
    return load_tokenizer(folder / "tokenizer.json");
  const bool bpe = has(folder / "vocab.json") && has(folder / "merges.txt"), bert = has(folder / "vocab.txt");
  if (!llama && !bpe && !bert)
    throw Error(folder.string(), "holds no tokenizer",
        "Put tokenizer.json, tokenizer.model, or vocab.json and merges.txt, or vocab.txt there.");
  TokenizerSettings settings = read_tokenizer_settings(json_or_null(folder / "tokenizer_config.json"),
      json_or_null(folder / "special_tokens_map.json"), json_or_null(folder / "added_tokens.json"), folder.string());
  if (llama) {
    if (!settings.legacy) settings.legacy = choice.legacy;
    const std::string where = (folder / "tokenizer.model").string();
    return make_tokenizer(
        read_sentencepiece(read_file(folder / "tokenizer.model", kMaxVocabBytes), settings, where), where);
  }
  const std::string where = bpe ? folder.string() : (folder / "vocab.txt").string();
  return make_tokenizer(bpe ? read_bpe_files(read_file(folder / "vocab.json", kMaxVocabBytes),
                                  read_file(folder / "merges.txt", kMaxVocabBytes), settings, where)
                            : read_bert_vocab(read_file(folder / "vocab.txt", kMaxVocabBytes), settings, where),
      where);
}

}  // namespace hilum
