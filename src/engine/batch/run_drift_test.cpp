#include "engine/batch/run_drift.h"

#include <gtest/gtest.h>

#include "engine/batch/phantom_model_for_test.h"

namespace hilum {
namespace {

TEST(RunDrift, EveryStudyGetsWhatItGetsAlone) {
  const PhantomModel phantoms(6);
  const TempFolder other;  // the same weights in BF16
  const fs::path model = phantoms.folder.path / "model";
  for (const auto& file : fs::directory_iterator(model))
    if (file.path().extension() != ".safetensors" || file.path().filename() == kFeatureStatsFile)
      fs::copy(file.path(), other.path / file.path().filename());
  {
    const LoadedVlm loaded = load_vlm(model);
    ParamList params;
    loaded.model->params(params);
    save_checkpoint(other.path, params, demo_preset().keys, DType::kBF16);
  }
  const auto b = Model::load(other.path, {.threads = 1});
  std::vector<StudyRequest> studies;
  for (int i = 0; i < 6; ++i) studies.push_back(phantoms.study(i));
  studies[2].trouble = "the study has no image";
  const ReportOptions options{.max_new_tokens = 12};
  std::vector<LogitDrift> alone(studies.size());
  for (size_t row = 0; row < studies.size(); ++row)
    if (row != 2) alone[row] = logit_drift(*phantoms.model, *b, studies[row], options);
  size_t next = 0;
  run_drift(
      *phantoms.model, *b, {.sequences = 2, .backend = {.threads = 1}}, studies, options,
      [&](size_t row, StudyDrift drift) {
        EXPECT_EQ(row, next++);
        EXPECT_EQ(drift.logits.kl, alone[row].kl) << row;
        EXPECT_EQ(drift.logits.largest_kl, alone[row].largest_kl) << row;
        EXPECT_EQ(drift.logits.same_first, alone[row].same_first) << row;
        EXPECT_EQ(drift.logits.tokens, alone[row].tokens) << row;
        EXPECT_GT(alone[row].kl, 0) << row;
      },
      [&](size_t row, const Error& error) {
        EXPECT_EQ(row, next++);
        EXPECT_EQ(row, 2u);
        EXPECT_NE(std::string(error.what()).find("the study has no image"), std::string::npos);
      });
  EXPECT_EQ(next, 6u);
}

}  // namespace
}  // namespace hilum
