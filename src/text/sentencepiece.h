// A SentencePiece model file (tokenizer.model) of the BPE kind, as the Llama family has it, brought into the form of a
// tokenizer.json. Source: sentencepiece_model.proto of github.com/google/sentencepiece; transformers' LlamaTokenizer
// for what stands around it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "text/tokenizer_file.h"
#include "text/vocab_files.h"

namespace hilum {

// ModelProto.SentencePiece.Type.
enum PieceType : uint64_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };

// Pieces keep their places as ids. Two neighbours are joined where the whole is a piece, the best-scored whole first,
// the leftmost among equals, as SentencePiece does. settings.legacy: whether text behind a special token is given a
// leading blank, as transformers did at first. Throws Error naming the byte: cut off, pieces twice or not UTF-8, scores
// that are no numbers; and by name what is not supported: a model that is not BPE, a normalizer, removed blanks.
TokenizerFile read_sentencepiece(std::string_view model, const TokenizerSettings& settings, const std::string& where);

}  // namespace hilum
