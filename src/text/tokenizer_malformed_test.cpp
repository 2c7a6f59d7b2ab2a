// Broken and unsupported tokenizer files: one Error each, that names file and place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "text/test_files.h"

namespace hilum {
namespace {

using test::AnyJson;

std::string problem_of_json(const std::string& json) {
  return error_of([&] { parse_tokenizer(json, "bad.json"); });
}

// A small sound file, changed by `edit`.
std::string changed(const std::function<void(AnyJson&)>& edit) {
  AnyJson file = AnyJson::parse(R"({"added_tokens":[{"id":4,"content":"<s>","special":true}],"normalizer":null,
    "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"decoder":{"type":"ByteLevel"},"post_processor":null,
    "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"c":3},"merges":[["a","b"]]}})");
  edit(file);
  return file.dump();
}

TEST(MalformedTokenizer, TheSoundFileLoads) {
  EXPECT_EQ(parse_tokenizer(changed([](AnyJson&) {}), "good.json").encode("abc", false), (std::vector<int32_t>{2, 3}));
}

TEST(MalformedTokenizer, EveryCutOffFileIsRefused) {
  const std::string whole = changed([](AnyJson&) {});
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_THAT(problem_of_json(whole.substr(0, size)), testing::HasSubstr("bad.json")) << size;
}

TEST(MalformedTokenizer, DeepJsonIsRefused) {
  EXPECT_THAT(problem_of_json(std::string(100'000, '[')), testing::HasSubstr("nested deeper than 64"));
  EXPECT_THAT(problem_of_json("{\"model\":" + std::string(1000, '[') + std::string(1000, ']') + "}"),
      testing::HasSubstr("nested deeper"));
}

struct Case {
  const char* name;
  std::function<void(AnyJson&)> edit;
  const char* says;
};

class BadFile : public testing::TestWithParam<Case> {};

TEST_P(BadFile, IsRefusedByName) {
  const std::string error = problem_of_json(changed(GetParam().edit));
  EXPECT_THAT(error, testing::HasSubstr(GetParam().says));
  EXPECT_THAT(error, testing::StartsWith("bad.json"));
}

const Case kCases[] = {
    {"NoModel", [](AnyJson& f) { f.erase("model"); }, "has no \"model\""},
    {"ModelIsAList", [](AnyJson& f) { f["model"] = AnyJson::array(); }, "has no \"model\""},
    {"Unigram",
        [](AnyJson& f) { f["model"] = {{"type", "Unigram"}, {"vocab", AnyJson::array({AnyJson::array({"a", 0.5})})}}; },
        "\"Unigram\" is not supported"},
    {"WordLevel", [](AnyJson& f) { f["model"]["type"] = "WordLevel"; }, "\"WordLevel\" is not supported"},
    {"WordPieceWithoutUnk", [](AnyJson& f) { f["model"]["type"] = "WordPiece"; }, "\"[UNK]\" is not in the vocabulary"},
    {"WordPieceWordsTooLong",
        [](AnyJson& f) {
          f["model"] = {
              {"type", "WordPiece"}, {"unk_token", "a"}, {"max_input_chars_per_word", 100000}, {"vocab", {{"a", 0}}}};
        },
        "max_input_chars_per_word: is 100000"},
    {"WordPieceWordsOfNothing",
        [](AnyJson& f) {
          f["model"] = {
              {"type", "WordPiece"}, {"unk_token", "a"}, {"max_input_chars_per_word", 0}, {"vocab", {{"a", 0}}}};
        },
        "wanted 1 to 1000"},
    {"NoVocab", [](AnyJson& f) { f["model"].erase("vocab"); }, "model: vocab"},
    {"IdTwice", [](AnyJson& f) { f["model"]["vocab"]["c"] = 1; }, "id 1 stands for both"},
    {"IdNegative", [](AnyJson& f) { f["model"]["vocab"]["c"] = -1; }, "model.vocab[\"c\"]"},
    {"IdHuge", [](AnyJson& f) { f["model"]["vocab"]["c"] = 1'000'000'000; }, "outside 0..4194303"},
    {"IdBeyond64Bits", [](AnyJson& f) { f["model"]["vocab"]["c"] = UINT64_MAX; }, "outside 0..4194303"},
    {"IdIsText", [](AnyJson& f) { f["model"]["vocab"]["c"] = "3"; }, "vocab[\"c\"]"},
    {"IdIsAFraction", [](AnyJson& f) { f["model"]["vocab"]["c"] = 3.5; }, "vocab[\"c\"]"},
    {"IdIsAnObject", [](AnyJson& f) { f["model"]["vocab"]["c"] = AnyJson::object(); }, "vocab[\"c\"]"},
    {"MergeOfUnknownPiece", [](AnyJson& f) { f["model"]["merges"].push_back({"a", "z"}); }, "needs the piece \"z\""},
    {"MergeMakesUnknownPiece", [](AnyJson& f) { f["model"]["merges"].push_back({"a", "c"}); },
        "needs the piece \"ac\""},
    {"MergeOfThree", [](AnyJson& f) { f["model"]["merges"].push_back({"a", "b", "c"}); }, "this one has 3"},
    {"MergeIsANumber", [](AnyJson& f) { f["model"]["merges"].push_back(7); }, "merges[1]"},
    {"MergeStringWithoutBlank", [](AnyJson& f) { f["model"]["merges"].push_back("ab"); }, "not two pieces"},
    {"MergeStringWithTwoBlanks", [](AnyJson& f) { f["model"]["merges"].push_back("a b c"); }, "not two pieces"},
    {"AddedTokenTakesAnId", [](AnyJson& f) { f["added_tokens"][0]["id"] = 2; }, "id 2 stands for both"},
    {"AddedTokenHasTwoIds", [](AnyJson& f) { f["added_tokens"][0]["content"] = "ab"; }, "has the ids 2 and 4"},
    {"AddedTokenTwice", [](AnyJson& f) { f["added_tokens"].push_back(f["added_tokens"][0]); }, "stands there twice"},
    {"AddedTokenEmpty", [](AnyJson& f) { f["added_tokens"][0]["content"] = ""; }, "added_tokens[0]"},
    {"AddedTokenHuge", [](AnyJson& f) { f["added_tokens"][0]["id"] = 99'999'999; }, "added_tokens[0]"},
    {"AddedTokenFlagIsText", [](AnyJson& f) { f["added_tokens"][0]["special"] = "yes"; }, "added_tokens[0]: special"},
    {"AddedTokensIsText", [](AnyJson& f) { f["added_tokens"] = "none"; }, "added_tokens is not a list"},
    {"Precompiled", [](AnyJson& f) { f["normalizer"] = {{"type", "Precompiled"}}; },
        "normalizer \"Precompiled\" is not supported"},
    {"ReplaceOfABadRegex",
        [](AnyJson& f) { f["normalizer"] = {{"type", "Replace"}, {"pattern", {{"Regex", "(a"}}}, {"content", ""}}; },
        "does not compile"},
    {"ReplaceOfNothing",
        [](AnyJson& f) { f["normalizer"] = {{"type", "Replace"}, {"pattern", {{"String", ""}}}, {"content", "a"}}; },
        "is empty"},
    {"LowercaseIsText", [](AnyJson& f) { f["normalizer"] = {{"type", "BertNormalizer"}, {"lowercase", "yes"}}; },
        "lowercase: is neither"},
    {"NormalizerDeep",
        [](AnyJson& f) {
          AnyJson n = {{"type", "NFC"}};
          for (int i = 0; i < 12; ++i) n = {{"type", "Sequence"}, {"normalizers", AnyJson::array({n})}};
          f["normalizer"] = n;
        },
        "nested too deep"},
    {"Whitespace", [](AnyJson& f) { f["pre_tokenizer"] = {{"type", "Whitespace"}}; },
        "pre-tokenizer \"Whitespace\" is not supported"},
    {"SplitBehaviour",
        [](AnyJson& f) {
          f["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"String", " "}}}, {"behavior", "MergedWithNext"}};
        },
        "\"MergedWithNext\" is not supported"},
    {"BadRegex",
        [](AnyJson& f) {
          f["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"Regex", "(a"}}}, {"behavior", "Isolated"}};
        },
        "does not compile"},
    {"PrependScheme", [](AnyJson& f) { f["pre_tokenizer"] = {{"type", "Metaspace"}, {"prepend_scheme", "often"}}; },
        "\"often\""},
    {"CtcDecoder", [](AnyJson& f) { f["decoder"] = {{"type", "CTC"}}; }, "decoder \"CTC\" is not supported"},
    {"EmptySuffix", [](AnyJson& f) { f["decoder"] = {{"type", "BPEDecoder"}, {"suffix", ""}}; }, "suffix: is empty"},
    {"StripOfAWord",
        [](AnyJson& f) { f["decoder"] = {{"type", "Strip"}, {"content", "ab"}, {"start", 1}, {"stop", 0}}; },
        "not one character"},
    {"PostProcessor", [](AnyJson& f) { f["post_processor"] = {{"type", "Unheard"}}; }, "\"Unheard\" is not supported"},
    {"RobertaWithoutCls", [](AnyJson& f) { f["post_processor"] = {{"type", "RobertaProcessing"}}; }, "has no \"cls\""},
    {"BertWithoutId",
        [](AnyJson& f) { f["post_processor"] = {{"type", "BertProcessing"}, {"cls", {"a"}}, {"sep", {"b", 1}}}; },
        "cls: is not a token and its id"},
    {"BertWithUnknownId",
        [](AnyJson& f) { f["post_processor"] = {{"type", "BertProcessing"}, {"cls", {"a", 0}}, {"sep", {"b", 9}}}; },
        "id 9 is no token"},
    {"TruncationNegative", [](AnyJson& f) { f["truncation"] = {{"max_length", -1}}; }, "truncation: max_length: is -1"},
    {"TruncationSide", [](AnyJson& f) { f["truncation"] = {{"max_length", 3}, {"direction", "Up"}}; },
        "neither Left nor Right"},
    {"PaddingHuge", [](AnyJson& f) { f["padding"] = {{"strategy", {{"Fixed", 1 << 30}}}, {"pad_id", 0}}; },
        "padding: strategy: Fixed"},
    {"PaddingStrategy", [](AnyJson& f) { f["padding"] = {{"strategy", "Widest"}}; }, "neither BatchLongest nor Fixed"},
    {"PaddingWithUnknownId", [](AnyJson& f) { f["padding"] = {{"strategy", "BatchLongest"}, {"pad_id", 77}}; },
        "id 77 is no token"},
    {"TemplateWithUnknownId",
        [](AnyJson& f) {
          f["post_processor"] =
              AnyJson::parse(R"({"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}},
         {"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"x":{"id":"x","ids":[77],"tokens":["x"]}}})");
        },
        "id 77 is no token"},
    {"TemplateWithoutText",
        [](AnyJson& f) {
          f["post_processor"] = AnyJson::parse(R"({"type":"TemplateProcessing","single":[],"special_tokens":{}})");
        },
        "where the text goes"},
    {"Dropout", [](AnyJson& f) { f["model"]["dropout"] = 0.1; }, "random merges"},
    {"SubwordPrefix", [](AnyJson& f) { f["model"]["continuing_subword_prefix"] = "##"; }, "continuing_subword_prefix"},
    {"SuffixAndFallback",
        [](AnyJson& f) {
          f["model"]["end_of_word_suffix"] = "</w>";
          f["model"]["byte_fallback"] = true;
        },
        "end_of_word_suffix"},
    {"UnknownUnk", [](AnyJson& f) { f["model"]["unk_token"] = "<unk>"; }, "not in the vocabulary"},
    {"FallbackIsText", [](AnyJson& f) { f["model"]["byte_fallback"] = "true"; }, "byte_fallback"},
};
INSTANTIATE_TEST_SUITE_P(Cases, BadFile, testing::ValuesIn(kCases), [](const auto& test) { return test.param.name; });

TEST(MalformedTokenizer, NamesTwiceInOneObjectAreRefused) {
  EXPECT_THAT(problem_of_json(R"({"model":{"vocab":{"a":0,"a":1},"merges":[]}})"),
      testing::HasSubstr("piece \"a\" has the ids 0 and 1"));
  EXPECT_THAT(
      problem_of_json(R"({"model":{"vocab":{"a":0},"merges":[],"vocab":{"b":1}}})"), testing::HasSubstr("twice"));
  EXPECT_THAT(problem_of_json(R"({"decoder":null,"decoder":null,"model":{"vocab":{"a":0},"merges":[]}})"),
      testing::HasSubstr("twice"));
}

TEST(MalformedTokenizer, APatternMadeToBeSlowEndsInAnError) {
  const Tokenizer tokenizer = parse_tokenizer(changed([](AnyJson& f) {
    f["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"Regex", "(a+)+(a+)+(a+)+$"}}}, {"behavior", "Isolated"}};
  }),
      "slow");
  EXPECT_THROW(tokenizer.encode(std::string(2000, 'a') + "b", false), Error);
}

TEST(MalformedTokenizer, AMissingFileIsNamed) { EXPECT_THROW(load_tokenizer("/nowhere/tokenizer.json"), Error); }

}  // namespace
}  // namespace hilum
