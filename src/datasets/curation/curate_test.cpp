#include "datasets/curation/curate.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "datasets/curation/curation_files.h"
#include "datasets/curation/dialogues.h"
#include "datasets/curation/splits.h"
#include "datasets/readers/dataset_files_for_test.h"
#include "datasets/report_sections.h"
#include "image/decode.h"

namespace hilum {
namespace {

constexpr const char* kClear =
    "The lungs are clear without focal consolidation or effusion. Heart size is normal today.";

SourceStudy made(const std::string& id, const std::string& patient, const std::string& findings,
    const std::string& impression, std::vector<StudyImage> images = {}, const std::string& when = "") {
  SourceStudy s;
  s.study.study_id = id;
  s.study.patient_id = patient;
  s.study.impression = impression;
  s.study.images = std::move(images);
  s.when = when;
  set_findings(s.study, findings);
  return s;
}

std::vector<std::string> ids(const Curation& c) {
  std::vector<std::string> out;
  for (const SourceStudy& s : c.studies) out.push_back(s.study.study_id);
  return out;
}

int64_t dropped_for(const Curation& c, const std::string& stage) {
  for (const StageCount& s : c.stages)
    if (s.stage == stage) return s.dropped;
  ADD_FAILURE() << "no stage " << stage;
  return -1;
}

TEST(Curate, XraygptDropsByReasonAndCountsEveryStage) {
  const Curation c = curate({made("a", "1", kClear, "No acute disease.", {{"a.png", "frontal"}, {"b.png", "lateral"}}),
                                made("b", "2", "", "No acute disease."), made("c", "3", "Clear lungs.", "No disease."),
                                made("d", "4", kClear, "Normal."), made("e", "5", kClear, "No change."),
                                made("f", "6", kClear, "No acute disease.")},
      {.rules = "xraygpt"});
  EXPECT_EQ(ids(c), (std::vector<std::string>{"a", "f"}));
  EXPECT_EQ(dropped_for(c, "missing_section"), 1);
  EXPECT_EQ(dropped_for(c, "findings_short"), 1);
  EXPECT_EQ(dropped_for(c, "impression_short"), 1);
  EXPECT_EQ(dropped_for(c, "empty_after_clean"), 1);
  EXPECT_EQ(c.stages.front().left, 6);
  EXPECT_EQ(c.stages.back().left, 2);
  EXPECT_EQ(c.stages.back().images_left, 2);
  EXPECT_EQ(*c.studies[0].study.report,
      "The chest x-ray findings reveal that the lungs are clear without focal consolidation or effusion. The heart "
      "size is normal today. "
      "The impression suggests that there is no acute disease.");
  EXPECT_TRUE(c.studies[0].study.findings.empty());
  EXPECT_EQ(c.dropped.at(0).rule, "D3");
}

TEST(Curate, DuplicatesAreWhatTheyAreCalled) {
  const std::vector<SourceStudy> studies = {made("a", "1", kClear, "x"), made("b", "1", kClear, "x"),
      made("c", "2", kClear, "x"), made("d", "3", "Other.", "", {{"p/../q.png", "frontal"}}),
      made("e", "4", "Else.", "", {{"q.png", "frontal"}}), made("f", "3", "Other.", "", {{"r.png", "frontal"}})};
  EXPECT_EQ(ids(curate(studies, {.duplicates = Duplicates::kKeep})).size(), 6u);
  EXPECT_EQ(ids(curate(studies, {})),
      (std::vector<std::string>{"a", "c", "d", "f"}));  // another picture of the same patient stays
  EXPECT_EQ(ids(curate(studies, {.duplicates = Duplicates::kSameText})), (std::vector<std::string>{"a", "d"}));
}

TEST(Curate, MairaWantsFindingsFrontalAndAdultsAndAttachesThePrior) {
  auto child = made("child", "9", "Clear.", "", {{"c.png", "frontal"}});
  child.study.age_months = 17 * 12 + 11;
  const Curation c = curate({made("s1", "1", "", "First.", {{"1.png", "frontal"}}, "20200101"),
                                made("s3", "1", "Third.", "",
                                    {{"3.png", "frontal"}, {"3b.png", "frontal"}, {"3l.png", "lateral"}}, "20200301"),
                                made("s2", "1", "Second.", "Done.", {{"2.png", "frontal"}}, "20200201"),
                                made("lat", "2", "Clear.", "", {{"l.png", "lateral"}}), child,
                                made("undated", "1", "Undated.", "", {{"u.png", "frontal"}})},
      {.rules = "maira"});
  EXPECT_EQ(ids(c), (std::vector<std::string>{"s3", "s2", "undated"}));
  EXPECT_EQ(dropped_for(c, "no_findings"), 1);
  EXPECT_EQ(dropped_for(c, "no_frontal"), 1);
  EXPECT_EQ(dropped_for(c, "under_18"), 1);
  const Study& third = c.studies[0].study;
  ASSERT_EQ(third.images.size(), 3u);
  EXPECT_EQ(third.image("prior_frontal")->path, "2.png");  // the study directly before
  EXPECT_EQ(third.prior_report, "Second. Done.");
  EXPECT_EQ(c.studies[1].study.prior_report, "First.");  // a prior need not itself be kept
  EXPECT_FALSE(c.studies[2].study.image("prior_frontal"));
}

TEST(Curate, CxrLlavaMakesDialoguesOfSentencesAndOfLabels) {
  auto labelled = made("l", "2", "", "", {{"l.png", "frontal"}});
  labelled.study.labels = {{"Pleural Effusion", 1}, {"Pneumothorax", 0}, {"Edema", -1}};
  auto classed = made("n", "3", "", "", {{"n.png", "frontal"}});
  classed.study.classes = {"No Finding"};
  const Curation c = curate({made("a", "1", kClear, "Normal.", {{"a.png", "frontal"}}), labelled, classed},
      {.rules = "cxr-llava", .questions = 5});
  ASSERT_EQ(c.studies.size(), 3u);
  const auto& turns = c.studies[0].study.dialogues.at(0).turns;
  ASSERT_GE(turns.size(), 4u);
  EXPECT_EQ(turns[0].answer, kClear);
  EXPECT_EQ(turns[1].answer, "Normal.");
  for (size_t i = 2; i < turns.size(); ++i)
    EXPECT_NE(std::string(kClear).find(turns[i].answer), std::string::npos)
        << turns[i].answer;  // only what the report says
  const auto& asked = c.studies[1].study.dialogues.at(0).turns;
  ASSERT_EQ(asked.size(), 3u);
  std::set<std::string> answers;
  for (const auto& turn : asked) answers.insert(turn.answer);
  EXPECT_EQ(answers, (std::set<std::string>{"Yes, there is evidence of pleural effusion.",
                         "No, there is no evidence of pneumothorax.", "Possibly; edema is uncertain."}));
  EXPECT_EQ(c.studies[1].study.report, "pleural effusion");
  EXPECT_EQ(c.studies[2].study.report, "no finding");
  EXPECT_TRUE(c.studies[2].study.dialogues.empty());
}

TEST(Curate, DialoguesFollowFromSeedAndStudyAlone) {
  const Study study = made("a", "1",
      "The heart is big. There is a small effusion. No pneumothorax. Clear bones. A tube ends in the trachea.", "")
                          .study;
  const auto text = [&](uint64_t seed) {
    auto copy = study;
    copy.dialogues = make_dialogues(study, 3, seed);
    return study_to_json(copy);
  };
  EXPECT_EQ(text(1), text(1));
  EXPECT_NE(text(1), text(2));
  EXPECT_EQ(make_dialogues(study, 3, 1).at(0).turns.size(), 4u);
}

TEST(Curate, AnUnknownRuleSetIsRefused) { EXPECT_THROW(curate({}, {.rules = "xraygtp"}), Error); }

TEST(Splits, PatientsStayTogetherAndOthersDoNotMoveThem) {
  std::vector<SourceStudy> studies;
  for (int i = 0; i < 3000; ++i) studies.push_back(made("s" + std::to_string(i), "p" + std::to_string(i / 3), "x", ""));
  auto more = studies;
  for (int i = 0; i < 100; ++i)
    more.insert(more.begin(), made("t" + std::to_string(i), "q" + std::to_string(i), "x", ""));
  split_by_patient(studies, 0.8, 0.1, 0.1, 7);
  split_by_patient(more, 0.8, 0.1, 0.1, 7);
  std::map<std::string, std::string> of_patient;
  std::map<std::string, int> counts;
  for (const SourceStudy& s : studies) {
    EXPECT_EQ(of_patient.emplace(s.study.patient_id, s.study.split).first->second, s.study.split);
    ++counts[s.study.split];
  }
  for (const SourceStudy& s : more)
    if (of_patient.contains(s.study.patient_id)) {
      EXPECT_EQ(s.study.split, of_patient[s.study.patient_id]);
    }
  EXPECT_NEAR(counts["train"], 2400, 120);
  EXPECT_NEAR(counts["test"], 300, 90);
  auto other = studies;
  split_by_patient(other, 0.8, 0.1, 0.1, 8);
  EXPECT_TRUE(std::any_of(other.begin(), other.end(),
      [&](const SourceStudy& s) { return s.study.split != of_patient[s.study.patient_id]; }));
  EXPECT_THROW(split_by_patient(studies, 0.8, 0.3, 0.1, 7), Error);
}

TEST(Splits, ATestDrawHoldsItsPatientsOutAndDoesNotDependOnTheOrder) {
  std::vector<SourceStudy> studies;
  for (int i = 0; i < 90; ++i) studies.push_back(made("s" + std::to_string(i), "p" + std::to_string(i / 3), "x", ""));
  for (SourceStudy& s : studies) s.study.split = "train";
  auto reversed = studies;
  std::reverse(reversed.begin(), reversed.end());
  draw_test(studies, 10, 3);
  draw_test(reversed, 10, 3);
  std::set<std::string> test, test2, patients;
  for (const SourceStudy& s : studies)
    if (s.study.split == "test") {
      test.insert(s.study.study_id);
      patients.insert(s.study.patient_id);
    }
  for (const SourceStudy& s : reversed)
    if (s.study.split == "test") test2.insert(s.study.study_id);
  EXPECT_EQ(test.size(), 10u);
  EXPECT_EQ(test, test2);
  for (const SourceStudy& s : studies)
    EXPECT_EQ(s.study.split == "train", !patients.contains(s.study.patient_id)) << s.study.study_id;
  EXPECT_THROW(draw_test(studies, 91, 3), Error);
}

TEST(Leaks, SharedStudiesPatientsImagesAndTextsAreFound) {
  const std::string long_text = "one two three four five six seven eight";
  const auto a = std::vector{made("s1", "p1", long_text, "").study,
      made("s2", "p2", "short", "", {{"/d/x.png", "frontal"}}).study, made("s3", "p3", "short", "").study};
  const auto b = std::vector{made("t1", "p9", "One two  three four five six seven EIGHT", "").study,
      made("s2", "p8", "short", "").study, made("t3", "p3", "", "", {{"/d/../d/x.png", "frontal"}}).study};
  std::multiset<std::string> kinds;
  for (const Leak& leak : leaks_between(a, b)) kinds.insert(leak.kind + " " + leak.here + " " + leak.there);
  EXPECT_EQ(kinds, (std::multiset<std::string>{"text s1 t1", "study_id s2 s2", "image s2 t3", "patient_id s3 t3"}));
  EXPECT_TRUE(leaks_between({a[0]}, {b[1]}).empty());
}

TEST(Leaks, APatientInTwoSplitsIsFoundHeldOutIsNone) {
  auto studies =
      std::vector{made("a", "p1", "x", "").study, made("b", "p1", "x", "").study, made("c", "p2", "x", "").study};
  studies[0].split = "train";
  studies[1].split = "test";
  studies[2].split = "test";
  ASSERT_EQ(leaks_within(studies).size(), 1u);
  EXPECT_EQ(leaks_within(studies)[0].splits, "test / train");
  studies[0].split = "held_out";
  EXPECT_TRUE(leaks_within(studies).empty());
}

TEST(CurationFiles, TheManifestNamesImagesFromItsOwnFolder) {
  TestFolder data;
  data.picture("in/a.png").text("in/keep.txt", "x");
  CurationRecord record{.dataset = "csv",
      .root = "in",
      .options = {.rules = "xraygpt"},
      .source_counts = {{"rows", 1}},
      .problems = {{"x.csv", 3, "s,1", false, "say \"why\""}}};
  const Curation c =
      curate({made("a", "1", kClear, "No acute disease.", {{data.root() / "in/a.png", "frontal"}})}, record.options);
  write_curation(data.root() / "out/deep", c, record);
  const auto studies = read_studies(data.root() / "out/deep/studies.jsonl");
  ASSERT_EQ(studies.size(), 1u);
  EXPECT_TRUE(fs::exists(studies[0].images.at(0).path)) << studies[0].images.at(0).path;
  EXPECT_NE(read_file(data.root() / "out/deep/studies.jsonl").find("\"../../in/a.png\""), std::string::npos);
  const Json counts = read_json_file(data.root() / "out/deep/counts.json");
  EXPECT_EQ(counts["stages"].front()["stage"], "read");
  EXPECT_EQ(counts["stages"].back()["studies"], 1);
  EXPECT_EQ(counts["source"]["rows"], 1);
  const Json cap = read_json_file(data.root() / "out/deep/filter_cap.json");
  EXPECT_EQ(cap["annotations"][0]["image_id"], "a");
  EXPECT_EQ(read_file(data.root() / "out/deep/problems.csv"),
      "file,row,study_id,outcome,reason\nx.csv,3,\"s,1\",left out,\"say \"\"why\"\"\"\n");
}

TEST(CurationFiles, EqualisedPicturesAsPillowMakesThem) {
  TestFolder data;
  Image image{.width = 16, .height = 64, .channels = 1, .bits = 8};
  for (int i = 0; i < 1024; ++i) image.data8.push_back(static_cast<uint8_t>(i < 512 ? 100 : i < 768 ? 110 : 200));
  write_png(data.root() / "a.png", image);
  std::vector<SourceStudy> studies = {
      made("a/1", "1", "", "", {{data.root() / "a.png", "frontal"}, {data.root() / "none.png", "lateral"}})};
  std::vector<DatasetProblem> problems;
  equalise_pictures(studies, data.root() / "out", problems);
  const Image out = decode_image_file(studies[0].study.images[0].path).pixels;
  // step (1024 - 256) / 255 = 3; levels 1/3, (1 + 512)/3, (1 + 768)/3 cut to 255
  EXPECT_EQ(out.data8[0], 0);
  EXPECT_EQ(out.data8[600], 171);
  EXPECT_EQ(out.data8[1000], 255);
  EXPECT_EQ(problems.size(), 1u);
}

}  // namespace
}  // namespace hilum
