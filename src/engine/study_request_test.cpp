#include "engine/study_request.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "engine/tiny_demo_for_test.h"
#include "image/encode.h"

namespace hilum {
namespace {

Image ramp() {
  Image image{.width = 32, .height = 32};
  for (int i = 0; i < 32 * 32; ++i) image.data8.push_back(static_cast<uint8_t>(i / 4));
  return image;
}

DicomTags tags(const std::string& study_uid, const std::string& view, const std::string& instance,
    const std::string& patient = "p", const std::string& day = "") {
  DicomTags out;
  out.patient_id = patient;
  out.study_date = day;
  out.study_instance_uid = study_uid;
  out.sop_instance_uid = instance;
  out.view_position = view;
  return out;
}

TEST(StudyRequests, AFolderGivesOneStudyAnImageAndGroupsDicomByStudy) {
  TempFolder folder;
  write_png(folder.path / "b.png", ramp());
  write_file(folder.path / "notes.txt", "not an image");
  write_dicom(
      folder.path / "one" / "l.dcm", ramp(), tags("2.25.1", "LL", "2.25.11"));  // the lateral comes first by name
  write_dicom(folder.path / "one" / "pa.dcm", ramp(), tags("2.25.1", "PA", "2.25.12"));
  write_dicom(folder.path / "two.dcm", ramp(), tags("2.25.2", "LL", "2.25.21"));
  const auto requests = read_requests(folder.path, {.indication = "Cough."});
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].frontal.path().filename(), "b.png");
  EXPECT_EQ(*requests[0].indication, "Cough.");
  EXPECT_EQ(requests[1].frontal.path().filename(), "pa.dcm");
  EXPECT_EQ(requests[1].lateral.path().filename(), "l.dcm");
  EXPECT_TRUE(requests[1].trouble.empty());
  EXPECT_TRUE(requests[2].frontal.empty());
  EXPECT_NE(requests[2].trouble.find("lateral"), std::string::npos);  // a row with its reason, not a study lost
}

TEST(StudyRequests, AFolderNamesStudiesAsTheFileAloneWould) {
  TempFolder folder;
  write_png(folder.path / "b.png", ramp());
  write_png(folder.path / "x" / "a.png", ramp());
  write_png(folder.path / "y" / "a.png", ramp());
  write_png(folder.path / "y" / "a.jpg", ramp());
  write_dicom(folder.path / "z" / "l.dcm", ramp(), tags("2.25.1", "LL", "2.25.11"));
  write_dicom(folder.path / "z" / "pa.dcm", ramp(), tags("2.25.1", "PA", "2.25.12"));
  std::vector<std::string> names;
  for (const StudyRequest& request : read_requests(folder.path, {})) names.push_back(request.study_id);
  EXPECT_EQ(names, (std::vector<std::string>{"b", "x/a", "y/a.jpg", "y/a.png", "pa"}));
  EXPECT_EQ(read_requests(folder.path / "b.png", {})[0].study_id, "b");
}

TEST(StudyRequests, FurtherImagesOfAStudyAreNoStudiesOfTheirOwn) {
  TempFolder folder;
  write_dicom(folder.path / "a.dcm", ramp(), tags("2.25.1", "PA", "2.25.11"));
  write_dicom(folder.path / "b.dcm", ramp(), tags("2.25.1", "AP", "2.25.12"));
  write_dicom(folder.path / "d.dcm", ramp(), tags("2.25.1", "LL", "2.25.19"));
  write_dicom(folder.path / "e.dcm", ramp(), tags("2.25.2", "PA", "2.25.21"));
  const auto requests = read_requests(folder.path, {});
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].frontal.path().filename(), "a.dcm");
  EXPECT_EQ(requests[0].lateral.path().filename(), "d.dcm");
  EXPECT_EQ(requests[1].frontal.path().filename(), "e.dcm");
}

TEST(StudyRequests, TheSamePatientsStudyBeforeIsThePriorOfTheNext) {
  TempFolder folder;
  write_dicom(folder.path / "a.dcm", ramp(), tags("2.25.1", "PA", "2.25.11", "p", "20200301"));
  write_dicom(folder.path / "b.dcm", ramp(), tags("2.25.2", "PA", "2.25.21", "p", "20190101"));
  write_dicom(folder.path / "c.dcm", ramp(), tags("2.25.3", "PA", "2.25.31", "p", "20200102"));
  write_dicom(folder.path / "d.dcm", ramp(), tags("2.25.4", "PA", "2.25.41", "q", "20200201"));  // another patient's
  write_dicom(folder.path / "e.dcm", ramp(), tags("2.25.5", "LL", "2.25.51", "p", "20200201"));  // no frontal
  write_dicom(folder.path / "f.dcm", ramp(), tags("2.25.6", "PA", "2.25.61", "", "20200401"));   // whose is not said
  write_dicom(folder.path / "g.dcm", ramp(), tags("2.25.7", "PA", "2.25.71", "p", "20200301"));  // the same day as a
  const auto requests = read_requests(folder.path, {});
  std::vector<std::string> priors;
  for (const StudyRequest& request : requests)
    priors.push_back(request.prior.empty() ? "-" : request.prior.path().filename().string());
  EXPECT_EQ(priors, (std::vector<std::string>{"c.dcm", "-", "b.dcm", "-", "c.dcm", "-", "c.dcm"}));
  for (const StudyRequest& request : read_requests(folder.path, {.without_prior = true}))
    EXPECT_TRUE(request.prior.empty());
}

TEST(StudyRequests, TheImagesOfASetAreTheRowsOfTheManifestBesideThem) {
  TempFolder folder;
  for (const char* name : {"f", "l", "p", "other"})
    write_png(folder.path / "images" / (std::string(name) + ".png"), ramp());
  write_png(folder.path / "more" / "m.png", ramp());
  write_file(folder.path / "studies.jsonl",
      R"({"study_id":"s","images":[{"path":"images/f.png","view":"frontal"},{"path":"images/l.png","view":"lateral"},)"
      R"({"path":"images/p.png","view":"prior_frontal"}]})"
      "\n");
  const auto requests = read_requests(folder.path / "images", {});
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].study_id, "s");
  EXPECT_EQ(requests[0].prior.path().filename(), "p.png");
  EXPECT_EQ(read_requests(folder.path / "more", {})[0].study_id, "m");  // of which the manifest says nothing
}

TEST(StudyRequests, AFolderWithAManifestIsThatManifest) {
  TempFolder folder;
  for (const char* name : {"f", "l", "p"}) write_png(folder.path / "images" / (std::string(name) + ".png"), ramp());
  write_file(folder.path / "studies.jsonl",
      R"({"study_id":"s","images":[{"path":"images/f.png","view":"frontal"},{"path":"images/l.png","view":"lateral"},)"
      R"({"path":"images/p.png","view":"prior_frontal"}]})"
      "\n");
  const auto requests = read_requests(folder.path, {});
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].study_id, "s");
  EXPECT_EQ(requests[0].lateral.path().filename(), "l.png");
  EXPECT_EQ(requests[0].prior.path().filename(), "p.png");
}

TEST(StudyRequests, AManifestsOwnSectionsWinOverTheCommandLines) {
  TempFolder folder;
  write_file(folder.path / "s.jsonl",
      R"({"study_id":"a","images":[{"path":"a.png","view":"frontal"},{"path":"p.png","view":"prior_frontal"}],"indication":"Fever."})"
      "\n"
      R"({"study_id":"b","images":[{"path":"b.png","view":"lateral"}]})"
      "\n");
  const auto requests = read_requests(folder.path / "s.jsonl", {.indication = "Cough."});
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(*requests[0].indication, "Fever.");
  EXPECT_EQ(requests[0].frontal.path(), folder.path / "a.png");
  EXPECT_EQ(requests[0].prior.path(), folder.path / "p.png");
  EXPECT_EQ(*requests[1].indication, "Cough.");
  EXPECT_FALSE(requests[1].trouble.empty());  // no frontal
}

TEST(StudyRequests, WhatIsNotThereIsSaid) {
  TempFolder folder;
  EXPECT_THROW(read_requests(folder.path / "none.png", {}), Error);
  EXPECT_THROW(read_requests(folder.path, {}), Error);  // a folder without images
}

TEST(StudyRequests, TextComesFromAFileWhenMarked) {
  TempFolder folder;
  write_file(folder.path / "t.txt", "Prior report.\n");
  EXPECT_EQ(text_or_file("@" + (folder.path / "t.txt").string()), "Prior report.");
  EXPECT_EQ(text_or_file("plain"), "plain");
  EXPECT_THROW(text_or_file("@" + (folder.path / "none").string()), Error);
}

}  // namespace
}  // namespace hilum
