#include "train/feature_stats.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace hilum {

FeatureStats fit_feature_stats(const std::vector<std::vector<float>>& pooled) {
  invariant(pooled.size() > 1, "statistics of more than one feature");
  const size_t n = pooled.size(), d = pooled[0].size();
  std::vector<double> mean(d, 0), covariance(d * d, 0), factor(d * d, 0), inverse(d * d, 0);
  for (const auto& feature : pooled)
    for (size_t i = 0; i < d; ++i) mean[i] += feature[i] / static_cast<double>(n);
  for (const auto& feature : pooled)
    for (size_t i = 0; i < d; ++i)
      for (size_t j = 0; j <= i; ++j)
        covariance[i * d + j] += (feature[i] - mean[i]) * (feature[j] - mean[j]) / static_cast<double>(n - 1);
  double trace = 0;
  for (size_t i = 0; i < d; ++i) trace += covariance[i * d + i];
  for (size_t i = 0; i < d; ++i) covariance[i * d + i] += 0.01 * trace / static_cast<double>(d) + 1e-12;

  for (size_t i = 0; i < d; ++i)  // Cholesky: covariance = factor · factorᵀ
    for (size_t j = 0; j <= i; ++j) {
      double sum = covariance[i * d + j];
      for (size_t k = 0; k < j; ++k) sum -= factor[i * d + k] * factor[j * d + k];
      factor[i * d + j] = i == j ? std::sqrt(sum) : sum / factor[j * d + j];
    }
  for (size_t column = 0; column < d; ++column)  // forward substitution: factor · inverse = identity
    for (size_t i = column; i < d; ++i) {
      double sum = i == column ? 1 : 0;
      for (size_t k = column; k < i; ++k) sum -= factor[i * d + k] * inverse[k * d + column];
      inverse[i * d + column] = sum / factor[i * d + i];
    }
  FeatureStats stats;
  stats.mean.assign(mean.begin(), mean.end());
  stats.whiten.assign(inverse.begin(), inverse.end());
  return stats;
}

double percentile_of(std::vector<double> values, double percentile) {
  invariant(!values.empty(), "a percentile of something");
  std::sort(values.begin(), values.end());
  const double rank = std::ceil(percentile / 100 * static_cast<double>(values.size())) - 1;
  return values[static_cast<size_t>(std::clamp(rank, 0.0, static_cast<double>(values.size() - 1)))];
}

}  // namespace hilum
