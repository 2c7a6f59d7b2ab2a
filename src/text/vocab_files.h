// The vocabulary files that came before tokenizer.json: BERT's vocab.txt; vocab.json with merges.txt of GPT-2 and CLIP.
// Each is brought into the form that the published library builds from it (transformers, BertTokenizer, GPT2Tokenizer,
// CLIPTokenizer), to be made a Tokenizer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "text/tokenizer_file.h"

namespace hilum {

// What tokenizer_config.json, special_tokens_map.json and added_tokens.json say.
struct TokenizerSettings {
  std::string tokenizer_class;                     // "BertTokenizer", "CLIPTokenizerFast", ...; empty: not said
  std::vector<AddedToken> added;                   // id -1: to be looked up in the vocabulary
  std::string unk, bos, eos, pad, cls, sep, mask;  // contents; empty: the kind's own ("[CLS]", "<|startoftext|>")
  bool do_lower_case = true;                       // BERT's library default, which stands where a file says nothing
  bool tokenize_chinese_chars = true;
  bool add_prefix_space = false;  // GPT-2
  std::optional<bool> legacy;     // LlamaTokenizer: text behind a special token gets a leading blank; not said: it does
  std::optional<bool> strip_accents;  // not said: do_lower_case decides
  int max_length = 0;                 // "model_max_length"; 0: no limit (or the absurd number that means none)
};

// `config`, `special_map`, `added_tokens`: the three files, null where absent. Throws Error naming the place.
TokenizerSettings read_tokenizer_settings(
    const Json& config, const Json& special_map, const Json& added_tokens, const std::string& where);

// vocab.txt: line n is piece n. Throws Error: an empty file or line, a piece twice, bytes that are no UTF-8, a special
// token that is missing.
TokenizerFile read_bert_vocab(std::string_view vocab_txt, const TokenizerSettings& settings, const std::string& where);

// vocab.json and merges.txt. CLIP's kind ("</w>" behind a word's last piece, lower case) by the settings' class or,
// where it is not said, by its pieces; else GPT-2's. Throws Error: broken JSON, a line that is no merge, merges of
// unknown pieces, ids or pieces twice, another class.
TokenizerFile read_bpe_files(std::string_view vocab_json, std::string_view merges_txt,
    const TokenizerSettings& settings, const std::string& where);

}  // namespace hilum
