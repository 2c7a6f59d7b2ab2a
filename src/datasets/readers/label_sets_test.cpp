// The readers of BRAX, SIIM-ACR, SIIM-COVID, TBX11K, BrixIA and IRMA on little data sets in the published layout, with
// something missing and something malformed; and the two questions that every reader is asked: in which frame are the
// boxes, and is what stands in a label's place a label?
#include <algorithm>

#include <gtest/gtest.h>

#include "data/label_caption.h"
#include "datasets/readers/dataset_files_for_test.h"
#include "datasets/readers/irma_code.h"

namespace hilum {
namespace {

using Classes = std::vector<std::string>;

TEST(Brax, AStudyIsTheImagesBelowItsFolder) {
  const std::string header =
      "DicomPath,PngPath,PatientID,PatientSex,PatientAge,AccessionNumber,StudyDate,No Finding,Enlarged "
      "Cardiomediastinum,Cardiomegaly,Lung Lesion,Lung Opacity,Edema,Consolidation,Pneumonia,Atelectasis,Pneumothorax,"
      "Pleural Effusion,Pleural Other,Fracture,Support Devices,ViewPosition,Rows,Columns,Manufacturer\n";
  const auto row = [](const std::string& name, const std::string& patient, const std::string& age,
                       const std::string& labels, const std::string& view) {
    return "Anonymized_DICOMs/" + name + ".dcm,images/" + name + ".png," + patient + ",F," + age + ",A1,20100102," +
           labels + "," + view + ",10,20,X\n";
  };
  const std::string a = "id_p1/Study_1.2/Series_1/image-1", b = "id_p1/Study_1.2/Series_2/image-2",
                    c = "id_p2/Study_3.4/Series_1/image-1", d = "id_p2/Study_3.4/Series_1/image-9";
  TestFolder data;
  data.text("master_spreadsheet_update.csv", header + row(a, "p1", "45", ",,1.0,,,-1.0,,,,0.0,,,,", "L") +
                                                 row(b, "p1", "45", ",,1.0,,,-1.0,,,,0.0,,,,", "PA") +
                                                 row(c, "p2", "85 or more", "1.0,,,,,,,,,,,,,todo", "AP LLD") +
                                                 row(d, "p7", "50", "1.0,,,,,,,,,,,,,", "PA") +
                                                 row("../../etc/Study_5/x", "p3", "1", "1.0,,,,,,,,,,,,,", "PA"))
      .file("images/" + a + ".png")
      .file("Anonymized_DICOMs/" + b + ".dcm")
      .file("images/" + b + ".png")
      .file("images/" + c + ".png");
  const Dataset set = data.read("brax");
  ASSERT_EQ(set.studies.size(), 2u);
  const Study& study = study_named(set, "Study_1.2");
  EXPECT_EQ(study.patient_id, "brax-p1");
  ASSERT_EQ(study.images.size(), 2u);
  EXPECT_EQ(study.images[0].view, "frontal");
  EXPECT_EQ(study.images[0].path, data.root() / "Anonymized_DICOMs" / (b + ".dcm"));
  EXPECT_EQ(study.images[1].view, "lateral");
  EXPECT_EQ(study.age_months, 45 * 12);
  EXPECT_EQ(study.labels, (std::map<std::string, int>{{"Cardiomegaly", 1}, {"Edema", -1}, {"Pneumothorax", 0}}));
  EXPECT_EQ(study_named(set, "Study_3.4").age_months, 85 * 12);
  EXPECT_EQ(study_named(set, "Study_3.4").images.at(0).view, "other");
  EXPECT_EQ(study_named(set, "Study_3.4").labels, (std::map<std::string, int>{{"No Finding", 1}}));
  EXPECT_EQ(problem_with(set, "Support Devices is neither").row, 4u);  // a placeholder is no label
  EXPECT_EQ(problem_with(set, "two patients").row, 5u);
  EXPECT_EQ(problem_with(set, "the path is not").row, 6u);
}

TEST(SiimAcr, MasksBecomeBoxesOfTheFrame) {
  TestFolder data;
  // a: two masks. Rows 10..29 of columns 0 and 1; then rows 500..509 of column 1000 (1000 * 1024 + 500 = 1024500).
  // The second run of the first starts at 1034 = 1 * 1024 + 10, 1004 behind the end (30) of the first.
  data.text("train-rle.csv",
          "ImageId, EncodedPixels\na, 10 20 1004 20 2000000 1\na,1024500 10\nb, -1\nc,\nd,7 x\ne,1 2 1 2 1 2\ne,-1\n"
          "f,10 20 1004 20\n")
      .file("dicom-images-train/s1/t1/a.dcm")
      .file("dicom-images-train/s2/t2/b.dcm")
      .file("dicom-images-train/s3/t3/c.dcm")
      .file("dicom-images-train/s4/t4/d.dcm")
      .file("dicom-images-train/s5/t5/e.dcm")
      .file("dicom-images-train/s6/t6/f.dcm");
  const Dataset set = data.read("siim-acr");
  ASSERT_EQ(set.studies.size(), 6u);
  const Study& f = study_named(set, "f");
  EXPECT_EQ(f.classes, (Classes{"Pneumothorax"}));
  EXPECT_EQ(f.labels, (std::map<std::string, int>{{"Pneumothorax", 1}}));
  EXPECT_EQ(f.images.at(0).path, data.root() / "dicom-images-train/s6/t6/f.dcm");
  ASSERT_EQ(f.findings.size(), 1u);
  EXPECT_EQ(f.findings[0].text, "Pneumothorax");
  EXPECT_EQ(*f.findings[0].boxes, (std::vector<BoxNorm>{{0, 10 / 1024.0, 2 / 1024.0, 30 / 1024.0}}));
  EXPECT_TRUE(study_named(set, "a").findings.empty());  // its first mask leaves the frame
  EXPECT_EQ(study_named(set, "a").labels.at("Pneumothorax"), 1);
  EXPECT_EQ(problem_with(set, "beyond the frame").study_id, "a");
  EXPECT_EQ(study_named(set, "b").labels, (std::map<std::string, int>{{"Pneumothorax", 0}}));
  EXPECT_TRUE(study_named(set, "b").classes.empty());
  EXPECT_EQ(study_named(set, "b").class_set, "siim-acr");
  for (const char* unlabelled : {"c", "d"}) {  // not known, which is not "none"
    EXPECT_TRUE(study_named(set, unlabelled).labels.empty()) << unlabelled;
    EXPECT_TRUE(study_named(set, unlabelled).class_set.empty()) << unlabelled;
  }
  EXPECT_EQ(problem_with(set, "neither -1 nor pairs").study_id, "c");
  EXPECT_EQ(study_named(set, "e").findings.at(0).boxes->size(), 3u);
  EXPECT_EQ(problem_with(set, "the mask counts").study_id, "e");
}

TEST(SiimAcr, StartsThatAlwaysGrowAreNotReadAsRelative) {
  TestFolder data;
  data.text("train-rle.csv", "ImageId, EncodedPixels\na,5000 10 6024 10 7048 10\nb,100 2 300 2 500 2\nc,1 2\n");
  const Dataset set = data.read("siim-acr", {.keep_missing_images = true});
  for (const char* id : {"a", "b", "c"}) {
    EXPECT_TRUE(study_named(set, id).findings.empty()) << id;
    EXPECT_EQ(study_named(set, id).classes, (Classes{"Pneumothorax"})) << id;
  }
  EXPECT_TRUE(problem_with(set, "counted from the beginning").kept);
}

constexpr const char* kStudyLevel =
    "id,Negative for Pneumonia,Typical Appearance,Indeterminate Appearance,Atypical Appearance\n";
constexpr const char* kImageLevel = "id,boxes,label,StudyInstanceUID\n";

TEST(SiimCovid, ClassesComeFromTheStudyAndBoxesFromTheImage) {
  TestFolder data;
  data.text(
          "train_study_level.csv", std::string(kStudyLevel) + "s1_study,0,1,0,0\ns2_study,1,0,0,0\ns3_study,,todo,,\n")
      .text("train_image_level.csv",
          std::string(kImageLevel) +
              "i1_image,\"[{'x': 10.0, 'y': 20.0, 'width': 30.0, 'height': 40.0}]\",opacity 1 10 20 40 60,s1\n"
              "i2_image,,none 1 0 0 1 1,s1\ni3_image,,none 1 0 0 1 1,s2\ni4_image,,opacity 1 2,s3\ni5_image,,none 1 0 "
              "0 1 1,s9\n,,none 1 0 0 1 1,s9\n")
      .text("meta.csv", "image_id,dim0,dim1,split\ni1,200,100,train\n")
      .picture("train/s1/r1/i1.png", 50, 50)
      .picture("train/s1/r2/i2.png")
      .picture("train/s2/r1/i3.png")
      .picture("train/s3/r1/i4.png")
      .picture("train/s9/r1/i5.png");
  const Dataset set = data.read("siim-covid");
  ASSERT_EQ(set.studies.size(), 5u);
  const Study& study = study_named(set, "i1");
  EXPECT_EQ(study.patient_id, "s1");
  EXPECT_EQ(study.classes, (Classes{"Typical Appearance"}));
  ASSERT_EQ(study.findings.size(), 1u);
  EXPECT_EQ(study.findings[0].text, "opacity");
  EXPECT_EQ(study.findings[0].boxes->at(0), (BoxNorm{0.1, 0.1, 0.4, 0.3}));  // 100 x 200 px, whatever the copy has
  EXPECT_EQ(study_named(set, "i2").classes, (Classes{"Typical Appearance"}));
  EXPECT_TRUE(study_named(set, "i2").findings.empty());
  EXPECT_EQ(study_named(set, "i3").classes, (Classes{"Negative for Pneumonia"}));
  EXPECT_TRUE(study_named(set, "i4").class_set.empty());  // "todo" is no label
  EXPECT_EQ(problem_with(set, "'todo' only holds").study_id, "i4");
  EXPECT_EQ(problem_with(set, "no list of name").row, 5u);
  EXPECT_EQ(problem_with(set, "does not list its study").study_id, "i5");
  EXPECT_EQ(problem_with(set, "StudyInstanceUID is empty").row, 7u);
}

TEST(SiimCovid, BoxesOnACopyOfUnknownScaleAreNotKept) {
  TestFolder data;
  data.text("train_image_level.csv", std::string(kImageLevel) + "i1_image,,opacity 1 1 2 3 4,s1\n")
      .picture("train/s1/r1/i1.png", 50, 50);
  const Dataset set = data.read("siim-covid");
  EXPECT_TRUE(study_named(set, "i1").findings.empty());
  EXPECT_EQ(problem_with(set, "scale is not known").row, 2u);
  EXPECT_TRUE(problem_with(set, "no classes").kept);
  TestFolder beyond;
  beyond.text("train_image_level.csv", std::string(kImageLevel) + "i1_image,,opacity 1 1 2 300 4,s1\n")
      .text("meta.csv", "image_id,dim0,dim1\ni1,100,100\n")
      .picture("train/s1/r1/i1.png", 50, 50);
  EXPECT_TRUE(study_named(beyond.read("siim-covid"), "i1").findings.empty());
  problem_with(beyond.read("siim-covid"), "a frame of another size");
}

TEST(Tbx11k, BoxesAreOfTheFrameAndFoldersSayTheRest) {
  const std::string categories = R"("categories":[{"id":1,"name":"ActiveTuberculosis"},{"id":2,"name":"todo"}])";
  TestFolder data;
  data.text("annotations/json/TBX11K_train.json",
          R"({"images":[{"id":1,"file_name":"tb/tb0005.png","width":512,"height":512},
        {"id":2,"file_name":"health/h0001.png","width":512,"height":512},{"id":3,"file_name":"sick/s0001.png","width":512,"height":512},
        {"id":4,"file_name":"tb/tb1199.png","width":512,"height":512},{"id":5,"file_name":"tb/tb0006.png","width":256,"height":256},
        {"id":6,"file_name":"tb/tb0007.png","width":512,"height":512},{"id":7,"file_name":"../x.png"}],)" +
              categories + R"(,"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[128,256,64,128]},
        {"id":2,"image_id":5,"category_id":1,"bbox":[64,64,64,64]},{"id":3,"image_id":6,"category_id":2,"bbox":[500,1,200,20]},
        {"id":4,"image_id":99,"bbox":[1,2,3,4]}]})")
      .text("annotations/json/TBX11K_val.json",
          R"({"images":[{"id":1,"file_name":"health/h0002.png","width":512,"height":512}],"annotations":[]})")
      .picture("imgs/tb/tb0005.png", 512, 512)
      .picture("imgs/tb/tb0006.png", 256, 256)
      .picture("imgs/tb/tb0007.png", 512, 512)
      .picture("imgs/tb/tb1199.png", 512, 512)
      .picture("imgs/health/h0001.png")
      .picture("imgs/health/h0002.png")
      .picture("imgs/sick/s0001.png");
  const Dataset set = data.read("tbx11k");
  ASSERT_EQ(set.studies.size(), 7u);
  const Study& tb = study_named(set, "tb/tb0005");
  EXPECT_EQ(tb.classes, (Classes{"ActiveTuberculosis"}));
  EXPECT_EQ(tb.findings.at(0).boxes->at(0), (BoxNorm{0.25, 0.5, 0.375, 0.75}));
  EXPECT_EQ(study_named(set, "tb/tb0006").findings.at(0).boxes->at(0), (BoxNorm{0.25, 0.25, 0.5, 0.5}));
  EXPECT_EQ(study_named(set, "health/h0001").classes, (Classes{"Healthy"}));
  EXPECT_EQ(label_caption(study_named(set, "health/h0001")).abnormal, false);
  EXPECT_EQ(study_named(set, "sick/s0001").classes, (Classes{"Sick but non-TB"}));
  EXPECT_EQ(study_named(set, "health/h0002").split, "validate");
  EXPECT_TRUE(study_named(set, "tb/tb1199").class_set.empty());  // of tb/ and without a box: not known
  EXPECT_TRUE(study_named(set, "tb/tb0007").class_set.empty());  // "todo" is no label
  EXPECT_TRUE(study_named(set, "tb/tb0007").findings.empty());
  EXPECT_EQ(problem_with(set, "a frame of another size").study_id, "tb/tb0007");
  EXPECT_EQ(problem_with(set, "no image of the list").row, 4u);
  EXPECT_EQ(problem_with(set, "no file_name below").row, 7u);
}

constexpr const char* kBrixia =
    "Filename;StudyId;Subject;StudyDate;Sex;AgeAtStudyDateFiveYear;BrixiaScore;BrixiaScoreGlobal;ConsensusTestset\n";

TEST(Brixia, TheZonesAreTargets) {
  TestFolder data;
  data.text("metadata_global_v2.csv", "\xef\xbb\xbf" + std::string(kBrixia) +
                                          "a.dcm;1;7;20200301;M;13;112233;12;1\nb.dcm;2;7;20200302;M;13;11;2;0\n"
                                          "c.dcm;3;8;20200301;F;9;114000;6;0\nd.dcm;4;8;20200301;F;9;111;2;0\n"
                                          "e.dcm;5;9;20200301;F;9;;;0\nf.dcm;6;9;20200301;F;9;0;0;0\n")
      .text("metadata_consensus_v1.csv",
          "Filename,ModeA,ModeB,ModeC,ModeD,ModeE,ModeF,ModeGlobal\na.dcm,1,1,2,2,3,2,11\nb.dcm,1,1,2,2,x,2,11\n");
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) data.file(std::string("dicom_clean/") + name + ".dcm");
  const Dataset set = data.read("brixia");
  ASSERT_EQ(set.studies.size(), 6u);
  const Study& a = study_named(set, "a");
  EXPECT_EQ(a.patient_id, "brixia-7");
  EXPECT_EQ(a.split, "test");
  EXPECT_EQ(a.sex, "M");
  EXPECT_FALSE(a.age_months);
  EXPECT_EQ(a.targets.at("brixia_a"), 1);
  EXPECT_EQ(a.targets.at("brixia_f"), 3);
  EXPECT_EQ(a.targets.at("brixia_global"), 12);
  EXPECT_EQ(a.targets.at("brixia_consensus_f"), 2);
  EXPECT_EQ(a.targets.at("brixia_consensus_global"), 11);
  EXPECT_EQ(a.classes, (Classes{"interstitial infiltrates", "alveolar infiltrates"}));
  const Study& b = study_named(set, "b");  // "11" is 000011
  EXPECT_EQ(b.targets.at("brixia_a"), 0);
  EXPECT_EQ(b.targets.at("brixia_e"), 1);
  EXPECT_EQ(b.split, "train");
  EXPECT_EQ(b.classes, (Classes{"interstitial infiltrates"}));
  EXPECT_FALSE(b.targets.contains("brixia_consensus_a"));
  for (const char* unscored : {"c", "d", "e"}) {
    EXPECT_TRUE(study_named(set, unscored).targets.empty()) << unscored;
    EXPECT_TRUE(study_named(set, unscored).class_set.empty()) << unscored;
  }
  EXPECT_EQ(study_named(set, "f").classes, (Classes{"no lung abnormalities"}));
  EXPECT_EQ(problem_with(set, "up to six digits").row, 4u);
  EXPECT_EQ(problem_with(set, "not the sum").row, 5u);
  EXPECT_EQ(problem_with(set, "not six scores").row, 3u);
}

TEST(Irma, TheCodeIsTheClassAndItsNamesTheText) {
  TestFolder data;
  data.text("ImageCLEFmed2009_train_codes.02.csv",
          "image_id;irma_code;05_class;05_irma_code_submask;06_class;06_irma_code;07_irma_code;08_irma_code\n"
          "1880;1121-127-700-500;12;x;11;x;x;x\n1881;1123-211-520-3A0;\\N;;;;;\n1882;1121-4z0-911-700;1;;;;;\n"
          "1883;112-1;1;;;;;\n1884;unknown;1;;;;;\n")
      .text("ImageCLEFmed2009_test_codes.03.csv", "image_id;irma_code\n9;1121-110-411-700\n")
      .file("ImageCLEFmed2009_train.02/ImageCLEFmed2009_train.02/1880.png")
      .file("ImageCLEFmed2009_train.02/1881.png")
      .file("ImageCLEFmed2009_train.02/1882.png")
      .file("ImageCLEFmed2009_train.02/1884.png")
      .file("ImageCLEFmed2009_test.03/9.png");
  const Dataset set = data.read("irma");
  ASSERT_EQ(set.studies.size(), 5u);
  const Study& study = study_named(set, "irma-1880");
  EXPECT_EQ(study.report, "x-ray abdomen unspecified, coronal anteroposterior (AP) supine");
  EXPECT_EQ(study.classes, (Classes{"1121-127-700-500"}));
  EXPECT_EQ(study.images.at(0).view, "frontal");
  EXPECT_EQ(study.split, "train");
  EXPECT_EQ(study_named(set, "irma-1881").report, "x-ray chest lung, sagittal lateral, right-left inspiration");
  EXPECT_EQ(study_named(set, "irma-1881").images.at(0).view, "lateral");
  EXPECT_EQ(study_named(set, "irma-1882").report, "x-ray lower extremity (leg) foot");  // no name for 4z and 911
  EXPECT_EQ(study_named(set, "irma-9").split, "test");
  EXPECT_TRUE(study_named(set, "irma-1884").class_set.empty());
  EXPECT_EQ(problem_with(set, "TTTT-DDD-AAA-BBB").row, 5u);
  EXPECT_EQ(problem_with(set, "'unknown' only holds").row, 6u);
  EXPECT_EQ(count_of(set, "codes with every name"), 2);
  EXPECT_EQ(count_of(set, "codes of which a part has no name"), 2);

  data.text("C.csv", "911;toes\n41;hand bones\n").text("B.csv", "4;other plane\n4z;special\n");
  const Dataset named = data.read("irma");
  EXPECT_EQ(study_named(named, "irma-1882").report, "x-ray lower extremity (leg) foot toes, other plane special");
  EXPECT_EQ(count_of(named, "codes with every name"), 3);
}

TEST(Irma, CodesAreFourAxes) {
  EXPECT_EQ(parse_irma_code(" 1121-127-700-3A0 "), (IrmaCode{"1121", "127", "700", "3a0"}));
  EXPECT_EQ(parse_irma_code("11211277003a0"), (IrmaCode{"1121", "127", "700", "3a0"}));
  for (const char* text : {"", "1121-127-700-50", "1121-127-700-5000", "1121_127_700_500", "112-1127-700-500",
           "1121-127-700-5 0", "1121-127-70*-500"})
    EXPECT_FALSE(parse_irma_code(text)) << text;
}

TEST(AnyCsv, FieldsBetweenSemicolonsOrTabsAreRead) {
  for (const char separator : {';', '\t'}) {
    std::string text = "image|report|Cardiomegaly\na.png|\"Big; heart, and more.\"|1\n";
    std::replace(text.begin(), text.end(), '|', separator);
    TestFolder data;
    data.text("x.csv", text).file("a.png");
    const Dataset set = data.read("csv");
    ASSERT_EQ(set.studies.size(), 1u);
    EXPECT_EQ(set.studies[0].study.report, "Big; heart, and more.");
    EXPECT_EQ(set.studies[0].study.labels.at("Cardiomegaly"), 1);
  }
}

}  // namespace
}  // namespace hilum
