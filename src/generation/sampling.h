// Choosing the next token from one row of logits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"

namespace hilum {

struct Sampling {
  float temperature = 0;  // 0: greedy, the most probable token; ties go to the lowest id
  float top_p = 1;        // keep the most probable tokens whose probabilities first reach top_p together
  int top_k = 0;          // keep the k most probable; 0: all
  uint64_t seed = 0;
};
// Throws Error naming the value out of range: temperature >= 0, 0 < top_p <= 1, top_k >= 0.
void check_sampling(const Sampling& sampling);

// Natural logarithm of the probability of `token` under the model itself (temperature 1, nothing cut off).
double log_probability(std::span<const float> logits, int32_t token);

struct TokenLogProb {
  int32_t id = 0;
  float log_prob = 0;
};
// The `count` likeliest tokens, falling; ties go to the lowest id.
std::vector<TokenLogProb> top_log_probs(std::span<const float> logits, int count);

// The next token: among `allowed` where that is not empty, else among all. Order as in transformers: temperature,
// top-k, top-p. Uses one number of `rng` unless greedy.
int32_t choose_token(
    std::span<const float> logits, const Sampling& sampling, std::span<const int32_t> allowed, Rng& rng);

}  // namespace hilum
