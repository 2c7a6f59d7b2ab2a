#include "text/bert_text.h"

#include <array>
#include <utility>

#include <utf8proc.h>

namespace hilum {
namespace {

utf8proc_category_t category(char32_t value) { return utf8proc_category(static_cast<utf8proc_int32_t>(value)); }

}  // namespace

bool is_bert_removed(char32_t value) {
  if (value == '\t' || value == '\n' || value == '\r') return false;
  if (value == 0xFFFD) return true;
  switch (category(value)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO: return true;
    default: return false;
  }
}

bool is_bert_punctuation(char32_t value) {
  if (value < 0x80)
    return (value >= 0x21 && value <= 0x2F) || (value >= 0x3A && value <= 0x40) || (value >= 0x5B && value <= 0x60) ||
           (value >= 0x7B && value <= 0x7E);
  switch (category(value)) {
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO: return true;
    default: return false;
  }
}

bool is_cjk_ideograph(char32_t value) {
  constexpr std::array<std::pair<char32_t, char32_t>, 8> kBlocks = {
      {{0x4E00, 0x9FFF}, {0x3400, 0x4DBF}, {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F},
          {0x2B920, 0x2CEAF}, {0xF900, 0xFAFF}, {0x2F800, 0x2FA1F}}};
  for (const auto& [first, last] : kBlocks)
    if (value >= first && value <= last) return true;
  return false;
}

bool is_combining_mark(char32_t value) {
  const utf8proc_category_t c = category(value);
  return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_MC || c == UTF8PROC_CATEGORY_ME;
}

bool is_nonspacing_mark(char32_t value) { return category(value) == UTF8PROC_CATEGORY_MN; }

}  // namespace hilum
