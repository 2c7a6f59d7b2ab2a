#include "engine/predictions.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"

namespace hilum {
namespace {

class PredictionsFileTest : public testing::Test {
 protected:
  TempFolder folder;
  fs::path file = folder / "out.jsonl";
};

TEST_F(PredictionsFileTest, RowsLandInRowOrderHoweverTheyWereDone) {
  PredictionsFile rows(file, {"a", "b", "c"}, false, "study_id", "sha");
  rows.put(2, R"({"study_id":"c"})");
  rows.put(0, R"({"study_id":"a"})");
  rows.put(1, R"({"study_id":"b"})");
  EXPECT_FALSE(fs::exists(file)) << "nothing half written";
  rows.finish();
  EXPECT_EQ(read_file(file), "{\"study_id\":\"a\"}\n{\"study_id\":\"b\"}\n{\"study_id\":\"c\"}\n");
  EXPECT_FALSE(fs::exists(folder / "out.jsonl.part"));
}

TEST_F(PredictionsFileTest, ResumeKeepsReportsAndTriesErrorsAndCutLinesAgain) {
  {
    PredictionsFile rows(file, {"a", "b", "c", "d"}, false, "study_id", "sha");
    rows.put(0, R"({"study_id":"a","report":"x"})");
    rows.put(1, R"({"study_id":"b","error":"no such file"})");
  }  // stopped here, and the third line was cut short
  write_file(folder / "out.jsonl.part", read_file(folder / "out.jsonl.part") + R"({"study_id":"c","rep)");
  PredictionsFile rows(file, {"a", "b", "c", "d"}, true, "study_id", "sha");
  EXPECT_EQ(rows.kept(), 1);
  EXPECT_TRUE(rows.done(0));
  EXPECT_FALSE(rows.done(1));
  EXPECT_FALSE(rows.done(2));
  for (const size_t row : {1, 2, 3}) rows.put(row, "{\"study_id\":\"" + std::string(1, "abcd"[row]) + "\"}");
  rows.finish();
  EXPECT_EQ(read_file(file),
      "{\"study_id\":\"a\",\"report\":\"x\"}\n{\"study_id\":\"b\"}\n{\"study_id\":\"c\"}\n{\"study_id\":\"d\"}\n");
}

TEST_F(PredictionsFileTest, RowsOfAnotherModelAreNotGoneOnWith) {
  {
    PredictionsFile rows(file, {"a", "b"}, false, "study_id", "sha");
    rows.put(0, R"({"study_id":"a","model":{"name":"m","weights_sha256":"sha"}})");
  }
  EXPECT_EQ(PredictionsFile(file, {"a", "b"}, true, "study_id", "sha").kept(), 1);
  EXPECT_THROW(PredictionsFile(file, {"a", "b"}, true, "study_id", "other"), Error);
  EXPECT_NE(read_file(folder / "out.jsonl.part").find("\"a\""), std::string::npos) << "nothing is lost";
}

TEST_F(PredictionsFileTest, AStoppedRunIsNotOverwrittenUnasked) {
  {
    PredictionsFile rows(file, {"a", "b"}, false, "study_id", "sha");
    rows.put(0, R"({"study_id":"a"})");
  }
  EXPECT_THROW(PredictionsFile(file, {"a", "b"}, false, "study_id", "sha"), Error);
}

TEST_F(PredictionsFileTest, ARepeatedStudyIdIsRefusedNamingBothRows) {
  const Error e = expect_error([&] { PredictionsFile(file, {"a", "b", "a"}, false, "study_id", "sha"); });
  EXPECT_NE(std::string(e.what()).find("rows 1 and 3"), std::string::npos) << e.what();
}

}  // namespace
}  // namespace hilum
