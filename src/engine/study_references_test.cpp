#include "engine/study_references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "image/dicom_test_file.h"

namespace hilum {
namespace {

using testing::HasSubstr;

class StudyReferencesTest : public testing::Test {
 protected:
  void SetUp() override {
    DicomTestFile file;
    file.add(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.1")
        .add(0x0008, 0x0018, "UI", "1.2.3.4.5")
        .add(0x0010, 0x0020, "LO", "PAT42")
        .add(0x0020, 0x000d, "UI", "1.2.3")
        .add(0x0020, 0x000e, "UI", "1.2.3.4")
        .add_picture(1, 1, 8, 8)
        .add_pixels({7}, 8);
    write_file(dicom_, file.bytes());
    write_file(picture_, "\x89PNG not really");
  }

  TempFolder folder_;
  fs::path dicom_ = folder_ / "film", picture_ = folder_ / "film.png";
};

std::string refusal(const StudyRequest& request) {
  const Error error = expect_error([&] { check_sr_request(request, read_study_references(request)); });
  EXPECT_FALSE(error.mend().empty());
  return error.what();
}

TEST_F(StudyReferencesTest, NamesWhatIsDicomAndNothingElse) {
  const StudyReferences references = read_study_references({.study_id = "x", .frontal = dicom_, .lateral = picture_});
  ASSERT_TRUE(references.frontal);
  EXPECT_EQ(references.frontal->sop_instance_uid, "1.2.3.4.5");
  EXPECT_FALSE(references.lateral || references.prior);
}

TEST_F(StudyReferencesTest, AStructuredReportNeedsEveryImageAsDicom) {
  const StudyRequest all{.study_id = "x", .frontal = dicom_, .lateral = dicom_, .prior = dicom_};
  EXPECT_NO_THROW(check_sr_request(all, read_study_references(all)));
  EXPECT_THAT(refusal({.study_id = "x", .frontal = picture_}), HasSubstr("film.png: is no DICOM file"));
  EXPECT_THAT(
      refusal({.study_id = "x", .frontal = dicom_, .lateral = picture_}), HasSubstr("film.png: is no DICOM file"));
  EXPECT_THAT(
      refusal({.study_id = "x", .frontal = dicom_, .prior = picture_}), HasSubstr("film.png: is no DICOM file"));
  EXPECT_THAT(refusal({.study_id = "x", .frontal = folder_ / "none"}), HasSubstr("no such file"));
  const std::string whole = read_file(dicom_);
  write_file(dicom_, whole.substr(0, 150));
  EXPECT_THAT(refusal({.study_id = "x", .frontal = dicom_}), HasSubstr(dicom_.string()));
}

}  // namespace
}  // namespace hilum
