#include "train/recipe.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "base/file.h"
#include "train/recipe_reader.h"

namespace hilum {
namespace {

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

std::vector<ParamGroup> read_groups(RecipeReader& in, const std::string& key) {
  std::vector<ParamGroup> groups;
  for (RecipeReader& table : in.tables(key)) {
    ParamGroup group;
    table.allow_absent("", {"rate", "decay", "frozen"});
    table.text("match", group.match);
    table.number("rate", group.rate, 0, 1000);
    if (table.has("decay")) table.number("decay", group.decay.emplace(), 0, 100);
    table.flag("frozen", group.frozen);
    table.refuse_unknown();
    groups.push_back(std::move(group));
  }
  return groups;
}

void read_schedule(RecipeReader& in, const std::string& prefix, StageRecipe& stage) {
  Schedule& s = stage.schedule;
  const std::vector<std::string>& names = schedule_names();
  std::string form = names[static_cast<size_t>(s.form)];
  in.allow_absent(prefix, {"schedule"});
  in.text(prefix + "schedule", form, names);
  s.form = static_cast<Schedule::Form>(std::find(names.begin(), names.end(), form) - names.begin());
  in.number(prefix + "learning_rate", s.peak, 0, 10);
  using Form = Schedule::Form;
  if (s.form == Form::kCosine) in.number(prefix + "final_factor", s.final_factor, 0, 1);
  if (s.form == Form::kCosine || s.form == Form::kLinearWarmupCosine || s.form == Form::kTimmCosine)
    in.number(prefix + "warmup_steps", s.warmup_steps, 0);
  if (s.form == Form::kLinearWarmupCosine || s.form == Form::kTimmCosine) {
    in.number(prefix + "warmup_rate", s.warmup_rate, 0, 10);
    in.number(prefix + "min_rate", s.min_rate, 0, 10);
  }
  if (s.form == Form::kLinearWarmupCosine) in.number(prefix + "epoch_steps", s.epoch_steps, 0);
  if (s.form == Form::kWarmupRatioCosine) in.number(prefix + "warmup_ratio", s.warmup_ratio, 0, 1);
}

std::map<std::string, std::string> leaves(const toml::table& table, const std::string& prefix = "") {
  std::map<std::string, std::string> all;
  for (const auto& [name, value] : table) {
    const std::string key = prefix + std::string(name.str());
    if (const toml::table* inner = value.as_table()) {
      all.merge(leaves(*inner, key + "."));
      continue;
    }
    std::ostringstream text;
    value.visit([&](const auto& node) { text << node; });
    all[key] = text.str();
  }
  return all;
}

bool any_of(const std::string& key, std::initializer_list<const char*> keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
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

void read_run(RecipeReader& in, Recipe::Run& run) {
  in.text("run.name", run.name);
  in.number("run.seed", run.seed, 0, 1e15);
  in.number("run.workers", run.workers, 1, 256);
  in.number("run.threads_per_worker", run.threads_per_worker, 1, 1024);
  in.number("run.loader_threads", run.loader_threads, 1, 1024);
  in.number("run.prefetch", run.prefetch, 1, 65536);
  in.number("run.checkpoint_minutes", run.checkpoint_minutes, 0.01);
  in.number("run.checkpoint_steps", run.checkpoint_steps, 0);
  in.number("run.log_steps", run.log_steps, 1);
  in.text("run.products", run.products, {"f32", "bf16"});
}

void read_stage(RecipeReader& in, const std::string& prefix, StageRecipe& stage, const std::string& keep) {
  in.number(prefix + "steps", stage.steps, 1);
  in.number(prefix + "max_minutes", stage.max_minutes, 0);
  in.number(prefix + "batch", stage.batch, 1, 1e6);
  stage.micro_batch = stage.batch;
  in.number(prefix + "micro_batch", stage.micro_batch, 1, 1e6);
  read_schedule(in, prefix, stage);
  in.number(prefix + "weight_decay", stage.weight_decay, 0, 100);
  in.number(prefix + "beta1", stage.beta1, 0, 1);
  in.number(prefix + "beta2", stage.beta2, 0, 1);
  in.number(prefix + "eps", stage.eps, 0, 1);
  in.number(prefix + "clip_norm", stage.clip_norm, 0);
  const std::vector<std::string> kept{"last", "best", "average"};  // in the order of StageRecipe::Keep
  std::string which = kept[static_cast<size_t>(stage.keep)];
  in.allow_absent(prefix, {"keep", "average_decay", "groups"});
  in.text(prefix + keep, which, kept);
  stage.keep = static_cast<StageRecipe::Keep>(std::find(kept.begin(), kept.end(), which) - kept.begin());
  in.allow_absent("", {"groups"});
  in.number(prefix + "average_decay", stage.average_decay, 0, 1);
  stage.groups = read_groups(in, "groups");
  if (in.has(prefix + "groups")) {
    stage.groups_at = prefix + "groups";
    stage.groups = read_groups(in, stage.groups_at);
  }
  if (stage.max_minutes > 0 && stage.schedule.form != Schedule::Form::kCosine &&
      stage.schedule.form != Schedule::Form::kConstant)
    throw Error(in.where() + ": " + prefix + "max_minutes",
        "does not go with a schedule that is a function of the step alone",
        "Set it to 0, or take schedule = \"cosine\".");
  if (stage.keep == StageRecipe::Keep::kAverage && stage.average_decay == 0)
    throw Error(in.where() + ": " + prefix + keep, "is \"average\", but no average is made",
        "Set " + prefix + "average_decay, such as 0.999.");
}

RecipeDifference first_difference(const std::string& then, const std::string& now, bool* workers_differ) {
  const auto before = leaves(parse_toml(then, "the checkpoint's recipe")),
             after = leaves(parse_toml(now, "the recipe"));
  std::map<std::string, RecipeDifference> differences;
  const auto value = [](const auto& of, const std::string& key) {
    const auto found = of.find(key);
    return found == of.end() ? std::string("absent") : found->second;
  };
  for (const auto* side : {&before, &after})
    for (const auto& [key, text] : *side)
      if (value(before, key) != value(after, key)) differences[key] = {key, value(before, key), value(after, key)};
  for (const auto& [key, difference] : differences) {
    if (any_of(key,
            {"run.loader_threads", "run.prefetch", "run.checkpoint_minutes", "run.checkpoint_steps", "run.log_steps"}))
      continue;  // neither moves a digit
    if (any_of(key, {"run.workers", "run.threads_per_worker", "run.threads"})) {
      if (workers_differ) *workers_differ = true;
      continue;
    }
    return difference;
  }
  return {};
}

}  // namespace hilum
