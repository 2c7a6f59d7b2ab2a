#include "train/recipe.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "train/optimise/schedule.h"

namespace hilum {
namespace {

const fs::path kDemo = fs::path(HILUM_SOURCE_DIR) / "recipes" / "demo.toml";

std::string problem_with(const std::vector<std::string>& overrides) {
  return error_of([&] { read_recipe(kDemo, overrides); });
}

TEST(Recipe, TheDemoRecipeReads) {
  const Recipe recipe = read_recipe(kDemo);
  EXPECT_EQ(recipe.run.preset, "hilum-demo");
  ASSERT_EQ(recipe.stages.size(), 7u);
  for (size_t i = 0; i < 7; ++i)
    EXPECT_TRUE(recipe.stages[i].objective == (i == 0 ? StageObjective::kFindings : StageObjective::kTokens)) << i;
  EXPECT_EQ(recipe.stages[2].balanced_changes, 0.7);
  EXPECT_EQ(recipe.stages[5].hidden_on_frontal, 0.4);
  EXPECT_TRUE(
      recipe.stages.back().weighted_words.empty());  // a model that ends with weights writes those words too often
}

TEST(Recipe, OverridesReplaceValuesAndStandInTheEffectiveText) {
  const Recipe recipe = read_recipe(kDemo, {"stage.whole.batch=7", "run.name=other"});
  EXPECT_EQ(recipe.stages[1].batch, 7);
  EXPECT_EQ(recipe.run.name, "other");
  const TempFolder folder;
  const fs::path copy = folder / "effective.toml";
  write_file(copy, recipe.text);
  EXPECT_EQ(read_recipe(copy).stages[1].batch, 7);  // the effective recipe is a recipe
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
  EXPECT_THROW(read_recipe(path), Error);
  write_file(path, "[run\n");
  EXPECT_THROW(read_recipe(path), Error);
  EXPECT_THROW(read_recipe(folder / "absent.toml"), Error);
}

TEST(Schedule, WarmsUpThenFallsAlongHalfACosine) {
  const Schedule schedule{.peak = 1.0, .final_factor = 0.1, .warmup_steps = 4};
  EXPECT_DOUBLE_EQ(schedule.rate(0, 0), 0.25);
  EXPECT_DOUBLE_EQ(schedule.rate(3, 0), 1.0);
  EXPECT_NEAR(schedule.rate(10, 0.5), 0.55, 1e-12);
  EXPECT_NEAR(schedule.rate(10, 1.0), 0.1, 1e-12);
  EXPECT_NEAR(schedule.rate(10, 1.5), 0.1, 1e-12);
}

}  // namespace
}  // namespace hilum
