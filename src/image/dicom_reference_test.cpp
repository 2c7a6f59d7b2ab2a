#include "image/dicom_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "image/dicom_test_file.h"

namespace hilum {
namespace {

using testing::HasSubstr;
using testing::Not;

DicomTestFile film(const std::string& character_set = "ISO_IR 100", const std::string& name = "M\xfcller^Anna") {
  DicomTestFile file;
  if (!character_set.empty()) file.add(0x0008, 0x0005, "CS", character_set);
  file.add(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.1")
      .add(0x0008, 0x0018, "UI", "1.2.3.4.5")
      .add(0x0008, 0x0020, "DA", "20250102")
      .add(0x0008, 0x0030, "TM", "101112")
      .add(0x0008, 0x0050, "SH", "ACC7")
      .add(0x0008, 0x0201, "SH", "+0100")
      .add(0x0010, 0x0010, "PN", name)
      .add(0x0010, 0x0020, "LO", "PAT 42")
      .add(0x0010, 0x0040, "CS", "F")
      .add(0x0020, 0x000d, "UI", "1.2.3.4")
      .add(0x0020, 0x000e, "UI", "1.2.3.4.1");
  return file.add_picture(3, 2, 8, 8).add_pixels({1, 2, 3, 4, 5, 6}, 8);
}

DicomReference read(const std::string& bytes) {
  return read_dicom_reference(std::as_bytes(std::span(bytes)), "film.dcm");
}

TEST(DicomReference, HoldsIdentifiersSizeAndPatient) {
  const DicomReference reference = read(film().bytes());
  EXPECT_EQ(reference.sop_class_uid, "1.2.840.10008.5.1.4.1.1.1");
  EXPECT_EQ(reference.sop_instance_uid, "1.2.3.4.5");
  EXPECT_EQ(reference.series_instance_uid, "1.2.3.4.1");
  EXPECT_EQ(reference.study_instance_uid, "1.2.3.4");
  EXPECT_EQ(reference.rows, 2);
  EXPECT_EQ(reference.columns, 3);
  EXPECT_EQ(reference.frames, 1);
  EXPECT_EQ(reference.timezone_offset, "+0100");
  EXPECT_EQ(reference.attribute(0x0010, 0x0020), "PAT 42");
  EXPECT_EQ(reference.attribute(0x0008, 0x0050), "ACC7");
  EXPECT_EQ(reference.attribute(0x0010, 0x0030), "");
  EXPECT_EQ(reference.patient_and_study.size(), 7u);  // date, time, accession number, name, id, sex, study
}

TEST(DicomReference, TextComesOutAsUtf8) {
  EXPECT_EQ(read(film().bytes()).attribute(0x0010, 0x0010), "M\xc3\xbcller^Anna");  // Latin-1
  EXPECT_EQ(read(film("ISO_IR 192", "M\xc3\xbcller^Anna").bytes()).attribute(0x0010, 0x0010), "M\xc3\xbcller^Anna");
  EXPECT_EQ(read(film("", "Mueller^Anna").bytes()).attribute(0x0010, 0x0010), "Mueller^Anna");
  EXPECT_EQ(read(film("ISO_IR 144", "\xbb\xee\xda").bytes()).attribute(0x0010, 0x0010),
      "\xd0\x9b\xd1\x8e\xd0\xba");  // Cyrillic
}

TEST(DicomReference, TextThatIsNotInTheFilesCharacterSetIsRefusedWithoutRepeatingIt) {
  for (const char* set : {"", "ISO_IR 192", "ISO_IR 999", "\\ISO 2022 IR 87"}) {
    const Error error = expect_error([&] { read(film(set, "M\xfcller^Anna").bytes()); });
    EXPECT_THAT(error.what(), HasSubstr("Specific Character Set (0008,0005)")) << set;
    EXPECT_THAT(error.what(), HasSubstr(set)) << set;
    EXPECT_THAT(error.what(), HasSubstr("Patient Name (0010,0010)")) << set;
    EXPECT_THAT(error.what(), Not(HasSubstr("Anna"))) << set;
  }
}

TEST(DicomReference, WhatIsNoUidCountsAsAbsent) {
  DicomTestFile file;
  file.add(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.1")
      .add(0x0008, 0x0018, "UI", "1.02.3")
      .add(0x0020, 0x000d, "UI", "1.2.x")
      .add_picture(1, 1, 8, 8)
      .add_pixels({1}, 8);
  const DicomReference reference = read(file.bytes());
  EXPECT_EQ(reference.sop_instance_uid, "");
  EXPECT_EQ(reference.study_instance_uid, "");
  EXPECT_EQ(reference.series_instance_uid, "");
  for (const char* good : {"0", "1.0.2", "2.25.329800735698586629295641978511506172918"})
    EXPECT_TRUE(is_dicom_uid(good)) << good;
  for (const char* bad : {"", ".", "1.", ".1", "1..2", "1.01", "1.a", "1 2", "1.2 "})
    EXPECT_FALSE(is_dicom_uid(bad)) << bad;
  EXPECT_TRUE(is_dicom_uid("1." + std::string(62, '2')));
  EXPECT_FALSE(is_dicom_uid("1." + std::string(63, '2')));
}

TEST(DicomReference, ValuesThatAreNoneOfTheirKindAreLeftOut) {
  DicomTestFile file;
  file.add(0x0008, 0x0020, "DA", "2 Jan")
      .add(0x0008, 0x0030, "TM", "25")
      .add(0x0010, 0x0030, "DA", "19600203")
      .add(0x0010, 0x0040, "CS", "woman")
      .add(0x0010, 0x1010, "AS", "62")
      .add(0x0010, 0x1030, "DS", "70 kg")
      .add_picture(1, 1, 8, 8)
      .add_pixels({1}, 8);
  const DicomReference reference = read(file.bytes());
  ASSERT_EQ(reference.patient_and_study.size(), 1u);
  EXPECT_EQ(reference.attribute(0x0010, 0x0030), "19600203");
}

TEST(DicomReference, DamagedFilesAndOddElementsAreErrorsOrLeftOut) {
  const std::string whole = film().bytes();
  for (size_t size = 0; size < whole.size(); size += 7) {
    try {
      read(whole.substr(0, size));
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), HasSubstr("film.dcm"));
      EXPECT_THAT(e.what(), Not(HasSubstr("PAT 42")));
    }
  }
  EXPECT_THROW(read(DicomTestFile().add(0x0010, 0x0020, "LO", "x").bytes()), Error);  // no picture
  DicomTestFile odd;
  odd.add(0x0010, 0x0010, "UN", "Anna")
      .add_sequence(0x0010, 0x0020, DicomTestFile().add(0x0010, 0x0020, "LO", "7"))
      .add_picture(1, 1, 8, 8)
      .add_pixels({1}, 8);
  EXPECT_EQ(read(odd.bytes()).attribute(0x0010, 0x0020), "");
  EXPECT_EQ(read(odd.bytes()).attribute(0x0010, 0x0010), "Anna");  // UN is the dictionary's VR
  EXPECT_EQ(read(odd.bytes()).patient_and_study.size(), 1u);
  DicomTestFile long_name;
  long_name.add(0x0010, 0x0010, "PN", std::string(5000, 'A')).add_picture(1, 1, 8, 8).add_pixels({1}, 8);
  EXPECT_THROW(read(long_name.bytes()), Error);
}

TEST(DicomReference, RealFilms) {
  const fs::path folder = fs::path(HILUM_SHARED) / "data/images/dicom";
  if (!fs::exists(folder)) GTEST_SKIP() << "no real DICOM files at " << folder;
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".dcm") continue;
    const DicomReference reference = read(read_file(entry.path()));
    EXPECT_GT(reference.columns, 900) << entry.path();
    EXPECT_TRUE(is_dicom_uid(reference.study_instance_uid)) << entry.path();
    EXPECT_TRUE(is_dicom_uid(reference.sop_instance_uid)) << entry.path();
    ++seen;
  }
  EXPECT_EQ(seen, 4);
}

}  // namespace
}  // namespace hilum
