#include "engine/batch/run_jobs.h"

#include <cstdlib>
#include <numeric>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "engine/batch/finished_report.h"
#include "engine/batch/phantom_model_for_test.h"
#include "kernels/select.h"

namespace hilum {
namespace {

constexpr int kStudies = 9;

// Answers of many lengths, greedy and sampled.
ReportOptions options_of(size_t row) {
  ReportOptions options{.max_new_tokens = 3 + static_cast<int>(row * 7 % 23)};
  if (row % 2 == 1) options.sampling = {.temperature = 0.8f, .seed = row};
  return options;
}

struct Ran {
  std::vector<std::string> lines;             // in the order they were told; an error's text where a row failed
  std::vector<size_t> rows;                   // whose they are
  std::vector<std::vector<float>> log_probs;  // bits, not digits
};

Ran run(const Model& model, const std::vector<StudyRequest>& studies, const std::vector<size_t>& rows, int sequences,
    int threads) {
  Ran ran;
  run_jobs<ReportJob>(
      model, {.sequences = sequences, .backend = {.threads = threads}}, rows,
      [&](size_t row) { return std::make_unique<ReportJob>(model, studies[row], options_of(row)); },
      [&](size_t row, ReportJob& job, GenerationOutcome outcome) {
        ran.rows.push_back(row);
        ran.log_probs.push_back(outcome.generation.log_probs);
        ran.lines.push_back(timeless_json(finished_report(job, outcome).report));
      },
      [&](size_t row, const Error& error) {
        ran.rows.push_back(row);
        ran.log_probs.emplace_back();
        ran.lines.push_back(error.what());
      });
  return ran;
}

std::vector<size_t> counted(size_t count) {
  std::vector<size_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

std::vector<std::string> alone(const Model& model, const std::vector<StudyRequest>& studies) {
  std::vector<std::string> lines;
  for (size_t row = 0; row < studies.size(); ++row) try {
      lines.push_back(timeless_json(write_report(model, studies[row], options_of(row)).report));
    } catch (const Error& error) {
      lines.push_back(error.what());
    }
  return lines;
}

// To the bit: each row by a generator of its own.
std::vector<std::vector<float>> log_probs_alone(const Model& model, const std::vector<StudyRequest>& studies) {
  std::vector<std::vector<float>> all;
  for (size_t row = 0; row < studies.size(); ++row) {
    ReportJob job(model, studies[row], options_of(row));
    const Tensor features = model.network().encode_images(model.ops(), job.pixels());
    all.push_back(generate(model.ops(), model.network(), {job.generation(features)}).front().log_probs);
  }
  return all;
}

std::vector<StudyRequest> studies_of(const PhantomModel& phantoms) {
  std::vector<StudyRequest> studies;
  for (int i = 0; i < kStudies; ++i) studies.push_back(phantoms.study(i));
  return studies;
}

TEST(RunJobs, EveryRowGetsWhatItGetsAloneOnEveryKernelTable) {
  const char* before = std::getenv("HILUM_KERNELS");
  const std::string kept = before ? before : "";
  for (const KernelTable* table : runnable_kernel_tables()) {
    setenv("HILUM_KERNELS", table->name, 1);
    const PhantomModel phantoms(kStudies);
    const std::vector<StudyRequest> studies = studies_of(phantoms);
    const std::vector<std::string> want = alone(*phantoms.model, studies);
    const std::vector<std::vector<float>> log_probs = log_probs_alone(*phantoms.model, studies);
    for (const int sequences : {1, 2, 3, 8, 20}) {
      const Ran ran = run(*phantoms.model, studies, counted(kStudies), sequences, sequences % 2 + 1);
      EXPECT_EQ(ran.rows, counted(kStudies));
      EXPECT_EQ(ran.lines, want) << table->name << ", " << sequences << " together";
      EXPECT_EQ(ran.log_probs, log_probs) << table->name << ", " << sequences << " together";
    }
  }
  if (before) setenv("HILUM_KERNELS", kept.c_str(), 1);
  else unsetenv("HILUM_KERNELS");
}

TEST(RunJobs, ABrokenRowIsItsOwnAndTheRestGoesOn) {
  const PhantomModel phantoms(kStudies);
  std::vector<StudyRequest> studies = studies_of(phantoms);
  write_file(phantoms.picture(2), "no picture");
  fs::remove(phantoms.picture(4));
  studies[6].trouble = "the study has no image";
  const std::vector<std::string> want = alone(*phantoms.model, studies);
  const Ran ran = run(*phantoms.model, studies, counted(kStudies), 3, 2);
  EXPECT_EQ(ran.lines, want);
  EXPECT_NE(want[6].find("the study has no image"), std::string::npos);
  EXPECT_NE(want[2].find("2.png"), std::string::npos);
}

TEST(RunJobs, RowsThatAreThereAlreadyAreLeftOut) {
  const PhantomModel phantoms(kStudies);
  const std::vector<StudyRequest> studies = studies_of(phantoms);
  const std::vector<std::string> want = alone(*phantoms.model, studies);
  const std::vector<size_t> left{1, 4, 5, 8};
  const Ran ran = run(*phantoms.model, studies, left, 2, 1);
  EXPECT_EQ(ran.rows, left);
  for (size_t i = 0; i < left.size(); ++i) EXPECT_EQ(ran.lines[i], want[left[i]]) << left[i];
  EXPECT_TRUE(run(*phantoms.model, studies, {}, 2, 1).lines.empty());
}

TEST(RunJobs, OneThatIsCancelledLeavesTheOthersAsTheyAre) {
  const PhantomModel phantoms(kStudies);
  const std::vector<StudyRequest> studies = studies_of(phantoms);
  const std::vector<std::string> want = alone(*phantoms.model, studies);
  ModelWorker worker(*phantoms.model, worker_config({.sequences = 4, .backend = {.threads = 1}}));
  std::vector<std::unique_ptr<JobAtWork<ReportJob>>> rows;
  for (size_t row = 0; row < 6; ++row) {
    rows.push_back(std::make_unique<JobAtWork<ReportJob>>());
    rows[row]->place.emplace(worker);
    rows[row]->job = std::make_unique<ReportJob>(*phantoms.model, studies[row], options_of(row));
    worker.submit(*rows[row]->place, work_of(*rows[row]->job, [row] { return row == 1; }));
  }
  rows[3].reset();  // given up, wherever it stands
  for (const size_t row : {0, 2, 4, 5}) {
    const GenerationOutcome outcome = worker.wait(*rows[row]->place);
    EXPECT_EQ(timeless_json(finished_report(*rows[row]->job, outcome).report), want[row]) << row;
  }
  try {
    worker.wait(*rows[1]->place);
    ADD_FAILURE() << "it was cancelled";
  } catch (const BatchError& error) {
    EXPECT_EQ(error.kind(), BatchError::Kind::kCancelled);
  }
}

// An exception that is no row's error ends the run, with rows at work in every stage.
TEST(RunJobs, WhatIsNoErrorOfARowEndsTheRun) {
  const PhantomModel phantoms(kStudies);
  const std::vector<StudyRequest> studies = studies_of(phantoms);
  const std::vector<size_t> rows = counted(kStudies);
  EXPECT_THROW(
      run_jobs<ReportJob>(
          *phantoms.model, {.sequences = 3, .backend = {.threads = 2}}, rows,
          [&](size_t row) { return std::make_unique<ReportJob>(*phantoms.model, studies[row], options_of(row)); },
          [](size_t row, ReportJob&, const GenerationOutcome&) {
            if (row == 1) throw std::logic_error("a bug");
          },
          [](size_t, const Error&) {}),
      std::logic_error);
}

// The tiny model: 512 positions of 2 layers, 2 heads of 16, keys and values.
TEST(SequencesFor, AreFewForFewRowsAndAsNamedElse) {
  const PhantomModel phantoms(0);
  const Model& model = *phantoms.model;
  EXPECT_EQ(sequence_bytes(model.network().config().language, 512), 2u * 2 * 2 * 16 * 512 * 4);
  EXPECT_EQ(sequences_for(model, 0, 1, 100), 1);
  EXPECT_EQ(sequences_for(model, 0, 5, 100), 5);
  EXPECT_EQ(sequences_for(model, 0, 5000, 100), 8);
  EXPECT_EQ(sequences_for(model, 0, 0, 100), 1);
  EXPECT_EQ(sequences_for(model, 3, 5000, 100), 3);
  EXPECT_EQ(sequences_for(model, 64, 5, 100), 64);
  EXPECT_THROW(sequences_for(model, 1 << 30, 5, 100), Error);
}

}  // namespace
}  // namespace hilum
