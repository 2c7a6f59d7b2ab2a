// tokenizer.model against the sentencepiece library's own ids, text by text.
#include "text/sentencepiece.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "text/test_files.h"
#include "text/tokenizer.h"

namespace hilum {
namespace {

using AnyJson = nlohmann::json;
using Ids = std::vector<int32_t>;

std::string model_file() { return read_file(HILUM_TESTDATA "/text/sentencepiece.model"); }
AnyJson golden() { return AnyJson::parse(read_file(HILUM_TESTDATA "/text/sentencepiece.json")); }
Tokenizer tokenizer(bool legacy) {
  TokenizerSettings settings;
  settings.legacy = legacy;
  return make_tokenizer(read_sentencepiece(model_file(), settings, "tokenizer.model"), "tokenizer.model");
}

Ids after(int32_t first, Ids rest) {
  rest.insert(rest.begin(), first);
  return rest;
}

TEST(SentencePiece, IdsAreTheLibrarys) {
  const Tokenizer legacy = tokenizer(true), today = tokenizer(false);
  const AnyJson reference = golden();
  EXPECT_EQ(today.vocab_size(), reference["pieces"].get<int>());
  EXPECT_EQ(today.prefix_ids(), Ids{1});
  int rows = 0;
  for (const AnyJson& row : reference["rows"]) {
    const std::string text = row["text"];
    const Ids ids = row["ids"], bare = row["bare"];
    EXPECT_EQ(legacy.encode(text, false), ids) << text;
    EXPECT_EQ(today.encode(text, false), ids) << text;
    EXPECT_EQ(legacy.encode("<s>" + text, false), after(1, ids)) << text;  // a leading blank behind a special token too
    EXPECT_EQ(today.encode("<s>" + text, false), after(1, bare)) << text;  // or not
    EXPECT_EQ(today.decode(ids, true), text);
    ++rows;
  }
  EXPECT_EQ(rows, 19);
}

// Tokens of added_tokens.json, and special ones marked "normalized": true, are cut from the raw text all the same.
TEST(SentencePiece, LegacyIdsAreTheSlowTokenizersWhateverNormalizedSays) {
  const AnyJson reference = AnyJson::parse(read_file(HILUM_TESTDATA "/text/legacy_llama.json"));
  const Json special = {{"content", "<s>"}, {"normalized", true}, {"lstrip", false}, {"rstrip", false}};
  Json end = special, roi = {{"content", "[ROI]"}, {"normalized", true}, {"lstrip", true}, {"rstrip", true}};
  end["content"] = "</s>";
  const Json config = {{"legacy", true}, {"bos_token", special}, {"eos_token", end},
      {"added_tokens_decoder", {{std::to_string(reference["added"]["[ROI]"].get<int>()), roi}}}};
  Json added;
  for (const auto& [text, id] : reference["added"].items()) added[text] = id.get<int>();
  const Tokenizer legacy = make_tokenizer(
      read_sentencepiece(model_file(), read_tokenizer_settings(config, Json(), added, "folder"), "tokenizer.model"),
      "tokenizer.model");
  for (const AnyJson& row : reference["rows"])
    EXPECT_EQ(legacy.encode(row["text"].get<std::string>(), false), row["ids"].get<Ids>()) << row["text"];
  EXPECT_EQ(reference["rows"].size(), 16u);
}

TEST(SentencePiece, SpecialTokensOfAUsersWordsStayText) {
  const Tokenizer today = tokenizer(false);
  const std::vector<TextSegment> segments = {{"<s>", true}, {"a </s> b", false}};
  for (const int32_t id : today.encode_segments(segments, false)) EXPECT_NE(id, 2);
  EXPECT_EQ(today.encode("</s>", false), Ids{2});
}

// A message field by hand: its number and wire type, then a length.
std::string field(int number, const std::string& bytes) {
  return std::string(1, static_cast<char>(number << 3 | 2)) + std::string(1, static_cast<char>(bytes.size())) + bytes;
}
std::string piece(const std::string& text, int type = 1) {
  return field(1, field(1, text) + std::string("\x15\0\0\0\0", 5) + '\x18' + static_cast<char>(type));
}
const std::string kBpe = field(2, "\x18\x02"), kBlanksKept = field(3, std::string("\x20\0", 2));

std::string problem(const std::string& model, TokenizerSettings settings = {}) {
  return error_of([&] { make_tokenizer(read_sentencepiece(model, settings, "tokenizer.model"), "tokenizer.model"); });
}

TEST(SentencePiece, WhatIsNotSupportedIsNamed) {
  const std::string pieces = piece("<unk>", 2) + piece("<s>", 3) + piece("</s>", 3) + piece("a");
  EXPECT_EQ(problem(pieces + kBpe + kBlanksKept), "no error");
  EXPECT_NE(problem(pieces + field(2, "\x18\x01") + kBlanksKept).find("unigram"), std::string::npos);
  EXPECT_NE(problem(pieces + kBpe).find("blanks"), std::string::npos);
  EXPECT_NE(
      problem(pieces + kBpe + field(3, field(2, "table") + std::string("\x20\0", 2))).find("table"), std::string::npos);
  EXPECT_NE(problem(pieces + kBlanksKept).find("no pieces"), std::string::npos);
  EXPECT_NE(problem(pieces + piece("a") + kBpe + kBlanksKept).find("\"a\""), std::string::npos);
  EXPECT_NE(problem(pieces + piece("\xff") + kBpe + kBlanksKept).find("UTF-8"), std::string::npos);
  EXPECT_NE(problem(pieces + piece("b", 9) + kBpe + kBlanksKept).find("type"), std::string::npos);
  EXPECT_NE(problem(piece("a") + kBpe + kBlanksKept).find("<unk>"), std::string::npos);
  TokenizerSettings other;
  other.tokenizer_class = "T5Tokenizer";
  EXPECT_NE(problem(pieces + kBpe + kBlanksKept, other).find("T5Tokenizer"), std::string::npos);
}

TEST(SentencePiece, FilesCutOffAreErrors) {
  const std::string whole = model_file();
  int errors = 0;
  for (size_t size = 0; size < whole.size(); size += 7) errors += problem(whole.substr(0, size)) != "no error";
  EXPECT_GT(errors, static_cast<int>(whole.size() / 7) - 2);  // all but where only the last field's end is gone
  EXPECT_EQ(problem(whole), "no error");
}

}  // namespace
}  // namespace hilum
