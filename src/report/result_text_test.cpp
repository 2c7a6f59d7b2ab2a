#include "report/result_text.h"

#include <gtest/gtest.h>

#include "image/dicom_reference.h"
#include "report/dicom_uid.h"
#include "report/finding_codes.h"

namespace hilum {
namespace {

TEST(ResultText, NoticeSaysWhatItIs) {
  Report report;
  EXPECT_EQ(result_notice(report), "AI generated, not reviewed. Research use only. Not a medical device.");
  report.demo = report.far_from_phantoms = true;
  EXPECT_EQ(result_notice(report),
      "synthetic-trained demo, meaningless for patients. AI generated, not reviewed. Research use only. Not a medical "
      "device. "
      "Hilum demo model: knows synthetic phantoms only.");
}

TEST(ResultText, CleanTextHasNoControlCharactersAndIsUtf8) {
  EXPECT_EQ(clean_text(std::string("  a\x01"
                                   "b\x1b[0m\tc\nd\x7f\0e ",
                16)),
      "a b [0m\tc\nd  e");
  EXPECT_EQ(clean_text("M\xfcller"), "M\xef\xbf\xbdller");
  EXPECT_EQ(clean_text("M\xc3\xbcller"), "M\xc3\xbcller");
  EXPECT_EQ(clean_text("\x01 \n"), "");
  EXPECT_EQ(clean_line("a\nb\tc", 9), "a b c");
  EXPECT_EQ(clean_line("\xc3\xbc\xc3\xbc\xc3\xbc", 2), "\xc3\xbc\xc3\xbc");
  EXPECT_EQ(clean_line("abc", 3), "abc");
}

TEST(ResultText, CivilTimes) {
  const CivilTime leap = civil_time(1709251199);  // 2024-02-29T23:59:59Z
  EXPECT_EQ((std::array{leap.year, leap.month, leap.day, leap.hour, leap.minute, leap.second}),
      (std::array{2024, 2, 29, 23, 59, 59}));
  const CivilTime ahead = civil_time(1709251199, 90);
  EXPECT_EQ((std::array{ahead.month, ahead.day, ahead.hour, ahead.minute}), (std::array{3, 1, 1, 29}));
  const CivilTime behind = civil_time(0, -60);
  EXPECT_EQ((std::array{behind.year, behind.month, behind.day, behind.hour}), (std::array{1969, 12, 31, 23}));
  int minutes = 7;
  EXPECT_TRUE(read_utc_offset("-0330", minutes) && minutes == -210);
  EXPECT_TRUE(read_utc_offset("+1400", minutes) && minutes == 840);
  for (const char* bad : {"", "0100", "+01:00", "+1401", "-1201", "+0160", "+01x0"})
    EXPECT_FALSE(read_utc_offset(bad, minutes)) << bad;
  EXPECT_EQ(minutes, 840);
}

TEST(DicomUid, RandomOnesDifferNamedOnesDoNot) {
  EXPECT_NE(new_dicom_uid(), new_dicom_uid());
  EXPECT_NE(named_dicom_uid("a"), named_dicom_uid("b"));
  EXPECT_EQ(installation_uid(), installation_uid());
  for (const std::string& uid : {new_dicom_uid(), named_dicom_uid("a"), installation_uid()}) {
    EXPECT_TRUE(is_dicom_uid(uid)) << uid;
    EXPECT_TRUE(uid.starts_with("2.25.")) << uid;
  }
  // SHA-256 of "a" is ca978112ca1bbdcafac231b39a23dc4d...; with version 8 and variant 10 the UUID
  // ca978112-ca1b-8dca-bac2-31b39a23dc4d.
  EXPECT_EQ(named_dicom_uid("a"), "2.25.269290709893686844195134956664967650381");
}

TEST(FindingCodes, LongerWordsGoBeforeTheWordsTheyHold) {
  const auto code = [](const char* label, const char* sentence) {
    const FindingCode* found = find_finding_code(label, sentence);
    return std::string(found ? found->finding.value : "");
  };
  EXPECT_EQ(code("Lung Opacity", "ground glass opacities"), "112120");
  EXPECT_EQ(code("Lung Opacity", "an opacity"), "112001");
  EXPECT_EQ(code("Lung Opacity", "ground glass opacities and an infiltrate"), "");
  EXPECT_EQ(code("Lung Opacity", "air space disease"), "");
  EXPECT_EQ(code("Support Devices", "a central line, central venous catheter"), "112174");
  EXPECT_EQ(code("Atelectasis", "mild atelectasis"), "");
  EXPECT_EQ(code("Consolidation", "consolidation"), "");
  EXPECT_EQ(code("Pleural Effusion", ""), "60046008");
}

}  // namespace
}  // namespace hilum
