#include "text/tokenizer.h"

#include <ctime>

#include <gtest/gtest.h>

#include "base/error.h"
#include "text/stream_decoder.h"
#include "text/test_files.h"

namespace hilum {
namespace {

using test::AnyJson;
using Ids = std::vector<int32_t>;

std::string streamed(const Tokenizer& tokenizer, const Ids& ids, bool skip_special) {
  StreamDecoder decoder(tokenizer, skip_special);
  std::string text;
  for (const int32_t id : ids) text += decoder.push(id);
  return text + decoder.finish();
}

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void expect_as_recorded(const Tokenizer& tokenizer, const AnyJson& record) {
  for (const AnyJson& row : record["encode"])
    EXPECT_EQ(test::with_suffix(tokenizer, row["text"]), row["ids"].get<Ids>()) << row["text"];
  for (const AnyJson& row : record["decode"]) {
    const Ids ids = row["ids"];
    EXPECT_EQ(tokenizer.decode(ids, true), row["text"].get<std::string>()) << row["ids"];
    EXPECT_EQ(tokenizer.decode(ids, false), row["all"].get<std::string>()) << row["ids"];
    EXPECT_EQ(streamed(tokenizer, ids, true), row["text"].get<std::string>()) << row["ids"];
    EXPECT_EQ(streamed(tokenizer, ids, false), row["all"].get<std::string>()) << row["ids"];
  }
}

TEST(Tokenizer, PublishedPromptsGiveTheirPublishedIds) {
  const Tokenizer tokenizer = test::reduced_llama();
  const AnyJson golden = test::text_fixture("llama_golden.json");
  ASSERT_EQ(golden["prompts"].size(), 5u);
  for (const AnyJson& prompt : golden["prompts"])
    EXPECT_EQ(tokenizer.encode(prompt["text"].get<std::string>(), prompt["bos"]), prompt["ids"].get<Ids>())
        << prompt["name"];
}

TEST(Tokenizer, LlamaKindsAgreeWithTheReferenceLibraryOnOddStrings) {
  const AnyJson golden = test::text_fixture("llama_golden.json");
  ASSERT_EQ(golden["variants"].size(), 5u);
  for (const auto& [name, record] : golden["variants"].items()) {
    SCOPED_TRACE(name);
    expect_as_recorded(test::reduced_llama(record["changes"]), record);
  }
}

TEST(Tokenizer, ByteLevelKindsAgreeWithTheReferenceLibraryOnOddStrings) {
  const AnyJson golden = test::text_fixture("byte_bpe.json");
  ASSERT_EQ(golden["variants"].size(), 4u);
  for (const auto& [name, record] : golden["variants"].items()) {
    SCOPED_TRACE(name);
    expect_as_recorded(parse_tokenizer(record["file"].dump(), name), record);
  }
}

TEST(Tokenizer, MergesWrittenAsStringsEqualMergesWrittenAsPairs) {
  AnyJson file = test::text_fixture("llama_reduced.json");
  for (AnyJson& merge : file["model"]["merges"])
    merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
  const Tokenizer strings = parse_tokenizer(file.dump(), "strings"), pairs = test::reduced_llama();
  const std::string text = "The heart is clear.<obj>There is a large right pleural effusion.";
  EXPECT_EQ(strings.encode(text, true), pairs.encode(text, true));
}

TEST(Tokenizer, AnswersKeepGroundingTokensAndLoseSpecialOnes) {
  const Tokenizer tokenizer = test::reduced_llama();
  const Ids ids = {1, 32000, 8439, 338, 2821, 29889, 32202, 32007, 32203, 32001,
      2};  // <s><obj>There is clear.<box><x5></box></obj></s>
  EXPECT_EQ(tokenizer.decode(ids, true), "<obj>There is clear.<box><x5></box></obj>");
  EXPECT_EQ(tokenizer.decode(ids, false), "<s><obj>There is clear.<box><x5></box></obj></s>");
}

TEST(Tokenizer, TokensAndIdsNameEachOther) {
  const Tokenizer tokenizer = test::reduced_llama();
  EXPECT_EQ(tokenizer.id("<image>"), 32204);
  EXPECT_EQ(tokenizer.id("<y0>"), 32102);
  EXPECT_EQ(tokenizer.id("▁the"), 278);
  EXPECT_EQ(tokenizer.id("nonsense"), std::nullopt);
  EXPECT_EQ(tokenizer.token(32206), "<lat_image>");
  EXPECT_TRUE(tokenizer.is_special(2));
  EXPECT_FALSE(tokenizer.is_special(32000));
  EXPECT_FALSE(tokenizer.has(32500));
  EXPECT_THROW(tokenizer.token(32500), Error);
  EXPECT_THROW(tokenizer.token(-1), Error);
  EXPECT_EQ(tokenizer.prefix_ids(), Ids{1});
}

TEST(Tokenizer, SegmentsMergeAcrossTheirBorders) {
  const Tokenizer tokenizer = test::reduced_llama();
  const std::string text = "the finding is in the chest X-ray image";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    const TextSegment segments[] = {{text.substr(0, cut)}, {text.substr(cut), false}};
    EXPECT_EQ(tokenizer.encode_segments(segments, true), tokenizer.encode(text, true)) << cut;
  }
}

TEST(Tokenizer, LiteralTextNeverBecomesAnAddedToken) {
  const AnyJson bytes = test::text_fixture("byte_bpe.json")["variants"];
  std::vector<Tokenizer> tokenizers = {test::reduced_llama(),
      test::reduced_llama(test::text_fixture("llama_golden.json")["variants"]["legacy"]["changes"])};
  for (const auto& [name, record] : bytes.items()) tokenizers.push_back(parse_tokenizer(record["file"].dump(), name));
  for (const Tokenizer& tokenizer : tokenizers) {
    const int32_t obj = *tokenizer.id("<obj>"), bos = *tokenizer.id("<s>"), image = *tokenizer.id("<image>");
    const TextSegment segments[] = {{"the<obj>"}, {"<image><obj> <s> <ima", false}, {"ge> <obj>"}};
    const Ids ids = tokenizer.encode_segments(segments, false);
    EXPECT_EQ(std::count(ids.begin(), ids.end(), obj), 2);
    EXPECT_EQ(std::count(ids.begin(), ids.end(), image),
        0);  // neither the user's nor the one that would form across the border
    EXPECT_EQ(std::count(ids.begin(), ids.end(), bos), 0);
    EXPECT_NE(tokenizer.decode(ids, true).find("<image><obj> <s> <image>"), std::string::npos)
        << tokenizer.decode(ids, true);
  }
}

TEST(Tokenizer, BytesThatAreNoUtf8BecomeReplacementCharacters) {
  const Tokenizer tokenizer = test::reduced_llama();
  EXPECT_EQ(tokenizer.encode("the\xC3(\xF0\x9F\x99", false), tokenizer.encode("the�(�", false));
}

TEST(Tokenizer, LongInputsAreNearLinear) {
  const Tokenizer tokenizer = test::reduced_llama();
  const auto seconds =
      [&](int repeats) {  // of this thread's own time, best of three: other work on the machine does not count
        std::string text;
        for (int i = 0; i < repeats; ++i) text += " the finding in the chest image is clear";
        double best = 1e9;
        for (int run = 0; run < 3; ++run) {
          const double start = thread_seconds();
          EXPECT_EQ(tokenizer.encode(text, false).size(),
              9u * repeats);  // for the model all is one word; "chest" is two pieces
          best = std::min(best, thread_seconds() - start);
        }
        return best;
      };
  const double small = seconds(500), large = seconds(10'000);
  EXPECT_LT(large, small * 20 * 8) << "quadratic time would be 400 times";
}

TEST(StreamDecoder, PiecesNeverEndInsideACharacter) {
  const AnyJson golden = test::text_fixture("byte_bpe.json");
  const Tokenizer tokenizer = parse_tokenizer(golden["variants"]["gpt2"]["file"].dump(), "gpt2");
  const std::string text = "漢字🙂é";
  StreamDecoder decoder(tokenizer, true);
  std::string joined;
  for (const int32_t id : tokenizer.encode(text, true)) {
    const std::string piece = decoder.push(id);
    EXPECT_EQ(piece.find("\xEF\xBF\xBD"), std::string::npos);
    EXPECT_TRUE(piece.empty() || (static_cast<uint8_t>(piece.back()) < 0x80) || text.find(piece) != std::string::npos);
    EXPECT_NO_THROW(AnyJson(piece).dump());  // throws on a cut character
    joined += piece;
  }
  EXPECT_EQ(joined + decoder.finish(), text);
}

TEST(StreamDecoder, TextComesAsSoonAsItIsCertain) {
  const Tokenizer tokenizer = test::reduced_llama();
  StreamDecoder decoder(tokenizer, true);
  EXPECT_EQ(decoder.push(278), "the");  // the very first blank goes
  EXPECT_EQ(decoder.push(1967), " image");
  EXPECT_EQ(decoder.push(3 + 0xC3), "");  // half of a character
  EXPECT_EQ(decoder.push(3 + 0xA9), "");  // a run of byte pieces counts as a whole
  EXPECT_EQ(decoder.push(29889), "é.");
  EXPECT_EQ(decoder.push(2), "");
  EXPECT_EQ(decoder.finish(), "");
}

}  // namespace
}  // namespace hilum
