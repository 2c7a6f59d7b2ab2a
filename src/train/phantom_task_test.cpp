#include "train/phantom_task.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "models/files/preset.h"
#include "tensor/safetensors.h"

namespace hilum {
namespace {

// The first 60 answers of the recipe's second stage with these values.
std::vector<std::string> answers(std::vector<std::string> values) {
  values.insert(values.end(), {"data.phrase=0", "data.dialogue=0", "stage.whole.findings_weight=0",
                                  "data.phantom_px=[64]", "tokenizer.studies=60"});
  const PhantomRecipe recipe = read_phantom_recipe(std::string(HILUM_SOURCE_DIR) + "/recipes/demo.toml", values);
  const Preset& preset = preset_named(recipe.preset);
  const std::string json = train_demo_tokenizer(recipe, preset);
  const PhantomTask task(recipe, preset, json);
  const Tokenizer tokenizer = parse_tokenizer(json, "tokenizer.json");
  std::vector<std::string> out;
  for (uint64_t i = 0; i < 60; ++i) {
    const TrainSample sample = task.sample(1, i);
    out.push_back(tokenizer.decode(std::span(sample.ids).subspan(sample.prompt), true));
  }
  return out;
}

// How many of those answers, all with a prior, say that something has grown, and that something has shrunk.
std::pair<int, int> grown_and_shrunk(double balanced) {
  std::pair<int, int> out;
  for (const std::string& answer :
      answers({"stage.whole.prior_rate=1", "stage.whole.balanced_changes=" + std::to_string(balanced)})) {
    out.first += answer.find("increased") != std::string::npos || answer.find("larger") != std::string::npos;
    out.second += answer.find("decreased") != std::string::npos || answer.find("smaller") != std::string::npos;
  }
  return out;
}

TEST(PhantomTask, ChangesCanBeBalanced) {
  const auto [grown, shrunk] = grown_and_shrunk(0);
  EXPECT_LT(grown, shrunk);  // the scene's own way
  const auto [grown_evenly, shrunk_evenly] = grown_and_shrunk(1);
  EXPECT_GT(grown_evenly, 15);  // 20 of 60 and those by chance
  EXPECT_GT(shrunk_evenly, 15);
  EXPECT_LT(shrunk_evenly - grown_evenly, 12);
}

TEST(PhantomTask, FindingsHiddenOnTheFrontalCanBeDrawnOften) {
  const auto stated = [](double rate) {
    int out = 0;
    for (const std::string& answer : answers({"stage.whole.lateral_rate=1", "stage.whole.prior_rate=0",
             "stage.whole.hidden_on_frontal=" + std::to_string(rate)}))
      out += answer.find("lateral view") != std::string::npos;
    return out;
  };
  const int seldom = stated(0), always = stated(1);
  EXPECT_LT(seldom, 15);
  EXPECT_GT(always, 50);  // all but those not found in 32 draws
}

TEST(PhantomTask, ARunStartsFromAnExportedModel) {
  const fs::path model = fs::path(HILUM_SOURCE_DIR) / "models/demo";
  const PhantomRecipe recipe = read_phantom_recipe(fs::path(HILUM_SOURCE_DIR) / "recipes/demo.toml");
  const Preset& preset = preset_named(recipe.preset);
  const std::string json = read_file(model / "tokenizer.json");
  PhantomTask fresh(recipe, preset, json), started(recipe, preset, json), lost(recipe, preset, json);
  fresh.initialise_params(fresh.params());
  started.start_from(model);
  started.initialise_params(started.params());
  const ParamList drawn = fresh.params(), read = started.params();
  const SafetensorsFile file(model / "model.safetensors");
  for (size_t i = 0; i < drawn.size(); ++i) {
    const std::string& name = read[i]->name();
    const auto values = read[i]->data().values(), random = drawn[i]->data().values();
    const bool same = std::equal(values.begin(), values.end(), random.begin(), random.end());
    EXPECT_EQ(same, name.starts_with("heads.")) << name;  // heads are not exported
    EXPECT_EQ(read[i]->storage(), DType::kF32);
    if (name != "language.lm_head.weight") continue;
    EXPECT_EQ(values[7], to_f32(file.tensor("language_model.lm_head.weight")).f32()[7]);
  }
  lost.start_from("/no/such/model");
  EXPECT_THROW(lost.initialise_params(lost.params()), Error);
}

}  // namespace
}  // namespace hilum
