#include "search/image_index.h"

#include <cmath>

#include "base/error.h"

namespace hilum {
namespace {

constexpr int64_t kCommitEvery = 64;  // images: what a stop can cost

fs::path beside(const fs::path& db, const char* ending) {
  fs::path path = db;
  path += ending;
  return path;
}

std::string store_name(DType store) { return store == DType::kF16 ? "f16" : "f32"; }

IndexModel model_of(const IndexDb& db) {
  return {db.meta("model"), db.meta("weights_sha256"), std::strtoll(db.meta("width").c_str(), nullptr, 10),
      db.meta("demo") == "1"};
}

}  // namespace

ImageIndexWriter::ImageIndexWriter(const fs::path& db, const IndexModel& model, DType store, bool resume) : path_(db) {
  if (resume && fs::exists(db)) {
    db_ = IndexDb::open_to_add(db);
    const IndexModel had = model_of(*db_);
    if (had.weights_sha256 != model.weights_sha256 || had.name != model.name || had.width != model.width)
      throw Error(db.string(),
          "was made with " + had.name + " (weights " + had.weights_sha256.substr(0, 12) + ", width " +
              std::to_string(had.width) + "), not " + model.name + " (" + model.weights_sha256.substr(0, 12) + ", " +
              std::to_string(model.width) + ")",
          "Name the model it was made with, or another --index.");
    if (db_->meta("store") != store_name(store))
      throw Error(db.string(), "stores " + db_->meta("store") + " vectors", "Give --store " + db_->meta("store") + ".");
    if (const std::string trouble = db_->trouble(); !trouble.empty())
      throw Error(db.string(), trouble, "Build the index again, without --resume.");
  } else {
    db_ = IndexDb::create(db);
    db_->begin();
    db_->set_meta("model", model.name);
    db_->set_meta("weights_sha256", model.weights_sha256);
    db_->set_meta("width", std::to_string(model.width));
    db_->set_meta("demo", model.demo ? "1" : "0");
    db_->set_meta("store", store_name(store));
    db_->commit();
  }
  fs::remove(beside(db, ".graph"));  // of fewer images
  vectors_ = std::make_unique<FlatVectorsWriter>(beside(db, ".vectors"), model.width, store, db_->count());
}

void ImageIndexWriter::add(const IndexedImage& image, std::vector<float> vector) {
  const float length = normalize_vector(vector);
  if (!(length > 0) || !std::isfinite(length))
    throw Error(image.path, "has an embedding that is zero or not finite", "Is the model whole?");
  if (uncommitted_ == 0) db_->begin();
  const int64_t row = vectors_->count();
  vectors_->append(vector);
  db_->add(row, image);
  if (++uncommitted_ == kCommitEvery) commit();
}

// The vectors first: a row of the database always has its vector on the disk.
void ImageIndexWriter::commit() {
  if (uncommitted_ == 0) return;
  vectors_->sync();
  db_->commit();
  uncommitted_ = 0;
}

void ImageIndexWriter::finish(
    const KernelTable& table, int64_t graph_above, int threads, const std::function<void(int64_t)>& progress) {
  commit();
  vectors_->finish();
  if (graph_above <= 0 || vectors_->count() < graph_above) return;
  const FlatVectors stored(beside(path_, ".vectors"));
  SearchGraph::build(table, stored.rows(), {}, threads, progress)->save(beside(path_, ".graph"));
}

ImageIndex::ImageIndex(const fs::path& db, const KernelTable& table)
    : path_(db), table_(table), db_(IndexDb::open(db)), vectors_(beside(db, ".vectors")) {
  const VectorRows& rows = vectors_.rows();
  if (db_->count() != rows.count || model().width != rows.width || !db_->trouble().empty())
    throw Error(db.string(),
        "lists " + std::to_string(db_->count()) + " images, its vectors are " + std::to_string(rows.count) +
            " of width " + std::to_string(rows.width),
        "Build the index again with `hilum search index`.");
  if (fs::exists(beside(db, ".graph"))) graph_ = SearchGraph::load(table, rows, {}, beside(db, ".graph"));
}

IndexModel ImageIndex::model() const { return model_of(*db_); }

std::vector<Hit> ImageIndex::search(std::vector<float> query, int64_t k, int threads, bool exact) const {
  if (static_cast<int64_t>(query.size()) != vectors_.rows().width)
    throw Error(path_.string(),
        "holds vectors of width " + std::to_string(vectors_.rows().width) + ", the query has " +
            std::to_string(query.size()),
        "Query with the model the index was made with: " + model().name + ".");
  normalize_vector(query);
  if (graph_ && !exact) return graph_->search(query, k);
  return top_k(table_, vectors_.rows(), query, k, threads).front();
}

}  // namespace hilum
