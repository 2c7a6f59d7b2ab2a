// The made-up tokenizer: as many pieces as asked for, and texts come back whole.
#include "text/synthetic_pieces.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "text/sentencepiece.h"
#include "text/tokenizer.h"

namespace hilum {
namespace {

Tokenizer synthetic(int64_t pieces) {
  TokenizerSettings settings;
  settings.legacy = false;
  return make_tokenizer(
      read_sentencepiece(synthetic_sentencepiece(pieces), settings, "tokenizer.model"), "tokenizer.model");
}

TEST(SyntheticPieces, AreAsManyAsWanted) {
  for (const int64_t pieces : {354, 355, 600, 2000, 32000, 32064, 50257})
    EXPECT_EQ(synthetic(pieces).vocab_size(), pieces);
  EXPECT_THROW(synthetic_sentencepiece(353), Error);
  EXPECT_THROW(synthetic_sentencepiece(0), Error);
  EXPECT_THROW(synthetic_sentencepiece(1'000'000), Error);
}

TEST(SyntheticPieces, TextsComeBackWholeAndInFewPieces) {
  const Tokenizer large = synthetic(32000), least = synthetic(354);
  EXPECT_EQ(large.id("<s>"), 1);
  EXPECT_EQ(large.id("</s>"), 2);
  for (const std::string text :
      {"Is the heart large?", "A small left pleural effusion, 12 mm; caf\u00e9 \U0001F600.\nNo change.", "<obj>"}) {
    EXPECT_EQ(large.decode(large.encode(text, false), true), text);
    EXPECT_EQ(least.decode(least.encode(text, false), true), text);
  }
  const std::string words = "there is no evidence of pneumothorax and the lungs are clear";
  EXPECT_LT(large.encode(words, false).size(), words.size() / 2);
  EXPECT_GE(least.encode(words, false).size(), words.size());
}

// The sentencepiece library 0.2 reads the file and gives these ids.
TEST(SyntheticPieces, TheIdsAreTheLibrarys) {
  EXPECT_EQ(synthetic(32000).encode("there is no evidence", false),
      (std::vector<int32_t>{1462, 4787, 1187, 1313, 22471, 3782, 341}));
}

TEST(SyntheticPieces, TheFileSaysThatItWasNotTrained) {
  EXPECT_NE(
      synthetic_sentencepiece(600).find("synthetic: made up from letters, trained on nothing"), std::string::npos);
}

}  // namespace
}  // namespace hilum
