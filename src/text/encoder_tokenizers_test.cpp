// WordPiece and CLIP's BPE against the tokenizers library and transformers' classes, string by string.
#include <gtest/gtest.h>

#include "base/error.h"
#include "text/stream_decoder.h"
#include "text/test_files.h"
#include "text/vocab_files.h"

namespace hilum {
namespace {

using test::AnyJson;
using Ids = std::vector<int32_t>;

std::string streamed_words(const Tokenizer& tokenizer, const Ids& ids, bool skip_special) {
  StreamDecoder decoder(tokenizer, skip_special);
  std::string text;
  for (const int32_t id : ids) text += decoder.push(id);
  return text + decoder.finish();
}

void expect_words_as_recorded(const Tokenizer& tokenizer, const AnyJson& record) {
  for (const AnyJson& row : record["encode"])
    EXPECT_EQ(test::with_suffix(tokenizer, row["text"]), row["ids"].get<Ids>()) << row["text"];
  for (const AnyJson& row : record["decode"]) {
    const Ids ids = row["ids"];
    EXPECT_EQ(tokenizer.decode(ids, true), row["text"].get<std::string>()) << row["ids"];
    EXPECT_EQ(streamed_words(tokenizer, ids, true), row["text"].get<std::string>()) << row["ids"];
    if (!row.contains("all")) continue;
    EXPECT_EQ(tokenizer.decode(ids, false), row["all"].get<std::string>()) << row["ids"];
  }
}

Json json_of(const AnyJson& value) { return Json::parse(value.dump()); }

TEST(EncoderTokenizers, WordPieceKindsAgreeWithTheReferenceLibraryOnOddStrings) {
  const AnyJson golden = test::text_fixture("wordpiece.json");
  ASSERT_EQ(golden["variants"].size(), 7u);
  for (const auto& [name, record] : golden["variants"].items()) {
    SCOPED_TRACE(name);
    ASSERT_GT(record["encode"].size(), 100u);
    expect_words_as_recorded(parse_tokenizer(record["file"].dump(), name), record);
  }
}

TEST(EncoderTokenizers, VocabTxtGivesTheIdsOfThePublishedClass) {
  const AnyJson golden = test::text_fixture("wordpiece.json");
  ASSERT_EQ(golden["files"].size(), 4u);
  for (const auto& [name, record] : golden["files"].items()) {
    SCOPED_TRACE(name);
    const TokenizerSettings settings = read_tokenizer_settings(json_of(record["config"]), Json(), Json(), name);
    expect_words_as_recorded(
        make_tokenizer(read_bert_vocab(record["vocab.txt"].get<std::string>(), settings, name), name), record);
  }
}

TEST(EncoderTokenizers, ClipKindsAgreeWithTheReferenceLibraryOnOddStrings) {
  const AnyJson golden = test::text_fixture("clip_bpe.json");
  ASSERT_EQ(golden["variants"].size(), 2u);
  for (const auto& [name, record] : golden["variants"].items()) {
    SCOPED_TRACE(name);
    ASSERT_GT(record["encode"].size(), 100u);
    expect_words_as_recorded(parse_tokenizer(record["file"].dump(), name), record);
  }
}

// The fixture keeps one vocabulary for the tokenizer.json and the two files.
Tokenizer clip_from_files(const AnyJson& golden, const AnyJson& config) {
  const std::string vocab = golden["variants"]["byte-level decoder"]["file"]["model"]["vocab"].dump();
  const TokenizerSettings settings = read_tokenizer_settings(json_of(config), Json(), Json(), "clip");
  return make_tokenizer(
      read_bpe_files(vocab, golden["files"]["merges.txt"].get<std::string>(), settings, "clip"), "clip");
}

// The ids stand in the model's own sources; the table here is a reduced one that holds them.
TEST(EncoderTokenizers, MedImageInsightsPublishedPromptsGiveTheirPublishedIds) {
  const AnyJson golden = test::text_fixture("clip_reduced.json");
  const Tokenizer tokenizer = parse_tokenizer(golden["file"].dump(), "clip_reduced.json");
  ASSERT_EQ(golden["prompts"].size(), 6u);
  for (const AnyJson& prompt : golden["prompts"]) {
    const Ids ids = prompt["ids"];
    EXPECT_EQ(tokenizer.encode_text({prompt["text"]}, {}).ids, ids) << prompt["text"];
    const EncodedText row = tokenizer.encode_text({prompt["text"]}, {.max_length = 77, .pad_to = 77, .pad_id = 49407});
    EXPECT_EQ(Ids(row.ids.begin(), row.ids.begin() + static_cast<ptrdiff_t>(ids.size())), ids);
    EXPECT_EQ(std::count(row.mask.begin(), row.mask.end(), 1), static_cast<ptrdiff_t>(ids.size()));
    EXPECT_EQ(row.ids.size(), 77u);
  }
}

TEST(EncoderTokenizers, LongTextsKeepTheirFirstSeventyFiveTokens) {
  const AnyJson golden = test::text_fixture("clip_reduced.json");
  const Tokenizer tokenizer = parse_tokenizer(golden["file"].dump(), "clip_reduced.json");
  std::string text;
  for (int i = 0; i < 100; ++i) text += " chest";
  const EncodedText row = tokenizer.encode_text({text}, {.max_length = 77, .pad_to = 77, .pad_id = 0});
  ASSERT_EQ(row.ids.size(), 77u);
  EXPECT_EQ(row.ids.front(), 49406);
  EXPECT_EQ(row.ids.back(), 49407);
  EXPECT_EQ(std::count(row.ids.begin(), row.ids.end(), 10563), 75);
}

TEST(EncoderTokenizers, VocabAndMergesGiveTheIdsOfThePublishedClass) {
  const AnyJson golden = test::text_fixture("clip_bpe.json");
  ASSERT_GT(golden["files"]["encode"].size(), 80u);
  expect_words_as_recorded(clip_from_files(golden, golden["files"]["config"]), golden["files"]);
  expect_words_as_recorded(
      clip_from_files(golden, {{"bos_token", "<|startoftext|>"}}), [&] {  // the kind shows in the pieces too
        AnyJson plain = golden["files"];
        for (const char* part : {"encode", "decode"})
          std::erase_if(plain[part].get_ref<AnyJson::array_t&>(),
              [](const AnyJson& row) { return row.dump().find("TOFTEXT") != std::string::npos; });
        return plain;
      }());
}

TEST(EncoderTokenizers, TheOlderFilesOfGpt2GiveTheReferenceLibrarysIds) {
  const AnyJson record = test::text_fixture("byte_bpe.json")["variants"]["gpt2"];
  std::string merges = "#version: 0.2\n";
  for (const AnyJson& merge : record["file"]["model"]["merges"])
    merges += merge[0].get<std::string>() + " " + merge[1].get<std::string>() + "\n";
  const TokenizerSettings settings = {
      .tokenizer_class = "GPT2Tokenizer", .unk = "<s>", .bos = "<s>", .eos = "</s>", .pad = "<s>"};
  const Tokenizer tokenizer =
      make_tokenizer(read_bpe_files(record["file"]["model"]["vocab"].dump(), merges, settings, "gpt2"), "gpt2");
  int compared = 0;
  for (const AnyJson& row : record["encode"]) {
    const std::string text = row["text"];
    if (text.find('<') != std::string::npos || text.find("ab") != std::string::npos)
      continue;  // the record's own added tokens
    Ids ids = row["ids"];
    ids = Ids(ids.begin() + 1, ids.end() - 1);  // without its <s> and </s>
    EXPECT_EQ(tokenizer.encode(text, true), ids) << text;
    EXPECT_EQ(tokenizer.decode(ids, false), text) << text;
    ++compared;
  }
  EXPECT_GT(compared, 10);
}

TEST(EncoderTokenizers, RowsOfSeventySevenAreThoseOfThePublishedClass) {
  const AnyJson golden = test::text_fixture("clip_bpe.json");
  const Tokenizer tokenizer = clip_from_files(golden, golden["files"]["config"]);
  EXPECT_EQ(tokenizer.text_length().max_length, 77);
  TextLength length = tokenizer.text_length();
  length.pad_to = 77;
  ASSERT_EQ(golden["files"]["padded"].size(), 3u);
  for (const AnyJson& row : golden["files"]["padded"]) {
    const EncodedText encoded = tokenizer.encode_text({row["text"]}, length);
    EXPECT_EQ(encoded.ids, row["ids"].get<Ids>());
    EXPECT_EQ(encoded.mask, row["mask"].get<Ids>());
    EXPECT_EQ(encoded.ids.size(), 77u);
  }
}

TEST(EncoderTokenizers, TruncationAndPaddingAreTheReferenceLibrarys) {
  const AnyJson golden = test::text_fixture("wordpiece.json");
  AnyJson file = golden["variants"][golden["lengths"]["file"].get<std::string>()]["file"];
  for (const AnyJson& setting : golden["lengths"]["settings"]) {
    file["truncation"] = setting["truncation"];
    file["padding"] = setting["padding"];
    const Tokenizer tokenizer = parse_tokenizer(file.dump(), "lengths");
    for (const AnyJson& row : setting["rows"]) {
      const EncodedText encoded = tokenizer.encode_text(row["text"].get<std::string>());
      EXPECT_EQ(encoded.ids, row["ids"].get<Ids>()) << setting["truncation"] << setting["padding"] << row["text"];
      EXPECT_EQ(encoded.mask, row["mask"].get<Ids>()) << setting["truncation"] << setting["padding"] << row["text"];
    }
  }
}

TEST(EncoderTokenizers, LiteralWordsNeverBecomeSpecialTokens) {
  const AnyJson golden = test::text_fixture("wordpiece.json");
  for (const char* name : {"uncased", "cased", "NFKC, added tokens"}) {
    const Tokenizer tokenizer = parse_tokenizer(golden["variants"][name]["file"].dump(), name);
    const EncodedText typed = tokenizer.encode_text({"no [SEP] here [CLS]", false}, {});
    EXPECT_EQ(std::count(typed.ids.begin(), typed.ids.end(), *tokenizer.id("[SEP]")), 1)
        << name;  // the one that ends the row
    EXPECT_EQ(std::count(typed.ids.begin(), typed.ids.end(), *tokenizer.id("[CLS]")), 1) << name;
  }
}

TEST(EncoderTokenizers, LengthsThatLeaveNoRoomAreRefused) {
  const AnyJson golden = test::text_fixture("wordpiece.json");
  const Tokenizer tokenizer = parse_tokenizer(golden["variants"]["uncased"]["file"].dump(), "uncased");
  EXPECT_THROW(tokenizer.encode_text({"heart"}, {.max_length = 1}), Error);
  EXPECT_EQ(tokenizer.encode_text({"heart"}, {.max_length = 2}).ids.size(), 2u);
}

TEST(EncoderTokenizers, ATokenizerLargerThanTheModelsTableIsRefused) {
  const AnyJson golden = test::text_fixture("wordpiece.json");
  const Tokenizer tokenizer = parse_tokenizer(golden["variants"]["uncased"]["file"].dump(), "uncased");
  EXPECT_NO_THROW(check_fits(tokenizer, tokenizer.vocab_size(), "t"));
  EXPECT_THROW(check_fits(tokenizer, tokenizer.vocab_size() - 1, "t"), Error);
}

}  // namespace
}  // namespace hilum
