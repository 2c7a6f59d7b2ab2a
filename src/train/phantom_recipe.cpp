#include "train/phantom_recipe.h"

#include "train/recipe_reader.h"

namespace hilum {
namespace {

void read_phantom_stage(RecipeReader& in, const std::string& at, PhantomStage& stage) {
  std::string objective;
  in.text(at + "objective", objective, {"findings", "tokens"});
  stage.objective = objective == "tokens" ? StageObjective::kTokens : StageObjective::kFindings;
  if (stage.objective == StageObjective::kTokens) {
    in.number(at + "lateral_rate", stage.lateral_rate, 0, 1);
    in.number(at + "prior_rate", stage.prior_rate, 0, 1);
    in.number(at + "balanced_changes", stage.balanced_changes, 0, 1);
    in.number(at + "hidden_on_frontal", stage.hidden_on_frontal, 0, 1);
    in.number(at + "findings_weight", stage.findings_weight, 0, 1000);
    in.texts(at + "weighted_words", stage.weighted_words);
    in.number(at + "word_weight", stage.word_weight, 0, 1000);
  }
  in.number(at + "crowded", stage.crowded, 0, 1);
  in.number(at + "encoder_factor", stage.encoder_factor, 0, 100);
}

void read_sizes(RecipeReader& in, PhantomRecipe& r) {
  in.number("data.phantom_seed", r.data.phantom_seed, 0, 1e15);
  in.numbers("data.phantom_px", r.data.phantom_px, 64, 4096);
  in.number("data.grounded", r.data.grounded, 0);
  in.number("data.findings", r.data.findings, 0);
  in.number("data.phrase", r.data.phrase, 0);
  in.number("data.dialogue", r.data.dialogue, 0);
  in.number("data.indication_rate", r.data.indication_rate, 0, 1);
  in.number("tokenizer.vocabulary", r.tokenizer.vocabulary, 600, 200000);
  in.number("tokenizer.studies", r.tokenizer.studies, 1);
  in.number("vision.image_px", r.vision.image_px, 16, 4096);
  in.number("vision.patch_px", r.vision.patch_px, 2, 256);
  in.number("vision.width", r.vision.width, 8, 16384);
  in.number("vision.depth", r.vision.depth, 1, 256);
  in.number("vision.heads", r.vision.heads, 1, 256);
  in.number("vision.mlp_ratio", r.vision.mlp_ratio, 1, 16);
  in.number("vision.layer_scale", r.vision.layer_scale, 0, 10);
  in.number("vision.norm_eps", r.vision.norm_eps, 0, 1);
  in.number("projector.layers", r.projector.layers, 1, 16);
  in.number("projector.merge", r.projector.merge, 1, 8);
  in.number("language.width", r.language.width, 8, 16384);
  in.number("language.depth", r.language.depth, 1, 256);
  in.number("language.heads", r.language.heads, 1, 256);
  in.number("language.kv_heads", r.language.kv_heads, 1, 256);
  in.number("language.mlp_width", r.language.mlp_width, 8, 65536);
  in.number("language.max_positions", r.language.max_positions, 16, 1 << 20);
  in.number("language.rope_theta", r.language.rope_theta, 1);
  in.number("language.norm_eps", r.language.norm_eps, 0, 1);
  in.number("feature_stats.studies", r.feature_stats.studies, 0);
  in.number("feature_stats.held_out", r.feature_stats.held_out, 0);
  in.number("feature_stats.percentile", r.feature_stats.percentile, 0, 100);
}

}  // namespace

PhantomRecipe read_phantom_recipe(const std::filesystem::path& path, const std::vector<std::string>& overrides) {
  const toml::table root = read_recipe_table(path, overrides);
  PhantomRecipe recipe;
  RecipeReader in(path.string(), root);
  read_run(in, recipe.core.run);
  in.text("run.preset", recipe.preset);
  in.text("run.export_type", recipe.export_type, {"f16", "bf16", "f32"});
  std::vector<std::string> stages;
  in.texts("run.stages", stages);
  read_sizes(in, recipe);
  for (const std::string& name : stages) {
    const std::string at = "stage." + name + ".";
    read_phantom_stage(in, at, recipe.stages.emplace_back());
    read_stage(in, at, recipe.core.stages.emplace_back(StageRecipe{.name = name}));
  }
  in.refuse_unknown();
  const PhantomRecipe::Vision& v = recipe.vision;
  check(v.width % v.heads == 0, "vision.width", "is no multiple of vision.heads");
  check(v.image_px % v.patch_px == 0, "vision.image_px", "is no multiple of vision.patch_px");
  check(recipe.language.width % (2 * recipe.language.heads) == 0, "language.width",
      "is no multiple of 2 * language.heads");
  check(recipe.language.heads % recipe.language.kv_heads == 0, "language.kv_heads", "does not divide language.heads");
  check(!stages.empty(), "run.stages", "names no stage");
  recipe.core.text = recipe_text(root);
  return recipe;
}

}  // namespace hilum
