#include "train/word_weights.h"

#include <gtest/gtest.h>

#include "text/bpe_trainer.h"

namespace hilum {
namespace {

// Each token's text with its weight where that is not 1.
std::string shown(const std::string& text, const std::vector<std::string>& words) {
  const std::vector<std::string> learnt(
      20, "The left effusion has increased. New left effusion. The nodule is unchanged.");
  BpeTrainerConfig config;
  config.vocab_size = 320;
  config.tokens = {{"<s>", true}};
  config.bos = "<s>";
  const Tokenizer tokenizer = parse_tokenizer(train_byte_bpe(learnt, config), "tokenizer.json");
  const std::vector<int32_t> ids = tokenizer.encode(text, false);
  const std::vector<float> weights = word_weights(tokenizer, ids, words, 5);
  EXPECT_EQ(weights.size(), ids.size());
  std::string out;
  for (size_t i = 0; i < ids.size(); ++i)
    out += weights[i] == 5 ? "[" + tokenizer.decode({&ids[i], 1}, false) + "]" : tokenizer.decode({&ids[i], 1}, false);
  return out;
}

TEST(WordWeights, TokensThatAWordReachesIntoAreWeighted) {
  EXPECT_EQ(shown("The left effusion has increased.", {"increased", "new"}), "The left effusion has[ increased].");
  EXPECT_EQ(shown("New left effusion.", {"new", "left"}), "[Ne][w][ left] effusion.");
}

TEST(WordWeights, WordsAreWholeAndMayBeSeveralTokens) {
  EXPECT_EQ(shown("The newly left", {"new"}), shown("The newly left", {}));  // not a part of a word
  const std::string several = shown("is decreased", {"decreased"});          // never seen, so in pieces
  EXPECT_EQ(several.rfind("is", 0), 0u);
  EXPECT_GT(std::count(several.begin(), several.end(), '['), 1);
  std::string bare = several.substr(2);
  std::erase(bare, '[');
  std::erase(bare, ']');
  EXPECT_EQ(bare, " decreased");
}

TEST(WordWeights, NothingIsWeightedWithoutWords) { EXPECT_EQ(shown("New left effusion.", {}), "New left effusion."); }

}  // namespace
}  // namespace hilum
