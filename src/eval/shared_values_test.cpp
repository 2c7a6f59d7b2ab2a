// Every expected value of the shared fixtures that this folder answers for. Skipped where the fixtures are not present.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "eval/bleu.h"
#include "eval/bootstrap.h"
#include "eval/box_scores.h"
#include "eval/chexpert_lexicon.h"
#include "eval/chexpert_rules.h"
#include "data/csv.h"
#include "eval/label_scores.h"
#include "eval/ngrams.h"
#include "eval/porter_stemmer.h"
#include "eval/rouge.h"

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
      const std::string written = cell == found.end() ? "" : cell->second == 1 ? "1.0" : cell->second == 0 ? "0.0" : "-1.0";
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

TEST(SharedValues, ChexpertRulesCountsOverOpenI) {
  const fs::path file = kReports / "openi" / "indiana_reports.csv";
  NEEDS(file);
  using Counts = std::array<int, 3>;  // 1, 0, -1
  const std::map<std::string, Counts> expected = {
      {"No Finding", {1616, 0, 0}},    {"Enlarged Cardiomediastinum", {91, 2092, 214}},
      {"Cardiomegaly", {402, 2069, 76}}, {"Lung Lesion", {157, 186, 25}},
      {"Lung Opacity", {617, 903, 94}}, {"Edema", {47, 283, 58}},
      {"Consolidation", {35, 1179, 7}}, {"Pneumonia", {66, 177, 73}},
      {"Atelectasis", {220, 8, 155}},  {"Pneumothorax", {22, 2597, 5}},
      {"Pleural Effusion", {124, 2723, 51}}, {"Pleural Other", {40, 6, 23}},
      {"Fracture", {96, 88, 20}},      {"Support Devices", {217, 82, 6}}};
  const auto rows = parse_csv(read_file(file), "csv");
  ASSERT_EQ(rows[0][6], "findings");
  ASSERT_EQ(rows[0][7], "impression");
  std::map<std::string, Counts> found;
  int reports = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    const std::string text = rows[i][6] + " " + rows[i][7];
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) continue;
    ++reports;
    for (const auto& [name, label] : label_report(text)) ++found[name][label == 1 ? 0 : label == 0 ? 1 : 2];
  }
  EXPECT_EQ(reports, 3826);
  EXPECT_EQ(found, expected);
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
    for (const Phrase& phrase : mention_phrases())
      if (phrase.observation == observation) ours.emplace_back(phrase.text);
    EXPECT_EQ(ours, read_phrases(folder / "mention" / (file + ".txt"))) << file;
    if (const fs::path unmention = folder / "unmention" / (file + ".txt"); fs::exists(unmention)) {
      EXPECT_EQ(unmention_phrases(observation), read_phrases(unmention)) << file;
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

void expect_label_scores(const std::vector<Labels>& references, const std::vector<Labels>& predictions, const Json& expected,
                         const std::vector<std::string>& order_14, const std::vector<std::string>& order_5) {
  for (const auto& [key, policy] :
       {std::pair{"uncertain_negative", Uncertain::kNegative}, std::pair{"uncertain_positive", Uncertain::kPositive}}) {
    const Json& values = expected[key];
    for (const auto& [set, order] : {std::pair{"14", order_14}, std::pair{"5", order_5}}) {
      const LabelScores scores = score_labels(references, predictions, order, policy);
      expect_scores(scores, values, set);
      const Json& per_label = values["per_label_f1_" + std::string(set)];
      ASSERT_EQ(per_label.size(), order.size());
      for (size_t i = 0; i < order.size(); ++i) EXPECT_NEAR(scores.per_label[i].second.f1(), per_label[i].get<double>(), 1e-8) << order[i];
    }
  }
}

TEST(SharedValues, ChexbertF1) {
  NEEDS(kReports);
  const Json example = fixtures()["chexbert_f1"];
  const auto names = example["labels"].get<std::vector<std::string>>(), five = example["five"].get<std::vector<std::string>>();
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

std::vector<BoxNorm> boxes_of(const Json& list) {
  std::vector<BoxNorm> boxes;
  for (const Json& box : list) boxes.push_back({box[0], box[1], box[2], box[3]});
  return boxes;
}

TEST(SharedValues, Boxes) {
  NEEDS(kReports);
  const Json& json = fixtures();
  for (const Json& example : json["boxes"]["cases"]) {
    const BoxOverlap overlap = box_overlap(boxes_of(example["pred"]), boxes_of(example["true"]), json["boxes"]["mask_size"].get<int>());
    EXPECT_EQ(overlap.predicted, example["pred_pixels"].get<int64_t>());
    EXPECT_EQ(overlap.truth, example["true_pixels"].get<int64_t>());
    EXPECT_EQ(overlap.intersection, example["intersection"].get<int64_t>());
    EXPECT_EQ(overlap.united(), example["union"].get<int64_t>());
    for (const auto& [key, value] :
         {std::pair{"iou", overlap.iou()}, std::pair{"precision", overlap.precision()}, std::pair{"recall", overlap.recall()}}) {
      EXPECT_EQ(value.has_value(), !example[key].is_null()) << example.dump();
      if (value) {
        EXPECT_NEAR(*value, example[key].get<double>(), 1e-8) << example.dump();
      }
    }
  }
  for (const Json& example : json["box_iou_continuous"])
    EXPECT_NEAR(box_iou(boxes_of(Json::array({example["a"]}))[0], boxes_of(Json::array({example["b"]}))[0]), example["iou"].get<double>(),
                1e-8);
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
  for (const auto& [q, value] : example["quantiles"].items()) EXPECT_NEAR(quantile(means, std::stod(q)), value.get<double>(), 1e-8) << q;
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
  for (const auto& [word, stem] : fixtures()["porter_nltk"].items()) EXPECT_EQ(porter_stem(word), stem.get<std::string>());
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
      const auto counts =
          bleu_counts(split_words(json[form]["refs"][i].get<std::string>()), split_words(json[form]["hyps"][i].get<std::string>()));
      EXPECT_NEAR(bleu_coco(counts)[3], json[form]["sentence_bleu4"][i].get<double>(), 1e-8) << form << " " << i;
    }
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(clean_r2gen(json["coco_raw"]["refs"][i].get<std::string>()), json["coco_cleaned"]["refs"][i].get<std::string>());
    EXPECT_EQ(clean_r2gen(json["coco_raw"]["hyps"][i].get<std::string>()), json["coco_cleaned"]["hyps"][i].get<std::string>());
  }
  for (const Json& example : json["sacrebleu_smoothing"]) {
    const auto counts = bleu_counts(words_13a(example["ref"].get<std::string>()), words_13a(example["hyp"].get<std::string>()));
    EXPECT_NEAR(bleu_sacre(counts).score, example["score"].get<double>(), 1e-8);
  }
}

}  // namespace
}  // namespace hilum
