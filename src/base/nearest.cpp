#include "base/nearest.h"

#include <algorithm>
#include <numeric>

namespace hilum {
namespace {

// Levenshtein's distance: insertions, deletions and substitutions.
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = name.size();
  for (const std::string& candidate : candidates) {
    // A name cut short ("--max-new" for "--max-new-tokens") is nearer than its distance says.
    const bool is_prefix = name.size() >= 4 && candidate.starts_with(name);
    const size_t distance = is_prefix ? 1 : edit_distance(name, candidate);
    if (distance <= std::max<size_t>(2, std::max(name.size(), candidate.size()) / 3) &&
        (best.empty() || distance < best_distance)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace hilum
