#include "eval/compare/read_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"

namespace hilum {
namespace {

using testing::HasSubstr;

fs::path file(const std::string& name, const std::string& text) {
  static const TempFolder folder;  // the tests' own, removed at the end
  write_file(folder / name, text);
  return folder / name;
}

TEST(ReadSystem, LinesOfOtherSystemsAndErrorsAreReports) {
  const System system = read_system(file("other.jsonl",
      "{\"study_id\":\"a\",\"report\":\"The lungs are clear.\"}\n"
      "{\"study_id\":\"b\",\"findings\":[{\"text\":\"A nodule.\",\"boxes\":[[0.1,0.2,0.3,0.4]]}]}\n\n"
      "{\"study_id\":\"c\",\"error\":\"no such image\"}\n"));
  EXPECT_EQ(system.name, "other");
  ASSERT_EQ(system.reports.size(), 3u);
  EXPECT_EQ(*system.reports[0].report, "The lungs are clear.");
  EXPECT_EQ(system.reports[1].findings[0].boxes->size(), 1u);
  EXPECT_TRUE(system.reports[2].findings.empty());
}

TEST(ReadSystem, AnAnswerThatSaysNothingIsAReport) {
  std::vector<Problem> problems;
  const System system = read_system(file("silent.jsonl",
                                        "{\"study_id\":\"a\",\"findings\":[]}\n{\"study_id\":\"b\",\"report\":null}\n"
                                        "{\"study_id\":\"c\",\"report\":\"\"}\n"
                                        "{\"study_id\":\"d\",\"findings\":null,\"report\":\"Clear.\"}\n"
                                        "{\"study_id\":\"e\",\"text\":\"Clear.\"}\n{\"findings\":[]}\n"),
      &problems);
  ASSERT_EQ(system.reports.size(), 4u);
  EXPECT_EQ(system.reports[0].study_id, "a");
  EXPECT_EQ(*system.reports[3].report, "Clear.");
  ASSERT_EQ(problems.size(), 2u);  // "text" is no key of a report, and a report needs its study
  EXPECT_EQ(problems[0].study_id, "e");
}

TEST(ReadSystem, LinesThatCannotBeReadAreProblemsByLineAndId) {
  const std::string text =
      "{\"study_id\":\"a\",\"report\":\"Clear.\"}\n"
      "{\"study_id\":\"b\",\"report\":\n"
      "{\"study_id\":\"c\",\"findings\":[{\"text\":\"A nodule.\",\"boxes\":[[0.5,0.2,0.3,0.4]]}]}\n"
      "{\"study_id\":\"d\",\"findings\":[{\"text\":\"A nodule.\",\"boxes\":[[0.5,0.2,1.3,0.4]]}]}\n"
      "{\"study_id\":\"e\",\"report\":\"Caf\xe9.\"}\n"
      "{\"study_id\":\"f\",\"report\":\"Clear.\",\"labels\":{\"Edma\":1}}\n";
  std::vector<Problem> problems;
  const fs::path path = file("broken.jsonl", text);
  EXPECT_EQ(read_references(path, problems).size(), 1u);
  ASSERT_EQ(problems.size(), 5u);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(problems[i].row, static_cast<int64_t>(i) + 2);
  EXPECT_EQ(problems[1].study_id, "c");
  EXPECT_THAT(problem_text(problems[1]), HasSubstr("broken.jsonl: line 3: study \"c\": "));
  EXPECT_THAT(problems[2].problem, HasSubstr("left out"));
  EXPECT_THAT(problems[3].problem, HasSubstr("not UTF-8"));
  EXPECT_THAT(problems[4].problem, HasSubstr("Edma"));
  EXPECT_THROW(read_system(path), Error);  // without a list to put them in
  problems.clear();
  EXPECT_EQ(read_system(path, &problems).reports.size(), 1u);
  EXPECT_EQ(problems.size(), 5u);
  EXPECT_THROW(read_references(file("none.jsonl", "{}\n"), problems), Error);
}

}  // namespace
}  // namespace hilum
