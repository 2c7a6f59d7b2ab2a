// Any bytes as the files before tokenizer.json. The first byte says which kind; NUL bytes part the files.
#include <array>
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "text/sentencepiece.h"
#include "text/tokenizer.h"
#include "text/vocab_files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::array<std::string_view, 4> files;  // vocabulary, merges, tokenizer_config.json, text
  for (std::string_view& file : files) {
    file = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(file.size() + 1, rest.size()));
  }
  try {
    const hilum::Json config = files[2].empty() ? hilum::Json() : hilum::parse_json(files[2], "fuzz");
    const hilum::TokenizerSettings settings =
        hilum::read_tokenizer_settings(config, hilum::Json(), hilum::Json(), "fuzz");
    const hilum::Tokenizer tokenizer = hilum::make_tokenizer(
        data[0] % 3 == 0   ? hilum::read_bert_vocab(files[0], settings, "fuzz")
        : data[0] % 3 == 1 ? hilum::read_bpe_files(files[0], files[1], settings, "fuzz")
                           : hilum::read_sentencepiece({reinterpret_cast<const char*>(data) + 1, size - 1}, {}, "fuzz"),
        "fuzz");
    (void)tokenizer.decode(
        tokenizer.encode_text(data[0] % 3 == 2 ? std::string_view("a text <s> of its own") : files[3]).ids, true);
  } catch (const hilum::Error&) {
  }
  return 0;
}
