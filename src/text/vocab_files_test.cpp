// vocab.txt, vocab.json and merges.txt: what is refused, and which files of a folder count.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/temp_folder_for_test.h"
#include "text/bert_text.h"
#include "text/test_files.h"
#include "text/tokenizer_folder.h"
#include "text/unicode.h"
#include "text/vocab_files.h"

namespace hilum {
namespace {

using test::AnyJson;
using testing::HasSubstr;

const std::string kBert = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nheart\n##s\n";
const std::string kVocab = R"({"a":0,"b":1,"a</w>":2,"b</w>":3,"ab</w>":4,"<|startoftext|>":5,"<|endoftext|>":6})";
const std::string kMerges = "#version: 0.2\na b</w>\n";

std::string bert_error(const std::string& text, const TokenizerSettings& settings = {}) {
  return error_of([&] { make_tokenizer(read_bert_vocab(text, settings, "vocab.txt"), "vocab.txt"); });
}
std::string bpe_error(const std::string& vocab, const std::string& merges, const TokenizerSettings& settings = {}) {
  return error_of([&] { make_tokenizer(read_bpe_files(vocab, merges, settings, "clip"), "clip"); });
}
std::string settings_error(const char* config, const char* special = "null", const char* added = "null") {
  return error_of(
      [&] { read_tokenizer_settings(Json::parse(config), Json::parse(special), Json::parse(added), "folder"); });
}

TEST(VocabFiles, SoundFilesLoad) {
  EXPECT_EQ(bert_error(kBert), "no error");
  EXPECT_EQ(bpe_error(kVocab, kMerges), "no error");
  const Tokenizer bert =
      make_tokenizer(read_bert_vocab("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\nheart\r\n##s", {}, "crlf"), "crlf");
  EXPECT_EQ(bert.encode_text("Hearts?").ids, (std::vector<int32_t>{2, 5, 6, 1, 3}));
  EXPECT_TRUE(bert.is_special(4));
}

TEST(VocabFiles, BrokenVocabTxtIsRefusedByLine) {
  EXPECT_THAT(bert_error(""), HasSubstr("is empty"));
  EXPECT_THAT(bert_error("[PAD]\n\n[UNK]\n"), HasSubstr("line 2: is empty"));
  EXPECT_THAT(bert_error(kBert + "heart\n"), HasSubstr("piece \"heart\" has the ids 5 and 7"));
  EXPECT_THAT(bert_error(kBert + "\xFF\n"), HasSubstr("line 8: is not UTF-8"));
  EXPECT_THAT(bert_error("[PAD]\n[UNK]\n[CLS]\n[MASK]\n"), HasSubstr("\"[SEP]\" is not in the vocabulary"));
  EXPECT_THAT(
      bert_error(kBert, {.tokenizer_class = "XLNetTokenizer"}), HasSubstr("\"XLNetTokenizer\" is not supported"));
}

TEST(VocabFiles, BrokenBpeFilesAreRefusedByPlace) {
  EXPECT_THAT(bpe_error("[]", kMerges), HasSubstr("vocab.json"));
  EXPECT_THAT(bpe_error("{\"a\":0", kMerges), HasSubstr("vocab.json: not valid JSON"));
  EXPECT_THAT(bpe_error(R"({"a":0,"a":1})", kMerges, {.unk = "a"}), HasSubstr("clip"));
  EXPECT_THAT(bpe_error(R"({"a":{}})", kMerges), HasSubstr("vocab[\"a\"]"));
  EXPECT_THAT(bpe_error(R"({"a":-1})", kMerges), HasSubstr("outside 0.."));
  EXPECT_THAT(bpe_error(kVocab + ",{}", kMerges), HasSubstr("not valid JSON"));
  EXPECT_THAT(bpe_error(kVocab, "#version: 0.2\na\n"), HasSubstr("merges.txt: line 2: \"a\" is not two pieces"));
  EXPECT_THAT(bpe_error(kVocab, "a b c\n"), HasSubstr("line 1"));
  EXPECT_THAT(bpe_error(kVocab, "a z\n"), HasSubstr("needs the piece \"z\""));
  EXPECT_THAT(bpe_error(R"({"a":0,"<|endoftext|>":1,"a</w>":2})", ""),
      HasSubstr("\"<|startoftext|>\" is not in the vocabulary"));
  EXPECT_THAT(bpe_error(kVocab, kMerges, {.tokenizer_class = "LlamaTokenizer"}),
      HasSubstr("\"LlamaTokenizer\" is not supported"));
}

TEST(VocabFiles, BrokenSettingsAreRefusedByPlace) {
  EXPECT_THAT(settings_error("[]"), HasSubstr("tokenizer_config.json: is not a JSON object"));
  EXPECT_THAT(settings_error(R"({"do_lower_case":"no"})"), HasSubstr("do_lower_case"));
  EXPECT_THAT(settings_error(R"({"cls_token":7})"), HasSubstr("cls_token"));
  EXPECT_THAT(settings_error(R"({"cls_token":{"content":""}})"), HasSubstr("content is empty"));
  EXPECT_THAT(settings_error(R"({"model_max_length":-3})"), HasSubstr("model_max_length"));
  EXPECT_THAT(settings_error(R"({"added_tokens_decoder":{"x":{"content":"a"}}})"), HasSubstr("\"x\" is no token id"));
  EXPECT_THAT(settings_error(R"({"added_tokens_decoder":{"3":{"content":"a"}}})", "null", R"({"a":4})"),
      HasSubstr("has the ids 3 and 4"));
  EXPECT_THAT(settings_error("null", "null", R"({"a":99999999})"), HasSubstr("outside 0.."));
}

TEST(VocabFiles, TheAbsurdLengthMeansNone) {
  const auto length = [](const char* json) {
    return read_tokenizer_settings(Json::parse(json), Json(), Json(), "f").max_length;
  };
  EXPECT_EQ(length(R"({"model_max_length":1000000000000000019884624838656})"), 0);
  EXPECT_EQ(length(R"({"model_max_length":512})"), 512);
}

TEST(VocabFiles, AFolderGivesItsTokenizerJsonElseItsOlderFiles) {
  const TempFolder folder;
  EXPECT_THROW(load_tokenizer_folder(folder), Error);
  write_file(folder / "vocab.txt", kBert);
  EXPECT_EQ(load_tokenizer_folder(folder).id("heart"), 5);
  write_file(folder / "tokenizer_config.json", R"({"do_lower_case":false,"model_max_length":3})");
  EXPECT_EQ(load_tokenizer_folder(folder).encode_text("Heart heart").ids, (std::vector<int32_t>{2, 1, 3}));
  write_file(folder / "vocab.json", kVocab);
  write_file(folder / "merges.txt", kMerges);
  EXPECT_EQ(load_tokenizer_folder(folder).encode("AB", false), std::vector<int32_t>{4});
  write_file(folder / "tokenizer.json", R"({"model":{"vocab":{"a":0},"merges":[]}})");
  EXPECT_EQ(load_tokenizer_folder(folder).vocab_size(), 1);
}

// The library's tables are of Unicode 8 here, ours of 15. Compared: every code point of the blocks that did not change
// between.
TEST(BertText, CharactersAreSortedAsInTheReferenceLibrary) {
  const AnyJson golden = test::text_fixture("bert_characters.json");
  std::vector<uint8_t> bits(0x110000);
  const char* names[] = {"removed", "blank", "apart", "marks", "punctuation"};
  for (int i = 0; i < 5; ++i)
    for (const AnyJson& range : golden[names[i]])
      for (int c = range[0]; c <= range[1].get<int>(); ++c)
        bits[static_cast<size_t>(c)] |= static_cast<uint8_t>(1 << i);
  const std::pair<char32_t, char32_t> blocks[] = {{0, 0x5FF}, {0x1E00, 0x2E42}, {0x3000, 0x9FFF}, {0xAC00, 0xD7FF},
      {0xE000, 0xFE1F}, {0xFE30, 0xFFFF}, {0x1D400, 0x1D7FF}, {0x1F000, 0x1FAFF}, {0x20000, 0x2FFFF},
      {0xE0000, 0x10FFFF}};
  int compared = 0;
  for (const auto& [first, last] : blocks)
    for (char32_t c = first; c <= last; ++c, ++compared) {
      const bool removed = is_bert_removed(c), blank = !removed && c != ' ' && is_unicode_space(c);
      const int ours =
          removed | blank << 1 | is_cjk_ideograph(c) << 2 | is_combining_mark(c) << 3 | is_bert_punctuation(c) << 4;
      ASSERT_EQ(ours, bits[c]) << "U+" << std::hex << static_cast<uint32_t>(c);
    }
  EXPECT_GT(compared, 200'000);
}

}  // namespace
}  // namespace hilum
