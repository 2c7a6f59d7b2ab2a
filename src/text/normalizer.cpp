#include "text/normalizer.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <utf8proc.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "text/bert_text.h"
#include "text/regex.h"
#include "text/unicode.h"

namespace hilum {
namespace {

std::function<void(MaskedText&)> unicode_step(UnicodeForm form) {
  return [form](MaskedText& masked) {
    const bool any_literal = !masked.literal.empty() &&
                             std::find(masked.literal.begin(), masked.literal.end(), true) != masked.literal.end();
    masked.text = unicode_form(masked.text, form);
    masked.literal.assign(any_literal ? masked.text.size() : 0, true);
  };
}

void prepend(MaskedText& masked, const std::string& what) {
  if (masked.text.empty()) return;
  masked.text.insert(0, what);
  // Our own mark takes the character's side that it stands before, so that no token forms across the edge.
  if (!masked.literal.empty()) masked.literal.insert(masked.literal.begin(), what.size(), masked.literal.front());
}

// Puts together a changed text of which each part is literal if any byte was that it came from.
class Rewriter {
 public:
  explicit Rewriter(const MaskedText& from) : from_(from) { out_.text.reserve(from.text.size()); }
  void put(std::string_view piece, size_t begin, size_t end) {
    out_.text += piece;
    if (from_.literal.empty()) return;
    const auto first = from_.literal.begin();
    const bool literal = std::find(first + static_cast<ptrdiff_t>(begin), first + static_cast<ptrdiff_t>(end), true) !=
                         first + static_cast<ptrdiff_t>(end);
    out_.literal.insert(out_.literal.end(), piece.size(), literal);
  }
  void keep(size_t begin, size_t end) {  // as it stands
    out_.text.append(from_.text, begin, end - begin);
    if (from_.literal.empty()) return;
    out_.literal.insert(out_.literal.end(), from_.literal.begin() + static_cast<ptrdiff_t>(begin),
        from_.literal.begin() + static_cast<ptrdiff_t>(end));
  }
  MaskedText take() { return std::move(out_); }

 private:
  const MaskedText& from_;
  MaskedText out_;
};

void replace(MaskedText& masked, const std::vector<TextRange>& matches, const std::string& content) {
  if (matches.empty()) return;
  Rewriter out(masked);
  size_t at = 0;
  for (const TextRange& match : matches) {
    out.keep(at, match.begin);
    out.put(content, match.begin, match.end);
    at = match.end;
  }
  out.keep(at, masked.text.size());
  masked = out.take();
}

std::vector<TextRange> find_string(std::string_view text, std::string_view pattern) {
  std::vector<TextRange> found;
  for (size_t at = 0; (at = text.find(pattern, at)) != std::string_view::npos; at += pattern.size())
    found.push_back({at, at + pattern.size()});
  return found;
}

// Each character becomes what `change(character, out)` appends; false keeps it.
template <class Change>
void per_character(MaskedText& masked, Change change) {
  Rewriter out(masked);
  const std::string_view text = masked.text;
  std::string piece;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text.substr(at));
    const size_t end = at + static_cast<size_t>(point.length);
    piece.clear();
    if (change(point.value, piece)) out.put(piece, at, end);
    else out.keep(at, end);
    at = end;
  }
  masked = out.take();
}

void lowercase(MaskedText& masked) {
  per_character(masked, [](char32_t c, std::string& out) {
    const auto lower = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
    if (lower == c) return false;
    append_utf8(out, lower);
    if (c == 0x130) append_utf8(out, 0x307);  // the one character whose small form is two: i and a dot above
    return true;
  });
}

void drop(MaskedText& masked, bool (*unwanted)(char32_t)) {
  per_character(masked, [=](char32_t c, std::string&) { return unwanted(c); });
}

void clean(MaskedText& masked) {
  per_character(masked, [](char32_t c, std::string& out) {
    if (is_bert_removed(c)) return true;
    if (!is_unicode_space(c)) return false;
    out = " ";
    return true;
  });
}

void set_cjk_apart(MaskedText& masked) {
  per_character(masked, [](char32_t c, std::string& out) {
    if (!is_cjk_ideograph(c)) return false;
    out = " ";
    append_utf8(out, c);
    out += ' ';
    return true;
  });
}

// White space off the front, the end.
void strip(MaskedText& masked, bool left, bool right) {
  const std::string_view text = masked.text;
  size_t begin = 0, end = 0, at = 0;
  bool in_front = true;
  while (at < text.size()) {
    const CodePoint point = decode_utf8(text.substr(at));
    at += static_cast<size_t>(point.length);
    if (!is_unicode_space(point.value)) {
      in_front = false;
      end = at;
    } else if (in_front && left) begin = at;
  }
  if (!right) end = text.size();
  end = std::max(begin, end);
  Rewriter out(masked);
  out.keep(begin, end);
  masked = out.take();
}

}  // namespace

void Normalizer::add(const Json& spec, const std::string& where, int depth) {
  if (spec.is_null()) return;
  check(depth < 8, where.c_str(), "normalizers nested too deep");
  const JsonFields fields(spec, where);
  const std::string type = fields.text("type");
  if (type == "Sequence") {
    const Json& list = fields.member("normalizers");
    check(list.is_array(), fields.place("normalizers").c_str(), "is not a list");
    for (size_t i = 0; i < list.size(); ++i)
      add(list[i], where + ": normalizers[" + std::to_string(i) + "]", depth + 1);
  } else if (type == "Prepend") {
    steps_.push_back([what = fields.text("prepend")](MaskedText& text) { prepend(text, what); });
  } else if (type == "Replace") {
    const JsonFields pattern(fields.member("pattern"), fields.place("pattern"));
    check(pattern.has("String") || pattern.has("Regex"), pattern.where().c_str(),
        "is neither a \"String\" nor a \"Regex\"");
    const std::string from = pattern.text(pattern.has("String") ? "String" : "Regex"), to = fields.text("content");
    check(!from.empty(), pattern.where().c_str(), "is empty");
    if (pattern.has("String"))
      steps_.push_back([from, to](MaskedText& text) { replace(text, find_string(text.text, from), to); });
    else
      steps_.push_back([regex = Regex(from, pattern.where()), to](
                           MaskedText& text) { replace(text, regex.find_all(text.text), to); });
  } else if (type == "Lowercase") {
    steps_.push_back(lowercase);
  } else if (type == "Strip") {
    const bool left = fields.flag("strip_left", true), right = fields.flag("strip_right", true);
    steps_.push_back([left, right](MaskedText& text) { strip(text, left, right); });
  } else if (type == "StripAccents") {
    steps_.push_back([](MaskedText& text) { drop(text, is_combining_mark); });
  } else if (type == "BertNormalizer") {
    const bool lower = fields.flag("lowercase", true);
    if (fields.flag("clean_text", true)) steps_.push_back(clean);
    if (fields.flag("handle_chinese_chars", true)) steps_.push_back(set_cjk_apart);
    if (fields.flag("strip_accents", lower)) {  // where it is not said, lower case decides
      steps_.push_back(unicode_step(UnicodeForm::kNfd));
      steps_.push_back([](MaskedText& text) { drop(text, is_nonspacing_mark); });
    }
    if (lower) steps_.push_back(lowercase);
  } else if (type == "NFC") {
    steps_.push_back(unicode_step(UnicodeForm::kNfc));
  } else if (type == "NFD") {
    steps_.push_back(unicode_step(UnicodeForm::kNfd));
  } else if (type == "NFKC") {
    steps_.push_back(unicode_step(UnicodeForm::kNfkc));
  } else if (type == "NFKD") {
    steps_.push_back(unicode_step(UnicodeForm::kNfkd));
  } else {
    throw Error(where, "the normalizer \"" + type + "\" is not supported",
        "Supported: Sequence, Prepend, Replace, Lowercase, Strip, StripAccents, BertNormalizer, NFC, NFD, NFKC, NFKD.");
  }
}

}  // namespace hilum
