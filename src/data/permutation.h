// A shuffle that is computed, not stored: the place of one row among many, in any order of asking, without memory.
#pragma once

#include <cstdint>

namespace hilum {

// A pseudo-random bijection of 0 .. count-1 chosen by `key`: where `index` goes. A Feistel network over the next even
// number of bits, walked until the value is below `count` (Black and Rogaway, CT-RSA 2002): four walks on average at
// most. `count` > 0, `index` < count.
uint64_t permuted(uint64_t index, uint64_t count, uint64_t key);

}  // namespace hilum
