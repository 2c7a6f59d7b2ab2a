// Corpus values of the shared fixtures and the published examples of RadEval and RadFact. Skipped where the fixtures
// are not present.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "eval/boxes/radfact_verdicts.h"
#include "eval/labels/label_scores.h"
#include "eval/stats/bootstrap.h"
#include "eval/stats/student_t.h"
#include "eval/text/bleu.h"
#include "eval/text/ngrams.h"
#include "eval/text/rouge.h"

namespace hilum {
namespace {

const std::filesystem::path kSharedReports = std::filesystem::path(HILUM_SHARED) / "data" / "reports";

#define NEEDS_SHARED(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "not here: " << (path)

const Json& metric_fixtures() {
  static const Json json = read_json_file(kSharedReports / "metric_fixtures.json");
  return json;
}

using Strings = std::vector<std::string>;

template <typename Split>
BleuCounts corpus(const Strings& references, const Strings& hypotheses, const Split& split) {
  BleuCounts total;
  for (size_t i = 0; i < references.size(); ++i) total += bleu_counts(split(references[i]), split(hypotheses[i]));
  return total;
}

TEST(SharedCorpus, BleuInItsThreeForms) {
  NEEDS_SHARED(kSharedReports);
  const Json& bleu = metric_fixtures()["bleu"];
  for (const char* form : {"coco_raw", "coco_cleaned"}) {
    const Json& expected = bleu[form];
    const BleuCounts counts = corpus(expected["refs"].get<Strings>(), expected["hyps"].get<Strings>(),
        [](const std::string& text) { return split_words(text); });
    for (size_t n = 0; n < 4; ++n) {
      EXPECT_EQ(counts.matches[n], expected["correct"][n].get<int64_t>()) << form;
      EXPECT_EQ(counts.totals[n], expected["guess"][n].get<int64_t>()) << form;
      EXPECT_NEAR(bleu_coco(counts)[n], expected["bleu_1_to_4"][n].get<double>(), 1e-8) << form << " " << n;
    }
    EXPECT_EQ(counts.hypothesis_words, expected["hyp_len"].get<int64_t>());
    EXPECT_EQ(counts.reference_words, expected["ref_len"].get<int64_t>());
  }
  const Json& sacre = bleu["sacrebleu_13a_exp"];
  const BleuCounts counts = corpus(sacre["refs"].get<Strings>(), sacre["hyps"].get<Strings>(),
      [](const std::string& text) { return words_13a(text); });
  const SacreBleu score = bleu_sacre(counts);
  EXPECT_NEAR(score.score, sacre["score"].get<double>(), 1e-8);
  EXPECT_NEAR(score.brevity, sacre["bp"].get<double>(), 1e-8);
  for (size_t n = 0; n < 4; ++n) EXPECT_NEAR(score.precisions[n], sacre["precisions"][n].get<double>(), 1e-8);
  EXPECT_NEAR(bleu_hf(counts), bleu["hf_13a_nosmooth"]["bleu"].get<double>(), 1e-8);
  for (const Json& example : bleu["sacrebleu_smoothing"]) {
    const SacreBleu one = bleu_sacre(
        bleu_counts(words_13a(example["ref"].get<std::string>()), words_13a(example["hyp"].get<std::string>())));
    for (size_t n = 0; n < 4; ++n)
      EXPECT_NEAR(one.precisions[n], example["precisions"][n].get<double>(), 1e-8) << example["hyp"];
    EXPECT_NEAR(one.brevity, example["bp"].get<double>(), 1e-8);
  }
  for (const Json& example : bleu["coco_rougeL"])
    EXPECT_NEAR(coco_rouge_l(example["ref"].get<std::string>(), example["hyp"].get<std::string>()),
        example["score"].get<double>(), 1e-8);
}

TEST(SharedCorpus, RougeMeans) {
  NEEDS_SHARED(kSharedReports);
  const Json& rouge_json = metric_fixtures()["rouge"];
  for (const bool stem : {false, true}) {
    double sums[4] = {};
    for (const Json& example : rouge_json["cases"]) {
      const RougeScores scores = rouge(example["ref"].get<std::string>(), example["hyp"].get<std::string>(), stem);
      sums[0] += scores.rouge1.f1;
      sums[1] += scores.rouge2.f1;
      sums[2] += scores.rouge_l.f1;
      sums[3] += scores.rouge_lsum.f1;
    }
    const Json& expected = rouge_json["corpus_mean_f1"][stem ? "stem" : "nostem"];
    const char* names[] = {"rouge1", "rouge2", "rougeL", "rougeLsum"};
    for (size_t i = 0; i < 4; ++i)
      EXPECT_NEAR(sums[i] / static_cast<double>(rouge_json["cases"].size()), expected[names[i]].get<double>(), 1e-8)
          << names[i];
  }
}

// RadEval's own regression sample: coco BLEU on plain white space, ROUGE with stemming; four digits overall.
TEST(SharedCorpus, RadEvalSamples) {
  NEEDS_SHARED(kSharedReports / "radeval");
  const Json json = read_json_file(kSharedReports / "radeval" / "regression_samples.json");
  const auto references = json["refs"].get<Strings>(), hypotheses = json["hyps"].get<Strings>();
  const Json &overall = json["expected"]["detailed"], &samples = json["expected"]["per_sample"];
  const auto bleu =
      bleu_coco(corpus(references, hypotheses, [](const std::string& text) { return split_words(text); }));
  const char* names[] = {"bleu_1", "bleu_2", "bleu_3", "bleu"};
  for (size_t n = 0; n < 4; ++n) EXPECT_NEAR(bleu[n], overall[names[n]].get<double>(), 5.0001e-5) << names[n];
  double sums[3] = {};
  for (size_t i = 0; i < references.size(); ++i) {
    const double one = bleu_coco(bleu_counts(split_words(references[i]), split_words(hypotheses[i])))[3],
                 expected = samples["bleu"][i].get<double>();
    EXPECT_NEAR(one, expected, std::max(1e-12, expected * 1e-9)) << i;
    const RougeScores scores = rouge(references[i], hypotheses[i], true);
    EXPECT_NEAR(scores.rouge1.f1, samples["rouge1"][i].get<double>(), 1e-12);
    EXPECT_NEAR(scores.rouge2.f1, samples["rouge2"][i].get<double>(), 1e-12);
    EXPECT_NEAR(scores.rouge_l.f1, samples["rougeL"][i].get<double>(), 1e-12);
    sums[0] += scores.rouge1.f1;
    sums[1] += scores.rouge2.f1;
    sums[2] += scores.rouge_l.f1;
  }
  const char* rouge_names[] = {"rouge1", "rouge2", "rougeL"};
  for (size_t k = 0; k < 3; ++k)
    EXPECT_NEAR(sums[k] / static_cast<double>(references.size()), overall[rouge_names[k]].get<double>(), 5.0001e-5);
}

std::vector<JudgedPhrase> judged(const Json& phrases) {
  std::vector<JudgedPhrase> made;
  for (const Json& phrase : phrases) {
    JudgedPhrase one{phrase["text"].get<std::string>(), std::nullopt, phrase["entailed"].get<bool>(),
        phrase["evidence"].get<std::vector<size_t>>()};
    if (!phrase["boxes"].is_null()) {
      one.boxes.emplace();
      for (const Json& box : phrase["boxes"]) one.boxes->push_back({box[0], box[1], box[2], box[3]});
    }
    made.push_back(std::move(one));
  }
  return made;
}

void expect_optional(double value, const Json& expected, const std::string& what) {
  EXPECT_EQ(std::isnan(value), expected.is_null()) << what;
  if (!expected.is_null()) {
    EXPECT_NEAR(value, expected.get<double>(), 1e-8) << what;
  }
}

void expect_radfact(const RadFactScores& scores, const Json& expected) {
  for (const auto& [name, pair] : {std::pair{"logical", scores.logical}, std::pair{"spatial", scores.spatial},
           std::pair{"grounding", scores.grounding}}) {
    expect_optional(pair.precision, expected[std::string(name) + "_precision"], name);
    expect_optional(pair.recall, expected[std::string(name) + "_recall"], name);
    if (expected.contains(std::string(name) + "_f1"))
      expect_optional(pair.f1, expected[std::string(name) + "_f1"], name);
  }
}

TEST(SharedCorpus, RadFactStudiesAndTheirAverages) {
  NEEDS_SHARED(kSharedReports);
  const Json& json = metric_fixtures()["radfact"];
  std::vector<RadFactStudy> studies;
  std::vector<uint32_t> all;
  for (const Json& example : json["studies"]) {
    const auto candidate = judged(example["candidate"]), reference = judged(example["reference"]);
    studies.push_back({radfact_one_way(candidate, reference), radfact_one_way(reference, candidate)});
    const uint32_t index = static_cast<uint32_t>(all.size());
    all.push_back(index);
    expect_radfact(radfact_scores(studies, std::vector<uint32_t>{index}), example["scores"]);
  }
  expect_radfact(radfact_scores(studies, all), json["aggregate"]);
}

// The same two studies once more as findings and the lines of a judge.
TEST(SharedCorpus, RadFactByRecordedVerdicts) {
  NEEDS_SHARED(kSharedReports);
  const Json& json = metric_fixtures()["radfact"];
  std::string lines;
  std::vector<std::array<std::vector<Finding>, 2>> reports;
  for (const Json& example : json["studies"]) {
    auto& sides = reports.emplace_back();
    for (const size_t side : {0, 1}) {
      const Json &own = example[side ? "reference" : "candidate"], &other = example[side ? "candidate" : "reference"];
      for (const JudgedPhrase& phrase : judged(own)) {
        sides[side].push_back({phrase.text, phrase.boxes});
        Json line = {{"study_id", std::to_string(reports.size() - 1)}, {"direction", side ? "reference" : "prediction"},
            {"phrase", phrase.text}, {"entailed", phrase.entailed}, {"evidence", Json::array()}};
        for (const size_t i : phrase.evidence) line["evidence"].push_back(other[i]["text"]);
        lines += line.dump() + "\n";
      }
    }
  }
  std::vector<Problem> problems;
  const RadFactVerdicts verdicts = parse_radfact_verdicts(lines, "verdicts", problems);
  std::vector<RadFactStudy> studies;
  for (size_t i = 0; i < reports.size(); ++i) {
    studies.push_back(radfact_judged(reports[i][0], reports[i][1], verdicts.studies.at({"", std::to_string(i)}),
        "model", std::to_string(i), problems));
    expect_radfact(
        radfact_scores(studies, std::vector<uint32_t>{static_cast<uint32_t>(i)}), json["studies"][i]["scores"]);
  }
  expect_radfact(radfact_scores(studies, std::vector<uint32_t>{0, 1}), json["aggregate"]);
  EXPECT_TRUE(problems.empty()) << problems_text(problems);
}

// The 34 hand-judged pairs in the original's own form: what is called entailed is counted, nothing is listed.
TEST(SharedCorpus, RadFactOriginalsExamplesAsVerdicts) {
  NEEDS_SHARED(kSharedReports / "radfact");
  const Json examples = read_json_file(kSharedReports / "radfact" / "test_examples.json");
  std::string lines;
  for (const Json& example : examples)
    lines += Json{{"study_id", example["example_id"]}, {"output", example["output"]}}.dump() + "\n";
  std::vector<Problem> problems;
  const RadFactVerdicts verdicts = parse_radfact_verdicts(lines, "verdicts", problems);
  ASSERT_EQ(verdicts.studies.size(), examples.size());
  EXPECT_EQ(examples.size(), 34u);
  for (const Json& example : examples) {
    const std::string id = example["example_id"].get<std::string>();
    const auto findings = [&](const char* name) {
      std::vector<Finding> made;
      for (const Json& phrase : example["input"][name]) made.push_back({phrase.get<std::string>(), {}});
      return made;
    };
    const RadFactStudy study = radfact_judged(
        findings("phrases_A"), findings("phrases_B"), verdicts.studies.at({"", id}), "model", id, problems);
    for (const bool first : {true, false}) {
      const RadFactOneWay& way = first ? study.candidate : study.reference;
      int64_t entailed = 0;
      for (const Json& phrase : example["output"][first ? "phrases_A_evidenced" : "phrases_B_evidenced"])
        entailed += phrase["status"] == "entailment";
      EXPECT_EQ(way.entailed, entailed) << id;
      EXPECT_EQ(way.phrases, static_cast<int64_t>(example["input"][first ? "phrases_A" : "phrases_B"].size())) << id;
    }
  }
  EXPECT_TRUE(problems.empty()) << problems_text(problems);
}

// The 34 hand-judged pairs: every quoted evidence is found back among the other report's phrases.
TEST(SharedCorpus, RadFactEvidenceIsMappedToItsPhrase) {
  NEEDS_SHARED(kSharedReports / "radfact");
  int quoted = 0;
  for (const Json& example : read_json_file(kSharedReports / "radfact" / "test_examples.json"))
    for (const bool first : {true, false}) {
      const auto phrases = example["input"][first ? "phrases_B" : "phrases_A"].get<Strings>();
      for (const Json& judged_phrase : example["output"][first ? "phrases_A_evidenced" : "phrases_B_evidenced"])
        for (const Json& evidence : judged_phrase["evidence"]) {
          const auto found = radfact_evidence(evidence.get<std::string>(), phrases);
          ASSERT_TRUE(found.has_value());
          EXPECT_EQ(radfact_normal(phrases[*found]), radfact_normal(evidence.get<std::string>()));
          ++quoted;
        }
    }
  EXPECT_GT(quoted, 50);
}

// Twenty grounded pairs: the published boxes are valid, and a report scored against itself by equal sentences is
// perfect where defined.
TEST(SharedCorpus, RadFactGroundedReportsAgainstThemselves) {
  NEEDS_SHARED(kSharedReports / "radfact");
  int boxed = 0;
  for (const Json& example : read_json_file(kSharedReports / "radfact" / "grounded_reporting_examples.json")) {
    std::vector<Finding> findings;
    for (const Json& phrase : example["target"]) {
      findings.push_back({phrase["text"].get<std::string>(), {}});
      if (phrase["boxes"].is_null()) continue;
      findings.back().boxes.emplace();
      for (const Json& box : phrase["boxes"])
        findings.back().boxes->push_back({box["x_min"], box["y_min"], box["x_max"], box["y_max"]});
    }
    const RadFactStudy study = radfact_exact(findings, findings);
    EXPECT_EQ(*study.candidate.logical(), 1);
    EXPECT_EQ(study.candidate.spatial, study.candidate.boxed);
    EXPECT_EQ(study.candidate.boxed,
        std::count_if(findings.begin(), findings.end(), [](const Finding& one) { return one.boxes.has_value(); }));
    boxed += static_cast<int>(study.candidate.boxed);
  }
  EXPECT_GT(boxed, 10);
}

// All 27 equally likely draws of three values.
TEST(SharedCorpus, ExactBootstrap) {
  NEEDS_SHARED(kSharedReports);
  const Json& json = metric_fixtures()["bootstrap_exact"];
  const auto values = json["values"].get<std::vector<double>>();
  std::vector<double> means;
  for (const double a : values)
    for (const double b : values)
      for (const double c : values) means.push_back((a + b + c) / 3);
  std::sort(means.begin(), means.end());
  for (const auto& [q, value] : json["quantiles"].items())
    EXPECT_NEAR(quantile(means, std::stod(q)), value.get<double>(), 1e-8) << q;
  const Metrics mean = [&](std::span<const uint32_t> which, std::span<double> out) {
    out[0] = 0;
    for (const uint32_t i : which) out[0] += values[i] / static_cast<double>(which.size());
  };
  const Interval interval = bootstrap(3, 1, mean, {.rounds = 40'000})[0];
  EXPECT_NEAR(interval.mean, json["mean"].get<double>(), .005);
  EXPECT_NEAR(interval.sd, json["sd_population"].get<double>(), .005);
}

TEST(SharedCorpus, TIntervalOfTenResamples) {
  NEEDS_SHARED(kSharedReports);
  const Json& json = metric_fixtures()["t_interval"];
  const TInterval interval = t_interval(json["values"].get<std::vector<double>>());
  EXPECT_NEAR(interval.mean, json["mean"].get<double>(), 1e-8);
  EXPECT_NEAR(interval.standard_error, json["standard_error"].get<double>(), 1e-8);
  EXPECT_NEAR(student_t_quantile(.975, 9), json["t975_df9"].get<double>(), 1e-8);
  EXPECT_NEAR(interval.low, json["low"].get<double>(), 1e-8);
  EXPECT_NEAR(interval.high, json["high"].get<double>(), 1e-8);
  EXPECT_NEAR(student_t_probability(-student_t_quantile(.975, 9), 9), .025, 1e-12);
}

TEST(SharedCorpus, F1FromCounts) {
  NEEDS_SHARED(kSharedReports);
  for (const Json& example : metric_fixtures()["f1_counts"]) {
    const LabelCounts counts{
        example["tp"].get<int64_t>(), example["fp"].get<int64_t>(), example["fn"].get<int64_t>(), 0};
    EXPECT_NEAR(counts.f1(), example.value("f1", example.value("f1_zero_division_0", -1.0)), 1e-8);
    if (example.contains("precision")) {
      EXPECT_NEAR(*counts.precision(), example["precision"].get<double>(), 1e-8);
      EXPECT_NEAR(*counts.recall(), example["recall"].get<double>(), 1e-8);
    }
  }
}

}  // namespace
}  // namespace hilum
