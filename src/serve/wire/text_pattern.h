// A pattern of ECMA-262 as a tree: what TextForm is made from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hilum {

using CharacterRanges = std::vector<std::pair<char32_t, char32_t>>;  // sorted, apart, ends included

// The characters that JSON can write.
const CharacterRanges& all_characters();
CharacterRanges complement(const CharacterRanges& ranges);  // within all_characters()
CharacterRanges normalized(CharacterRanges ranges);         // sorted, joined, within all_characters()

struct PatternNode {
  enum class Kind { kSet, kSequence, kEither, kRepeat, kStart, kEnd, kAhead, kNotAhead };
  Kind kind = Kind::kSequence;
  CharacterRanges set;             // kSet
  std::vector<PatternNode> parts;  // kSequence, kEither; of kRepeat, kAhead and kNotAhead one
  uint32_t low = 0, high = 0;      // kRepeat; high may be TextForm::kNoLimit

  bool has_position() const;  // an anchor or a look-ahead in it
};

// Throws RequestError(400) at `where` naming the offset and what is not read.
PatternNode read_pattern(std::string_view pattern, const std::string& where);

}  // namespace hilum
