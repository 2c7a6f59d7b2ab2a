#include "engine/embed/adapter.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "engine/embed/fake_embedder_for_test.h"
#include "engine/tiny_demo_for_test.h"

namespace hilum {
namespace {

Adapter::Layer layer(int64_t out, int64_t in, const std::vector<float>& weight, const std::vector<float>& bias) {
  return {Tensor::host({out, in}, std::span<const float>(weight)),
      Tensor::host({static_cast<int64_t>(bias.size())}, std::span<const float>(bias))};
}

Adapter linear() {
  Adapter a;
  a.labels = {"A", "B"};
  a.model = "m";
  a.weights_sha256 = "sha";
  a.mean = {1, 2, 3};
  a.scale = {1, 2, 4};
  a.layers = {layer(2, 3, {1, 2, 3, 0, -1, 0}, {0.5f, 0})};
  return a;
}

double gelu(double x) { return x / 2 * std::erfc(-x / std::sqrt(2.0)); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// x = (3, 2, 7) becomes (2, 0, 1): logits 2 + 3 + 0.5 = 5.5 and 0.
TEST(Adapter, LinearScoresByHand) {
  Adapter a = linear();
  const std::vector<float> x{3, 2, 7};
  auto row = a.scores(x);
  EXPECT_NEAR(row[0].second, sigmoid(5.5), 1e-6);
  EXPECT_NEAR(row[1].second, 0.5, 1e-6);
  a.output = Adapter::Output::kExclusive;
  row = a.scores(x);
  EXPECT_NEAR(row[0].second, std::exp(5.5) / (std::exp(5.5) + 1), 1e-6);
  EXPECT_NEAR(row[0].second + row[1].second, 1, 1e-6);
  a.output = Adapter::Output::kValue;
  EXPECT_NEAR(a.scores(x)[0].second, 5.5, 1e-6);
}

TEST(Adapter, MlpHasGeluBetweenItsLayers) {
  Adapter a = linear();
  a.kind = Adapter::Kind::kMlp;
  a.output = Adapter::Output::kValue;
  a.layers.push_back(layer(2, 2, {1, 10, -1, 0}, {0, 1}));
  const auto row = a.scores(std::vector<float>{0, 4, 3});  // (-1, 1, 0): hidden 1.5, -1
  EXPECT_NEAR(row[0].second, gelu(1.5) + 10 * gelu(-1), 1e-5);
  EXPECT_NEAR(row[1].second, 1 - gelu(1.5), 1e-5);
}

// Unit vectors at 0, 60, 90 and 180 degrees; the query at 0. Of two neighbours one is known for label B.
TEST(Adapter, NeighboursVoteAndUnknownAnswersDoNotCount) {
  Adapter a;
  a.kind = Adapter::Kind::kKnn;
  a.labels = {"A", "B"};
  a.vectors = {1, 0, 0.5f, std::sqrt(0.75f), 0, 1, -1, 0};
  a.targets = {1, std::nanf(""), 0, 1, 1, 0, 0, 0};
  a.neighbours = 2;
  EXPECT_EQ(a.width(), 2);
  auto row = a.scores(std::vector<float>{7, 0});
  EXPECT_NEAR(row[0].second, 0.5, 1e-6);
  EXPECT_NEAR(row[1].second, 1, 1e-6);
  a.neighbours = 1;
  EXPECT_TRUE(std::isnan(a.scores(std::vector<float>{7, 0})[1].second));
  a.neighbours = 3;
  a.weighted = true;  // distances from 30 degrees: 2 sin 15 = 0.518 twice, 2 sin 30 = 1
  row = a.scores(std::vector<float>{std::sqrt(0.75f), 0.5f});
  const double near = 1 / (2 * std::sin(std::acos(-1.0) / 12));
  EXPECT_NEAR(row[0].second, (near + 1) / (2 * near + 1), 1e-4);
}

// As scikit-learn's KNeighborsClassifier(weights="distance"): a row that the adapter holds answers by itself.
TEST(Adapter, ARowThatIsThereAnswersAloneByDistance) {
  Adapter a;
  a.kind = Adapter::Kind::kKnn;
  a.labels = {"A", "B"};
  const float c = std::cos(0.01f), s = std::sin(0.01f);
  a.vectors = {1, 0, c, s, 0, 1};
  a.targets = {1, std::nanf(""), 0, 1, 0, 0};
  a.neighbours = 3;
  a.weighted = true;
  const auto row = a.scores(std::vector<float>{5, 0});
  EXPECT_EQ(row[0].second, 1);
  const double near = 1 / 0.01, far = 1 / std::sqrt(2.0);  // its own answer is not known: the others vote
  EXPECT_NEAR(row[1].second, near / (near + far), 1e-4);
  a.weighted = false;
  EXPECT_NEAR(a.scores(std::vector<float>{5, 0})[0].second, 1 / 3.0, 1e-6);
}

TEST(Adapter, RoundTripKeepsEveryScore) {
  const TempFolder folder;
  Adapter mlp = linear();
  mlp.kind = Adapter::Kind::kMlp;
  mlp.layers.push_back(layer(2, 2, {1, 10, -1, 0}, {0, 1}));
  Adapter knn;
  knn.kind = Adapter::Kind::kKnn;
  knn.labels = {"months"};
  knn.output = Adapter::Output::kValue;
  knn.neighbours = 2;
  knn.weighted = true;
  knn.vectors = {1, 0, 0, 1, 0, -1};
  knn.targets = {10, 20, 40};
  for (const Adapter& a : {linear(), mlp, knn}) {
    save_adapter(folder.path / kAdapterFile, a);
    const Adapter back = load_adapter(folder.path);
    std::vector<float> x(static_cast<size_t>(a.width()), 0.25f);
    x[1] = 3;
    EXPECT_EQ(back.scores(x), a.scores(x));
    EXPECT_EQ(back.labels, a.labels);
    EXPECT_EQ(back.weights_sha256, a.weights_sha256);
  }
}

TEST(Adapter, FilesThatDoNotFitTogetherAreRefused) {
  const TempFolder folder;
  const auto refused = [&](const std::function<void(Adapter&)>& spoil) {
    Adapter a = linear();
    spoil(a);
    save_adapter(folder.path / "a.safetensors", a);
    try {
      load_adapter(folder.path / "a.safetensors");
    } catch (const Error&) {
      return true;
    }
    return false;
  };
  EXPECT_FALSE(refused([](Adapter&) {}));
  EXPECT_TRUE(refused([](Adapter& a) { a.labels.push_back("C"); }));
  EXPECT_TRUE(refused([](Adapter& a) { a.labels = {"A", "A"}; }));
  EXPECT_TRUE(refused([](Adapter& a) { a.layers.push_back(a.layers[0]); }));
  EXPECT_TRUE(refused([](Adapter& a) { a.layers[0] = layer(2, 3, {1, 2, 3, 4, 5, 6}, {1, 2, 3}); }));
  EXPECT_TRUE(refused([](Adapter& a) { a.scale = {1, 0, 1}; }));
  write_file(folder.path / "a.safetensors", "nothing");
  EXPECT_THROW(load_adapter(folder.path / "a.safetensors"), Error);
}

TEST(Adapter, AnotherModelsEmbeddingsAreRefused) {
  FakeEmbedder model;
  model.own_info() = {.name = "m", .width = 3};
  model.sha256 = "sha";
  EXPECT_NO_THROW(check_adapter(linear(), model, "a"));
  model.sha256 = "other";
  EXPECT_THROW(check_adapter(linear(), model, "a"), Error);
  model.sha256 = "sha";
  model.own_info().width = 4;
  EXPECT_THROW(check_adapter(linear(), model, "a"), Error);
  model.own_info() = {.name = "m+azure", .width = 3};  // the same weights, pictures prepared in another way
  EXPECT_THROW(check_adapter(linear(), model, "a"), Error);
}

}  // namespace
}  // namespace hilum
