#include "text/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/error.h"

namespace hilum {
namespace {

constexpr uint32_t kMatchSteps = 5'000'000;  // per match; tokenizer patterns need about one a byte

std::string message_of(int code) {
  PCRE2_UCHAR text[160] = {};
  pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

// PCRE2 counts U+180E among its \s, Unicode since 6.3 does not: say White_Space outright.
std::string with_unicode_spaces(const std::string& pattern) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '\\' || i + 1 == pattern.size()) {
      out += pattern[i];
      continue;
    }
    ++i;
    if (pattern[i] == 's') out += "\\p{White_Space}";
    else if (pattern[i] == 'S') out += "\\P{White_Space}";
    else {
      out += '\\';
      out += pattern[i];
    }
  }
  return out;
}

}  // namespace

Regex::Regex(const std::string& pattern, const std::string& where) : where_(where) {
  const std::string source = with_unicode_spaces(pattern);
  int error = 0;
  PCRE2_SIZE at = 0;
  // \C would split characters; patterns must not turn checks off by (*...) verbs either, PCRE2 has a switch for the
  // former only.
  check(!pattern.starts_with("(*"), where.c_str(), "the pattern begins with a (*VERB), which is not supported");
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(source.data()), source.size(),
      PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &error, &at, nullptr);
  if (!code)
    throw Error(where, "the regular expression does not compile (" + message_of(error) + ", near its byte " +
                           std::to_string(at) + ")");
  code_ = std::shared_ptr<const void>(
      code, [](const void* p) { pcre2_code_free(static_cast<pcre2_code*>(const_cast<void*>(p))); });
}

std::vector<TextRange> Regex::find_all(std::string_view text) const {
  const auto* code = static_cast<const pcre2_code*>(code_.get());
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
      pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
  const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> limits(
      pcre2_match_context_create(nullptr), pcre2_match_context_free);
  pcre2_set_match_limit(limits.get(), kMatchSteps);

  std::vector<TextRange> found;
  size_t at = 0;
  while (at < text.size()) {
    // The text was made valid UTF-8 before; checking it again at every match would cost n^2.
    const int result = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
        PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY, data.get(), limits.get());
    if (result == PCRE2_ERROR_NOMATCH) break;
    if (result < 0)
      throw Error(where_, "the regular expression cannot be applied to the text (" + message_of(result) + ")");
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(data.get());
    // \K inside a lookahead may put the start behind the end or before an earlier match.
    check(range[0] >= at && range[1] > range[0], where_.c_str(), "the regular expression gives matches that overlap");
    found.push_back({range[0], range[1]});
    at = range[1];
  }
  return found;
}

std::string regex_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       static_cast<unsigned char>(c) >= 0x80;
    if (!plain) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace hilum
