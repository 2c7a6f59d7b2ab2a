#include "text/bpe_trainer.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/error.h"
#include "text/test_files.h"
#include "text/unicode.h"

namespace hilum {
namespace {

using test::AnyJson;

BpeTrainerConfig demo_config() {
  BpeTrainerConfig config{.vocab_size = 400, .min_frequency = 2};
  config.tokens = {{"<s>"}, {"</s>"}, {"<obj>", false}, {"</obj>", false}, {"<image>", false}};
  config.bos = "<s>";
  return config;
}

const std::vector<std::string>& sentences() {
  static const auto texts = test::text_fixture("byte_bpe.json")["training"]["texts"].get<std::vector<std::string>>();
  return texts;
}

TEST(BpeTrainer, FindsTheVocabularyAndMergesOfTheReferenceTrainer) {
  const AnyJson training = test::text_fixture("byte_bpe.json")["training"];
  BpeTrainerConfig config{.vocab_size = training["vocab_size"], .min_frequency = training["min_frequency"]};
  config.tokens = {{"<s>"}, {"</s>"}};
  const AnyJson ours = AnyJson::parse(train_byte_bpe(sentences(), config));
  EXPECT_EQ(ours["model"]["vocab"], training["vocab"]);
  EXPECT_EQ(ours["model"]["merges"], training["merges"]);
}

// low low lower: pairs (l,o) 3, (o,w) 3; (l,o) wins by its lower ids, then (lo,w) 3, then (Ġ,low) 2.
TEST(BpeTrainer, MergesTheMostFrequentPairFirst) {
  const AnyJson file = AnyJson::parse(train_byte_bpe({"low low lower"}, {.vocab_size = 300, .min_frequency = 2}));
  EXPECT_EQ(file["model"]["merges"], AnyJson::parse(R"([["l","o"],["lo","w"],["Ġ","low"]])"));
  EXPECT_EQ(file["model"]["vocab"].size(), 259u);
}

TEST(BpeTrainer, TheOrderOfTheTextsDoesNotMatter) {
  std::vector<std::string> turned(sentences().rbegin(), sentences().rend());
  EXPECT_EQ(train_byte_bpe(sentences(), demo_config()), train_byte_bpe(turned, demo_config()));
}

TEST(BpeTrainer, TokensTakeTheFirstIdsAndAreNeverPartOfAWord) {
  const Tokenizer tokenizer =
      parse_tokenizer(train_byte_bpe({"<obj>a</obj><obj>a</obj>", "<obj><obj><obj>"}, demo_config()), "trained");
  EXPECT_EQ(tokenizer.encode("<obj>a</obj>", true), (std::vector<int32_t>{0, 2, *tokenizer.id("a"), 3}));
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("<obj>a</obj></s>", true), true), "<obj>a</obj>");
  EXPECT_EQ(tokenizer.vocab_size(), 261);  // no merge: nothing but tokens and single letters
}

TEST(BpeTrainer, NoMergeSpellsAToken) {
  // The token is spelt like the piece of " a" in the byte alphabet, so cutting its own text out does not keep the pair
  // away.
  BpeTrainerConfig config{.vocab_size = 300, .min_frequency = 1};
  config.tokens = {{"Ġa"}};
  const AnyJson file = AnyJson::parse(train_byte_bpe({"b a a a"}, config));
  EXPECT_EQ(file["model"]["merges"], AnyJson::array());
}

TEST(BpeTrainer, BadRequestsAreRefused) {
  const auto refused = [](BpeTrainerConfig config) { EXPECT_THROW(train_byte_bpe({"a"}, config), Error); };
  refused({.vocab_size = 255});
  refused({.vocab_size = 256, .tokens = {{"<s>"}}});
  refused({.tokens = {{"<s>"}, {"<s>"}}});
  refused({.tokens = {{""}}});
  refused({.tokens = {{"a"}}});
  refused({.tokens = {{"<s>"}}, .bos = "<bos>"});
}

RC_GTEST_PROP(BpeTrainer, TextComesBackFromItsIds, (const std::string& bytes, std::vector<uint16_t> points)) {
  static const Tokenizer tokenizer = parse_tokenizer(train_byte_bpe(sentences(), demo_config()), "trained");
  std::string text = to_valid_utf8(bytes);
  for (const uint16_t point : points)
    append_utf8(text, point >= 0xD800 && point < 0xE000 ? char32_t{0x1F642} : char32_t{point});
  RC_ASSERT(tokenizer.decode(tokenizer.encode(text, false), false) == text);
  const TextSegment literal{text + "<obj></s>", false};
  RC_ASSERT(tokenizer.decode(tokenizer.encode_segments({&literal, 1}, true), true) == literal.text);
}

}  // namespace
}  // namespace hilum
