#include "image/study_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

DecodedImage image(const std::string& patient, const std::string& date, const std::string& view = "") {
  DecodedImage decoded;
  decoded.metadata.patient_id = patient;
  decoded.metadata.study_date = date;
  decoded.metadata.view_position = view;
  return decoded;
}

TEST(StudyChecks, OnePatientInOrderIsQuiet) {
  const DecodedImage frontal = image("Miller-17", "20240131", "PA"), lateral = image("Miller-17", "20240131", "LL"),
                     prior = image("Miller-17", "20230131", "AP");
  EXPECT_THAT(check_study({&frontal, &lateral, &prior, &lateral}, false), IsEmpty());
}

TEST(StudyChecks, AnotherPatientIsRefusedWithoutNamingEither) {
  const DecodedImage frontal = image("Miller-17", "20240131"), other = image("Smith-18", "20240131");
  for (const StudyPictures& study :
      {StudyPictures{&frontal, &other}, {&frontal, nullptr, &other}, {&frontal, nullptr, nullptr, &other}}) {
    const Error error = expect_error([&] { check_study(study, false); });
    EXPECT_THAT(error.what(), HasSubstr("PatientID differs"));
    EXPECT_THAT(error.what(), HasSubstr("--allow-mismatch"));
    EXPECT_THAT(error.what(), testing::Not(testing::AnyOf(HasSubstr("Miller"), HasSubstr("Smith"))));
    EXPECT_THAT(check_study(study, true), ElementsAre(HasSubstr("PatientID differs")));
  }
}

TEST(StudyChecks, APriorDatedLaterIsRefused) {
  const DecodedImage frontal = image("", "20240131"), later = image("", "2024.02.01"), same = image("", "20240131");
  EXPECT_THROW(check_study({&frontal, nullptr, &later}, false), Error);
  EXPECT_THAT(check_study({&frontal, nullptr, &later}, true), ElementsAre(HasSubstr("dated later")));
  EXPECT_THAT(check_study({&frontal, nullptr, &same}, false), IsEmpty());
  EXPECT_THAT(check_study({&frontal, &later}, false), IsEmpty());  // not a prior
}

TEST(StudyChecks, WhatIsNotSaidIsNotHeldAgainstAFile) {
  const DecodedImage frontal = image("Miller-17", "20240131"), silent = image("", ""), odd = image("", "yesterday");
  EXPECT_THAT(check_study({&frontal, &silent, &odd}, false), IsEmpty());
}

TEST(StudyChecks, ViewsInTheWrongPlaceWarn) {
  for (const char* view : {"LL", "RL", "LATERAL", "lateral", "LAT"}) {
    const DecodedImage frontal = image("", "", view);
    EXPECT_THAT(check_study({&frontal}, false), ElementsAre("the frontal image says that it is a lateral view"))
        << view;
  }
  const DecodedImage frontal = image("", "", "AP"), prior = image("", "", "RL"), lateral = image("", "", "PA");
  EXPECT_THAT(
      check_study({&frontal, &lateral, &prior}, false), ElementsAre("the lateral image says that it is a frontal view",
                                                            "the prior image says that it is a lateral view"));
}

}  // namespace
}  // namespace hilum
