#include "train/trainer.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <limits>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/temp_folder_for_test.h"
#include "train/initialise.h"
#include "train/objectives/tokens.h"

namespace hilum {
namespace {

constexpr int kKinds = 3;

VlmConfig tiny_model() {
  VlmConfig c;
  c.vision.vit = {.image_px = 16,
      .patch_px = 8,
      .channels = 1,
      .width = 16,
      .depth = 2,
      .num_heads = 2,
      .mlp_width = 32,
      .feature_layer = 2,
      .has_mask_token = false};
  c.projector = {.in = 16, .out = 16, .num_layers = 2};
  c.language = {.vocab = 24,
      .width = 16,
      .depth = 2,
      .mlp_width = 32,
      .num_heads = 2,
      .num_kv_heads = 1,
      .head_dim = 8,
      .rope_factor = 1,
      .context = 64,
      .tied_embeddings = false};
  c.image_token = 1;
  return c;
}

// Pictures whose four patches are bright or dark; the answer spells which, so that only the image tells it.
class TinyTask final : public TrainTask {
 public:
  TinyTask() : model_(tiny_model()) {}
  ParamList params() override {
    ParamList list;
    model_.params(list);
    heads_.params(list);
    return list;
  }
  void initialise_params(const ParamList& list) override {
    initialise(list, {.seed = 5, .layer_scale = 1, .encoder_depth = 2, .language_depth = 2});
  }
  std::unique_ptr<Objective> objective(size_t stage) override {
    if (findings(stage)) return std::make_unique<FindingsObjective>(model_, heads_);
    return std::make_unique<TokensObjective>(model_, heads_, findings_weight);
  }
  TrainSample sample(size_t, uint64_t index) const override {
    Rng rng(9, index);
    TrainSample s;
    s.id = "picture " + std::to_string(index);
    s.images = index % 4 == 3 ? 2 : 1;  // lengths differ within a batch
    s.pixels.resize(static_cast<size_t>(s.images) * 256);
    s.labels.assign(kKinds, 0);
    s.patch_labels.assign(4 * kKinds, 0);
    s.patch_boxes.assign(4 * kKinds * 4, 0);
    s.patch_weights.assign(4 * kKinds, 1);
    s.ids = {0};
    for (int image = 0; image < s.images; ++image) s.ids.insert(s.ids.end(), {1, 1, 1, 1});
    s.ids.push_back(2);
    s.prompt = s.ids.size();
    for (int patch = 0; patch < 4; ++patch) {
      const bool bright = rng.chance(0.5);
      for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 8; ++x)
          s.pixels[static_cast<size_t>((patch / 2 * 8 + y) * 16 + patch % 2 * 8 + x)] =
              static_cast<float>((bright ? 1 : -1) + 0.1 * rng.normal());
      s.ids.push_back(bright ? 4 : 5);
      if (bright) {
        s.labels[0] = 1;
        s.patch_labels[static_cast<size_t>(patch * kKinds)] = 1;
      }
    }
    s.ids.push_back(3);
    if (poisoned_from && index >= poisoned_from) s.pixels[7] = std::numeric_limits<float>::quiet_NaN();
    return s;
  }
  void write_result(const TrainOptions&, const RunState&) override {}
  uint64_t poisoned_from = 0;
  double findings_weight = 2;  // of the tokens
  bool tokens_alone = false;   // no stage of findings

 private:
  bool findings(size_t stage) const { return stage == 0 && !tokens_alone; }
  Vlm model_;
  FindingsHeads heads_{16, kKinds};
};

Recipe tiny_recipe() {
  Recipe r;
  r.run = {.name = "tiny",
      .seed = 3,
      .workers = 2,
      .threads_per_worker = 1,
      .loader_threads = 2,
      .prefetch = 8,
      .checkpoint_minutes = 60,
      .checkpoint_steps = 0,
      .log_steps = 1};
  StageRecipe s{.name = "encoder",
      .steps = 3,
      .batch = 8,
      .micro_batch = 3,
      .schedule = {.peak = 3e-3, .final_factor = 0.1, .warmup_steps = 2},
      .weight_decay = 0.05,
      .beta1 = 0.9,
      .beta2 = 0.95,
      .eps = 1e-8,
      .clip_norm = 1};
  r.stages.push_back(s);
  s.name = "whole";
  s.steps = 5;
  r.stages.push_back(s);
  return r;
}

std::vector<float> all_values(TrainTask& task) {
  std::vector<float> values;
  for (const Param* p : task.params())
    values.insert(values.end(), p->data().values().begin(), p->data().values().end());
  return values;
}

TEST(Trainer, ResumeIsBitIdentical) {
  const Recipe recipe = tiny_recipe();
  TinyTask straight;
  {
    const TempFolder folder;
    Trainer trainer(recipe, straight, {.output = folder / "straight"});
    trainer.run();
  }
  for (const int64_t break_at : {2, 3, 6}) {  // within the first stage, at its end, within the second
    const TempFolder folder;
    const fs::path output = folder / "broken";
    int64_t steps = 0;
    {
      TinyTask task;
      Trainer trainer(recipe, task, {.output = output});
      trainer.stop_after_step = [&](const RunState&) { return ++steps == break_at; };
      trainer.run();
    }
    TinyTask task;
    Trainer trainer(recipe, task, {.output = output, .resume = true});
    trainer.run();
    EXPECT_EQ(all_values(task), all_values(straight)) << "broken after step " << break_at;
  }
}

TEST(Trainer, LearnsWhatOnlyTheImageTells) {
  Recipe recipe = tiny_recipe();
  recipe.stages[0].steps = 60;
  recipe.stages[1].steps = 250;
  for (StageRecipe& stage : recipe.stages) {
    stage.batch = 16;
    stage.micro_batch = 16;
    stage.schedule.peak = 1e-2;
  }
  TinyTask task;
  task.findings_weight = 0;
  const TempFolder folder;
  Trainer trainer(recipe, task, {.output = folder / "learns"});
  trainer.run();
  // Blind guessing costs 4 ln 2 over five tokens, 0.55 a token.
  const std::unique_ptr<Objective> held = task.objective(1);
  auto& objective = dynamic_cast<SumObjective&>(*held);
  TorchOps ops;
  std::vector<TrainSample> unseen;
  double units = 0;
  for (uint64_t i = 0; i < 32; ++i) {
    unseen.push_back(task.sample(1, 1000000 + i));
    units += objective.valid_count(unseen.back());
  }
  std::map<std::string, double> parts;
  EXPECT_LT(objective.loss_sum(ops, unseen, parts).item<float>() / units, 0.1);
}

TEST(Objectives, AWeightedTokenCountsThatManyTimes) {
  TinyTask task;
  task.findings_weight = 0;
  task.initialise_params(task.params());
  const std::unique_ptr<Objective> objective = task.objective(1);
  TorchOps ops;
  std::vector<TrainSample> samples{task.sample(1, 0)};
  TrainSample& sample = samples[0];
  const size_t answer = sample.ids.size() - sample.prompt;
  const auto loss = [&](std::vector<float> weights) {
    sample.weights = std::move(weights);
    std::map<std::string, double> parts;
    return dynamic_cast<SumObjective&>(*objective).loss_sum(ops, samples, parts).item<float>();
  };
  const float plain = loss({});
  EXPECT_FLOAT_EQ(loss(std::vector<float>(answer, 1)), plain);
  double sum = 0;
  for (size_t i = 0; i < answer; ++i) {
    std::vector<float> one(answer, 0);
    one[i] = 1;
    const float alone = loss(one);
    sum += alone;
    std::vector<float> thrice(answer, 1);
    thrice[i] = 3;
    EXPECT_NEAR(loss(thrice), plain + 2 * alone, 1e-4);
  }
  EXPECT_NEAR(sum, plain, 1e-4);
}

TEST(Objectives, ASmallFindingsBoxCountsLikeALargeOnes) {
  const auto zeros = [](const Shape& shape) {
    return Tensor::host(shape, std::vector<float>(static_cast<size_t>(shape.count())));
  };
  FindingsHeads heads(8, 2);  // at zero: the loss is the distance of the targets from nothing
  ParamList params;
  heads.params(params);
  for (Param* p : params) p->set_data(zeros(p->shape()));
  TrainSample sample;
  sample.labels = {1, 1};
  sample.patch_labels = {1, 0, 1, 0, 1, 0, 1, 1};  // [P, K]: the first kind on all four patches, the second on one
  sample.patch_weights = {1, 1, 1, 1, 1, 1, 1, 4};
  sample.patch_boxes.assign(4 * 2 * 4, 0.1f);
  std::fill(sample.patch_boxes.end() - 4, sample.patch_boxes.end(), 0.5f);
  TorchOps ops;
  std::map<std::string, double> parts;
  heads.loss_sum(ops, ops.from_host(zeros({1, 4, 8})), std::span(&sample, 1), parts);
  EXPECT_NEAR(parts["box_loss"], (4 * 0.4 + 4 * 2.0) / 8, 1e-5);
}

TEST(Trainer, MicroBatchesGiveTheGradientOfTheWholeBatch) {
  std::vector<std::vector<float>> results;
  for (const int64_t micro : {1, 3, 8}) {
    Recipe recipe = tiny_recipe();
    recipe.stages.erase(recipe.stages.begin());
    recipe.stages[0].steps = 1;
    recipe.stages[0].micro_batch = micro;
    recipe.stages[0].schedule.warmup_steps = 0;
    TinyTask task;
    task.tokens_alone = true;
    const TempFolder folder;
    Trainer trainer(recipe, task, {.output = folder / "micro"});
    trainer.run();
    results.push_back(all_values(task));
  }
  for (size_t i = 0; i < results[0].size();
      ++i) {  // one Adam step moves by the rate whatever the gradient's size: compare loosely
    EXPECT_NEAR(results[0][i], results[2][i], 2e-3);
    EXPECT_NEAR(results[1][i], results[2][i], 2e-3);
  }
}

TEST(Trainer, NonFiniteLossStopsNamingTheStep) {
  const Recipe recipe = tiny_recipe();
  TinyTask task;
  task.poisoned_from = 8;  // the second step's first sample
  const TempFolder folder;
  Trainer trainer(recipe, task, {.output = folder / "poisoned"});
  const Error error = expect_error([&] { trainer.run(); });
  EXPECT_EQ(error.where(), "stage \"encoder\", step 2");
  EXPECT_NE(error.problem().find("picture 8, picture 9"), std::string::npos) << error.problem();
  const size_t gradients = error.problem().find("Largest gradients: ");
  ASSERT_NE(gradients, std::string::npos);
  EXPECT_EQ(std::ranges::count(error.problem().substr(gradients), '('), 5) << error.problem();
  EXPECT_NE(error.problem().find("(not finite)"), std::string::npos) << error.problem();
}

// A disk that is full, by a limit on the size of a file: the checkpoint before stays whole and is gone on from.
TEST(Trainer, ACheckpointThatCannotBeWrittenLeavesTheOneBefore) {
  Recipe recipe = tiny_recipe();
  recipe.run.checkpoint_steps = 1;
  const TempFolder folder;
  const fs::path output = folder / "full", checkpoint = output / "checkpoint.safetensors";
  TinyTask task;
  Trainer trainer(recipe, task, {.output = output});
  std::string before;
  rlimit unlimited{};
  getrlimit(RLIMIT_FSIZE, &unlimited);
  std::signal(SIGXFSZ, SIG_IGN);  // write() then fails instead
  trainer.stop_after_step = [&](const RunState& state) {
    if (state.step == 2) {
      before = read_file(checkpoint);
      const rlimit full{.rlim_cur = before.size() / 2, .rlim_max = unlimited.rlim_max};
      setrlimit(RLIMIT_FSIZE, &full);
    }
    return false;
  };
  const Error error = expect_error([&] { trainer.run(); });
  setrlimit(RLIMIT_FSIZE, &unlimited);
  EXPECT_NE(error.problem().find("The checkpoint of stage 1, step 1 is as it was"), std::string::npos) << error.what();
  EXPECT_EQ(read_file(checkpoint), before);
  TinyTask straight, again;
  Trainer(recipe, straight, {.output = folder / "straight"}).run();
  Trainer(recipe, again, {.output = output, .resume = true}).run();
  EXPECT_EQ(all_values(again), all_values(straight));
}

TEST(Trainer, ACheckpointOfAnotherRecipeIsRefused) {
  Recipe recipe = tiny_recipe();
  recipe.text = "[stage.encoder]\nbatch = 8\n[run]\nlog_steps = 1\n";
  const TempFolder folder;
  const fs::path output = folder / "other";
  TinyTask task;
  Trainer(recipe, task, {.output = output}).run();
  recipe.text = "[stage.encoder]\nbatch = 8\n[run]\nlog_steps = 7\n";  // moves no digit
  EXPECT_NO_THROW(Trainer(recipe, task, {.output = output, .resume = true}));
  recipe.text = "[stage.encoder]\nbatch = 9\n[run]\nlog_steps = 1\n";
  const Error error = expect_error([&] { Trainer(recipe, task, {.output = output, .resume = true}); });
  EXPECT_NE(error.problem().find("stage.encoder.batch was 8, and is 9 now"), std::string::npos) << error.what();
}

TEST(Trainer, AGroupThatIsFrozenStaysAndAnAverageIsKeptWhenAsked) {
  Recipe recipe = tiny_recipe();
  for (StageRecipe& stage : recipe.stages) stage.groups = {{.match = "encoder.*", .frozen = true}};
  const auto values_of = [](TinyTask& task, const char* start) {
    std::vector<float> values;
    for (const Param* p : task.params())
      if (p->name().starts_with(start))
        values.insert(values.end(), p->data().values().begin(), p->data().values().end());
    return values;
  };
  const TempFolder folder;
  TinyTask fresh, last, average, resumed;
  fresh.initialise_params(fresh.params());
  Trainer(recipe, last, {.output = folder / "last"}).run();
  EXPECT_EQ(values_of(last, "encoder."), values_of(fresh, "encoder."));
  EXPECT_NE(values_of(last, "language."), values_of(fresh, "language."));

  for (StageRecipe& stage : recipe.stages) {
    stage.average_decay = 0.5;
    stage.keep = StageRecipe::Keep::kAverage;
  }
  Trainer(recipe, average, {.output = folder / "average"}).run();
  EXPECT_NE(values_of(average, "language."), values_of(last, "language."));
  {
    TinyTask task;
    Trainer trainer(recipe, task, {.output = folder / "resumed"});
    int steps = 0;
    trainer.stop_after_step = [&](const RunState&) { return ++steps == 6; };
    trainer.run();
  }
  Trainer(recipe, resumed, {.output = folder / "resumed", .resume = true}).run();
  EXPECT_EQ(all_values(resumed), all_values(average));
}

TEST(Trainer, RefusesToOverwriteARun) {
  const Recipe recipe = tiny_recipe();
  const TempFolder folder;
  const fs::path output = folder / "twice";
  TinyTask task;
  EXPECT_THROW(Trainer(recipe, task, {.output = output, .resume = true}), Error);
  Trainer(recipe, task, {.output = output}).run();
  EXPECT_THROW(Trainer(recipe, task, {.output = output}), Error);
}

}  // namespace
}  // namespace hilum
