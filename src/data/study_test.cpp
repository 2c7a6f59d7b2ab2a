#include "data/study.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"

namespace hilum {
namespace {

using testing::HasSubstr;

// The line of DESIGN section 6, absent fields left out.
const char* const kLine =
    R"({"study_id":"p000017","patient_id":"p17","split":"train","sex":"F","age_months":744,)"
    R"("images":[{"path":"images/p000017_f.png","view":"frontal"},{"path":"images/p000017_l.png","view":"lateral"}],)"
    R"("indication":"Cough.","technique":"PA and lateral views of the chest.","comparison":"None.",)"
    R"("findings":[{"text":"There is a small left pleural effusion.","boxes":[[0.605,0.715,0.885,0.905]]},{"text":"The heart size is normal.","boxes":null}],)"
    R"("impression":"Small left effusion.","labels":{"Cardiomegaly":0,"Pleural Effusion":1},"classes":{"set":"nih-lt","names":["Effusion"]},)"
    R"("targets":{"bone_age_months":132.0},"dialogues":[[{"question":"Is there an effusion?","answer":"Yes."}]],"report":"free text"})";

TEST(Study, ADialogueAloneIsAStudy) {
  const Study s = study_from_json(R"({"study_id":"a","dialogues":[[{"question":"Q?","answer":"A."}]]})", "m:1");
  ASSERT_EQ(s.dialogues.size(), 1u);
  EXPECT_TRUE(s.images.empty());
  EXPECT_EQ(study_from_json(study_to_json(s), "m:2").dialogues.at(0).turns.at(0).answer, "A.");
}

std::string problem(const std::string& line) {
  return error_of([&] { study_from_json(line, "m.jsonl:3"); });
}

TEST(Study, ReadsEveryFieldOfTheContract) {
  const Study s = study_from_json(kLine, "m:1");
  EXPECT_EQ(s.study_id, "p000017");
  EXPECT_EQ(s.patient_id, "p17");
  EXPECT_EQ(s.age_months, 744);
  ASSERT_EQ(s.images.size(), 2u);
  EXPECT_EQ(s.image("lateral")->path, "images/p000017_l.png");
  EXPECT_EQ(s.image("prior_frontal"), nullptr);
  EXPECT_EQ(s.prior_report, std::nullopt);
  ASSERT_EQ(s.findings.size(), 2u);
  EXPECT_EQ(s.findings[0].boxes->at(0), (BoxNorm{0.605, 0.715, 0.885, 0.905}));
  EXPECT_FALSE(s.findings[1].boxes.has_value());
  EXPECT_EQ(s.labels.at("Pleural Effusion"), 1);
  EXPECT_EQ(s.classes, std::vector<std::string>{"Effusion"});
  EXPECT_EQ(s.targets.at("bone_age_months"), 132);
  EXPECT_EQ(s.dialogues.at(0).turns.at(0).answer, "Yes.");
  EXPECT_EQ(s.report, "free text");
}

TEST(Study, WritesTheContractsKeysInOrder) { EXPECT_EQ(study_to_json(study_from_json(kLine, "m:1")), kLine); }

TEST(Study, UnknownKeysAndNullsAreLeftAlone) {
  const Study s = study_from_json(R"({"study_id":"a","mood":{"x":[1]},"sex":null,"images":null,"report":"r"})", "m:1");
  EXPECT_EQ(s.report, "r");
  EXPECT_TRUE(s.sex.empty());
}

TEST(Study, ErrorsNameFileLineAndField) {
  EXPECT_THAT(
      problem(R"({"study_id":7,"report":"r"})"), testing::AllOf(HasSubstr("m.jsonl:3"), HasSubstr("'study_id'")));
  EXPECT_THAT(problem(R"({"report":"r"})"), HasSubstr("study_id"));
  EXPECT_THAT(problem(R"({"study_id":"a"})"), HasSubstr("neither 'images' nor a text"));
  EXPECT_THAT(problem(R"({"study_id":"a","dialogues":[]})"), HasSubstr("neither 'images' nor a text"));
  EXPECT_THAT(problem(R"([1])"), HasSubstr("not an object"));
  EXPECT_THAT(problem(R"({"study_id":"a")"), HasSubstr("m.jsonl:3"));
  EXPECT_THAT(problem(R"({"study_id":"a","images":[{"view":"frontal"}]})"), HasSubstr("'images[0]'"));
  EXPECT_THAT(problem(R"({"study_id":"a","images":[{"path":"x","view":"sideways"}]})"), HasSubstr("'images[0].view'"));
  EXPECT_THAT(problem(R"({"study_id":"a","images":{}})"), HasSubstr("'images'"));
  EXPECT_THAT(problem(R"({"study_id":"a","report":"r","age_months":-1})"), HasSubstr("'age_months'"));
  EXPECT_THAT(problem(R"({"study_id":"a","report":"r","age_months":1.5})"), HasSubstr("'age_months'"));
  EXPECT_THAT(
      problem(R"({"study_id":"a","report":"r","labels":{"Cardiomegaly":2}})"), HasSubstr("'labels.Cardiomegaly'"));
  EXPECT_THAT(problem(R"({"study_id":"a","report":"r","labels":{"Hernia":1}})"), HasSubstr("14 CheXpert labels"));
  EXPECT_THAT(
      problem(R"({"study_id":"a","dialogues":[[{"question":"q"}]],"report":"r"})"), HasSubstr("'dialogues[0][0]'"));
  EXPECT_THAT(problem(R"({"study_id":"a","targets":{"t":"x"},"report":"r"})"), HasSubstr("'targets.t'"));
}

TEST(Study, BoxesMustLieWithinThePicture) {
  const auto box = [](const std::string& numbers) {
    return problem(R"({"study_id":"a","findings":[{"text":"t","boxes":[)" + numbers + "]}]}");
  };
  EXPECT_THAT(box("[0.1,0.2,0.3]"), HasSubstr("3 numbers"));
  EXPECT_THAT(box("[0.1,0.2,0.3,1.2]"), testing::AllOf(HasSubstr("outside 0..1"), HasSubstr("findings[0].boxes[0]")));
  EXPECT_THAT(box("[0.1,0.2,0.3,\"a\"]"), HasSubstr("not a number"));
  EXPECT_THAT(box("[0.5,0.2,0.3,0.4]"), HasSubstr("minimum beyond"));
  EXPECT_THAT(box("[-0.1,0.2,0.3,0.4]"), HasSubstr("outside 0..1"));
  EXPECT_EQ(box("[0,0,1,1]"), "no error");
}

TEST(Study, ManifestPathsAreResolvedAgainstItsFolder) {
  const TempFolder folder;
  write_file(folder / "studies.jsonl",
      std::string(kLine) + "\n\n" + R"({"study_id":"b","images":[{"path":"/abs/b.png"}]})" + "\n");
  const std::vector<Study> studies = read_studies(folder / "studies.jsonl");
  ASSERT_EQ(studies.size(), 2u);
  EXPECT_EQ(studies[0].image("frontal")->path, folder / "images/p000017_f.png");
  EXPECT_EQ(studies[1].image("frontal")->path, "/abs/b.png");
  write_file(folder / "bad.jsonl", std::string(kLine) + "\n{\n");
  const Error error = expect_error([&] { read_studies(folder / "bad.jsonl"); });
  EXPECT_THAT(error.where(), HasSubstr("bad.jsonl:2"));
  write_file(folder / "empty.jsonl", "\n");
  EXPECT_THROW(read_studies(folder / "empty.jsonl"), Error);
}

}  // namespace
}  // namespace hilum
