#include "train/phantom_recipe.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"

namespace hilum {
namespace {

const fs::path kDemo = fs::path(HILUM_SOURCE_DIR) / "recipes" / "demo.toml";

std::string problem_with(const std::vector<std::string>& overrides) {
  return error_of([&] { read_phantom_recipe(kDemo, overrides); });
}

TEST(Recipe, TheDemoRecipeReads) {
  const PhantomRecipe recipe = read_phantom_recipe(kDemo);
  EXPECT_EQ(recipe.preset, "hilum-demo");
  ASSERT_EQ(recipe.stages.size(), 7u);
  for (size_t i = 0; i < 7; ++i)
    EXPECT_TRUE(recipe.stages[i].objective == (i == 0 ? StageObjective::kFindings : StageObjective::kTokens)) << i;
  EXPECT_EQ(recipe.stages[2].balanced_changes, 0.7);
  EXPECT_EQ(recipe.stages[5].hidden_on_frontal, 0.4);
  EXPECT_TRUE(
      recipe.stages.back().weighted_words.empty());  // a model that ends with weights writes those words too often
}

TEST(Recipe, OverridesReplaceValuesAndStandInTheEffectiveText) {
  const PhantomRecipe recipe = read_phantom_recipe(kDemo, {"stage.whole.batch=7", "run.name=other"});
  EXPECT_EQ(recipe.core.stages[1].batch, 7);
  EXPECT_EQ(recipe.core.run.name, "other");
  const TempFolder folder;
  const fs::path copy = folder / "effective.toml";
  write_file(copy, recipe.core.text);
  EXPECT_EQ(read_phantom_recipe(copy).core.stages[1].batch, 7);  // the effective recipe is a recipe
}

TEST(Recipe, UnknownKeysNameTheNearest) {
  EXPECT_NE(problem_with({"stage.whole.bacth=7"}).find("Did you mean \"stage.whole.batch\"?"), std::string::npos);
  EXPECT_NE(problem_with({"vison.width=8"}).find("Did you mean \"vision.width\"?"), std::string::npos);
}

TEST(Recipe, WrongTypesAndRangesNameTheKey) {
  EXPECT_NE(problem_with({"stage.whole.batch=0"}).find("stage.whole.batch"), std::string::npos);
  EXPECT_NE(problem_with({"stage.whole.batch=1.5"}).find("whole number"), std::string::npos);
  EXPECT_NE(problem_with({"run.name=3"}).find("no text"), std::string::npos);
  EXPECT_NE(problem_with({"data.phantom_px=[3]"}).find("data.phantom_px"), std::string::npos);
  EXPECT_NE(problem_with({"stage.whole.objective=token"}).find("Did you mean \"tokens\"?"), std::string::npos);
  EXPECT_NE(problem_with({"vision.width=250"}).find("vision.width"), std::string::npos);
  EXPECT_NE(problem_with({"no assignment"}).find("key=value"), std::string::npos);
}

TEST(Recipe, MissingKeysAndBadTomlAreErrors) {
  const TempFolder folder;
  const fs::path path = folder / "bad.toml";
  write_file(path, "[run]\nname = \"x\"\n");
  EXPECT_THROW(read_phantom_recipe(path), Error);
  write_file(path, "[run\n");
  EXPECT_THROW(read_phantom_recipe(path), Error);
  EXPECT_THROW(read_phantom_recipe(folder / "absent.toml"), Error);
}

TEST(Recipe, SchedulesAndGroupsAreData) {
  const TempFolder folder;
  std::string text = read_file(kDemo);  // with a schedule that has no final_factor
  const size_t key = text.find("final_factor", text.find("[stage.whole]"));
  text.erase(key, text.find('\n', key) + 1 - key);
  write_file(folder / "recipe.toml", text);
  const StageRecipe stage = read_phantom_recipe(folder / "recipe.toml",
      {"stage.whole.schedule=linear-warmup-cosine", "stage.whole.warmup_rate=1e-6", "stage.whole.min_rate=8e-5",
          "stage.whole.epoch_steps=5000", "stage.whole.average_decay=0.999", "stage.whole.keep=average",
          "groups=[{match=\"encoder.*\", rate=0.3, decay=0, frozen=true}, {match=\"heads.*\"}]"})
                                .core.stages[1];
  EXPECT_EQ(stage.schedule.form, Schedule::Form::kLinearWarmupCosine);
  EXPECT_EQ(stage.schedule.min_rate, 8e-5);
  EXPECT_EQ(stage.average_decay, 0.999);
  EXPECT_TRUE(stage.keep == StageRecipe::Keep::kAverage);
  ASSERT_EQ(stage.groups.size(), 2u);
  EXPECT_EQ(stage.groups[0].rate, 0.3);
  EXPECT_EQ(stage.groups[0].decay, 0.0);
  EXPECT_TRUE(stage.groups[0].frozen);
  EXPECT_FALSE(stage.groups[1].decay.has_value());
}

TEST(Recipe, AStagesOwnGroupsTakeThePlaceOfTheRecipes) {
  const PhantomRecipe recipe = read_phantom_recipe(
      kDemo, {"groups=[{match=\"encoder.*\"}]", "stage.whole.groups=[{match=\"language.*\", frozen=true}]"});
  EXPECT_EQ(recipe.core.stages[0].groups[0].match, "encoder.*");
  EXPECT_EQ(recipe.core.stages[1].groups[0].match, "language.*");
  EXPECT_EQ(recipe.core.stages[1].groups_at, "stage.whole.groups");
}

TEST(Recipe, WhatDoesNotGoTogetherIsRefused) {
  EXPECT_NE(
      problem_with({"groups=[{match=\"encoder.*\", frozn=true}]"}).find("Did you mean \"frozen\"?"), std::string::npos);
  EXPECT_NE(problem_with({"groups=[{rate=0.3}]"}).find("groups[0]"), std::string::npos);
  EXPECT_NE(problem_with({"stage.whole.schedule=cosin"}).find("Did you mean \"cosine\"?"), std::string::npos);
  EXPECT_NE(problem_with({"stage.whole.keep=average"}).find("stage.whole.average_decay"), std::string::npos);
  EXPECT_NE(problem_with({"stage.whole.schedule=timm-cosine", "stage.whole.warmup_rate=0", "stage.whole.min_rate=0",
                             "stage.whole.max_minutes=3"})
                .find("max_minutes"),
      std::string::npos);
  // A key of another schedule is unknown to this one.
  EXPECT_NE(problem_with({"stage.whole.min_rate=0.1"}).find("stage.whole.min_rate"), std::string::npos);
}

TEST(Recipe, TheFirstDifferenceIsOfWhatChangesTheResult) {
  const auto text = [](const std::vector<std::string>& overrides) {
    return read_phantom_recipe(kDemo, overrides).core.text;
  };
  const std::string plain = text({});
  EXPECT_EQ(first_difference(plain, plain).key, "");
  const RecipeDifference batch = first_difference(plain, text({"stage.whole.batch=7", "vision.depth=9"}));
  EXPECT_EQ(batch.key, "stage.whole.batch");
  EXPECT_EQ(batch.then, "16");
  EXPECT_EQ(batch.now, "7");
  EXPECT_EQ(first_difference(plain, text({"groups=[]"})).then, "absent");
  bool workers_differ = false;
  const std::string elsewhere = text({"run.log_steps=1", "run.prefetch=7", "run.workers=4"});
  EXPECT_EQ(first_difference(plain, elsewhere, &workers_differ).key, "");
  EXPECT_TRUE(workers_differ);
}

}  // namespace
}  // namespace hilum
