// Scoring speed on one core: reports a second for ROUGE + BLEU + rule labels, and a thousand bootstrap rounds over
// three thousand reports.
#include <benchmark/benchmark.h>

#include "base/rng.h"
#include "eval/compare/compare_reports.h"
#include "eval/labels/chexpert_rules.h"
#include "eval/text/bleu.h"
#include "eval/text/ngrams.h"
#include "eval/text/rouge.h"

namespace hilum {
namespace {

// Sentences of the usual kind; a report has six to ten, some 70 words.
constexpr const char* kSentences[] = {"The heart size is normal.", "There is a small left pleural effusion.",
    "No pneumothorax is seen.", "The lungs are clear without focal consolidation.",
    "Mild cardiomegaly is unchanged from the prior study.",
    "There may be a small right pleural effusion with adjacent atelectasis.",
    "The mediastinal and hilar contours are within normal limits.",
    "A right internal jugular catheter ends in the superior vena cava.",
    "Increased interstitial markings are consistent with mild pulmonary edema.",
    "Patchy opacity at the left base could represent atelectasis or early pneumonia.",
    "No acute osseous abnormality is identified.", "Cannot exclude a small apical pneumothorax."};

std::string report(uint64_t seed, uint64_t number) {
  Rng rng(seed, number);
  std::string text;
  for (uint32_t i = 0, n = 6 + rng.below(5); i < n; ++i)
    text += std::string(i ? " " : "") + kSentences[rng.below(std::size(kSentences))];
  return text;
}

// What one report costs: both of its texts' labels, ROUGE-1, -2, -L and BLEU-1 to -4 after the R2Gen cleaning.
void rouge_bleu_labels(benchmark::State& state) {
  std::vector<std::string> references, hypotheses;
  for (uint64_t i = 0; i < 500; ++i) {
    references.push_back(report(1, i));
    hypotheses.push_back(report(2, i));
  }
  for (auto _ : state)
    for (size_t i = 0; i < references.size(); ++i) {
      benchmark::DoNotOptimize(rouge(references[i], hypotheses[i]));
      benchmark::DoNotOptimize(
          bleu_counts(split_words(clean_r2gen(references[i])), split_words(clean_r2gen(hypotheses[i]))));
      benchmark::DoNotOptimize(label_report(hypotheses[i]));
      benchmark::DoNotOptimize(label_report(references[i]));
    }
  state.counters["reports/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * 500, benchmark::Counter::kIsRate);
}
BENCHMARK(rouge_bleu_labels)->Unit(benchmark::kMillisecond);

// The whole of `hilum eval reports`, every metric, one system; the argument is the number of rounds.
void compare(benchmark::State& state) {
  std::vector<Study> references;
  System model{"model", {}};
  for (uint64_t i = 0; i < 3000; ++i) {
    Study study;
    study.study_id = std::to_string(i);
    study.report = report(1, i);
    Report one;
    one.study_id = study.study_id;
    one.report = report(2, i);
    references.push_back(std::move(study));
    model.reports.push_back(std::move(one));
  }
  CompareOptions options;
  options.baseline = false;
  options.rounds = static_cast<int>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(compare_reports(references, {model}, options));
}
BENCHMARK(compare)->ArgName("rounds")->Arg(1)->Arg(1000)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace hilum
