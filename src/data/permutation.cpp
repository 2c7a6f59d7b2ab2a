#include "data/permutation.h"

#include <bit>

#include "base/draw_key.h"
#include "base/error.h"

namespace hilum {
namespace {

constexpr int kRounds = 8;  // small sets have halves of one or two bits, which mix slowly

}  // namespace

uint64_t permuted(uint64_t index, uint64_t count, uint64_t key) {
  invariant(index < count, "an index below the count");
  if (count == 1) return 0;
  const int half = (std::bit_width(count - 1) + 1) / 2;
  const uint64_t mask = (uint64_t{1} << half) - 1;
  do {
    uint64_t left = index >> half, right = index & mask;
    for (uint64_t round = 0; round < kRounds; ++round) {
      const uint64_t mixed = (left ^ combine_bits(combine_bits(key, round), right)) & mask;
      left = right;
      right = mixed;
    }
    index = left << half | right;
  } while (index >= count);
  return index;
}

}  // namespace hilum
