#include "engine/answer/answer_job.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/expect_error_for_test.h"
#include "base/temp_folder_for_test.h"
#include "engine/answer/question_job.h"
#include "engine/answer/report_job.h"
#include "engine/tiny_demo_for_test.h"
#include "image/encode.h"
#include "phantom/phantom.h"

namespace hilum {
namespace {

using testing::HasSubstr;

class Answers : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TempFolder;
    write_tiny_demo(folder->path / "model", false);
    write_png(folder->path / "frontal.png", make_phantom({.seed = 5, .size_px = 128}, 1).frontal);
    model = Model::load(folder->path / "model", {.threads = 1}).release();
  }
  static void TearDownTestSuite() {
    delete model;
    delete folder;
  }
  static StudyRequest study() { return {.study_id = "s", .frontal = folder->path / "frontal.png"}; }
  template <typename Job>
  static Generation run(const Model& with, Job& job) {
    const Tensor features = with.network().encode_images(with.ops(), job.pixels());
    return generate(with.ops(), with.network(), {job.generation(features)}).front();
  }
  static TempFolder* folder;
  static Model* model;
};
TempFolder* Answers::folder;
Model* Answers::model;

// No features are made here: the jobs refuse while they are constructed.
TEST_F(Answers, WhatDoesNotFitTheContextIsRefusedBeforeImagesAreEncoded) {
  EXPECT_THAT(
      error_of([] { ReportJob(*model, study(), {.max_new_tokens = 100'000}); }), HasSubstr("context holds 512"));
  EXPECT_THAT(error_of([] { QuestionJob(*model, study(), {}, "Why?", {.max_new_tokens = 100'000}); }),
      HasSubstr("context holds 512"));
}

TEST_F(Answers, AListenerHearsAGroundedAnswerAsTheReportHoldsIt) {
  StudyRequest wanted = study();
  for (const char* text : {"There is a small left pleural effusion.", "The heart size is normal."})
    wanted.reference.push_back({.text = text});
  for (uint64_t seed = 0; seed < 4; ++seed) {
    std::string heard;
    std::vector<Finding> findings;
    ReportJob job(*model, wanted, {.sampling = {.temperature = 1.0f, .seed = seed}, .complete = true},
        {.text = [&](std::string_view piece) { heard += piece; },
            .finding = [&](const Finding& finding) { findings.push_back(finding); }});
    const Report report = job.finish(run(*model, job)).report;
    EXPECT_EQ(heard, "There is a small left pleural effusion. The heart size is normal.");
    ASSERT_EQ(findings.size(), report.findings.size());
    for (size_t i = 0; i < findings.size(); ++i) {
      EXPECT_EQ(findings[i].text, report.findings[i].text);
      EXPECT_EQ(findings[i].boxes, report.findings[i].boxes);
    }
  }
}

// The slow way: the answer's tokens decoded one by one, and each finding's looked for among all.
TEST_F(Answers, ProbabilitiesAreThoseOfTheTokensInsideEachSentence) {
  StudyRequest wanted = study();
  for (int i = 0; i < 3; ++i) wanted.reference.push_back({.text = "The lungs are clear."});
  ReportJob job(*model, wanted, {.sampling = {.temperature = 1.0f, .seed = 2}, .complete = true});
  const Generation generation = run(*model, job);
  std::string text;
  std::vector<size_t> ends;
  StreamDecoder decoder(model->tokenizer(), /*skip_special=*/true);
  for (const int32_t id : generation.ids) {
    text += decoder.push(id);
    ends.push_back(text.size());
  }
  const GroundedText parsed = parse_grounded(text + decoder.finish(), Mode::kStrict, model->preset().grammar);
  const WrittenReport written = job.finish(generation);
  ASSERT_EQ(written.findings_in_crop.size(), 3u);
  for (size_t f = 0; f < 3; ++f) {
    double sum = 0;
    int count = 0;
    for (size_t i = 0; i < ends.size(); ++i) {
      if (ends[i] <= parsed.spans[f].begin || ends[i] > parsed.spans[f].end) continue;
      sum += generation.log_probs[i];
      ++count;
    }
    EXPECT_EQ(written.findings_in_crop[f].token_probability, std::exp(sum / count));
    EXPECT_EQ(written.findings_in_crop[f].boxes, parsed.findings[f].boxes);
  }
}

TEST_F(Answers, AListenerThatLeavesEndsTheAnswer) {
  int asked = 0;
  QuestionJob job(
      *model, study(), {}, "Is the heart large?", {.max_new_tokens = 30}, {.gone = [&] { return ++asked == 3; }});
  const AnsweredQuestion answered = job.finish(run(*model, job));
  EXPECT_EQ(answered.finish, Finish::kStopped);
  EXPECT_EQ(answered.generation.ids.size(), 3u);
}

TEST_F(Answers, AStopTextEndsAQuestionAndIsNeverShown) {
  const auto ask = [&](std::vector<std::string> stop, std::string* heard) {
    QuestionJob job(*model, study(), {}, "Is the heart large?",
        {.max_new_tokens = 40, .sampling = {.temperature = 1.0f, .seed = 3}, .stop = std::move(stop)},
        {.text = [heard](std::string_view piece) { *heard += piece; }});
    return job.finish(run(*model, job));
  };
  std::string whole, cut;
  const AnsweredQuestion free = ask({}, &whole);
  ASSERT_GT(whole.size(), 12u);
  const std::string stop = whole.substr(whole.size() / 2, 3);
  const AnsweredQuestion stopped = ask({"never written", stop}, &cut);
  EXPECT_EQ(cut, whole.substr(0, whole.find(stop)));
  EXPECT_EQ(stopped.finish, Finish::kStop);
  EXPECT_LT(stopped.generation.ids.size(), free.generation.ids.size());
}

// The second of a checkpoint's ids, in either of its files.
TEST_F(Answers, EveryStopIdOfTheCheckpointEndsAnAnswer) {
  const auto answer = [](const Model& with) {
    ReportJob job(with, study(), {.task = "findings", .max_new_tokens = 30, .sampling = {.temperature = 1, .seed = 7}});
    return run(with, job);
  };
  const Generation whole = answer(*model);
  ASSERT_EQ(whole.ids.size(), 30u);
  const auto first_at = [&](int32_t id) {
    return std::find(whole.ids.begin(), whole.ids.end(), id) - whole.ids.begin();
  };
  const auto place = first_at(whole.ids[10]);
  const Json ids = Json::array({model->stop_ids().front(), whole.ids[10]});
  for (const char* file : {"config.json", "generation_config.json"}) {
    const TempFolder other;
    fs::copy(folder->path / "model", other.path, fs::copy_options::recursive);
    Json config = fs::exists(other.path / file) ? read_json_file(other.path / file) : Json::object();
    config["eos_token_id"] = ids;
    write_file(other.path / file, config.dump());
    const auto stopping = Model::load(other.path, {.threads = 1});
    EXPECT_EQ(stopping->stop_ids(), (std::vector<int32_t>{model->stop_ids().front(), whole.ids[10]})) << file;
    const Generation cut = answer(*stopping);
    EXPECT_EQ(cut.finish, Finish::kStop) << file;
    EXPECT_EQ(cut.ids, std::vector<int32_t>(whole.ids.begin(), whole.ids.begin() + place)) << file;
  }
}

TEST_F(Answers, ACheckpointThatNamesNoStopIdIsEndedByThePresetsAlone) {
  EXPECT_EQ(model->stop_ids(), (std::vector<int32_t>{model->token_id(model->preset().stop_token)}));
}

}  // namespace
}  // namespace hilum
