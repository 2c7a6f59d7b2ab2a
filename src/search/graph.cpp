#include "search/graph.h"

#include <atomic>
#include <cstring>
#include <mutex>
#include <random>
#include <thread>
#include <unordered_map>

// hnswlib's own distances are not used, so neither is its choice of instruction set. Its headers define plain
// functions: one file may hold them.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include "base/error.h"
#include "search/graph_check.h"

namespace hilum {
namespace {

// What hnswlib stores for a row, and what it is asked with: a row number, or kQuery and the vector behind it.
constexpr uint32_t kQuery = 0xffffffff;
struct Node {
  uint32_t row;
  const float* query = nullptr;
};

struct Distances {
  const KernelTable* table;
  VectorRows rows;
};

// The row as F32: where it is mapped, or widened into this thread's buffer number `slot`.
const float* values_of(const Distances& d, const Node& node, int slot) {
  if (node.row == kQuery) return node.query;
  if (d.rows.dtype == DType::kF32) return reinterpret_cast<const float*>(d.rows.row(node.row));
  thread_local std::vector<float> wide[2];
  auto& buffer = wide[slot];
  buffer.resize(static_cast<size_t>(d.rows.width));
  d.table->f16_to_f32(reinterpret_cast<const uint16_t*>(d.rows.row(node.row)), buffer.data(), d.rows.width);
  return buffer.data();
}

// Stored nodes are four bytes; only one asked with may be a query.
Node read_node(const void* bytes) {
  Node node{};
  std::memcpy(&node.row, bytes, sizeof node.row);
  if (node.row == kQuery) std::memcpy(&node, bytes, sizeof node);
  return node;
}

float distance(const void* a, const void* b, const void* param) {
  const auto& d = *static_cast<const Distances*>(param);
  return 1.0f - d.table->dot(values_of(d, read_node(a), 0), values_of(d, read_node(b), 1), d.rows.width);
}

class Space final : public hnswlib::SpaceInterface<float> {
 public:
  explicit Space(Distances distances) : distances_(distances) {}
  size_t get_data_size() override { return kGraphNodeBytes; }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void* get_dist_func_param() override { return &distances_; }

 private:
  Distances distances_;
};

using Graph = hnswlib::HierarchicalNSW<float>;

}  // namespace

struct SearchGraph::Inner {
  explicit Inner(Distances distances) : space(distances) {}
  Space space;
  std::unique_ptr<Graph> graph;
};

SearchGraph::SearchGraph(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
SearchGraph::~SearchGraph() = default;

std::unique_ptr<SearchGraph> SearchGraph::build(const KernelTable& table, const VectorRows& rows,
    const GraphConfig& config, int threads, const std::function<void(int64_t)>& progress) {
  invariant(rows.count > 0 && rows.count < kQuery, "between one row and four thousand million");
  auto inner = std::make_unique<Inner>(Distances{&table, rows});
  inner->graph = std::make_unique<Graph>(&inner->space, static_cast<size_t>(rows.count),
      static_cast<size_t>(config.links), static_cast<size_t>(config.build_breadth));
  Graph& graph = *inner->graph;
  const auto add = [&](int64_t row) {
    const Node node{static_cast<uint32_t>(row)};
    graph.addPoint(&node, static_cast<size_t>(row));
  };
  add(0);  // hnswlib wants its first point alone
  std::atomic<int64_t> next{1};
  std::exception_ptr trouble;
  std::mutex guard;
  const auto work = [&](bool reports) {
    try {
      for (int64_t row; (row = next.fetch_add(1)) < rows.count;) {
        add(row);
        if (reports && progress) progress(row);
      }
    } catch (...) {
      const std::lock_guard lock(guard);
      trouble = std::current_exception();
      next = rows.count;
    }
  };
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(work, false);
  work(true);
  for (std::thread& other : others) other.join();
  if (trouble) std::rethrow_exception(trouble);
  graph.setEf(static_cast<size_t>(config.search_breadth));
  return std::unique_ptr<SearchGraph>(new SearchGraph(std::move(inner)));
}

std::unique_ptr<SearchGraph> SearchGraph::load(
    const KernelTable& table, const VectorRows& rows, const GraphConfig& config, const std::filesystem::path& path) {
  {
    const MappedFile file(path);
    check_graph(file.bytes(), rows.count, path.string());
  }
  auto inner = std::make_unique<Inner>(Distances{&table, rows});
  try {
    inner->graph = std::make_unique<Graph>(&inner->space, path.string(), false, static_cast<size_t>(rows.count));
  } catch (const std::runtime_error& e) {
    throw Error(path.string(), e.what(), "Build the index again with `hilum search index`.");
  }
  inner->graph->setEf(static_cast<size_t>(config.search_breadth));
  return std::unique_ptr<SearchGraph>(new SearchGraph(std::move(inner)));
}

void SearchGraph::save(const std::filesystem::path& path) const {
  std::filesystem::path part = path;
  part += ".part";
  inner_->graph->saveIndex(part.string());
  std::filesystem::permissions(part, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  {
    const MappedFile written(part);  // hnswlib does not say when a write failed
    check_graph(written.bytes(), static_cast<int64_t>(inner_->graph->cur_element_count), part.string());
  }
  std::filesystem::rename(part, path);
}

std::vector<Hit> SearchGraph::search(std::span<const float> query, int64_t k) const {
  const Node node{kQuery, query.data()};
  auto found = inner_->graph->searchKnn(&node, static_cast<size_t>(k));
  std::vector<Hit> hits(found.size());
  for (size_t i = hits.size(); i-- > 0; found.pop())
    hits[i] = {1.0f - found.top().first, static_cast<int64_t>(found.top().second)};
  return hits;
}

}  // namespace hilum
