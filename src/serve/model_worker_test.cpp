#include "serve/model_worker.h"

#include <future>

#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/answer/report_job.h"
#include "engine/tiny_demo_for_test.h"
#include "image/encode.h"
#include "phantom/phantom.h"
#include "report/json.h"
#include "serve/wire/reply.h"

namespace hilum {
namespace {

class Worker : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TempFolder;
    write_tiny_demo(folder->path / "model", false);
    for (int i = 0; i < 4; ++i)
      write_png(folder->path / (std::to_string(i) + ".png"), make_phantom({.seed = 5, .size_px = 128}, i).frontal);
    model = Model::load(folder->path / "model", {.threads = 1}).release();
  }
  static void TearDownTestSuite() {
    delete model;
    delete folder;
  }
  static StudyRequest study(int i) {
    return {.study_id = std::to_string(i), .frontal = folder->path / (std::to_string(i) + ".png")};
  }
  static WorkerConfig config(int slots, int waiting) {
    WorkerConfig made;
    made.schedule = {.slots = slots, .waiting = waiting, .piece = 8, .lone_piece = 16};
    made.backend.threads = 1;
    return made;
  }
  // What a report says, without the times it took.
  static std::string said(const Report& report) {
    Report timeless = report;
    timeless.load_ms = timeless.decode_ms = timeless.image_ms = timeless.prefill_ms = timeless.generate_ms = 0;
    return to_json_text(timeless);
  }
  static GenerationWork work_of(ReportJob& job, std::function<bool()> gone = {}) {
    return {.pixels = job.pixels(),
        .request = [&job](const Tensor& features) { return job.generation(features); },
        .gone = std::move(gone)};
  }
  static int status(const std::function<void()>& act) {
    try {
      act();
    } catch (const RequestError& e) {
      return e.status();
    }
    return 0;
  }
  static TempFolder* folder;
  static Model* model;
};
TempFolder* Worker::folder;
Model* Worker::model;

TEST_F(Worker, EachRequestGetsWhatItGetsAlone) {
  std::vector<std::string> alone;
  for (int i = 0; i < 12; ++i)
    alone.push_back(said(write_report(*model, study(i % 4), {.max_new_tokens = 20 + i}).report));
  ModelWorker worker(*model, config(3, 100));
  std::vector<std::future<std::string>> together;
  for (int i = 0; i < 12; ++i)
    together.push_back(std::async(std::launch::async, [&worker, i] {
      ModelWorker::Place place(worker);
      ReportJob job(*model, study(i % 4), {.max_new_tokens = 20 + i});
      return said(job.finish(worker.run(place, work_of(job)).generation).report);
    }));
  for (int i = 0; i < 12; ++i) EXPECT_EQ(together[static_cast<size_t>(i)].get(), alone[static_cast<size_t>(i)]) << i;
  EXPECT_EQ(worker.running(), 0);
  EXPECT_EQ(worker.waiting(), 0);
}

TEST_F(Worker, PicturesAskedAboutAgainAreNeitherEncodedNorPrefilledAgain) {
  ModelWorker worker(*model, config(2, 10));
  const auto ask = [&](int picture) {
    ModelWorker::Place place(worker);
    ReportJob job(*model, study(picture), {.max_new_tokens = 5});
    const GenerationOutcome outcome = worker.run(place, work_of(job));
    return std::pair(outcome.pictures_known, outcome.generation.reused_tokens);
  };
  EXPECT_EQ(ask(0), std::pair(false, int64_t{0}));
  const auto [known, reused] = ask(0);
  EXPECT_TRUE(known);
  EXPECT_GT(reused, 16);  // the pictures' rows at least
  const auto [other_known, other_reused] = ask(1);
  EXPECT_FALSE(other_known);
  EXPECT_LT(other_reused, 16);  // what stands before the picture alone
}

TEST_F(Worker, AFullQueueRefusesAtOnceAndGivesPlacesBack) {
  ModelWorker worker(*model, config(1, 1));
  auto first = std::make_unique<ModelWorker::Place>(worker);
  const ModelWorker::Place second(worker);
  EXPECT_TRUE(worker.is_full());
  EXPECT_EQ(status([&] { const ModelWorker::Place third(worker); }), 429);
  first.reset();
  EXPECT_FALSE(worker.is_full());
  EXPECT_EQ(status([&] { const ModelWorker::Place third(worker); }), 0);
}

TEST_F(Worker, WhoLeavesIsForgottenAndOthersGoOn) {
  ModelWorker worker(*model, config(2, 10));
  ModelWorker::Place place(worker), other_place(worker);
  ReportJob job(*model, study(0), {.max_new_tokens = 400}), other(*model, study(1), {.max_new_tokens = 30});
  auto going_on = std::async(std::launch::async,
      [&] { return said(other.finish(worker.run(other_place, work_of(other)).generation).report); });
  EXPECT_EQ(status([&] { worker.run(place, work_of(job, [] { return true; })); }), 499);
  EXPECT_EQ(going_on.get(), said(write_report(*model, study(1), {.max_new_tokens = 30}).report));
}

TEST_F(Worker, TimeRunsOut) {
  WorkerConfig hurried = config(1, 10);
  hurried.timeout_s = 0;
  ModelWorker worker(*model, hurried);
  ModelWorker::Place place(worker);
  ReportJob job(*model, study(0), {.max_new_tokens = 50});
  EXPECT_EQ(status([&] { worker.run(place, work_of(job)); }), 408);
}

TEST_F(Worker, ARequestMayAskForLessTimeThanOthersAndNotForMore) {
  ModelWorker worker(*model, config(2, 10));
  ModelWorker::Place hurried(worker, 1e-6), patient(worker, 1e9);
  ReportJob job(*model, study(0), {.max_new_tokens = 400}), other(*model, study(1), {.max_new_tokens = 5});
  EXPECT_EQ(status([&] { worker.run(hurried, work_of(job)); }), 408);
  EXPECT_EQ(status([&] { worker.run(patient, work_of(other)); }), 0);
  WorkerConfig short_of_time = config(1, 10);
  short_of_time.timeout_s = 0;
  ModelWorker strict(*model, short_of_time);
  ModelWorker::Place longer(strict, 60);
  EXPECT_EQ(status([&] { strict.run(longer, work_of(job)); }), 408);
}

TEST_F(Worker, AnErrorIsTheAskersAloneAndLeavesTheSlotFree) {
  ModelWorker worker(*model, config(1, 10));
  for (int i = 0; i < 3; ++i) {
    ModelWorker::Place place(worker);
    ReportJob job(*model, study(0), {.max_new_tokens = 20});
    EXPECT_THROW(
        worker.run(place, {.pixels = job.pixels(),
                              .request = [](const Tensor&) -> GenerateRequest { throw Error("here", "is wrong"); }}),
        Error);
  }
  ModelWorker::Place place(worker);
  ReportJob job(*model, study(0), {.max_new_tokens = 20});
  EXPECT_EQ(said(job.finish(worker.run(place, work_of(job)).generation).report),
      said(write_report(*model, study(0), {.max_new_tokens = 20}).report));
}

}  // namespace
}  // namespace hilum
