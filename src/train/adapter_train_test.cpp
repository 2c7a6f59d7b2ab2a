// Adapters on clustered vectors whose classes are known: each must beat the plain guess by a stated margin.
#include "train/adapter_train.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/json.h"
#include "base/rng.h"
#include "base/temp_folder_for_test.h"
#include "tensor/npy.h"
#include "train/trainer.h"

namespace hilum {
namespace {

const fs::path kRecipes = fs::path(HILUM_SOURCE_DIR) / "recipes";

// 400 studies of 200 patients, width 16: class c of 4 lies about direction c, noise 0.8 in every dimension (half are of
// class "c0", so that the plain guess is right half the time); tags t0, t1 are the signs of two other dimensions; bone
// age is linear in a third, noise 6 months.
class Adapters : public testing::Test {
 protected:
  void SetUp() override {
    Rng rng(3);
    Tensor x = Tensor::host({400, 16});
    std::string lines;
    for (int64_t i = 0; i < 400; ++i) {
      float* row = x.f32() + i * 16;
      for (int64_t j = 0; j < 16; ++j) row[j] = static_cast<float>(0.8 * rng.normal() + 3);
      const int c = rng.chance(0.5) ? 0 : 1 + static_cast<int>(rng.below(3));
      row[c] += 3;
      const Json labels = {{"Edema", row[8] > 3.2f ? 1 : 0}, {"Fracture", row[9] > 3 ? 1 : rng.chance(0.1) ? -1 : 0}};
      lines += Json{{"study_id", "s" + std::to_string(i)}, {"patient_id", "p" + std::to_string(i / 2)},
                   {"images", {{{"path", "x.png"}}}}, {"labels", labels},
                   {"classes", {{"set", "test"}, {"names", {"c" + std::to_string(c)}}}},
                   {"targets", {{"bone_age_months", 120 + 40 * (row[10] - 3) + 6 * rng.normal()}}}}
                   .dump() +
               "\n";
    }
    write_file(folder_ / "m.jsonl", lines);
    write_npy(folder_ / "e.npy", x);
    write_file(folder_ / "e.npy.json", R"({"model":{"name":"fake","weights_sha256":"abc"}})");
  }

  AdapterRecipe recipe(const std::string& name, std::vector<std::string> set = {}) const {
    set.push_back("data.embeddings=" + (folder_ / "e.npy").string());
    set.push_back("data.manifest=" + (folder_ / "m.jsonl").string());
    set.push_back("run.threads=1");
    return read_adapter_recipe(kRecipes / ("adapter-" + name + ".toml"), set);
  }
  AdapterRun train(const AdapterRecipe& r) const {
    return train_adapter(r, read_adapter_data(r), {.output = folder_ / ("run" + std::to_string(runs_++))});
  }

  TempFolder folder_;
  mutable int runs_ = 0;
};

// chexpert's keys have no meaning for classes, and a key without meaning is refused.
AdapterRecipe with_classes(AdapterRecipe r) {
  r.data.labels = "classes";
  r.data.names.clear();
  return r;
}

TEST_F(Adapters, LinearBeatsTheMajorityByThirtyPoints) {
  AdapterRecipe r = with_classes(recipe("linear"));
  const AdapterRun run = train(r);
  EXPECT_EQ(run.adapter.labels, (std::vector<std::string>{"c0", "c1", "c2", "c3"}));
  EXPECT_NEAR(run.validate.majority, 0.5, 0.15);
  EXPECT_GE(run.validate.accuracy, run.validate.majority + 0.30);
  EXPECT_GE(run.validate.auroc, 0.95);
}

// Areas are 1 from the first epochs on; the loss goes on falling, and with it the scores become probabilities.
TEST_F(Adapters, TheEpochIsChosenByTheLossOfTheValidationStudies) {
  AdapterRecipe r = with_classes(recipe("linear"));
  const AdapterRun run = train(r);
  const std::string log = read_file(folder_ / "run0" / "train.jsonl");
  std::vector<double> losses;
  for (const std::string_view line : split_lines(log))
    if (const Json row = Json::parse(line); row.contains("epoch"))
      losses.push_back(row["validate"]["loss"].get<double>());
  ASSERT_EQ(losses.size(), 50u);
  EXPECT_EQ(run.epoch, std::min_element(losses.begin(), losses.end()) - losses.begin() + 1);
  EXPECT_NEAR(run.validate.loss, losses[static_cast<size_t>(run.epoch - 1)], 1e-9);
  EXPECT_NE(log.find("the least loss on the"), std::string::npos) << log;
}

TEST_F(Adapters, MlpBeatsTheMajorityByThirtyPoints) {
  AdapterRecipe r =
      with_classes(recipe("mlp", {"adapter.hidden=[32]", "optimizer.learning_rate=3e-3", "optimizer.epochs=12"}));
  const AdapterRun run = train(r);
  EXPECT_GE(run.validate.accuracy, run.validate.majority + 0.30);
}

TEST_F(Adapters, NeighboursBeatTheMajorityByTwentyPoints) {
  const AdapterRun run = train(with_classes(recipe("knn", {"adapter.neighbours=15"})));
  EXPECT_GE(run.validate.accuracy, run.validate.majority + 0.20);
}

// Two labels of their own, some uncertain and left out of the loss.
TEST_F(Adapters, LabelsOfTheirOwnAreLearnt) {
  const AdapterRun run =
      train(recipe("linear", {"data.names=[\"Edema\",\"Fracture\"]", "optimizer.learning_rate=0.01"}));
  EXPECT_EQ(run.adapter.output, Adapter::Output::kIndependent);
  EXPECT_GE(run.validate.auroc, 0.95);
  EXPECT_GE(run.validate.accuracy, run.validate.majority + 0.25);
}

// The noise alone has a mean absolute error of 6 · sqrt(2/π) = 4.8 months; the median's is about 32 · 0.8 = 25.
TEST_F(Adapters, RegressionComesNearTheNoise) {
  const AdapterRun run = train(recipe("bone-age"));
  EXPECT_LE(run.validate.mean_error, 7.5);
  EXPECT_GE(run.validate.median_error, 15);
}

// The closed form against the line that made the data, without noise: y = 2 x0 - x1 + 5.
TEST_F(Adapters, RegressionWithoutNoiseFindsTheLine) {
  AdapterData data;
  data.labels = {"y"};
  data.output = Adapter::Output::kValue;
  data.width = 2;
  Rng rng(1);
  for (int i = 0; i < 50; ++i) {
    const float a = static_cast<float>(rng.normal()), b = static_cast<float>(3 * rng.normal() + 10);
    for (AdapterSet* set : {&data.train, &data.validate}) {
      set->x.insert(set->x.end(), {a, b});
      set->y.push_back(2 * a - b + 5);
      ++set->count;
    }
  }
  AdapterRecipe r = recipe("bone-age");
  r.adapter.ridge = 0;
  EXPECT_LE(train_adapter(r, data, {.output = folder_ / "line"}).validate.mean_error, 1e-4);
}

TEST_F(Adapters, TheSameRecipeGivesTheSameAdapter) {
  const AdapterRecipe r = recipe("linear", {"data.names=[\"Edema\",\"Fracture\"]", "optimizer.epochs=3"});
  const AdapterRun a = train(r), b = train(r);
  for (int64_t i = 0; i < 32; ++i) EXPECT_EQ(a.adapter.layers[0].weight.f32()[i], b.adapter.layers[0].weight.f32()[i]);
}

// The last epoch's step has the 25 studies that are left; a run that stops within an epoch goes on to the same adapter.
TEST_F(Adapters, ARunThatWasStoppedGoesOnToTheSameAdapter) {
  const AdapterRecipe r = with_classes(recipe("linear", {"optimizer.epochs=4", "optimizer.batch=33"}));
  const AdapterData data = read_adapter_data(r);
  const AdapterRun straight = train_adapter(r, data, {.output = folder_ / "straight"});
  for (const int64_t stop : {3, 20, 31}) {
    const TrainOptions options{.output = folder_ / ("stopped" + std::to_string(stop))};
    AdapterRun part;
    AdapterTask task(r, data, part);
    Trainer trainer(r.core, task, options);
    trainer.stop_after_step = [&](const RunState& state) { return state.step == stop; };
    trainer.run();
    ASSERT_TRUE(trainer.stopped());
    const AdapterRun whole = train_adapter(r, data, {.output = options.output, .resume = true});
    EXPECT_EQ(whole.epoch, straight.epoch);
    EXPECT_TRUE(
        std::ranges::equal(whole.adapter.layers[0].weight.values(), straight.adapter.layers[0].weight.values()));
    EXPECT_EQ(read_file(options.output / "train.jsonl"), read_file(folder_ / "straight" / "train.jsonl"));
  }
}

TEST_F(Adapters, NoPatientIsOnBothSides) {
  const AdapterData data = read_adapter_data(recipe("bone-age"));
  EXPECT_EQ(data.train.count + data.validate.count, 400);
  EXPECT_EQ(data.train.count % 2, 0);  // patients have two studies each
  EXPECT_NEAR(static_cast<double>(data.validate.count) / 400, 0.2, 0.08);
  EXPECT_EQ(data.weights_sha256, "abc");
}

TEST_F(Adapters, ARunWritesAFileThatScoresAsTrained) {
  const fs::path out = folder_ / "out";
  const TrainRequest request{.recipe = kRecipes / "adapter-bone-age.toml",
      .overrides = {"data.embeddings=" + (folder_ / "e.npy").string(),
          "data.manifest=" + (folder_ / "m.jsonl").string()},
      .output = out};
  EXPECT_TRUE(is_adapter_recipe(request.recipe));
  EXPECT_FALSE(is_adapter_recipe(kRecipes / "demo.toml"));
  EXPECT_EQ(run_adapter_training(request), 0);
  const Adapter adapter = load_adapter(out);
  EXPECT_EQ(adapter.labels, std::vector<std::string>{"bone_age_months"});
  EXPECT_EQ(adapter.weights_sha256, "abc");
  const std::vector<float> x(16, 3.0f);
  EXPECT_NEAR(adapter.scores(x)[0].second, 120, 5);
  EXPECT_NE(read_file(out / "train.jsonl").find("mean_absolute_error_of_the_median"), std::string::npos);
  EXPECT_THROW(run_adapter_training(request), Error);  // there already
}

TEST_F(Adapters, ADryRunWritesNothingAndRefusesWhatARunWould) {
  const fs::path out = folder_ / "dry";
  TrainRequest request{.recipe = kRecipes / "adapter-linear.toml",
      .overrides = {"data.embeddings=" + (folder_ / "e.npy").string(),
          "data.manifest=" + (folder_ / "m.jsonl").string(), "data.names=[\"Edema\"]"},
      .dry_run = true,
      .output = out};
  EXPECT_EQ(run_adapter_training(request), 0);
  EXPECT_FALSE(fs::exists(out));
  request.overrides.push_back("groups=[{match=\"layer.0.*\"}]");
  const std::string problem = error_of([&] { run_adapter_training(request); });
  EXPECT_NE(problem.find("Did you mean \"layers.0\"?"), std::string::npos) << problem;
}

TEST_F(Adapters, FilesThatDoNotFitTogetherAreRefused) {
  write_npy(folder_ / "e.npy", Tensor::host({399, 16}));
  EXPECT_THROW(read_adapter_data(recipe("bone-age")), Error);
}

TEST_F(Adapters, ALabelThatIsAlwaysTheSameIsRefused) {
  EXPECT_THROW(read_adapter_data(recipe("linear", {"data.names=[\"Edema\",\"Pneumonia\"]"})), Error);
}

TEST(AdapterRecipes, SayWhatIsWrong) {
  for (const char* name : {"linear", "mlp", "knn", "bone-age"})
    EXPECT_THROW(read_adapter_recipe(kRecipes / (std::string("adapter-") + name + ".toml")), Error)
        << "embeddings are not named";
  const std::vector<std::string> files{"data.embeddings=e.npy", "data.manifest=m.jsonl"};
  const auto refused = [&](const char* recipe, const char* change) {
    std::vector<std::string> set = files;
    set.push_back(change);
    EXPECT_THROW(read_adapter_recipe(kRecipes / recipe, set), Error) << change;
  };
  EXPECT_NO_THROW(read_adapter_recipe(kRecipes / "adapter-linear.toml", files));
  refused("adapter-linear.toml", "adapter.kind=forest");
  refused("adapter-linear.toml", "optimizer.epoch=3");
  refused("adapter-linear.toml", "data.labels=targets");
  refused("adapter-bone-age.toml", "data.labels=tags");
}

// Worked by hand: positives score .9 .4, negatives .6 .4 .1. Pairs won: (.9: 3), (.4: 1 and a half of a tie) = 4.5
// of 6.
TEST(Auroc, CountsPairsAndHalvesTies) {
  const std::vector<float> scores{0.9f, 0.6f, 0.4f, 0.4f, 0.1f, 0.5f}, answers{1, 0, 1, 0, 0, std::nanf("")};
  EXPECT_DOUBLE_EQ(auroc(scores, answers), 4.5 / 6);
  EXPECT_TRUE(std::isnan(auroc(std::vector<float>{1, 2}, std::vector<float>{1, 1})));
}

}  // namespace
}  // namespace hilum
