#include "text/vocab_files.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "text/special_tokens.h"
#include "text/unicode.h"

namespace hilum {
namespace {

// Lines without their ends, "\n" or "\r\n"; the last may lack its own.
template <class Line>
void for_each_line(std::string_view text, Line line) {
  for (size_t number = 0; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view one = text.substr(0, end);
    if (one.ends_with('\r')) one.remove_suffix(1);
    line(one, number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Json pair_json(const std::pair<std::string, int32_t>& token) { return Json::array({token.first, token.second}); }

// What all kinds end with: truncation, the id that pads, and the checks of tokenizer.json.
void finish(TokenizerFile& file, const TokenizerSettings& settings, int32_t pad_id, const std::string& where) {
  Json& rest = *file.rest;
  if (settings.max_length > 0) rest["truncation"] = {{"max_length", settings.max_length}};
  rest["padding"] = {{"strategy", "BatchLongest"}, {"pad_id", pad_id}};
  check_unique(file, where);
}

bool is_any_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* one) { return name == one; });
}

// A class that says nothing of the vocabulary's kind.
bool says_nothing(const std::string& name) {
  return is_any_of(name, {"", "PreTrainedTokenizer", "PreTrainedTokenizerFast", "TokenizersBackend"});
}

void refuse_class(const std::string& name, const char* files, const std::string& where) {
  throw Error(where, "the tokenizer class \"" + name + "\" is not supported with " + files,
      "Give the folder's tokenizer.json.");
}

}  // namespace

TokenizerFile read_bert_vocab(std::string_view vocab_txt, const TokenizerSettings& settings, const std::string& where) {
  if (!says_nothing(settings.tokenizer_class) &&
      !is_any_of(settings.tokenizer_class, {"BertTokenizer", "BertTokenizerFast"}))
    refuse_class(settings.tokenizer_class, "vocab.txt", where);
  TokenizerFile file;
  for_each_line(vocab_txt, [&](std::string_view line, size_t number) {
    const std::string place = where + ": line " + std::to_string(number + 1);
    check(number <= static_cast<size_t>(kMaxTokenId), place.c_str(),
        "is beyond the " + std::to_string(kMaxTokenId + 1) + " pieces that are read");
    check(!line.empty(), place.c_str(), "is empty", "Is this a vocab.txt, one piece a line?");
    std::string piece(line);
    check(to_valid_utf8(piece) == piece, place.c_str(), "is not UTF-8");
    file.vocab.emplace_back(std::move(piece), static_cast<int32_t>(number));
  });
  check(!file.vocab.empty(), where.c_str(), "is empty", "Is this a vocab.txt, one piece a line?");

  SpecialTokens special(file, settings, where);
  const auto pad = special.need(settings.pad, "[PAD]"), unk = special.need(settings.unk, "[UNK]");
  const auto cls = special.need(settings.cls, "[CLS]"), sep = special.need(settings.sep, "[SEP]");
  special.need(settings.mask, "[MASK]");
  file.rest = std::make_unique<Json>(
      Json{{"normalizer", {{"type", "BertNormalizer"}, {"clean_text", true},
                              {"handle_chinese_chars", settings.tokenize_chinese_chars},
                              {"strip_accents", settings.strip_accents ? Json(*settings.strip_accents) : Json()},
                              {"lowercase", settings.do_lower_case}}},
          {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
          {"post_processor", {{"type", "BertProcessing"}, {"cls", pair_json(cls)}, {"sep", pair_json(sep)}}},
          {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}},
          {"model", {{"type", "WordPiece"}, {"unk_token", unk.first}}}});
  finish(file, settings, pad.second, where);
  return file;
}

TokenizerFile read_bpe_files(std::string_view vocab_json, std::string_view merges_txt,
    const TokenizerSettings& settings, const std::string& where) {
  TokenizerFile file;
  file.vocab = read_vocab_json(vocab_json, where + ": vocab.json");
  const std::string place = where + ": merges.txt";
  for_each_line(merges_txt, [&](std::string_view line, size_t number) {
    if (line.empty() || (number == 0 && line.starts_with("#version"))) return;
    const size_t blank = line.find(' ');
    check(blank != std::string_view::npos && line.find(' ', blank + 1) == std::string_view::npos && blank > 0 &&
              blank + 1 < line.size(),
        (place + ": line " + std::to_string(number + 1)).c_str(),
        "\"" + to_valid_utf8(line) + "\" is not two pieces with one blank between");
    file.merges.emplace_back(line.substr(0, blank), line.substr(blank + 1));
  });

  const bool is_clip = is_any_of(settings.tokenizer_class, {"CLIPTokenizer", "CLIPTokenizerFast"});
  const bool is_gpt2 = is_any_of(settings.tokenizer_class, {"GPT2Tokenizer", "GPT2TokenizerFast"});
  if (!is_clip && !is_gpt2 && !says_nothing(settings.tokenizer_class))
    refuse_class(settings.tokenizer_class, "vocab.json and merges.txt", where);
  const bool has_suffix = std::any_of(
      file.vocab.begin(), file.vocab.end(), [](const auto& entry) { return entry.first.ends_with("</w>"); });
  const bool clip = is_clip || (!is_gpt2 && has_suffix);

  SpecialTokens special(file, settings, where);
  const auto unk = special.need(settings.unk, "<|endoftext|>"), eos = special.need(settings.eos, "<|endoftext|>");
  const auto bos = special.need(settings.bos, clip ? "<|startoftext|>" : "<|endoftext|>"),
             pad = special.need(settings.pad, "<|endoftext|>");
  const Json level = {{"type", "ByteLevel"}, {"add_prefix_space", !clip && settings.add_prefix_space}};
  file.rest = std::make_unique<Json>(
      Json{{"model", {{"type", "BPE"}, {"unk_token", unk.first}, {"end_of_word_suffix", clip ? "</w>" : ""}}}});
  Json& rest = *file.rest;
  if (clip) {
    // The slow CLIPTokenizer with ftfy mends broken encodings first; without it, and since transformers 5, this is all
    // that is done.
    rest["normalizer"] = {{"type", "Sequence"},
        {"normalizers",
            Json::array({{{"type", "NFC"}}, {{"type", "Replace"}, {"pattern", {{"Regex", "\\s+"}}}, {"content", " "}},
                {{"type", "Lowercase"}}})}};
    const char* pattern =
        R"(<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";
    rest["pre_tokenizer"] = {
        {"type", "Sequence"}, {"pretokenizers", Json::array({{{"type", "Split"}, {"pattern", {{"Regex", pattern}}},
                                                                 {"behavior", "Removed"}, {"invert", true}},
                                                    level})}};
    rest["post_processor"] = {{"type", "RobertaProcessing"}, {"cls", pair_json(bos)}, {"sep", pair_json(eos)}};
    // The suffix is written as the visible blank, so that the bytes' decoder makes it a blank; those at the ends go.
    constexpr int kAll = 1 << 30;
    rest["decoder"] = {{"type", "Sequence"},
        {"decoders",
            Json::array({{{"type", "Replace"}, {"pattern", {{"String", "</w>"}}}, {"content", "\xC4\xA0"}},
                {{"type", "ByteLevel"}}, {{"type", "Strip"}, {"content", " "}, {"start", kAll}, {"stop", kAll}}})}};
  } else {
    rest["pre_tokenizer"] = level;
    rest["decoder"] = {{"type", "ByteLevel"}};
  }
  finish(file, settings, pad.second, where);
  return file;
}

}  // namespace hilum
