// Random draws as a pure function of what they are for: a run's seed, the step, the sample in it and the purpose. So
// the order in which threads, workers or ranks ask changes nothing, a resumed run draws what the uninterrupted one
// would have, and a purpose that is switched off leaves the draws of the others alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/rng.h"

namespace hilum {

// 64 bits spread over all of their places (splitmix64's last step): a bijection.
inline uint64_t spread_bits(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}
// Two numbers as one; the order counts.
inline uint64_t combine_bits(uint64_t a, uint64_t b) { return spread_bits(spread_bits(a + 0x9e3779b97f4a7c15ull) ^ b); }

// FNV-1a of a name (a study's id, say): the same on every machine.
inline uint64_t name_bits(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

// Numbers are part of what a seed means: never reused, never changed.
enum class DrawPurpose : uint64_t { kCrop = 1, kTrivialAugment = 2, kErasing = 3, kText = 4, kOrder = 5, kMixture = 6 };

struct DrawKey {
  uint64_t seed = 0;    // of the run
  uint64_t step = 0;    // of the run, from 0
  uint64_t sample = 0;  // its place in the step over all workers and ranks, or name_bits() of its study
};

// The sequence of this key and purpose.
inline Rng rng_for(const DrawKey& key, DrawPurpose purpose) {
  return Rng(key.seed, combine_bits(combine_bits(static_cast<uint64_t>(purpose), key.step), key.sample));
}

}  // namespace hilum
