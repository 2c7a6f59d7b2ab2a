#include "datasets/curation/rewrite.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/json.h"
#include "datasets/curation/curation_files.h"
#include "datasets/curation/rewrite_answer.h"
#include "datasets/readers/dataset_files_for_test.h"
#include "datasets/report_sections.h"

namespace hilum {
namespace {

constexpr const char* kClearLungs =
    "The lungs are clear without focal consolidation or effusion. Heart size is normal today.";

SourceStudy plain_study(
    const std::string& id, const std::string& findings, const std::string& impression, const std::string& image = "") {
  SourceStudy s;
  s.study.study_id = s.study.patient_id = id;
  s.study.impression = impression;
  if (!image.empty()) s.study.images.push_back({image, "frontal"});
  set_findings(s.study, findings);
  return s;
}

// A language model that keeps what it was sent, and answers as told.
struct Model {
  std::vector<std::vector<PromptMessage>> sent;
  std::function<std::string(const std::string&)> answer = [](const std::string&) { return "A summary."; };
  RewriteHook hook(const std::string& name = "m") {
    return {name, [this](const std::vector<PromptMessage>& messages) {
              sent.push_back(messages);
              return RewriteAnswer{answer(messages.back().content), "m-1"};
            }};
  }
};

std::vector<Json> lines_of(const fs::path& file) {
  std::vector<Json> out;
  const std::string text = read_file(file);
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    out.push_back(Json::parse(text.substr(at, text.find('\n', at) - at)));
  return out;
}

std::vector<std::string> kept_ids(const Curation& c) {
  std::vector<std::string> out;
  for (const SourceStudy& s : c.studies) out.push_back(s.study.study_id);
  return out;
}

TEST(Rewrite, AsksForWhatTheSelectionLeavesWithTheSectionsAsTheyAreAndThenLooksForDuplicates) {
  Model model;
  const Curation c = curate(
      {plain_study("short", "Clear.", "No disease."), plain_study("a", kClearLungs, "No change since ___.", "a.png"),
          plain_study("b", std::string(kClearLungs) + " No pneumothorax.", "No disease.", "b.png")},
      {.rules = "xraygpt", .duplicates = Duplicates::kSameText, .rewrite = model.hook()});
  ASSERT_EQ(model.sent.size(), 2u);
  EXPECT_EQ(model.sent[0][0].role, "system");
  EXPECT_NE(
      model.sent[0][1].content.find(std::string("Findings: ") + kClearLungs + "\n\nImpression: No change since ___."),
      std::string::npos)
      << model.sent[0][1].content;
  EXPECT_EQ(kept_ids(c), std::vector<std::string>{"a"});  // b has the same text now
  EXPECT_EQ(c.studies[0].study.report, "A summary.");
  EXPECT_TRUE(c.studies[0].study.findings.empty() && c.studies[0].study.impression.empty());
  std::vector<std::string> stages;
  for (const StageCount& s : c.stages) stages.push_back(s.stage + " " + std::to_string(s.dropped));
  EXPECT_EQ(stages, (std::vector<std::string>{"read 0", "missing_section 0", "findings_short 1", "impression_short 0",
                        "rewrite_failed 0", "duplicate 1", "kept 0"}));
}

TEST(Rewrite, AStudyThatFailsIsAProblemAndTheRestGoesOn) {
  Model model;
  model.answer = [](const std::string& asked) -> std::string {
    if (asked.find("Impression: Second") != asked.npos)
      throw Error("rewriting", "the endpoint answers with status 400");
    return "A summary.";
  };
  const Curation c =
      curate({plain_study("a", kClearLungs, "First one.", "a"), plain_study("b", kClearLungs, "Second one.", "b"),
                 plain_study("c", kClearLungs, "Third one.", "c")},
          {.rules = "xraygpt", .rewrite = model.hook()});
  EXPECT_EQ(kept_ids(c), (std::vector<std::string>{"a", "c"}));
  ASSERT_EQ(c.problems.size(), 1u);
  EXPECT_EQ(c.problems[0].study_id, "b");
  EXPECT_FALSE(c.problems[0].kept);
  EXPECT_EQ(c.problems[0].reason, "not rewritten: the endpoint answers with status 400");
  EXPECT_EQ(c.dropped.at(0).study_id + " " + c.dropped.at(0).reason, "b rewrite_failed");
  EXPECT_EQ(c.rewrites.failed, 1);
}

TEST(Rewrite, TheRecordHoldsPromptModelAnswerAndTheTextBefore) {
  TestFolder folder;
  Model model;
  const fs::path record = folder.root() / "out/rewrites.jsonl";
  curate({plain_study("a", kClearLungs, "No disease.")},
      {.rules = "xraygpt", .rewrite = model.hook(), .rewrite_record = record});
  const auto lines = lines_of(record);
  ASSERT_EQ(lines.size(), 1u);
  // sha256sum of the messages as compact JSON, plain_study here by hand
  const std::string sent = R"([{"role":"system","content":)" + Json(model.sent[0][0].content).dump() +
                           R"(},{"role":"user","content":)" + Json(model.sent[0][1].content).dump() + "}]";
  EXPECT_EQ(lines[0], (Json{{"study_id", "a"}, {"prompt", "hilum-xraygpt-summary"}, {"prompt_version", 1},
                          {"prompt_sha256", sha256_hex(sent)}, {"model_asked", "m"}, {"model", "m-1"},
                          {"answer", "A summary."}, {"before", std::string(kClearLungs) + " No disease."}}));
}

TEST(Rewrite, ASecondRunAsksOnlyForWhatIsNotThereAndAnotherModelForAll) {
  TestFolder folder;
  const CurateOptions options{.rules = "xraygpt", .rewrite_record = folder.root() / "r.jsonl"};
  const std::vector<SourceStudy> two = {
      plain_study("a", kClearLungs, "First one.", "a"), plain_study("b", kClearLungs, "Second one.", "b")};
  Model model;
  model.answer = [](const std::string& asked) -> std::string {
    if (asked.find("Second") != asked.npos) throw Error("rewriting", "busy");
    return "Of the first run.";
  };
  const auto run = [&](std::vector<SourceStudy> studies, const std::string& name = "m") {
    CurateOptions with = options;
    with.rewrite = model.hook(name);
    model.sent.clear();
    return curate(std::move(studies), with);
  };
  run(two);
  // a run that was killed in the middle of a line
  write_file(options.rewrite_record, read_file(options.rewrite_record) + R"({"study_id":"c","answ)");
  model.answer = [](const std::string&) { return "Of the second run."; };
  auto three = two;
  three.push_back(plain_study("same", kClearLungs, "First one.", "c"));
  const Curation c = run(three);
  EXPECT_EQ(model.sent.size(), 1u);
  EXPECT_EQ(c.rewrites.used_again, 2);
  EXPECT_EQ(c.studies.at(0).study.report, "Of the first run.");
  EXPECT_EQ(c.studies.at(1).study.report, "Of the second run.");
  EXPECT_EQ(c.studies.at(2).study.report, "Of the first run.");
  std::vector<std::string> of;
  for (const Json& line : lines_of(options.rewrite_record)) of.push_back(line["study_id"]);
  EXPECT_EQ(of, (std::vector<std::string>{"a", "b", "same"}));  // each study has its line, none twice
  run(three);
  EXPECT_EQ(model.sent.size(), 0u);
  EXPECT_EQ(lines_of(options.rewrite_record).size(), 3u);
  EXPECT_EQ(run(three, "other").studies.at(0).study.report, "Of the second run.");
  EXPECT_EQ(model.sent.size(), 2u);
}

TEST(Rewrite, ARecordThatIsNoneIsRefusedByLineWithoutQuotingIt) {
  for (const char* bad : {"ill\n", "{\"study_id\":1}\n", "[]\n", "\n"}) {
    TestFolder folder;
    folder.text("r.jsonl", bad);
    Model model;
    const Error e = expect_error([&] {
      curate({}, {.rules = "xraygpt", .rewrite = model.hook(), .rewrite_record = folder.root() / "r.jsonl"});
    });
    EXPECT_TRUE(e.where().ends_with("r.jsonl, line 1")) << e.what();
    EXPECT_EQ(e.problem(), "is no line of a record of rewriting");
  }
}

TEST(Rewrite, TenFailuresInARowEndTheRunAndAnAnswerBetweenStartsTheCountAnew) {
  std::vector<SourceStudy> many;
  for (int i = 0; i < 25; ++i)
    many.push_back(plain_study(
        "s" + std::to_string(i), kClearLungs, "Number " + std::to_string(i) + ".", "i" + std::to_string(i)));
  Model model;
  model.answer = [&](const std::string&) -> std::string {
    if (model.sent.size() != 10) throw Error("rewriting", "gone");
    return "A summary.";
  };
  EXPECT_THROW(curate(many, {.rules = "xraygpt", .rewrite = model.hook()}), Error);
  EXPECT_EQ(model.sent.size(), 20u);
}

TEST(Rewrite, CxrLlavaGetsAReportAndADialogueOfItAndLabelsKeepTheirTemplates) {
  Model model;
  model.answer = [](const std::string& asked) -> std::string {
    if (asked.find("JSON list") == asked.npos) return "The refined report.";
    EXPECT_NE(asked.find("Write 2 questions"), std::string::npos) << asked;
    EXPECT_TRUE(asked.ends_with("Report: The refined report.")) << asked;
    return "Here they are:\n```json\n[{\"question\": \"Is the heart large?\", \"answer\": \"No.\"}, {\"question\": "
           "\"Any effusion?\", \"answer\": \"None.\"}]\n```";
  };
  auto labelled = plain_study("l", "", "", "l.png");
  labelled.study.labels = {{"Edema", 1}};
  const Curation c = curate({plain_study("a", kClearLungs, "Normal.", "a.png"), labelled},
      {.rules = "cxr-llava", .questions = 2, .rewrite = model.hook()});
  ASSERT_EQ(c.studies.size(), 2u);
  EXPECT_EQ(c.studies[0].study.report, "The refined report.");
  ASSERT_EQ(c.studies[0].study.dialogues.size(), 1u);
  EXPECT_EQ(c.studies[0].study.dialogues[0].turns.at(1).answer, "None.");
  EXPECT_EQ(c.studies[1].study.dialogues.at(0).turns.at(0).answer, "Yes, there is evidence of edema.");
  EXPECT_EQ(model.sent.size(), 2u);
}

TEST(Rewrite, AnAnswerOfNoUseIsAProblemAndNotRecorded) {
  TestFolder folder;
  Model model;
  model.answer = [](const std::string&) { return "No list."; };
  const Curation c = curate({plain_study("a", kClearLungs, "Normal.", "a.png")},
      {.rules = "cxr-llava", .rewrite = model.hook(), .rewrite_record = folder.root() / "r.jsonl"});
  EXPECT_TRUE(c.studies.empty());
  EXPECT_EQ(c.problems.at(0).reason, "not rewritten: the answer holds no JSON list of questions and answers");
  EXPECT_EQ(lines_of(folder.root() / "r.jsonl").size(), 1u);  // the report's
}

TEST(Rewrite, ATextThatHoldsAPlaceholderStaysAsItIs) {
  const RewritePrompt prompt{"p", 1, RewriteInto::kReport, {{"user", "{a}{b} {c} {\"x\": {a}"}}};
  EXPECT_EQ(filled(prompt, {{"a", "{b}"}, {"b", "2"}})[0].content, "{b}2 {c} {\"x\": {b}");
}

TEST(Rewrite, DialoguesOfAnotherShapeAreRefused) {
  for (const char* bad : {"", "[]", "]x[", "[1]", "[{\"question\":\"q\"}]", "[{\"question\":\" \",\"answer\":\"a\"}]",
           "[{\"question\":1.5,\"answer\":\"a\"}]", "[{\"question\":\"q\",\"answer\":\"a\"}"})
    EXPECT_THROW(read_dialogue(bad), Error) << bad;
  std::string many = "[";
  for (int i = 0; i < 101; ++i) many += std::string(i ? "," : "") + R"({"question":"q","answer":"a"})";
  EXPECT_THROW(read_dialogue(many + "]"), Error);
}

TEST(Rewrite, RulesWithoutRewritingAndTheStrictModeAreRefused) {
  Model model;
  for (const char* rules : {"none", "maira"})
    EXPECT_THROW(check_options({.rules = rules, .rewrite = model.hook()}), Error) << rules;
  EXPECT_THROW(check_options({.rules = "xraygpt", .mode = SummaryMode::kStrict, .rewrite = model.hook()}), Error);
  EXPECT_NO_THROW(check_options({.rules = "xraygpt", .rewrite = model.hook()}));
}

TEST(Rewrite, TheCountsHoldThePromptsAsTheyAre) {
  TestFolder folder;
  Model model;
  CurationRecord record{.dataset = "csv", .options = {.rules = "xraygpt", .rewrite = model.hook()}};
  write_curation(folder.root(), curate({plain_study("a", kClearLungs, "No disease.")}, record.options), record);
  const Json rewriting = read_json_file(folder.root() / "counts.json").at("rewriting");
  EXPECT_EQ(rewriting["model_asked"], "m");
  EXPECT_EQ(rewriting["answers_asked_for"], 1);
  EXPECT_EQ(rewriting.at("prompts").at(0).at("name"), "hilum-xraygpt-summary");
  EXPECT_NE(
      rewriting.at("prompts").at(0).at("messages").at(1).at("content").get<std::string>().find("Findings: {findings}"),
      std::string::npos);
}

}  // namespace
}  // namespace hilum
