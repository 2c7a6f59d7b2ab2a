// Approximate search: a navigable small-world graph over the rows of the flat file (Malkov and Yashunin, 2018;
// hnswlib), distances from our kernel table. The graph holds row numbers alone; the vectors stay where they are mapped.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "kernels/kernel_table.h"
#include "search/flat_vectors.h"
#include "search/top_k.h"

namespace hilum {

struct GraphConfig {
  int links = 24;            // a node's links a level, twice as many on the lowest (M)
  int build_breadth = 200;   // candidates looked at when a row is put in (efConstruction)
  int search_breadth = 128;  // candidates kept while searching (ef); more finds more
};

class SearchGraph {
 public:
  // Builds over unit vectors, `threads` rows at a time. `rows` must outlive the graph. `progress`(rows done) is called
  // now and then.
  static std::unique_ptr<SearchGraph> build(const KernelTable& table, const VectorRows& rows, const GraphConfig& config,
      int threads, const std::function<void(int64_t)>& progress = {});
  // Reads one that save() wrote for these rows; it is checked whole before hnswlib sees it (graph_check.h). Throws
  // Error naming the path.
  static std::unique_ptr<SearchGraph> load(
      const KernelTable& table, const VectorRows& rows, const GraphConfig& config, const std::filesystem::path& path);
  void save(const std::filesystem::path& path) const;
  ~SearchGraph();

  // query [width], a unit vector -> up to k rows, best first.
  std::vector<Hit> search(std::span<const float> query, int64_t k) const;

 private:
  struct Inner;
  explicit SearchGraph(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace hilum
