#include "train/recipe.h"

#include <sstream>

#include "base/file.h"
#include "train/recipe_reader.h"

namespace hilum {
namespace {

void read_stage(RecipeReader& in, StageRecipe& stage) {
  const std::string at = "stage." + stage.name + ".";
  std::string objective;
  in.text(at + "objective", objective, {"findings", "tokens"});
  stage.objective = objective == "tokens" ? StageObjective::kTokens : StageObjective::kFindings;
  in.number(at + "steps", stage.steps, 1);
  in.number(at + "max_minutes", stage.max_minutes, 0);
  if (stage.objective == StageObjective::kTokens) {
    in.number(at + "lateral_rate", stage.lateral_rate, 0, 1);
    in.number(at + "prior_rate", stage.prior_rate, 0, 1);
    in.number(at + "balanced_changes", stage.balanced_changes, 0, 1);
    in.number(at + "hidden_on_frontal", stage.hidden_on_frontal, 0, 1);
    in.number(at + "findings_weight", stage.findings_weight, 0, 1000);
    in.texts(at + "weighted_words", stage.weighted_words);
    in.number(at + "word_weight", stage.word_weight, 0, 1000);
  }
  in.number(at + "batch", stage.batch, 1, 65536);
  in.number(at + "micro_batch", stage.micro_batch, 1, 65536);
  in.number(at + "learning_rate", stage.learning_rate, 0, 1);
  in.number(at + "crowded", stage.crowded, 0, 1);
  in.number(at + "encoder_factor", stage.encoder_factor, 0, 100);
  in.number(at + "warmup_steps", stage.warmup_steps, 0);
  in.number(at + "final_factor", stage.final_factor, 0, 1);
  in.number(at + "weight_decay", stage.weight_decay, 0, 10);
  in.number(at + "beta1", stage.beta1, 0, 1);
  in.number(at + "beta2", stage.beta2, 0, 1);
  in.number(at + "eps", stage.eps, 0, 1);
  in.number(at + "clip_norm", stage.clip_norm, 0);
}

void read_all(RecipeReader& in, Recipe& r) {
  in.text("run.name", r.run.name);
  in.text("run.preset", r.run.preset);
  in.number("run.seed", r.run.seed, 0, 1e15);
  in.number("run.workers", r.run.workers, 1, 256);
  in.number("run.threads_per_worker", r.run.threads_per_worker, 1, 1024);
  in.number("run.loader_threads", r.run.loader_threads, 1, 1024);
  in.number("run.prefetch", r.run.prefetch, 1, 65536);
  in.number("run.checkpoint_minutes", r.run.checkpoint_minutes, 0.01);
  in.number("run.checkpoint_steps", r.run.checkpoint_steps, 0);
  in.number("run.log_steps", r.run.log_steps, 1);
  in.text("run.products", r.run.products, {"f32", "bf16"});
  in.text("run.export_type", r.run.export_type, {"f16", "bf16", "f32"});
  in.texts("run.stages", r.run.stages);
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
  for (const std::string& name : r.run.stages) {
    r.stages.push_back({.name = name});
    read_stage(in, r.stages.back());
  }
}

// Puts `value` (TOML; text may stand without quotes) at a dotted key.
void override_key(toml::table& root, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) throw Error("--set " + assignment, "is not key=value", "");
  const std::string key = assignment.substr(0, equals), value = assignment.substr(equals + 1);
  toml::table line;
  try {
    line = parse_toml("v = " + value, assignment);
  } catch (const Error&) {
    line.insert("v", value);
  }
  toml::table* table = &root;
  size_t start = 0;
  for (size_t dot = key.find('.'); dot != std::string::npos; start = dot + 1, dot = key.find('.', start)) {
    const std::string part = key.substr(start, dot - start);
    if (!table->get_as<toml::table>(part)) table->insert_or_assign(part, toml::table{});
    table = table->get_as<toml::table>(part);
  }
  line.get("v")->visit([&](auto& node) { table->insert_or_assign(key.substr(start), std::move(node)); });
}

}  // namespace

toml::table read_recipe_table(const std::filesystem::path& path, const std::vector<std::string>& overrides) {
  toml::table root = parse_toml(read_file(path, 1 << 20), path.string());
  for (const std::string& assignment : overrides) override_key(root, assignment);
  return root;
}

std::string recipe_text(const toml::table& root) {
  std::ostringstream text;
  text << root << "\n";
  return text.str();
}

Recipe read_recipe(const std::filesystem::path& path, const std::vector<std::string>& overrides) {
  const toml::table root = read_recipe_table(path, overrides);
  Recipe recipe;
  RecipeReader reader(path.string(), root);
  read_all(reader, recipe);
  reader.refuse_unknown();
  const Recipe::Vision& v = recipe.vision;
  check(v.width % v.heads == 0, "vision.width", "is no multiple of vision.heads");
  check(v.image_px % v.patch_px == 0, "vision.image_px", "is no multiple of vision.patch_px");
  check(recipe.language.width % (2 * recipe.language.heads) == 0, "language.width",
      "is no multiple of 2 * language.heads");
  check(recipe.language.heads % recipe.language.kv_heads == 0, "language.kv_heads", "does not divide language.heads");
  check(!recipe.stages.empty(), "run.stages", "names no stage");
  recipe.text = recipe_text(root);
  return recipe;
}

}  // namespace hilum
