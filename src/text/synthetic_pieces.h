// A tokenizer.model made up from letters, for models with random weights: it has as many pieces as wanted and cuts
// English into a few letters each, as trained ones do, but was trained on nothing. It says so inside.
#pragma once

#include <cstdint>
#include <string>

namespace hilum {

// The bytes of a SentencePiece model of the BPE kind, laid out as Llama's: <unk>, <s>, </s>, 256 bytes, then pieces of
// rising length, then single characters. Throws Error for fewer pieces than those that any text needs (355) and for
// more than four letters give.
std::string synthetic_sentencepiece(int64_t pieces);

}  // namespace hilum
