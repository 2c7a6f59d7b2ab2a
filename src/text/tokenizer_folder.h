// A tokenizer from the folder of a published model, whichever files it has.
#pragma once

#include <filesystem>
#include <optional>

#include "text/tokenizer.h"

namespace hilum {

// What a system's code does that its files do not say.
struct TokenizerChoice {
  bool sentencepiece = false;  // reads tokenizer.model although a tokenizer.json lies beside it
  std::optional<bool> legacy;  // of tokenizer.model; see TokenizerSettings. Where the files say it, theirs holds
};

// tokenizer.json where there is one, and it alone; else tokenizer.model (Llama), vocab.json with merges.txt (CLIP,
// GPT-2) or vocab.txt (BERT), with what tokenizer_config.json, special_tokens_map.json and added_tokens.json add.
// Throws Error naming the folder or the file.
Tokenizer load_tokenizer_folder(const std::filesystem::path& folder, const TokenizerChoice& choice = {});

}  // namespace hilum
