// The forms that published systems train on, as studies.
#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "datasets/readers/assistant_name.h"
#include "datasets/readers/class_numbers.h"
#include "datasets/readers/dataset_files_for_test.h"

namespace hilum {
namespace {

using Classes = std::vector<std::string>;

TEST(Xraygpt, AnAnnotationIsAnImage) {
  TestFolder data;
  data.text("filter_cap.json", R"({"annotations":[{"image_id":"384_1","caption":"The lungs  are clear."},
        {"image_id":"384_2","caption":"The lungs  are clear.","instance_id":"7"},{"image_id":"x","caption":""},{"image_id":"../y","caption":"a"},
        {"image_id":"gone","caption":"Clear."}]})")
      .file("image/384_1.png")
      .file("image/384_2.jpg");
  const Dataset set = data.read("xraygpt");
  ASSERT_EQ(set.studies.size(), 3u);
  EXPECT_EQ(study_named(set, "384_1").report, "The lungs are clear.");
  EXPECT_EQ(study_named(set, "384_1").images.at(0).view, "other");
  EXPECT_EQ(study_named(set, "384_2").images.at(0).path, data.root() / "image/384_2.jpg");
  EXPECT_EQ(problem_with(set, "the caption is missing").row, 3u);
  EXPECT_EQ(problem_with(set, "image/gone.jpg is not there").row, 5u);
  EXPECT_TRUE(study_named(set, "gone").images.empty());  // its text stays, as in every reader
  TestFolder wrong;
  wrong.text("filter_cap.json", "[]");
  EXPECT_NE(expect_error([&] { wrong.read("xraygpt"); }).problem().find("annotations"), std::string::npos);
}

TEST(Fastchat, ADialogueIsAStudyOfText) {
  TestFolder data;
  data.text("Healthcare_Radiology_vicuna.json", R"([
    {"id":"1","conversations":[{"from":"human","value":"Hi Chat Doctor, what is an opacity?"},{"from":"gpt","value":"Welcome to ChatDoctor. A white spot."},
      {"from":"human","value":"Bad?"},{"from":"gpt","value":"Not always."},{"from":"human","value":"Thanks."}]},
    {"id":"1","conversations":[{"from":"human","value":"My knee hurts."},{"from":"gpt","value":"Rest."}]},
    {"id":"3","conversations":[{"from":"gpt","value":"Hello."}]},
    {"id":"4","conversations":[{"from":"human","value":"a"},{"from":"human","value":"b"}]},
    {"id":"5","conversations":[{"from":"system","value":"a"}]},
    {"id":"6","conversations":[{"from":"human","value":"<image>\nWhat?"},{"from":"gpt","value":"b"}]},
    {"id":"7","conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"Chat Doctor"}]},
    {"id":"8","conversations":[{"from":"human","value":"a"}]},
    {"id":"9"}, 7,
    {"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]}])");
  const Dataset set = data.read("fastchat");
  ASSERT_EQ(set.studies.size(), 3u);
  const Study& study = study_named(set, "1");
  EXPECT_TRUE(study.images.empty());
  ASSERT_EQ(study.dialogues.at(0).turns.size(), 2u);
  EXPECT_EQ(study.dialogues[0].turns[0].question, "Hi, what is an opacity?");
  EXPECT_EQ(study.dialogues[0].turns[0].answer, "Welcome. A white spot.");
  EXPECT_EQ(study_named(set, "1-2").dialogues.at(0).turns.at(0).answer, "Rest.");
  EXPECT_EQ(study_named(set, "dialogue11").dialogues.at(0).turns.at(0).answer, "b");
  EXPECT_EQ(count_of(set, "times that ChatDoctor was named"), 3);
  EXPECT_EQ(problem_with(set, "last question has no answer").row, 1u);
  EXPECT_EQ(problem_with(set, "alternate between human and gpt at message 1").row, 3u);
  EXPECT_EQ(problem_with(set, "alternate between human and gpt at message 2").row, 4u);
  EXPECT_EQ(problem_with(set, "not from human or gpt").row, 5u);
  EXPECT_EQ(problem_with(set, "speaks of a picture").row, 6u);
  EXPECT_EQ(problem_with(set, "an empty message 2").row, 7u);
  EXPECT_EQ(problem_with(set, "no answer").row, 1u);
  EXPECT_EQ(problem_with(set, "holds no answer").row, 8u);
  EXPECT_EQ(problem_with(set, "no 'conversations'").row, 9u);
  for (const DatasetProblem& p : set.problems) EXPECT_EQ(p.reason.find("knee"), std::string::npos);  // quotes nothing
}

TEST(Fastchat, TheNameGoesWithItsPreposition) {
  const std::pair<const char*, const char*> cases[] = {{"Welcome to Chat Doctor. What hurts?", "Welcome. What hurts?"},
      {"Hi, thanks for your question on ChatDoctor.", "Hi, thanks for your question."},
      {"Hello, Chat Doctor here.", "Hello, here."}, {"Chat Doctor, help me.", "help me."},
      {"Regards,\nchat-doctor.", "Regards,\n"}, {"Ask the Chat Doctor again", "Ask again"},
      {"Regards, Chat Doctor.", "Regards."}, {"The chatdoctors and MyChatDoctor2", "The chatdoctors and MyChatDoctor2"},
      {"I chat with my doctor.", "I chat with my doctor."}, {"two  blanks\nstay", "two  blanks\nstay"}};
  for (const auto& [text, expected] : cases) {
    int found = 0;
    EXPECT_EQ(without_chatdoctor(text, found), expected);
    EXPECT_EQ(found, std::string(text) == expected ? 0 : 1) << text;
  }
}

TEST(ClassNumbers, SourcesShareNone) {
  ClassNumbers numbers;  // sheet: offsets start at 1 and accumulate the sources' counts of classes
  numbers.add("nih", 0, "Mass");
  numbers.add("mura", 1, "wrist");
  numbers.add("nih", 2, "Nodule");
  numbers.add("nih", 2, "another name");
  numbers.add("isic", 0, "nevus");
  EXPECT_EQ(numbers.number("nih", 0), 1);
  EXPECT_EQ(numbers.number("nih", 2), 3);
  EXPECT_EQ(numbers.number("mura", 1), 1 + 3 + 1);
  EXPECT_EQ(numbers.number("isic", 0), 1 + 3 + 2);
  EXPECT_EQ(numbers.name("nih", 2), "Nodule");
}

// The bytes of a picture as a table holds them.
std::string picture_text() {
  TestFolder made;
  made.picture("a.png");
  return base64_encode(read_file(made.root() / "a.png"));
}

TEST(Medimageinsight, LinesBecomeFilesAndClasses) {
  const std::string picture = picture_text();
  TestFolder data, out;
  data.text("images-0_train.tsv", "k/1\t" + picture + "\nk2\t" + picture + "\nk3\t" + picture + "\nk4\t" + picture +
                                      "\nk5\tQUJD\nk6\t***\nk7\t" + picture + "\nk8\t" + picture + "\n\n")
      .text("text-0_train.tsv",
          "k/1\t{\"class_id\":0,\"class_name\":\"Mass\",\"source\":\"nih\",\"task\":\"classification\"}\r\n"
          "k2\t{\"class_id\":2,\"class_name\":\"wrist\",\"source\":\"mura\",\"task\":\"classification\"}\n"
          "k3\t{\"captions\":[\"A film.\",\"Another text.\"]}\nk4\t{\"tags\":[\"chest\",\"todo\"]}\n"
          "k5\t{\"captions\":\"x\"}\nk6\t{\"captions\":\"x\"}\nk7\t{\"class_id\":-1,\"class_name\":\"Mass\"}\n"
          "k8\t{\"class_id\":0,\"class_name\":\"Nodule\",\"source\":\"nih\"}\n")
      .text("eval_image.tsv", "e1\t" + picture + "\n")
      .text("eval_text.tsv", "e1\t{\"class_id\":1,\"class_name\":\"Hernia\",\"source\":\"nih\"}\n")
      .text("labels.txt", "mass\nwrist\n");
  const Dataset set = data.read("medimageinsight", {.unpack_to = out.root()});
  ASSERT_EQ(set.studies.size(), 5u);
  const Study& mass = study_named(set, "k/1");
  EXPECT_EQ(mass.split, "train");
  EXPECT_EQ(mass.class_set, "nih");
  EXPECT_EQ(mass.classes, (Classes{"Mass"}));
  EXPECT_EQ(mass.targets.at("class_number"), 1);
  EXPECT_EQ(read_file(mass.images.at(0).path), read_file(study_named(set, "k2").images.at(0).path));
  EXPECT_EQ(mass.images.at(0).path.parent_path(), out.root());
  EXPECT_EQ(mass.images.at(0).path.extension(), ".png");
  EXPECT_EQ(study_named(set, "k2").targets.at("class_number"), 1 + 2 + 2);  // behind nih's two
  EXPECT_EQ(study_named(set, "e1").targets.at("class_number"), 2);          // one number in every file
  EXPECT_EQ(study_named(set, "e1").split, "validate");
  EXPECT_EQ(study_named(set, "k3").report, "A film.");
  EXPECT_TRUE(study_named(set, "k3").targets.empty());
  EXPECT_EQ(problem_with(set, "has 2 captions").row, 3u);
  EXPECT_EQ(study_named(set, "k4").classes, (Classes{"chest"}));
  EXPECT_EQ(problem_with(set, "'todo' only holds").row, 4u);
  EXPECT_EQ(problem_with(set, "no JPEG or PNG").row, 5u);
  EXPECT_EQ(problem_with(set, "not base64").row, 6u);
  EXPECT_EQ(problem_with(set, "neither class_id").row, 7u);
  EXPECT_EQ(problem_with(set, "another class_name").row, 8u);
  EXPECT_TRUE(problem_with(set, "no line is the class 'Hernia'").kept);
}

TEST(Medimageinsight, KeysThatDoNotMatchAreAnErrorThatNamesTheLine) {
  const std::string picture = picture_text();
  TestFolder data, out;
  data.text("images.tsv", "a\t" + picture + "\nb\t" + picture + "\n")
      .text("text.tsv", "a\t{\"captions\":\"x\"}\nc\t{\"captions\":\"x\"}\n");
  const Error other = expect_error([&] { data.read("medimageinsight", {.unpack_to = out.root()}); });
  EXPECT_EQ(other.where(), (data.root() / "text.tsv").string() + ":2");
  EXPECT_NE(other.problem().find("'c'"), std::string::npos) << other.what();
  EXPECT_NE(other.problem().find("'b'"), std::string::npos) << other.what();
  TestFolder shorter;
  shorter.text("images.tsv", "a\t" + picture + "\n")
      .text("text.tsv", "a\t{\"captions\":\"x\"}\nb\t{\"captions\":\"x\"}\n");
  const Error more = expect_error([&] { shorter.read("medimageinsight", {.unpack_to = out.root()}); });
  EXPECT_EQ(more.where(), (shorter.root() / "text.tsv").string() + ":2");
  EXPECT_THROW(data.read("medimageinsight"), Error);  // nowhere to write pictures to
}

}  // namespace
}  // namespace hilum
