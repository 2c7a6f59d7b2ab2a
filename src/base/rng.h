// Random numbers that are the same on every machine, compiler and thread count: xoshiro256++ seeded by splitmix64
// (Blackman and Vigna, 2019), with our own distributions, because the standard library's are not specified to the bit.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace hilum {

class Rng {
 public:
  // `stream` gives independent sequences for one seed (a study's index, say).
  explicit Rng(uint64_t seed, uint64_t stream = 0) {
    uint64_t x = seed ^ (stream * 0xd1342543de82ef95ull + 0x2545f4914f6cdd1dull);
    for (uint64_t& word : state_) {  // splitmix64
      x += 0x9e3779b97f4a7c15ull;
      uint64_t z = x;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
      word = z ^ (z >> 31);
    }
  }

  uint64_t next() {  // xoshiro256++
    const uint64_t result = rotl(state_[0] + state_[3], 23) + state_[0];
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotl(state_[3], 45);
    return result;
  }

  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // [0, 1)
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  bool chance(double probability) { return uniform() < probability; }
  // 0 .. count-1, without modulo bias that anyone could see (count < 2^32)
  uint32_t below(uint32_t count) {
    return static_cast<uint32_t>((static_cast<unsigned __int128>(next()) * count) >> 64);
  }

  // Standard normal by Box and Muller; one value a call, the second of the pair is kept.
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    const double angle = 6.283185307179586 * uniform();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
  }

  // The whole state, for checkpoints.
  std::array<uint64_t, 4> state() const { return state_; }
  void restore(const std::array<uint64_t, 4>& state) {
    state_ = state;
    has_spare_ = false;
  }

 private:
  static uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  std::array<uint64_t, 4> state_{};
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace hilum
