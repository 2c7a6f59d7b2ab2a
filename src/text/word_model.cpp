#include "text/word_model.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "text/bpe.h"
#include "text/wordpiece.h"

namespace hilum {
namespace {

BpeOptions bpe_options(const JsonFields& fields) {
  check(fields.text("continuing_subword_prefix", "").empty(), fields.place("continuing_subword_prefix").c_str(),
      "is not supported");
  check(!fields.has("dropout") || fields.member("dropout") == 0.0, fields.place("dropout").c_str(),
      "random merges are not supported");
  BpeOptions options;
  options.byte_fallback = fields.flag("byte_fallback", false);
  options.fuse_unk = fields.flag("fuse_unk", false);
  options.ignore_merges = fields.flag("ignore_merges", false);
  options.word_suffix = fields.text("end_of_word_suffix", "");
  check(!(options.byte_fallback && !options.word_suffix.empty()), fields.place("end_of_word_suffix").c_str(),
      "is not supported together with byte_fallback");
  if (fields.has("unk_token")) options.unk_token = fields.text("unk_token");
  return options;
}

WordPieceOptions wordpiece_options(const JsonFields& fields) {
  WordPieceOptions options;
  options.unk_token = fields.text("unk_token", options.unk_token);
  options.continuation = fields.text("continuing_subword_prefix", options.continuation);
  const int64_t longest = fields.whole("max_input_chars_per_word", options.max_word_chars);
  // The work for one word grows with the square of this; the published vocabularies say 100.
  check(longest >= 1 && longest <= 1000, fields.place("max_input_chars_per_word").c_str(),
      "is " + std::to_string(longest) + ", wanted 1 to 1000");
  options.max_word_chars = static_cast<int>(longest);
  return options;
}

}  // namespace

WordModel::WordModel(const TokenizerFile& file) : ids_(file.vocab.size()) {
  int32_t highest = -1;
  for (const auto& [piece, id] : file.vocab) {
    ids_.add(piece, id);
    highest = std::max(highest, id);
  }
  is_barred_.resize(static_cast<size_t>(highest) + 1);
  for (const AddedToken& token : file.added)
    if (!token.single_word && token.id <= highest) is_barred_[static_cast<size_t>(token.id)] = true;
}

std::unique_ptr<const WordModel> make_word_model(const TokenizerFile& file, const std::string& where) {
  const auto found = file.rest->find("model");
  check(
      found != file.rest->end() && found->is_object(), where.c_str(), "has no \"model\"", "Is this a tokenizer.json?");
  const JsonFields fields(*found, where + ": model");
  const std::string type = fields.text("type", fields.has("max_input_chars_per_word") ? "WordPiece" : "BPE");
  if (type != "BPE" && type != "WordPiece")
    throw Error(
        fields.place("type"), "the tokenizer model \"" + type + "\" is not supported", "Supported: BPE, WordPiece.");
  check(!file.vocab.empty(), fields.place("vocab").c_str(), "is missing or empty");
  if (type == "WordPiece") return std::make_unique<WordPiece>(file, wordpiece_options(fields), where);
  return std::make_unique<Bpe>(file, bpe_options(fields), where);
}

}  // namespace hilum
