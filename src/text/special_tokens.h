// The special tokens of a vocabulary that is not a tokenizer.json. For vocab_files.cpp and sentencepiece.cpp.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"
#include "text/vocab_files.h"

namespace hilum {

// Gives each special token of the kind its id and puts them, and the settings' own, among the added tokens.
class SpecialTokens {
 public:
  SpecialTokens(TokenizerFile& file, const TokenizerSettings& settings, const std::string& where)
      : file_(file), where_(where) {
    for (AddedToken token : settings.added) {
      if (token.id < 0) token.id = id_of(token.content);
      file_.added.push_back(std::move(token));
    }
  }

  // The piece of that id is found in text as a token; `special`: decoding may leave it out.
  void add(int32_t id, bool special) {
    const std::string& content = file_.vocab[static_cast<size_t>(id)].first;
    for (const AddedToken& token : file_.added)
      if (token.content == content) return;
    AddedToken token;
    token.id = id;
    token.content = content;
    token.special = special;
    token.normalized = false;
    file_.added.push_back(std::move(token));
  }

  // `own`: what the settings say, `usual`: the kind's default. Throws Error where the vocabulary lacks it.
  std::pair<std::string, int32_t> need(const std::string& own, const char* usual) {
    const std::string content = own.empty() ? usual : own;
    for (AddedToken& token : file_.added)
      if (token.content == content) {
        token.special = true;
        return {content, token.id};
      }
    AddedToken token;
    token.content = content;
    token.id = id_of(content);
    token.special = true;
    token.normalized = false;
    file_.added.push_back(token);
    return {content, token.id};
  }

 private:
  int32_t id_of(const std::string& content) const {
    for (const auto& [piece, id] : file_.vocab)
      if (piece == content) return id;
    throw Error(where_, "the special token \"" + content + "\" is not in the vocabulary",
        "Give all files of the tokenizer's folder, unchanged.");
  }
  TokenizerFile& file_;
  const std::string& where_;
};

}  // namespace hilum
