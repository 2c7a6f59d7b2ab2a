// What a Tokenizer is made of; for tokenizer.cpp and stream_decoder.cpp alone.
#pragma once

#include "text/added_tokens.h"
#include "text/decoder.h"
#include "text/normalizer.h"
#include "text/post_processor.h"
#include "text/pre_tokenizer.h"
#include "text/tokenizer.h"
#include "text/word_model.h"

namespace hilum {

struct Tokenizer::Tables {
  Tables(const TokenizerFile& file, const std::string& where);

  // Ids of text between added tokens that are matched before normalising.
  void encode_plain(MaskedText text, bool at_text_start, std::vector<int32_t>& out) const;
  void encode_words(std::string text, bool at_text_start, std::vector<int32_t>& out) const;

  std::unique_ptr<const WordModel> model;
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  TokenDecoder decoder;
  AddedTokenMatcher raw, normalized;  // added tokens looked for in the text as it came, and in the normalised text
  PieceIds added_ids;
  std::vector<std::string> pieces;  // by id; empty where the id is not used
  std::vector<bool> used, special;  // by id
  AroundText around;
  TextLength length;
};

}  // namespace hilum
