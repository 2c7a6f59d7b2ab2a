// The demo model and its training data: phantoms rendered as they are needed, seen through the same preprocessing,
// prompts and answer form as inference uses.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/rng.h"
#include "image/preprocess.h"
#include "models/files/preset.h"
#include "phantom/phantom.h"
#include "report/grounded_text.h"
#include "text/tokenizer.h"
#include "train/objectives/findings.h"
#include "train/phantom_recipe.h"
#include "train/train_task.h"

namespace hilum {

// A byte-level BPE tokenizer.json learnt from the texts of the recipe's first phantoms (prompts, answers, dialogues).
std::string train_demo_tokenizer(const PhantomRecipe& recipe, const Preset& preset);

class PhantomTask final : public TrainTask {
 public:
  // `tokenizer_json` from train_demo_tokenizer, of a run that is resumed, or of the model a run starts from.
  PhantomTask(const PhantomRecipe& recipe, const Preset& preset, const std::string& tokenizer_json);

  ParamList params() override;  // the model's and the heads'
  ParamList model_params();
  void initialise_params(const ParamList& params) override;
  // A new run's parameters come from this model directory (an exported model of the same shapes); the heads, which are
  // never exported, are drawn as ever. The weights are read when initialise_params is called, which throws Error for a
  // directory that does not fit.
  void start_from(const std::filesystem::path& model) { start_from_ = model; }
  std::unique_ptr<Objective> objective(size_t stage) override;
  TrainSample sample(size_t stage, uint64_t index) const override;
  std::vector<ParamGroup> groups(size_t stage) const override;  // the encoder's factor
  std::string loss_unit(size_t stage) const override;
  // The model directory (train/export.h), with the run's log beside it.
  void write_result(const TrainOptions& options, const RunState& state) override;

  // The frontal film of study `index` alone, as the encoder takes it.
  TrainSample frontal(uint64_t index) const;
  const Vlm& model() const { return model_; }
  const PreprocessConfig& preprocessing() const { return preprocess_; }
  int32_t stop_token() const { return stop_; }

 private:
  PhantomConfig scene(uint64_t index, bool with_lateral, bool with_prior, double crowded) const;
  // A seed whose study of the index holds a finding that is `wanted`; after 32 in vain the recipe's own.
  uint64_t seed_with(
      PhantomConfig scene, uint64_t index, const std::function<bool(const PhantomOutline&)>& wanted) const;
  // The same for one that has grown, shrunk or stayed (drawn, each as often) though its size could have changed.
  uint64_t seed_with_change(const PhantomConfig& scene, uint64_t index, Rng& rng) const;
  Geometry add_image(const Image& film, TrainSample& sample) const;
  void add_targets(const PhantomStudy& study, const Geometry& geometry, TrainSample& sample) const;
  void add_dialogue(const PhantomStudy& study, const Geometry& geometry, const std::string& task, uint64_t index,
      TrainSample& sample) const;
  void add_prompt(
      const PhantomStudy& study, const std::string& task, const std::string& words, TrainSample& sample) const;

  const PhantomRecipe& recipe_;
  const Preset& preset_;
  std::string tokenizer_json_;
  Tokenizer tokenizer_;
  PreprocessConfig preprocess_;
  int32_t image_token_, stop_;
  Vlm model_;
  FindingsHeads heads_;
  std::filesystem::path start_from_;
};

}  // namespace hilum
