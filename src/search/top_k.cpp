#include "search/top_k.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "base/error.h"

namespace hilum {
namespace {

bool better(const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : a.row < b.row; }

// The best k so far, the worst of them on top of a heap. `better` as the heap's order puts the worst first.
class Best {
 public:
  explicit Best(int64_t k) : k_(static_cast<size_t>(k)) {}
  void add(float score, int64_t row) {
    const Hit hit{score, row};
    if (hits_.size() < k_) {
      if (std::isnan(score)) return;
      hits_.push_back(hit);
      std::push_heap(hits_.begin(), hits_.end(), better);
    } else if (score >= hits_.front().score && better(hit, hits_.front())) {
      std::pop_heap(hits_.begin(), hits_.end(), better);
      hits_.back() = hit;
      std::push_heap(hits_.begin(), hits_.end(), better);
    }
  }
  const std::vector<Hit>& hits() const { return hits_; }

 private:
  size_t k_;
  std::vector<Hit> hits_;
};

constexpr size_t kBlockBytes = 128 << 10;  // of F32 rows: an eighth of a usual second-level cache

}  // namespace

std::vector<std::vector<Hit>> top_k(
    const KernelTable& table, const VectorRows& rows, std::span<const float> queries, int64_t k, int threads) {
  invariant(rows.width > 0 && k > 0 && queries.size() % static_cast<size_t>(rows.width) == 0,
      "queries of the rows' width, k at least 1");
  const auto width = static_cast<size_t>(rows.width);
  const size_t num_queries = queries.size() / width;
  k = std::min(k, std::max<int64_t>(rows.count, 1));
  const auto block = static_cast<int64_t>(std::max<size_t>(1, kBlockBytes / (4 * width)));
  const int64_t blocks = (rows.count + block - 1) / block;
  const int workers = static_cast<int>(std::clamp<int64_t>(threads, 1, std::max<int64_t>(1, blocks / 4)));

  std::vector<std::vector<Best>> best(static_cast<size_t>(workers), std::vector<Best>(num_queries, Best(k)));
  std::atomic<int64_t> next{0};
  const auto work = [&](int worker) {
    std::vector<Best>& mine = best[static_cast<size_t>(worker)];
    std::vector<float> wide(rows.dtype == DType::kF16 ? static_cast<size_t>(block) * width : 0);
    for (int64_t b; (b = next.fetch_add(1, std::memory_order_relaxed)) < blocks;) {
      const int64_t first = b * block, last = std::min(rows.count, first + block);
      const auto* values = reinterpret_cast<const float*>(rows.row(first));
      if (rows.dtype == DType::kF16) {
        table.f16_to_f32(reinterpret_cast<const uint16_t*>(rows.row(first)), wide.data(), (last - first) * rows.width);
        values = wide.data();
      }
      for (size_t q = 0; q < num_queries; ++q)
        for (int64_t row = first; row < last; ++row)
          mine[q].add(
              table.dot(queries.data() + q * width, values + static_cast<size_t>(row - first) * width, rows.width),
              row);
    }
  };
  std::vector<std::thread> others;
  for (int worker = 1; worker < workers; ++worker) others.emplace_back(work, worker);
  work(0);
  for (std::thread& other : others) other.join();

  std::vector<std::vector<Hit>> results(num_queries);
  for (size_t q = 0; q < num_queries; ++q) {
    std::vector<Hit>& all = results[q];
    for (const auto& worker : best) all.insert(all.end(), worker[q].hits().begin(), worker[q].hits().end());
    std::sort(all.begin(), all.end(), better);
    if (static_cast<int64_t>(all.size()) > k) all.resize(static_cast<size_t>(k));
  }
  return results;
}

std::vector<std::vector<Hit>> top_k_plain(const VectorRows& rows, std::span<const float> queries, int64_t k) {
  const auto width = static_cast<size_t>(rows.width);
  std::vector<std::vector<Hit>> results;
  for (size_t q = 0; q < queries.size() / width; ++q) {
    std::vector<Hit> all;
    for (int64_t row = 0; row < rows.count; ++row) {
      double sum = 0;
      for (size_t i = 0; i < width; ++i) {
        const double value = rows.dtype == DType::kF16 ? f16_to_f32(reinterpret_cast<const uint16_t*>(rows.row(row))[i])
                                                       : reinterpret_cast<const float*>(rows.row(row))[i];
        sum += value * queries[q * width + i];
      }
      if (!std::isnan(sum)) all.push_back({static_cast<float>(sum), row});
    }
    std::sort(all.begin(), all.end(), better);
    if (static_cast<int64_t>(all.size()) > k) all.resize(static_cast<size_t>(k));
    results.push_back(std::move(all));
  }
  return results;
}

float normalize_vector(std::span<float> v) {
  double sum = 0;
  for (const float value : v) sum += double{value} * value;
  const double length = std::sqrt(sum);
  if (length > 0)
    for (float& value : v) value = static_cast<float>(value / length);
  return static_cast<float>(length);
}

}  // namespace hilum
