#include "train/phantom_task.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/rng.h"
#include "engine/prompt_tokens.h"
#include "models/files/checkpoint.h"
#include "text/bpe_trainer.h"
#include "train/export.h"
#include "train/initialise.h"
#include "train/objectives/tokens.h"
#include "train/word_weights.h"

namespace hilum {
namespace {

int32_t token_id(const Tokenizer& tokenizer, const std::string& token) {
  const auto id = tokenizer.id(token);
  invariant(id.has_value(), "the demo tokenizer has every token of its preset");
  return *id;
}

VlmConfig model_config(const PhantomRecipe& r, const Tokenizer& tokenizer, int32_t image_token) {
  const auto real = [](double value) { return static_cast<float>(value); };
  VlmConfig c;
  c.vision.vit = {.form = VitForm::kDinov2,
      .image_px = r.vision.image_px,
      .patch_px = r.vision.patch_px,
      .channels = 3,
      .width = r.vision.width,
      .depth = r.vision.depth,
      .num_heads = r.vision.heads,
      .mlp_width = r.vision.width * r.vision.mlp_ratio,
      .norm_eps = real(r.vision.norm_eps),
      .activation = Activation::kGelu,
      .qkv_bias = true,
      .feature_layer = r.vision.depth,
      .final_norm = true,
      .keep_class_token = false,
      .has_mask_token = false};
  c.projector = {.in = r.vision.width,
      .out = r.language.width,
      .num_layers = r.projector.layers,
      .activation = Activation::kGelu,
      .has_bias = true,
      .merge = r.projector.merge};
  c.language = {.vocab = tokenizer.vocab_size(),
      .width = r.language.width,
      .depth = r.language.depth,
      .mlp_width = r.language.mlp_width,
      .num_heads = r.language.heads,
      .num_kv_heads = r.language.kv_heads,
      .head_dim = r.language.width / r.language.heads,
      .norm_eps = real(r.language.norm_eps),
      .rope_theta = real(r.language.rope_theta),
      .rope_factor = 1.0f,
      .context = r.language.max_positions,
      .qkv_bias = false,
      .output_bias = false,
      .mlp_bias = false,
      .tied_embeddings = false};
  c.image_token = image_token;
  return c;
}

PreprocessConfig preprocess_config(const PhantomRecipe& r, const Preset& preset) {
  PreprocessConfig c;  // MAIRA-2's values but for the size
  c.steps.clear();
  for (const std::string& step : preset.preprocess.steps) c.steps.push_back(preprocess_step_from_name(step));
  c.resize = c.width = c.height = c.crop_width = c.crop_height = r.vision.image_px;
  return c;
}

std::string joined(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) text += (text.empty() ? "" : " ") + finding.text;
  return text;
}

std::string draw_task(const PhantomRecipe::Data& data, Rng& rng) {
  const std::pair<const char*, double> weights[] = {
      {"grounded", data.grounded}, {"findings", data.findings}, {"phrase", data.phrase}, {"question", data.dialogue}};
  double total = 0;
  for (const auto& [name, weight] : weights) total += weight;
  double at = rng.uniform() * total;
  for (const auto& [name, weight] : weights)
    if ((at -= weight) < 0) return name;
  return "grounded";
}

}  // namespace

std::string train_demo_tokenizer(const PhantomRecipe& recipe, const Preset& preset) {
  BpeTrainerConfig config;
  config.vocab_size = static_cast<int>(recipe.tokenizer.vocabulary);
  config.bos = preset.prompt.bos;
  config.tokens = {
      {preset.prompt.bos, true}, {preset.stop_token, true}, {"<pad>", true}, {preset.prompt.image_token, true}};
  for (const std::string& token :
      {preset.grammar.finding_open, preset.grammar.finding_close, preset.grammar.box_open, preset.grammar.box_close})
    config.tokens.push_back({token, false});
  for (const char axis : {'x', 'y'})
    for (int bin = 0; bin < preset.grammar.bins; ++bin)
      config.tokens.push_back({std::string("<") + axis + std::to_string(bin) + ">", false});

  std::vector<std::string> texts;
  for (int64_t i = 0; i < recipe.tokenizer.studies; ++i) {
    // Texts do not depend on the films' size: the smallest is rendered.
    const Study study =
        make_phantom({.seed = recipe.data.phantom_seed + 1, .size_px = 64, .prior_rate = 0.5, .lateral_rate = 0.5},
            static_cast<uint64_t>(i))
            .study;
    for (const Finding& finding : study.findings) texts.push_back(finding.text);
    texts.push_back(joined(study.findings));
    for (const auto& section : {study.indication, study.prior_report})
      if (section) texts.push_back(*section);
    for (const Dialogue& dialogue : study.dialogues)
      for (const Dialogue::Turn& turn : dialogue.turns) texts.insert(texts.end(), {" " + turn.question, turn.answer});
    const PresetTask& task = preset.tasks[static_cast<size_t>(i) % preset.tasks.size()];
    for (const auto& [name, words] : preset.prompt.images)
      texts.push_back(preset.prompt.before + words + task.text + preset.prompt.after);
  }
  return train_byte_bpe(texts, config);
}

PhantomTask::PhantomTask(const PhantomRecipe& recipe, const Preset& preset, const std::string& tokenizer_json)
    : recipe_(recipe),
      preset_(preset),
      tokenizer_json_(tokenizer_json),
      tokenizer_(parse_tokenizer(tokenizer_json, "tokenizer.json")),
      preprocess_(preprocess_config(recipe, preset)),
      image_token_(token_id(tokenizer_, preset.prompt.image_token)),
      stop_(token_id(tokenizer_, preset.stop_token)),
      model_(model_config(recipe, tokenizer_, image_token_)),
      heads_(recipe.vision.width, kFindingKinds) {}

ParamList PhantomTask::model_params() {
  ParamList list;
  model_.params(list);
  return list;
}

ParamList PhantomTask::params() {
  ParamList list = model_params();
  heads_.params(list);
  return list;
}

void PhantomTask::initialise_params(const ParamList& params) {
  initialise(params, {.seed = recipe_.core.run.seed,
                         .layer_scale = recipe_.vision.layer_scale,
                         .encoder_depth = recipe_.vision.depth,
                         .language_depth = recipe_.language.depth});
  if (start_from_.empty()) return;
  const ParamList model = model_params();
  load_checkpoint(start_from_, model, preset_.keys, preset_.ignore);
  for (Param* p : model) p->set_data(to_f32(p->data()));
}

std::unique_ptr<Objective> PhantomTask::objective(size_t stage) {
  const PhantomStage& own = recipe_.stages[stage];
  if (own.objective == StageObjective::kFindings) return std::make_unique<FindingsObjective>(model_, heads_);
  return std::make_unique<TokensObjective>(model_, heads_, own.findings_weight);
}

std::vector<ParamGroup> PhantomTask::groups(size_t stage) const {
  return {{.match = "^encoder\\..*", .rate = recipe_.stages[stage].encoder_factor}};
}

std::string PhantomTask::loss_unit(size_t stage) const {
  return recipe_.stages[stage].objective == StageObjective::kTokens ? "loss a token" : "loss a study";
}

void PhantomTask::write_result(const TrainOptions& options, const RunState& state) {
  const FeatureStats stats = measure_features(recipe_, *this, state.next_sample, options.device);
  const fs::path model = options.output / "model";
  export_model(model, recipe_, preset_, *this, tokenizer_json_, stats);
  write_file(model / "train.jsonl", read_file(options.output / "train.jsonl"));
  log_info("model written to " + model.string());
}

PhantomConfig PhantomTask::scene(uint64_t index, bool with_lateral, bool with_prior, double crowded) const {
  Rng rng(recipe_.core.run.seed, index * 2);
  const std::vector<int>& sizes = recipe_.data.phantom_px;
  return {.seed = recipe_.data.phantom_seed,
      .size_px = sizes[rng.below(static_cast<uint32_t>(sizes.size()))],
      .prior_rate = with_prior ? 1.0 : 0.0,
      .lateral_rate = with_lateral ? 1.0 : 0.0,
      .crowded = rng.chance(crowded)};
}

uint64_t PhantomTask::seed_with(
    PhantomConfig scene, uint64_t index, const std::function<bool(const PhantomOutline&)>& wanted) const {
  constexpr uint64_t kTries = 32, kApart = 1'000'003;  // some eleven in a hundred priors show growth, some nine in a
                                                       // hundred laterals hide a finding
  for (uint64_t attempt = 0; attempt < kTries; ++attempt, scene.seed += kApart) {
    const std::vector<PhantomOutline> findings = outline_phantom(scene, index);
    if (std::any_of(findings.begin(), findings.end(), wanted)) return scene.seed;
  }
  return recipe_.data.phantom_seed;
}

uint64_t PhantomTask::seed_with_change(const PhantomConfig& scene, uint64_t index, Rng& rng) const {
  constexpr Change kChanges[] = {Change::kLarger, Change::kSmaller, Change::kUnchanged};
  constexpr FindingKind kSized[] = {FindingKind::kEffusion, FindingKind::kConsolidation, FindingKind::kPneumothorax,
      FindingKind::kCardiomegaly, FindingKind::kEdema};
  const Change wanted = kChanges[rng.below(3)];
  return seed_with(scene, index, [&](const PhantomOutline& finding) {
    return finding.change == wanted &&
           std::find(std::begin(kSized), std::end(kSized), finding.kind) != std::end(kSized);
  });
}

Geometry PhantomTask::add_image(const Image& film, TrainSample& sample) const {
  const Preprocessed done = preprocess(film, preprocess_, "phantom");
  sample.pixels.insert(sample.pixels.end(), done.pixels.begin(), done.pixels.end());
  ++sample.images;
  return done.geometry;
}

TrainSample PhantomTask::frontal(uint64_t index) const {
  TrainSample sample;
  add_image(make_phantom(scene(index, false, false, 0), index).frontal, sample);
  return sample;
}

TrainSample PhantomTask::sample(size_t number, uint64_t index) const {
  const PhantomStage& stage = recipe_.stages[number];
  TrainSample sample;
  sample.id = fmt::format("phantom {}", index);
  if (stage.objective == StageObjective::kFindings) {
    const PhantomStudy study = make_phantom(scene(index, false, false, stage.crowded), index);
    add_targets(study, add_image(study.frontal, sample), sample);
    return sample;
  }
  Rng rng(recipe_.core.run.seed, index * 2 + 1);
  const std::string task = draw_task(recipe_.data, rng);
  const bool frontal_only = !preset_.task(task)->images_only.empty();
  const bool with_lateral = rng.chance(stage.lateral_rate) && !frontal_only;
  const bool with_prior = rng.chance(stage.prior_rate) && !frontal_only;
  PhantomConfig config = scene(index, with_lateral, with_prior, stage.crowded);
  if (with_lateral && stage.hidden_on_frontal > 0 && rng.chance(stage.hidden_on_frontal))
    config.seed = seed_with(config, index, [](const PhantomOutline& finding) { return finding.lateral_only; });
  else if (with_prior && stage.balanced_changes > 0 && rng.chance(stage.balanced_changes))
    config.seed = seed_with_change(config, index, rng);
  PhantomStudy study = make_phantom(config, index);
  if (!rng.chance(recipe_.data.indication_rate)) study.study.indication.reset();
  const Geometry geometry = add_image(study.frontal, sample);
  if (stage.findings_weight > 0) add_targets(study, geometry, sample);
  if (study.lateral) add_image(*study.lateral, sample);
  if (study.prior_frontal) add_image(*study.prior_frontal, sample);
  add_dialogue(study, geometry, task, rng.next(), sample);
  if (!stage.weighted_words.empty())
    sample.weights = word_weights(tokenizer_, std::span(sample.ids).subspan(sample.prompt), stage.weighted_words,
        static_cast<float>(stage.word_weight));
  return sample;
}

void PhantomTask::add_targets(const PhantomStudy& study, const Geometry& geometry, TrainSample& sample) const {
  const int side = recipe_.vision.image_px / recipe_.vision.patch_px;
  const size_t patches = static_cast<size_t>(side) * static_cast<size_t>(side);
  sample.labels.assign(kFindingKinds, 0);
  sample.patch_labels.assign(patches * kFindingKinds, 0);
  sample.patch_boxes.assign(patches * kFindingKinds * 4, 0);
  sample.patch_weights.assign(patches * kFindingKinds, 1);
  for (const PhantomFinding& finding : study.truth)
    for (const BoxNorm& original : finding.boxes) {
      const auto box = box_to_model(original, geometry);
      if (!box) continue;
      const auto kind = static_cast<size_t>(finding.kind);
      sample.labels[kind] = 1;
      const double middle_x = (box->x_min + box->x_max) / 2, middle_y = (box->y_min + box->y_max) / 2;
      for (int row = 0; row < side; ++row)
        for (int column = 0; column < side; ++column) {
          const double x = (column + 0.5) / side, y = (row + 0.5) / side;
          const bool centre_inside = x >= box->x_min && x <= box->x_max && y >= box->y_min && y <= box->y_max;
          const bool holds_middle =
              static_cast<int>(middle_x * side) == column && static_cast<int>(middle_y * side) == row;  // small ones
          if (!centre_inside && !holds_middle) continue;
          const size_t at = static_cast<size_t>(row * side + column) * kFindingKinds + kind;
          sample.patch_labels[at] = 1;
          const double edges[4] = {box->x_min - x, box->y_min - y, box->x_max - x, box->y_max - y};
          for (int edge = 0; edge < 4; ++edge)
            sample.patch_boxes[at * 4 + static_cast<size_t>(edge)] = static_cast<float>(edges[edge]);
        }
    }
  const double like_patches =
      0.08 * static_cast<double>(patches);  // a finding of fewer patches weighs as much as one of these many
  for (size_t kind = 0; kind < kFindingKinds; ++kind) {
    double shown = 0;
    for (size_t p = 0; p < patches; ++p) shown += sample.patch_labels[p * kFindingKinds + kind];
    for (size_t p = 0; p < patches; ++p)
      if (sample.patch_labels[p * kFindingKinds + kind] > 0)
        sample.patch_weights[p * kFindingKinds + kind] = static_cast<float>(std::max(1.0, like_patches / shown));
  }
}

void PhantomTask::add_prompt(
    const PhantomStudy& study, const std::string& task, const std::string& words, TrainSample& sample) const {
  const PromptInputs inputs{.lateral = study.lateral.has_value(),
      .prior = study.prior_frontal.has_value(),
      .indication = study.study.indication,
      .technique = study.study.technique,
      .comparison = study.study.comparison,
      .prior_report = study.study.prior_report,
      .phrase = words,
      .question = words};
  sample.ids = prompt_tokens(preset_, task, inputs, tokenizer_, image_token_, model_.image_tokens()).ids;
  sample.prompt = sample.ids.size();
}

void PhantomTask::add_dialogue(const PhantomStudy& study, const Geometry& geometry, const std::string& task,
    uint64_t draw, TrainSample& sample) const {
  std::vector<CropFinding> findings, with_boxes;
  for (const Finding& finding : study.study.findings) {
    findings.push_back(to_crop(finding, geometry));
    if (findings.back().boxes) with_boxes.push_back(findings.back());
  }
  std::vector<Dialogue::Turn> turns;
  for (const Dialogue& dialogue : study.study.dialogues)
    turns.insert(turns.end(), dialogue.turns.begin(), dialogue.turns.end());

  std::string answer;
  if (task == "phrase" && !with_boxes.empty()) {
    const CropFinding& chosen = with_boxes[draw % with_boxes.size()];
    add_prompt(study, "phrase", chosen.text, sample);
    answer = format_grounded({chosen}, preset_.grammar);
  } else if (task == "question" && !turns.empty()) {
    const Dialogue::Turn& turn = turns[draw % turns.size()];
    add_prompt(study, "question", turn.question, sample);
    answer = turn.answer;
  } else if (task == "findings") {
    add_prompt(study, "findings", "", sample);
    answer = joined(study.study.findings);
  } else {
    add_prompt(study, "grounded", "", sample);
    answer = format_grounded(findings, preset_.grammar);
  }
  const std::vector<int32_t> ids = tokenizer_.encode(answer, false);
  sample.ids.insert(sample.ids.end(), ids.begin(), ids.end());
  sample.ids.push_back(stop_);
  check(static_cast<int64_t>(sample.ids.size()) <= recipe_.language.max_positions, "language.max_positions",
      "a sample has " + std::to_string(sample.ids.size()) + " tokens");
}

}  // namespace hilum
