#include "train/adapter_recipe.h"

#include "train/recipe_reader.h"

namespace hilum {

bool is_adapter_recipe(const std::filesystem::path& path) {
  return read_recipe_table(path, {}).at_path("run.kind").value<std::string>() == "adapter";
}

AdapterRecipe read_adapter_recipe(const std::filesystem::path& path, const std::vector<std::string>& overrides) {
  const toml::table root = read_recipe_table(path, overrides);
  RecipeReader in(path.string(), root);
  AdapterRecipe r;
  std::string kind;
  in.text("run.kind", kind, {"adapter"});
  in.number("run.threads", r.core.run.threads_per_worker, 0, 1024);
  in.allow_absent("run.", {"workers", "threads_per_worker", "loader_threads", "prefetch", "checkpoint_minutes",
                              "checkpoint_steps", "log_steps", "products"});
  read_run(in, r.core.run);
  in.text("data.embeddings", r.data.embeddings);
  in.text("data.manifest", r.data.manifest);
  in.text("data.labels", r.data.labels, {"chexpert", "classes", "tags", "targets"});
  in.texts("data.names", r.data.names);
  if (r.data.labels == "chexpert") {
    in.text("data.uncertain", r.data.uncertain, {"negative", "positive", "drop"});
    in.text("data.absent", r.data.absent, {"negative", "drop"});
  }
  in.text("data.train_split", r.data.train_split);
  in.text("data.validate_split", r.data.validate_split);
  in.number("data.validate_share", r.data.validate_share, 0, 0.9);
  in.text("adapter.kind", r.adapter.kind, {"linear", "mlp", "knn", "regression"});
  if (r.adapter.kind == "mlp") in.numbers("adapter.hidden", r.adapter.hidden, 1, 65536);
  if (r.adapter.kind == "regression") in.number("adapter.ridge", r.adapter.ridge, 0, 1e12);
  if (r.adapter.kind == "knn") {
    in.number("adapter.neighbours", r.adapter.neighbours, 1, 100000);
    in.text("adapter.weighting", r.adapter.weighting, {"uniform", "distance"});
  }
  if (r.adapter.kind == "linear" || r.adapter.kind == "mlp") {
    StageRecipe& stage = r.core.stages.emplace_back(StageRecipe{.name = r.adapter.kind});
    stage.schedule.form = Schedule::Form::kConstant;
    in.number("optimizer.epochs", stage.epochs, 1, 1e6);
    in.allow_absent("optimizer.", {"steps", "max_minutes", "micro_batch", "clip_norm"});
    read_stage(in, "optimizer.", stage, "select");
    check(r.data.labels != "targets", "data.labels",
        "\"targets\" are values, which adapter.kind = \"regression\" or \"knn\" learns", "");
  }
  if (r.adapter.kind == "regression")
    check(r.data.labels == "targets", "data.labels", "a regression learns \"targets\"", "");
  in.refuse_unknown();
  for (const auto& [key, value] :
      {std::pair{"data.embeddings", &r.data.embeddings}, {"data.manifest", &r.data.manifest}})
    if (value->empty())
      throw Error(path.string() + ": " + key, "is empty", std::string("Name the file: --set ") + key + "=FILE.");
  r.core.text = recipe_text(root);
  return r;
}

}  // namespace hilum
