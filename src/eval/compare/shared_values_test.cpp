// Every expected value of the shared fixtures that this folder answers for. Skipped where the fixtures are not present.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "data/csv.h"
#include "eval/boxes/box_scores.h"
#include "eval/labels/chexpert_lexicon.h"
#include "eval/labels/chexpert_rules.h"
#include "eval/labels/label_metrics.h"
#include "eval/labels/label_scores.h"
#include "eval/stats/bootstrap.h"
#include "eval/stats/chi_square.h"
#include "eval/stats/cochran.h"
#include "eval/stats/roc.h"
#include "eval/text/bleu.h"
#include "eval/text/ngrams.h"
#include "eval/text/porter_stemmer.h"
#include "eval/text/rouge.h"

namespace hilum {
namespace {

const fs::path kReports = fs::path(HILUM_SHARED) / "data" / "reports";

#define NEEDS(path) \
  if (!fs::exists(path)) GTEST_SKIP() << "not here: " << (path)

// Lives as long as the tests: a loop over a part of it must not outlive it.
const Json& fixtures() {
  static const Json json = read_json_file(kReports / "metric_fixtures.json");
  return json;
}

TEST(SharedValues, ChexpertSampleReports) {
  const fs::path folder = kReports / "chexpert_labeler";
  NEEDS(folder);
  const auto reports = parse_csv(read_file(folder / "sample_reports.csv"), "csv");
  const auto labels = parse_csv(read_file(folder / "labeled_reports.csv"), "csv");
  ASSERT_EQ(labels.size(), reports.size() + 1);
  int cells = 0;
  for (size_t row = 0; row < reports.size(); ++row) {
    const Labels found = label_report(reports[row][0]);
    for (size_t column = 1; column < labels[0].size(); ++column, ++cells) {
      const auto cell = found.find(labels[0][column]);
      const std::string written = cell == found.end() ? ""
                                  : cell->second == 1 ? "1.0"
                                  : cell->second == 0 ? "0.0"
                                                      : "-1.0";
      EXPECT_EQ(written, labels[row + 1][column]) << "report " << row << ", " << labels[0][column];
    }
  }
  EXPECT_EQ(cells, 56);
}

TEST(SharedValues, ChexpertRulesSentences) {
  NEEDS(kReports);
  const Json cases = fixtures()["chexpert_rules"]["cases"];
  ASSERT_EQ(cases.size(), 16u);
  for (const Json& example : cases) {
    const auto report = example["report"].get<std::string>();
    EXPECT_EQ(label_report(report), (example["labels"].get<Labels>())) << report;
  }
}

TEST(SharedValues, ChexpertAggregation) {
  NEEDS(kReports);
  for (const Json& example : fixtures()["chexpert_aggregation"]) {
    const auto mentions = example["mentions"].get<std::vector<int>>();
    const auto label = aggregate_mentions(mentions);
    EXPECT_EQ(label ? Json(*label) : Json(nullptr), example["label"]) << example.dump();
  }
}

TEST(SharedValues, LexiconHoldsThePublishedPhrases) {
  const fs::path folder = kReports / "chexpert_labeler" / "phrases";
  NEEDS(folder);
  const auto read_phrases = [](const fs::path& file) {
    std::vector<std::string> phrases;
    std::string text = read_file(file) + "\n", line;
    for (const char c : text) {
      if (c == '\n') {
        if (!line.empty()) phrases.push_back(line);
        line.clear();
      } else {
        line += c == '_' ? ' ' : c;
      }
    }
    return phrases;
  };
  for (int i = 0; i < kNumObservations; ++i) {
    const auto observation = static_cast<Observation>(i);
    std::string file(observation_name(observation));
    for (char& c : file) c = c == ' ' ? '_' : static_cast<char>(std::tolower(c));
    std::vector<std::string> ours;
    for (const Phrase& phrase : published_phrases())
      if (phrase.observation == observation) ours.emplace_back(phrase.text);
    EXPECT_EQ(ours, read_phrases(folder / "mention" / (file + ".txt"))) << file;
    if (const fs::path unmention = folder / "unmention" / (file + ".txt"); fs::exists(unmention)) {
      auto published = read_phrases(unmention);
      std::erase(published, "calcified nodul");  // a lesion by our rules, as radiologists index it
      EXPECT_EQ(unmention_phrases(observation), published) << file;
    }
  }
}

void expect_scores(const LabelScores& scores, const Json& expected, const std::string& set) {
  EXPECT_NEAR(scores.micro_f1, expected["f1_" + set + "_micro"].get<double>(), 1e-8);
  EXPECT_NEAR(scores.macro_f1, expected["f1_" + set + "_macro"].get<double>(), 1e-8);
  EXPECT_NEAR(scores.weighted_f1, expected["f1_" + set + "_weighted"].get<double>(), 1e-8);
  if (expected.contains("f1_" + set + "_samples")) {
    EXPECT_NEAR(scores.samples_f1, expected["f1_" + set + "_samples"].get<double>(), 1e-8);
  }
  EXPECT_NEAR(scores.subset_accuracy, expected["subset_accuracy_" + set].get<double>(), 1e-8);
}

void expect_label_scores(const std::vector<Labels>& references, const std::vector<Labels>& predictions,
    const Json& expected, const std::vector<std::string>& order_14, const std::vector<std::string>& order_5) {
  for (const auto& [key, policy] :
      {std::pair{"uncertain_negative", Uncertain::kNegative}, std::pair{"uncertain_positive", Uncertain::kPositive}}) {
    const Json& values = expected[key];
    for (const auto& [set, order] : {std::pair{"14", order_14}, std::pair{"5", order_5}}) {
      const LabelScores scores = score_labels(references, predictions, order, policy);
      expect_scores(scores, values, set);
      const Json& per_label = values["per_label_f1_" + std::string(set)];
      ASSERT_EQ(per_label.size(), order.size());
      for (size_t i = 0; i < order.size(); ++i)
        EXPECT_NEAR(scores.per_label[i].second.f1(), per_label[i].get<double>(), 1e-8) << order[i];
    }
  }
}

TEST(SharedValues, ChexbertF1) {
  NEEDS(kReports);
  const Json example = fixtures()["chexbert_f1"];
  const auto names = example["labels"].get<std::vector<std::string>>(),
             five = example["five"].get<std::vector<std::string>>();
  const auto read = [&](const Json& reports) {
    std::vector<Labels> all;
    for (const Json& codes : reports) {
      Labels labels;
      for (size_t i = 0; i < names.size(); ++i)
        if (const int code = codes[i].get<int>(); code != 0) labels[names[i]] = code == 1 ? 1 : code == 2 ? 0 : -1;
      all.push_back(labels);
    }
    return all;
  };
  expect_label_scores(read(example["refs"]), read(example["hyps"]), example, names, five);
}

TEST(SharedValues, LabelScoresOf500RealStudies) {
  const fs::path folder = kReports / "chexpert_test";
  NEEDS(folder);
  const auto read = [](const fs::path& file) {
    const auto rows = parse_csv(read_file(file), "csv");
    std::map<std::string, Labels> by_study;  // the files order the studies differently
    for (size_t i = 1; i < rows.size(); ++i) {
      Labels& labels = by_study[rows[i][0]];
      for (size_t column = 1; column < rows[0].size(); ++column)
        if (!rows[i][column].empty()) labels[rows[0][column]] = static_cast<int>(std::stod(rows[i][column]));
    }
    std::vector<Labels> all;
    for (const auto& [study, labels] : by_study) all.push_back(labels);
    return all;
  };
  const Json& json = fixtures();
  const auto names = json["chexbert_f1"]["labels"].get<std::vector<std::string>>(),
             five = json["chexbert_f1"]["five"].get<std::vector<std::string>>();
  const auto references = read(folder / "groundtruth.csv");
  ASSERT_EQ(references.size(), 500u);
  expect_label_scores(references, read(folder / "labels_from_reports.csv"), json["chexbert_f1_real_gt"], names, five);
}

void expect_relative(double value, const Json& expected) {
  EXPECT_NEAR(value, expected.get<double>(), std::abs(expected.get<double>()) * 1e-8);
}

void expect_mcnemar(const McNemar& test, const Json& expected) {
  EXPECT_EQ(test.b, expected["b"].get<int64_t>());
  EXPECT_EQ(test.c, expected["c"].get<int64_t>());
  expect_relative(test.exact_p, expected["exact_p"]);
  expect_relative(test.mid_p, expected["mid_p"]);
  EXPECT_NEAR(test.chi2, expected["chi2"].get<double>(), 1e-8);
  expect_relative(test.chi2_p, expected["chi2_p"]);
  EXPECT_NEAR(test.corrected, expected["chi2_cc"].get<double>(), 1e-8);
  expect_relative(test.corrected_p, expected["chi2_cc_p"]);
}

LabelTable chexpert_table(const std::string& file) {
  std::vector<Problem> problems;
  LabelTable table = read_label_table(kReports / "chexpert_test" / file, problems);
  EXPECT_TRUE(problems.empty()) << file;
  EXPECT_EQ(table.ids.size(), 500u);
  return table;
}

// Right (1) or wrong (0) of the three readers, a block a study.
std::vector<Block> readers_right(const std::string& label) {
  const LabelTable truth = chexpert_table("groundtruth.csv");
  std::map<std::string, Block> by_study;
  for (const char* file : {"radiologist_bc4.csv", "radiologist_bc6.csv", "radiologist_bc8.csv"}) {
    const LabelTable reader = chexpert_table(file);
    std::map<std::string, double> said;
    for (size_t i = 0; i < reader.ids.size(); ++i) said[reader.ids[i]] = reader.cells[i][reader.column(label)];
    for (size_t i = 0; i < truth.ids.size(); ++i)
      by_study[truth.ids[i]].push_back(said.at(truth.ids[i]) == truth.cells[i][truth.column(label)]);
  }
  std::vector<Block> blocks;
  for (const auto& [study, block] : by_study) blocks.push_back(block);
  return blocks;
}

TEST(SharedValues, ChiSquareTails) {
  NEEDS(kReports);
  for (const Json& example : fixtures()["chi2_sf"])
    expect_relative(chi_square_tail(example["x"], example["df"]), example["sf"]);
}

TEST(SharedValues, McNemarTables) {
  NEEDS(kReports);
  for (const Json& example : fixtures()["mcnemar"])
    expect_mcnemar(mcnemar(example["b"].get<int64_t>(), example["c"].get<int64_t>()), example);
}

TEST(SharedValues, CochranQOfItemsAndOfThreeRadiologists) {
  NEEDS(kReports);
  int checked = 0;
  for (const Json& example : fixtures()["cochran_q"]) {
    std::vector<Block> blocks;
    if (example.contains("matrix")) {
      for (const Json& row : example["matrix"]) blocks.push_back(row.get<Block>());
    } else {
      for (const char* label : {"Edema", "Pleural Effusion", "Cardiomegaly"})
        if (example["name"].get<std::string>().find(label) != std::string::npos) blocks = readers_right(label);
    }
    ASSERT_FALSE(blocks.empty()) << example["name"];
    const CochranQ test = cochran_q(blocks);
    EXPECT_EQ(test.column_sums, example["column_sums"].get<std::vector<int64_t>>()) << example["name"];
    EXPECT_NEAR(test.q, example["Q"].get<double>(), 1e-8) << example["name"];
    expect_relative(test.p, example["p"]);
    std::vector<double> exact;
    for (const Json& pair : example["posthoc"]) {
      const McNemar one = mcnemar(blocks, pair["pair"][0].get<size_t>(), pair["pair"][1].get<size_t>());
      expect_mcnemar(one, pair);
      exact.push_back(one.exact_p);
    }
    const std::vector<double> adjusted = holm(exact);
    for (size_t i = 0; i < exact.size(); ++i) expect_relative(adjusted[i], example["posthoc"][i]["holm"]);
    ++checked;
  }
  EXPECT_EQ(checked, 4);
}

TEST(SharedValues, AurocOfThreeExamples) {
  NEEDS(kReports);
  for (const Json& example : fixtures()["auroc"]) {
    const RankedScores ranked =
        rank_scores(example["s"].get<std::vector<double>>(), example["y"].get<std::vector<uint8_t>>());
    EXPECT_NEAR(auroc(ranked), example["auroc"].get<double>(), 1e-8);
    EXPECT_NEAR(average_precision(ranked), example["average_precision"].get<double>(), 1e-8);
  }
}

TEST(SharedValues, LeaderboardScoresOnTheChexpertTestSet) {
  NEEDS(kReports / "chexpert_test");
  const LabelEvaluation evaluation =
      evaluate_labels(chexpert_table("predictions_hieupham.csv"), chexpert_table("groundtruth.csv"), {.rounds = 20});
  const Json& expected = fixtures()["auroc_real"];
  ASSERT_EQ(evaluation.labels.size(), expected["per_label"].size());
  for (const LabelResult& label : evaluation.labels) {
    const Json& wanted = expected["per_label"][label.label];
    const Json& at = wanted["at_0_5"];
    EXPECT_EQ(label.positives, wanted["positives"].get<int64_t>()) << label.label;
    EXPECT_NEAR(label.metrics[kAuroc].value, wanted["auroc"].get<double>(), 1e-8) << label.label;
    EXPECT_NEAR(label.metrics[kAveragePrecision].value, wanted["average_precision"].get<double>(), 1e-8) << label.label;
    EXPECT_EQ(label.counts.tp, at["tp"].get<int64_t>());
    EXPECT_EQ(label.counts.fp, at["fp"].get<int64_t>());
    EXPECT_EQ(label.counts.fn, at["fn"].get<int64_t>());
    EXPECT_EQ(label.counts.tn, at["tn"].get<int64_t>());
    for (const auto& [metric, key] : {std::pair{kSensitivity, "sensitivity"}, std::pair{kSpecificity, "specificity"},
             std::pair{kPpv, "ppv"}, std::pair{kNpv, "npv"}, std::pair{kAccuracy, "accuracy"}, std::pair{kF1, "f1"}}) {
      EXPECT_NEAR(label.metrics[metric].value, at[key].get<double>(), 1e-8) << label.label << " " << key;
    }
  }
  EXPECT_NEAR(evaluation.means[0].metrics[kAuroc].value, .924262094, 1e-8);
}

// The CXR-LLaVA sheet 6.4: means of the three radiologists, to the digit.
TEST(SharedValues, RadiologistsOnTheChexpertTestSet) {
  NEEDS(kReports / "chexpert_test");
  struct Row {
    const char* label;
    int64_t positives;
    double f1, sensitivity, specificity, accuracy;
  };
  const Row rows[] = {{"No Finding", 62, .553, .715, .876, .856},
      {"Enlarged Cardiomediastinum", 253, .755, .659, .915, .785}, {"Cardiomegaly", 151, .679, .678, .872, .813},
      {"Lung Opacity", 264, .863, .860, .852, .856}, {"Lung Lesion", 8, .598, .542, .996, .989},
      {"Edema", 78, .584, .667, .885, .851}, {"Consolidation", 29, .386, .529, .922, .899},
      {"Pneumonia", 11, .269, .333, .968, .954}, {"Atelectasis", 153, .693, .813, .766, .780},
      {"Pneumothorax", 9, .660, .704, .994, .989}, {"Pleural Effusion", 104, .738, .846, .879, .872},
      {"Pleural Other", 4, .262, .500, .982, .978}, {"Fracture", 5, .307, .333, .990, .983},
      {"Support Devices", 261, .937, .931, .937, .934}};
  std::vector<LabelEvaluation> readers;
  for (const char* file : {"radiologist_bc4.csv", "radiologist_bc6.csv", "radiologist_bc8.csv"})
    readers.push_back(evaluate_labels(chexpert_table(file), chexpert_table("groundtruth.csv"), {.rounds = 2}));
  const auto mean = [&](const auto& value) { return (value(readers[0]) + value(readers[1]) + value(readers[2])) / 3; };
  for (size_t i = 0; i < std::size(rows); ++i) {
    const Row& row = rows[i];
    const auto find = [&](const LabelEvaluation& reader) -> const LabelResult& {
      return *std::find_if(
          reader.labels.begin(), reader.labels.end(), [&](const LabelResult& one) { return one.label == row.label; });
    };
    EXPECT_EQ(find(readers[0]).positives, row.positives) << row.label;
    for (const auto& [name, expected] : {std::pair{kF1, row.f1}, std::pair{kSensitivity, row.sensitivity},
             std::pair{kSpecificity, row.specificity}, std::pair{kAccuracy, row.accuracy}}) {
      const double found =
          mean([&, metric = name](const LabelEvaluation& reader) { return find(reader).metrics[metric].value; });
      EXPECT_NEAR(found, expected, .0005001) << row.label << " " << label_metric_name(name);
    }
  }
  const double five = mean([](const LabelEvaluation& reader) { return reader.means.at(1).metrics[kF1].value; });
  EXPECT_NEAR(five, .616, .0005);
}

std::vector<BoxNorm> boxes_of(const Json& list) {
  std::vector<BoxNorm> boxes;
  for (const Json& box : list) boxes.push_back({box[0], box[1], box[2], box[3]});
  return boxes;
}

TEST(SharedValues, Boxes) {
  NEEDS(kReports);
  const Json& json = fixtures();
  for (const Json& example : json["boxes"]["cases"]) {
    const BoxOverlap overlap =
        box_overlap(boxes_of(example["pred"]), boxes_of(example["true"]), json["boxes"]["mask_size"].get<int>());
    EXPECT_EQ(overlap.predicted, example["pred_pixels"].get<int64_t>());
    EXPECT_EQ(overlap.truth, example["true_pixels"].get<int64_t>());
    EXPECT_EQ(overlap.intersection, example["intersection"].get<int64_t>());
    EXPECT_EQ(overlap.united(), example["union"].get<int64_t>());
    for (const auto& [key, value] : {std::pair{"iou", overlap.iou()}, std::pair{"precision", overlap.precision()},
             std::pair{"recall", overlap.recall()}}) {
      EXPECT_EQ(value.has_value(), !example[key].is_null()) << example.dump();
      if (value) {
        EXPECT_NEAR(*value, example[key].get<double>(), 1e-8) << example.dump();
      }
    }
  }
  for (const Json& example : json["box_iou_continuous"])
    EXPECT_NEAR(box_iou(boxes_of(Json::array({example["a"]}))[0], boxes_of(Json::array({example["b"]}))[0]),
        example["iou"].get<double>(), 1e-8);
}

TEST(SharedValues, BootstrapQuantiles) {
  NEEDS(kReports);
  const Json example = fixtures()["bootstrap_given_indices"];
  std::vector<double> means;
  for (const Json& draw : example["indices"]) {
    double sum = 0;
    for (const Json& i : draw) sum += example["values"][i.get<size_t>()].get<double>();
    means.push_back(sum / static_cast<double>(draw.size()));
  }
  std::sort(means.begin(), means.end());
  for (const auto& [q, value] : example["quantiles"].items())
    EXPECT_NEAR(quantile(means, std::stod(q)), value.get<double>(), 1e-8) << q;
}

void expect_rouge(const RougeScore& score, const Json& expected, const std::string& what) {
  EXPECT_NEAR(score.precision, expected[0].get<double>(), 1e-8) << what;
  EXPECT_NEAR(score.recall, expected[1].get<double>(), 1e-8) << what;
  EXPECT_NEAR(score.f1, expected[2].get<double>(), 1e-8) << what;
}

TEST(SharedValues, Rouge) {
  NEEDS(kReports);
  for (const Json& example : fixtures()["rouge"]["cases"]) {
    const auto reference = example["ref"].get<std::string>(), hypothesis = example["hyp"].get<std::string>();
    for (const bool stem : {false, true}) {
      const Json& expected = example[stem ? "stem" : "nostem"];
      EXPECT_EQ(rouge_words(reference, stem), expected["ref_tokens"].get<std::vector<std::string>>());
      const RougeScores scores = rouge(reference, hypothesis, stem);
      expect_rouge(scores.rouge1, expected["rouge1"], hypothesis);
      expect_rouge(scores.rouge2, expected["rouge2"], hypothesis);
      expect_rouge(scores.rouge_l, expected["rougeL"], hypothesis);
      expect_rouge(scores.rouge_lsum, expected["rougeLsum"], hypothesis);
    }
  }
}

TEST(SharedValues, PorterStems) {
  NEEDS(kReports);
  for (const auto& [word, stem] : fixtures()["porter_nltk"].items())
    EXPECT_EQ(porter_stem(word), stem.get<std::string>());
}

TEST(SharedValues, Tokens13a) {
  NEEDS(kReports);
  for (const auto& [text, expected] : fixtures()["tokenize_13a"].items())
    EXPECT_EQ(words_13a(text), split_words(expected.get<std::string>()));
}

TEST(SharedValues, BleuOfSinglePairs) {
  NEEDS(kReports);
  const Json& json = fixtures()["bleu"];
  for (const char* form : {"coco_raw", "coco_cleaned"})
    for (size_t i = 0; i < json[form]["hyps"].size(); ++i) {
      const auto counts = bleu_counts(
          split_words(json[form]["refs"][i].get<std::string>()), split_words(json[form]["hyps"][i].get<std::string>()));
      EXPECT_NEAR(bleu_coco(counts)[3], json[form]["sentence_bleu4"][i].get<double>(), 1e-8) << form << " " << i;
    }
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(clean_r2gen(json["coco_raw"]["refs"][i].get<std::string>()),
        json["coco_cleaned"]["refs"][i].get<std::string>());
    EXPECT_EQ(clean_r2gen(json["coco_raw"]["hyps"][i].get<std::string>()),
        json["coco_cleaned"]["hyps"][i].get<std::string>());
  }
  for (const Json& example : json["sacrebleu_smoothing"]) {
    const auto counts =
        bleu_counts(words_13a(example["ref"].get<std::string>()), words_13a(example["hyp"].get<std::string>()));
    EXPECT_NEAR(bleu_sacre(counts).score, example["score"].get<double>(), 1e-8);
  }
}

}  // namespace
}  // namespace hilum
