// What BERT's text cleaning asks of a character (google-research/bert, tokenization.py), as the tokenizers library
// answers it. That library's tables are of Unicode 8, ours (utf8proc) of 15: the answers differ in characters that came
// between, of scripts that no published vocabulary spells (tests compare the others one by one).
#pragma once

namespace hilum {

bool is_bert_removed(char32_t value);      // NUL, U+FFFD, control, format, private use; tab and line ends are not
bool is_bert_punctuation(char32_t value);  // category P, and the ASCII symbols
bool is_cjk_ideograph(char32_t value);     // of the blocks that BERT sets apart; no kana, no hangul
bool is_combining_mark(char32_t value);    // category M
bool is_nonspacing_mark(char32_t value);   // category Mn

}  // namespace hilum
