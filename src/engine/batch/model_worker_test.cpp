#include "engine/batch/model_worker.h"

#include <future>

#include <gtest/gtest.h>

#include "engine/batch/phantom_model_for_test.h"

namespace hilum {
namespace {

class Worker : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    phantoms = new PhantomModel(4);
    model = phantoms->model.get();
  }
  static void TearDownTestSuite() { delete phantoms; }
  static StudyRequest study(int i) { return phantoms->study(i); }
  static WorkerConfig config(int slots, int waiting) {
    WorkerConfig made;
    made.schedule = {.slots = slots, .waiting = waiting, .prefill_chunk = 8, .prefill_chunk_idle = 16};
    made.backend.threads = 1;
    return made;
  }
  static std::optional<BatchError::Kind> refusal(const std::function<void()>& act) {
    try {
      act();
    } catch (const BatchError& e) {
      return e.kind();
    }
    return std::nullopt;
  }
  static PhantomModel* phantoms;
  static Model* model;
};
PhantomModel* Worker::phantoms;
Model* Worker::model;

TEST_F(Worker, EachRequestGetsWhatItGetsAlone) {
  std::vector<std::string> alone;
  for (int i = 0; i < 12; ++i)
    alone.push_back(timeless_json(write_report(*model, study(i % 4), {.max_new_tokens = 20 + i}).report));
  ModelWorker worker(*model, config(3, 100));
  std::vector<std::future<std::string>> together;
  for (int i = 0; i < 12; ++i)
    together.push_back(std::async(std::launch::async, [&worker, i] {
      ModelWorker::Place place(worker);
      ReportJob job(*model, study(i % 4), {.max_new_tokens = 20 + i});
      return timeless_json(job.finish(worker.run(place, work_of(job)).generation).report);
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
  EXPECT_EQ(refusal([&] { const ModelWorker::Place third(worker); }), BatchError::Kind::kQueueFull);
  first.reset();
  EXPECT_FALSE(worker.is_full());
  EXPECT_EQ(refusal([&] { const ModelWorker::Place third(worker); }), std::nullopt);
}

TEST_F(Worker, WhoLeavesIsForgottenAndOthersGoOn) {
  ModelWorker worker(*model, config(2, 10));
  ModelWorker::Place place(worker), other_place(worker);
  ReportJob job(*model, study(0), {.max_new_tokens = 400}), other(*model, study(1), {.max_new_tokens = 30});
  auto going_on = std::async(std::launch::async,
      [&] { return timeless_json(other.finish(worker.run(other_place, work_of(other)).generation).report); });
  EXPECT_EQ(refusal([&] { worker.run(place, work_of(job, [] { return true; })); }), BatchError::Kind::kCancelled);
  EXPECT_EQ(going_on.get(), timeless_json(write_report(*model, study(1), {.max_new_tokens = 30}).report));
}

TEST_F(Worker, TimeRunsOut) {
  WorkerConfig hurried = config(1, 10);
  hurried.timeout_s = 0;
  ModelWorker worker(*model, hurried);
  ModelWorker::Place place(worker);
  ReportJob job(*model, study(0), {.max_new_tokens = 50});
  EXPECT_EQ(refusal([&] { worker.run(place, work_of(job)); }), BatchError::Kind::kTimedOut);
}

TEST_F(Worker, ARequestMayAskForLessTimeThanOthersAndNotForMore) {
  ModelWorker worker(*model, config(2, 10));
  ModelWorker::Place hurried(worker, 1e-6), patient(worker, 1e9);
  ReportJob job(*model, study(0), {.max_new_tokens = 400}), other(*model, study(1), {.max_new_tokens = 5});
  EXPECT_EQ(refusal([&] { worker.run(hurried, work_of(job)); }), BatchError::Kind::kTimedOut);
  EXPECT_EQ(refusal([&] { worker.run(patient, work_of(other)); }), std::nullopt);
  WorkerConfig short_of_time = config(1, 10);
  short_of_time.timeout_s = 0;
  ModelWorker strict(*model, short_of_time);
  ModelWorker::Place longer(strict, 60);
  EXPECT_EQ(refusal([&] { strict.run(longer, work_of(job)); }), BatchError::Kind::kTimedOut);
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
  EXPECT_EQ(timeless_json(job.finish(worker.run(place, work_of(job)).generation).report),
      timeless_json(write_report(*model, study(0), {.max_new_tokens = 20}).report));
}

}  // namespace
}  // namespace hilum
