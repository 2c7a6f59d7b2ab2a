#include "text/pre_tokenizer.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "text/bert_text.h"
#include "text/byte_alphabet.h"
#include "text/regex.h"
#include "text/unicode.h"

namespace hilum {
namespace {

using Step = std::function<void(Word&&, std::vector<Word>&)>;

void emit(std::vector<Word>& out, const Word& word, size_t begin, size_t end) {
  if (begin < end) out.push_back({word.text.substr(begin, end - begin), word.at_text_start && begin == 0});
}

// Matches of the pattern and what lies between them, each a word of its own; `removed` drops the matches, `invert`
// swaps the two.
void split_by(const Regex& regex, Word&& word, std::vector<Word>& out, bool removed, bool invert) {
  size_t at = 0;
  const auto between = [&](size_t end) {
    if (!(removed && invert)) emit(out, word, at, end);
  };
  for (const TextRange& match : regex.find_all(word.text)) {
    between(match.begin);
    if (!removed || invert) emit(out, word, match.begin, match.end);
    at = match.end;
  }
  between(word.text.size());
}

Step split_step(const JsonFields& fields) {
  const JsonFields pattern(fields.member("pattern"), fields.place("pattern"));
  check(pattern.has("Regex") || pattern.has("String"), pattern.where().c_str(),
      "is neither a \"Regex\" nor a \"String\"");
  const std::string source = pattern.has("Regex") ? pattern.text("Regex") : regex_escape(pattern.text("String"));
  const std::string behavior = fields.text("behavior");
  check(behavior == "Isolated" || behavior == "Removed", fields.place("behavior").c_str(),
      "\"" + behavior + "\" is not supported", "Supported: Isolated, Removed.");
  return
      [regex = Regex(source, pattern.where()), removed = behavior == "Removed", invert = fields.flag("invert", false)](
          Word&& word, std::vector<Word>& out) { split_by(regex, std::move(word), out, removed, invert); };
}

Step byte_level_step(const JsonFields& fields) {
  const bool add_prefix_space = fields.flag("add_prefix_space", true), use_regex = fields.flag("use_regex", true);
  return [regex = Regex(kByteLevelPattern, fields.where()), add_prefix_space, use_regex](
             Word&& word, std::vector<Word>& out) {
    if (add_prefix_space && !word.text.starts_with(' ')) word.text.insert(word.text.begin(), ' ');
    const size_t first = out.size();
    if (use_regex) split_by(regex, std::move(word), out, false, false);
    else out.push_back(std::move(word));
    for (size_t i = first; i < out.size(); ++i) out[i].text = to_visible_bytes(out[i].text);
  };
}

Step metaspace_step(const JsonFields& fields) {
  const std::string mark = fields.text("replacement", "\xE2\x96\x81");  // U+2581, the visible blank
  check(!mark.empty(), fields.place("replacement").c_str(), "is empty");
  const std::string scheme = fields.text("prepend_scheme", fields.flag("add_prefix_space", true) ? "always" : "never");
  check(scheme == "first" || scheme == "always" || scheme == "never", fields.place("prepend_scheme").c_str(),
      "\"" + scheme + "\" is not supported", "Supported: first, always, never.");
  const bool before_blanks = fields.flag("before_blanks_too", false);  // SentencePiece: ours, no tokenizer.json has it
  return [mark, scheme, before_blanks, split = fields.flag("split", true)](Word&& word, std::vector<Word>& out) {
    std::string marked;
    for (const char c : word.text) c == ' ' ? marked += mark : marked += c;
    const bool wanted = scheme == "always" || (scheme == "first" && word.at_text_start);
    if (wanted && (before_blanks || !marked.starts_with(mark))) marked.insert(0, mark);
    const Word whole{std::move(marked), word.at_text_start};
    size_t begin = 0;
    if (split)  // each mark begins a word
      for (size_t at = whole.text.find(mark, 1); at != std::string::npos;
          at = whole.text.find(mark, at + mark.size())) {
        emit(out, whole, begin, at);
        begin = at;
      }
    emit(out, whole, begin, whole.text.size());
  };
}

// White space is dropped, each punctuation mark is a word.
void bert_step(Word&& word, std::vector<Word>& out) {
  size_t begin = 0, at = 0;
  while (at < word.text.size()) {
    const CodePoint point = decode_utf8(std::string_view(word.text).substr(at));
    const size_t end = at + static_cast<size_t>(point.length);
    const bool mark = is_bert_punctuation(point.value);
    if (mark || is_unicode_space(point.value)) {
      emit(out, word, begin, at);
      if (mark) emit(out, word, at, end);
      begin = end;
    }
    at = end;
  }
  emit(out, word, begin, at);
}

}  // namespace

void PreTokenizer::add(const Json& spec, const std::string& where, int depth) {
  if (spec.is_null()) return;
  check(depth < 8, where.c_str(), "pre-tokenizers nested too deep");
  const JsonFields fields(spec, where);
  const std::string type = fields.text("type");
  if (type == "Sequence") {
    const Json& list = fields.member("pretokenizers");
    check(list.is_array(), fields.place("pretokenizers").c_str(), "is not a list");
    for (size_t i = 0; i < list.size(); ++i)
      add(list[i], where + ": pretokenizers[" + std::to_string(i) + "]", depth + 1);
  } else if (type == "Metaspace") {
    steps_.push_back(metaspace_step(fields));
  } else if (type == "ByteLevel") {
    steps_.push_back(byte_level_step(fields));
  } else if (type == "BertPreTokenizer") {
    steps_.push_back(bert_step);
  } else if (type == "Split") {
    steps_.push_back(split_step(fields));
  } else {
    throw Error(where, "the pre-tokenizer \"" + type + "\" is not supported",
        "Supported: Sequence, Metaspace, ByteLevel, BertPreTokenizer, Split.");
  }
}

std::vector<Word> PreTokenizer::split(Word text) const {
  std::vector<Word> words;
  if (text.text.empty()) return words;
  words.push_back(std::move(text));
  for (const Step& step : steps_) {
    std::vector<Word> next;
    for (Word& word : words) step(std::move(word), next);
    words = std::move(next);
  }
  return words;
}

}  // namespace hilum
