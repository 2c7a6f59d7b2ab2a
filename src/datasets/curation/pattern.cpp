#include "datasets/curation/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/error.h"

namespace hilum {
namespace {

constexpr uint32_t kMatchSteps = 2'000'000;  // per match; a sentence needs some hundreds

std::string message_of(int code) {
  PCRE2_UCHAR text[160] = {};
  pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

}  // namespace

Pattern::Pattern(const std::string& pattern, const std::string& where) : where_(where) {
  int error = 0;
  PCRE2_SIZE at = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
      PCRE2_CASELESS | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C, &error, &at, nullptr);
  if (!code)
    throw Error(
        where, "the pattern does not compile (" + message_of(error) + ", near its byte " + std::to_string(at) + ")");
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where the machine has no such compiler, matching goes on without
  code_ = std::shared_ptr<const void>(
      code, [](const void* p) { pcre2_code_free(static_cast<pcre2_code*>(const_cast<void*>(p))); });
}

void Pattern::for_each(std::string_view text, const std::function<bool(const size_t*, uint32_t)>& each) const {
  const auto* code = static_cast<const pcre2_code*>(code_.get());
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
      pcre2_match_data_create_from_pattern(code, nullptr), pcre2_match_data_free);
  const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> limits(
      pcre2_match_context_create(nullptr), pcre2_match_context_free);
  pcre2_set_match_limit(limits.get(), kMatchSteps);
  for (size_t at = 0; at <= text.size();) {
    const int result =
        pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at, 0, data.get(), limits.get());
    if (result == PCRE2_ERROR_NOMATCH) return;
    if (result < 0) throw Error(where_, "the pattern cannot be applied to this text (" + message_of(result) + ")");
    const PCRE2_SIZE* ranges = pcre2_get_ovector_pointer(data.get());
    if (!each(ranges, pcre2_get_ovector_count(data.get()))) return;
    at = ranges[1] > ranges[0] ? ranges[1] : ranges[1] + 1;
  }
}

bool Pattern::found_in(std::string_view text) const {
  bool found = false;
  for_each(text, [&](const size_t*, uint32_t) {
    found = true;
    return false;
  });
  return found;
}

std::vector<std::string> Pattern::groups(std::string_view text) const {
  std::vector<std::string> all;
  for_each(text, [&](const size_t* r, uint32_t count) {
    for (size_t i = 0; i < count; ++i)
      all.emplace_back(r[2 * i] == PCRE2_UNSET ? "" : text.substr(r[2 * i], r[2 * i + 1] - r[2 * i]));
    return false;
  });
  return all;
}

std::string Pattern::replace_all(std::string_view text, std::string_view with) const {
  std::string out;
  size_t copied = 0;
  for_each(text, [&](const size_t* r, uint32_t count) {
    out.append(text, copied, r[0] - copied);
    copied = r[1];
    for (size_t i = 0; i < with.size(); ++i) {
      if (with[i] == '$' && i + 1 < with.size() && with[i + 1] == '1') {
        ++i;
        if (count > 1 && r[2] != PCRE2_UNSET) out.append(text, r[2], r[3] - r[2]);
      } else {
        out += with[i];
      }
    }
    return true;
  });
  if (copied == 0 && out.empty()) return std::string(text);
  return out.append(text, copied);
}

}  // namespace hilum
