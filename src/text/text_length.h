// How long the row of ids is that a model takes for one text ("truncation" and "padding" in tokenizer.json, or a
// preset's own numbers).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"

namespace hilum {

struct TextLength {
  int max_length = 0;          // ids; of a longer text some are left out, never the post-processor's. 0: no limit
  bool truncate_left = false;  // which end of the text goes
  int pad_to = 0;              // ids; a shorter row is filled up. 0: not
  int pad_to_multiple_of = 0;  // fills up further. 0: not
  bool pad_left = false;
  int32_t pad_id = 0;
};

// One text's row. mask: 1 for its ids, 0 for padding.
struct EncodedText {
  std::vector<int32_t> ids, mask;
};

inline constexpr int kMaxTextLength = 1 << 20;  // ids; above: a broken file

// From the two sections of a tokenizer.json, null where absent. Padding to the longest of a batch pads nothing: each
// text is encoded alone. Throws Error naming the place: types, numbers out of range, names that are not known.
TextLength read_text_length(const Json& truncation, const Json& padding, const std::string& where);

// prefix + as much of `text` as fits + suffix, padded. Throws Error where not even prefix and suffix fit.
EncodedText fit_length(std::span<const int32_t> prefix, std::span<const int32_t> text, std::span<const int32_t> suffix,
    const TextLength& length);

}  // namespace hilum
