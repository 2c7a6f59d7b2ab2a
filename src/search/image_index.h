// An index of images: DB (SQLite), DB.vectors (flat file), and DB.graph where there are enough of them for an
// approximate search.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "search/flat_vectors.h"
#include "search/graph.h"
#include "search/index_db.h"
#include "search/top_k.h"

namespace hilum {

// From this many images on `hilum search index` builds the graph: exact search of 1024-wide F32 rows takes about a
// tenth of a second there (docs/search.md), and a graph of them minutes to build.
inline constexpr int64_t kGraphAbove = 1'000'000;

// The model an index was made with; a query must come from the same one.
struct IndexModel {
  std::string name, weights_sha256;
  int64_t width = 0;
  bool demo = false;
};

// Adds images to an index, new or existing. What commit() has confirmed survives a stop.
class ImageIndexWriter {
 public:
  // resume: goes on with an existing index, else an existing one is an Error. Throws Error when the index is of another
  // model or type.
  ImageIndexWriter(const std::filesystem::path& db, const IndexModel& model, DType store, bool resume);
  bool has(const std::string& path, const std::string& study_id) const { return db_->has(path, study_id); }
  int64_t count() const { return vectors_->count(); }
  // `vector` [width] is stored divided by its length. Throws Error for a vector of zeros or one that is not finite.
  void add(const IndexedImage& image, std::vector<float> vector);
  void commit();
  // Builds the graph when there are at least `graph_above` images (0: never), then the index can be read.
  void finish(
      const KernelTable& table, int64_t graph_above, int threads, const std::function<void(int64_t)>& progress = {});

 private:
  std::filesystem::path path_;
  std::unique_ptr<IndexDb> db_;
  std::unique_ptr<FlatVectorsWriter> vectors_;
  int64_t uncommitted_ = 0;
};

// A finished index.
class ImageIndex {
 public:
  // Throws Error naming the file at fault: missing, unfinished, of another version, parts that do not fit together.
  ImageIndex(const std::filesystem::path& db, const KernelTable& table);
  IndexModel model() const;
  int64_t count() const { return vectors_.rows().count; }
  bool has_graph() const { return graph_ != nullptr; }
  IndexedImage image(int64_t row) const { return db_->image(row); }
  // query [width] of any length; scores are cosines. exact: looks at every row even where there is a graph.
  std::vector<Hit> search(std::vector<float> query, int64_t k, int threads, bool exact = false) const;

 private:
  std::filesystem::path path_;
  const KernelTable& table_;
  std::unique_ptr<IndexDb> db_;
  FlatVectors vectors_;
  std::unique_ptr<SearchGraph> graph_;
};

}  // namespace hilum
