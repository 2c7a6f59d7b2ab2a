#include "generation/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "base/error.h"

namespace hilum {

void check_sampling(const Sampling& s) {
  check(std::isfinite(s.temperature) && s.temperature >= 0, "sampling",
      "temperature " + std::to_string(s.temperature) + ", wanted 0 or more");
  check(s.top_p > 0 && s.top_p <= 1, "sampling", "top_p " + std::to_string(s.top_p) + ", wanted above 0 and at most 1");
  check(s.top_k >= 0, "sampling", "top_k " + std::to_string(s.top_k) + ", wanted 0 (all) or more");
}

double log_probability(std::span<const float> logits, int32_t token) {
  const double greatest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float x : logits) sum += std::exp(static_cast<double>(x) - greatest);
  return static_cast<double>(logits[static_cast<size_t>(token)]) - greatest - std::log(sum);
}

std::vector<TokenLogProb> top_log_probs(std::span<const float> logits, int count) {
  std::vector<int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  const auto kept = std::min(ids.size(), static_cast<size_t>(std::max(count, 0)));
  std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(kept), ids.end(), [&](int32_t a, int32_t b) {
    const float x = logits[static_cast<size_t>(a)], y = logits[static_cast<size_t>(b)];
    return x != y ? x > y : a < b;
  });
  std::vector<TokenLogProb> top;
  for (size_t i = 0; i < kept; ++i) top.push_back({ids[i], static_cast<float>(log_probability(logits, ids[i]))});
  return top;
}

int32_t choose_token(
    std::span<const float> logits, const Sampling& sampling, std::span<const int32_t> allowed, Rng& rng) {
  std::vector<int32_t> ids(allowed.begin(), allowed.end());
  if (ids.empty()) {
    ids.resize(logits.size());
    std::iota(ids.begin(), ids.end(), 0);
  }
  const auto logit = [&](int32_t id) { return logits[static_cast<size_t>(id)]; };
  const auto before = [&](int32_t a, int32_t b) { return logit(a) != logit(b) ? logit(a) > logit(b) : a < b; };
  if (sampling.temperature == 0) return *std::min_element(ids.begin(), ids.end(), before);

  std::sort(ids.begin(), ids.end(), before);
  if (sampling.top_k > 0 && static_cast<size_t>(sampling.top_k) < ids.size())
    ids.resize(static_cast<size_t>(sampling.top_k));
  std::vector<double> weights(ids.size());
  for (size_t i = 0; i < ids.size(); ++i)
    weights[i] =
        std::exp((static_cast<double>(logit(ids[i])) - logit(ids[0])) / static_cast<double>(sampling.temperature));
  double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double kept = 0;
  size_t count = 0;
  while (count < ids.size() && (count == 0 || kept < static_cast<double>(sampling.top_p) * total))
    kept += weights[count++];
  double draw = rng.uniform() * kept;
  for (size_t i = 0; i + 1 < count; ++i) {
    if (draw < weights[i]) return ids[i];
    draw -= weights[i];
  }
  return ids[count - 1];
}

}  // namespace hilum
