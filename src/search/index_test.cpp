#include "search/image_index.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "kernels/select.h"
#include "search/clusters_for_test.h"
#include "search/graph_check.h"

namespace hilum {
namespace {

class Index : public testing::Test {
 protected:
  void build(
      int64_t count, int64_t graph_above = 0, DType store = DType::kF32, bool resume = false, int64_t first = 0) {
    ImageIndexWriter writer(db_, model_, store, resume);
    for (int64_t i = first; i < count; ++i) writer.add(image(i), row(i));
    writer.finish(table_, graph_above, 2);
  }
  static IndexedImage image(int64_t i) {
    return {"images/" + std::to_string(i) + ".png", "s" + std::to_string(i), "p" + std::to_string(i / 2),
        R"({"Edema":1})", ""};
  }
  std::vector<float> row(int64_t i) const {
    return {data_.values.begin() + i * 16, data_.values.begin() + (i + 1) * 16};
  }
  std::string refusal() const {
    return error_of([&] { ImageIndex index(db_, table_); });
  }

  TempFolder folder_;
  fs::path db_ = folder_ / "films.db", vectors_ = folder_ / "films.db.vectors", graph_ = folder_ / "films.db.graph";
  IndexModel model_{"test", "abc123", 16, true};
  const KernelTable& table_ = select_kernel_table();
  Clustered data_ = clustered_vectors(2000, 16, 20, 0.7, 1);
};

TEST_F(Index, FindsAnImageByItself) {
  build(300);
  const ImageIndex index(db_, table_);
  EXPECT_EQ(index.count(), 300);
  EXPECT_FALSE(index.has_graph());
  const auto hits = index.search(row(123), 3, 2);
  ASSERT_EQ(hits.size(), 3u);
  EXPECT_EQ(hits[0].row, 123);
  EXPECT_NEAR(hits[0].score, 1.0, 1e-5);
  const IndexedImage found = index.image(hits[0].row);
  EXPECT_EQ(found.path, "images/123.png");
  EXPECT_EQ(found.study_id, "s123");
  EXPECT_EQ(found.patient_id, "p61");
  EXPECT_EQ(index.model().name, "test");
  EXPECT_TRUE(index.model().demo);
}

TEST_F(Index, SaysThatItHoldsPatientIds) {
  build(3);
  EXPECT_NE(IndexDb::open(db_)->meta("notice").find("patient identifiers"), std::string::npos);
  for (const fs::path& file : {db_, vectors_})
    EXPECT_EQ(fs::status(file).permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none) << file;
}

TEST_F(Index, LengthOfTheVectorsDoesNotMatter) {
  ImageIndexWriter writer(db_, model_, DType::kF16, false);
  std::vector<float> longer = row(0);
  for (float& value : longer) value *= 1000;
  writer.add(image(0), longer);
  writer.add(image(1), row(1));
  writer.finish(table_, 0, 1);
  std::vector<float> query = row(0);
  for (float& value : query) value *= 0.01f;
  EXPECT_NEAR(ImageIndex(db_, table_).search(query, 1, 1)[0].score, 1.0, 1e-3);  // F16: 11 bits
}

TEST_F(Index, AStoppedBuildGoesOnWhereItWas) {
  {
    ImageIndexWriter writer(db_, model_, DType::kF32, false);
    for (int64_t i = 0; i < 100; ++i) writer.add(image(i), row(i));  // 64 are committed, then the process ends
  }
  EXPECT_NE(refusal().find("--resume"), std::string::npos);
  {
    ImageIndexWriter writer(db_, model_, DType::kF32, true);
    EXPECT_EQ(writer.count(), 64);
    EXPECT_TRUE(writer.has("images/63.png", "s63"));
    EXPECT_FALSE(writer.has("images/64.png", "s64"));
    for (int64_t i = writer.count(); i < 300; ++i) writer.add(image(i), row(i));
    writer.finish(table_, 0, 1);
  }
  const std::string resumed = read_file(vectors_);
  fs::remove(db_);
  build(300);
  EXPECT_EQ(read_file(vectors_), resumed);
}

TEST_F(Index, AnotherModelOrWidthIsRefused) {
  build(10);
  EXPECT_THROW(ImageIndexWriter(db_, model_, DType::kF32, false), Error);  // exists
  IndexModel other = model_;
  other.weights_sha256 = "def";
  EXPECT_THROW(ImageIndexWriter(db_, other, DType::kF32, true), Error);
  other = model_;
  other.name += "+azure";  // the same weights, pictures prepared in another way
  EXPECT_THROW(ImageIndexWriter(db_, other, DType::kF32, true), Error);
  EXPECT_THROW(ImageIndexWriter(db_, model_, DType::kF16, true), Error);
  EXPECT_THROW(ImageIndex(db_, table_).search({1, 2, 3}, 1, 1), Error);
  EXPECT_THROW(ImageIndexWriter(db_, model_, DType::kF32, true).add(image(11), std::vector<float>(16, 0.0f)), Error);
}

TEST_F(Index, PartsThatDoNotFitTogetherAreRefused) {
  build(10);
  const std::string vectors = read_file(vectors_), db = read_file(db_);
  const auto with_vectors = [&](std::string bytes) {
    write_file(vectors_, bytes);
    return refusal();
  };
  EXPECT_NE(with_vectors(vectors.substr(0, vectors.size() - 1)), "no error");
  EXPECT_NE(with_vectors(vectors.substr(0, 60)), "no error");
  EXPECT_NE(with_vectors(vectors + "x"), "no error");
  std::string changed = vectors;
  changed[0] = 'X';
  EXPECT_NE(with_vectors(changed), "no error");
  changed = vectors;
  changed[24] = 9;  // count: the size no longer fits
  EXPECT_NE(with_vectors(changed), "no error");
  changed = vectors;
  std::memset(changed.data() + 16, 0xff, 8);  // width
  EXPECT_NE(with_vectors(changed), "no error");
  changed = vectors.substr(0, 64 + 9 * 64);  // nine rows, and saying so
  changed[24] = 9;
  EXPECT_NE(with_vectors(changed).find("lists 10 images"), std::string::npos);
  EXPECT_EQ(with_vectors(vectors), "no error");
  write_file(db_, "not a database, not at all a database");
  EXPECT_NE(refusal(), "no error");
  write_file(db_, db.substr(0, db.size() / 2));
  EXPECT_NE(refusal(), "no error");
}

TEST_F(Index, AGraphIsBuiltAboveTheSizeAndReadBack) {
  build(2000, 1000);
  const ImageIndex index(db_, table_);
  ASSERT_TRUE(index.has_graph());
  int found = 0;
  for (int64_t i = 0; i < 100; ++i) {
    const auto exact = index.search(row(i), 10, 1, true), near = index.search(row(i), 10, 1);
    ASSERT_EQ(near.size(), 10u);
    for (const Hit& hit : near)
      for (const Hit& want : exact) found += hit.row == want.row;
  }
  EXPECT_GE(found, 980);
}

TEST_F(Index, ADamagedGraphIsRefused) {
  build(400, 100);
  const std::string graph = read_file(graph_);
  const auto check = [&](const std::string& bytes) {
    check_graph({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()}, 400, "graph");
  };
  EXPECT_NO_THROW(check(graph));
  EXPECT_THROW(check(graph.substr(0, graph.size() - 1)), Error);
  EXPECT_THROW(check(graph + std::string(4, '\0')), Error);
  EXPECT_THROW(check(""), Error);
  // Each of these fields decides where hnswlib reads or writes.
  for (const size_t field : {0, 8, 16, 24, 32, 40, 48, 52, 56, 64, 72}) {
    std::string changed = graph;
    changed[field] = static_cast<char>(changed[field] + 77);
    changed[field + 2] = 0x7f;
    EXPECT_THROW(check(changed), Error) << "field at " << field;
  }
  std::string link = graph;  // the first link of the first node: row 0x7f7f7f7f
  std::memset(link.data() + 96 + 4, 0x7f, 4);
  EXPECT_THROW(check(link), Error);
  std::string many = graph;  // more links than its list holds
  many[96] = 120;
  EXPECT_THROW(check(many), Error);
  write_file(graph_, link);
  EXPECT_NE(refusal().find("links to a row"), std::string::npos);
}

// Recall over a larger set, as docs/search.md reports it: 20,000 clustered vectors of width 64.
TEST(SearchGraphRecall, TenOfTenAreNearlyAlwaysFound) {
  const Clustered data = clustered_vectors(20'000, 64, 200, 0.7, 11),
                  queries = clustered_vectors(200, 64, 200, 0.7, 11, 2);
  const VectorRows rows{data.values.data(), DType::kF32, 20'000, 64};
  const KernelTable& table = select_kernel_table();
  const auto graph = SearchGraph::build(table, rows, {}, 2);
  const auto exact = top_k(table, rows, queries.values, 10, 2);
  int found = 0;
  for (size_t q = 0; q < 200; ++q)
    for (const Hit& hit : graph->search({queries.values.data() + q * 64, 64}, 10))
      for (const Hit& want : exact[q]) found += hit.row == want.row;
  EXPECT_GE(found / 2000.0, 0.98);
}

}  // namespace
}  // namespace hilum
