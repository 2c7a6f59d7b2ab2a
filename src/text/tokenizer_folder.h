// A tokenizer from the folder of a published model, whichever files it has.
#pragma once

#include <filesystem>

#include "text/tokenizer.h"

namespace hilum {

// tokenizer.json where there is one, and it alone; else vocab.json with merges.txt (CLIP, GPT-2), else vocab.txt (BERT), with what
// tokenizer_config.json, special_tokens_map.json and added_tokens.json add. Throws Error naming the folder or the file.
Tokenizer load_tokenizer_folder(const std::filesystem::path& folder);

}  // namespace hilum
