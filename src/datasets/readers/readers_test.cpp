// Each reader on a little data set in the published layout, with something missing and something malformed.
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "datasets/readers/dataset_files_for_test.h"
#include "datasets/readers/read_dataset.h"
#include "datasets/report_sections.h"

namespace hilum {
namespace {

using Classes = std::vector<std::string>;

TEST(Readers, AnUnknownNameNamesTheNearest) {
  TestFolder data;
  const Error e = expect_error([&] { data.read("chexprt"); });
  EXPECT_NE(e.mend().find("'chexpert'"), std::string::npos);
  EXPECT_THROW(read_dataset("chexpert", data.root() / "nowhere"), Error);
}

TEST(Readers, AnEmptyFolderIsAnErrorThatNamesTheFilesForEveryReader) {
  TestFolder data;
  for (const DatasetReader& reader : dataset_readers()) {
    SCOPED_TRACE(reader.name);
    const Error e = expect_error([&] { data.read(reader.name); });
    EXPECT_NE(e.where().find(data.root().string()), std::string::npos) << e.what();
    EXPECT_FALSE(e.mend().empty());
  }
}

TEST(Readers, MimicCxr) {
  TestFolder data;
  const std::string a = "02aa804e-bde0afdd-112c0b34-7bc16630-4e384014",
                    b = "174413ec-4ec4c1f7-34ea26b7-c5f994f8-79ef1962",
                    c = "2a2277a9-b0ded155-c0de8eb9-c124d10e-82c5caab";
  data.text("mimic-cxr-2.0.0-metadata.csv",
          "dicom_id,subject_id,study_id,ViewPosition,Rows,Columns,StudyDate,StudyTime\n" + a +
              ",10000032,50414267,LATERAL,1,1,21800506,85812.5\n" + b + ",10000032,50414267,PA,1,1,21800506,85812.5\n" +
              c + ",10000032,53189527,AP,1,1,21800626,165500\nx,7,50000000,AP,1,1,,\n" + a +
              ",10000084,53189527,AP,1,1,,\n")
      .text("mimic-cxr-2.0.0-split.csv",
          "dicom_id,study_id,subject_id,split\n" + a + ",50414267,10000032,train\n" + c + ",53189527,10000032,train\n")
      .text("mimic-cxr-2.0.0-chexpert.csv",
          "subject_id,study_id,Atelectasis,Cardiomegaly,Consolidation,Edema,Enlarged Cardiomediastinum,Fracture,Lung "
          "Lesion,Lung Opacity,No Finding,Pleural Effusion,"
          "Pleural Other,Pneumonia,Pneumothorax,Support Devices\n10000032,50414267,,,,,,,,,1.0,-1.0,,,0.0,maybe\n")
      .text("reports/files/p10/p10000032/s50414267.txt",
          "                 FINAL REPORT\n EXAMINATION:  CHEST (PA AND LAT)\n \n INDICATION:  Cough.\n \n FINDINGS: \n "
          "\n The lungs are\n clear.  No effusion.\n \n IMPRESSION: \n \n Normal.\n")
      .file("files/p10/p10000032/s50414267/" + a + ".jpg")
      .file("files/p10/p10000032/s50414267/" + b + ".dcm")
      .file("files/p10/p10000032/s53189527/" + c + ".jpg");
  const Dataset set = data.read("mimic-cxr", {.reports = data.root() / "reports"});
  ASSERT_EQ(set.studies.size(), 2u);
  const Study& study = study_named(set, "s50414267");
  EXPECT_EQ(study.patient_id, "p10000032");
  EXPECT_EQ(study.split, "train");
  ASSERT_EQ(study.images.size(), 2u);
  EXPECT_EQ(study.images[0].view, "frontal");
  EXPECT_EQ(study.images[0].path.extension(), ".dcm");
  EXPECT_EQ(findings_text(study), "The lungs are clear. No effusion.");
  EXPECT_EQ(study.findings.size(), 2u);
  EXPECT_EQ(study.impression, "Normal.");
  EXPECT_EQ(study.indication, "Cough.");
  EXPECT_EQ(
      study.labels, (std::map<std::string, int>{{"No Finding", 1}, {"Pleural Effusion", -1}, {"Pneumothorax", 0}}));
  EXPECT_EQ(set.studies[0].when, "21800506 085812");
  EXPECT_EQ(problem_with(set, "Support Devices is neither").row, 2u);
  EXPECT_EQ(problem_with(set, "8 digits").row, 5u);
  EXPECT_EQ(problem_with(set, "two patients").row, 6u);
  EXPECT_EQ(count_of(set, "studies without report file"), 1);
}

TEST(Readers, MimicReportsAloneAreAManifestOfTexts) {
  TestFolder data;
  data.text("files/p10/p10000032/s50414267.txt", "Clear.\n \n No acute process.\n")
      .text("files/p10/p10000032/notes.txt", "x");
  const Dataset set = data.read("mimic-cxr");
  ASSERT_EQ(set.studies.size(), 1u);
  EXPECT_EQ(set.studies[0].study.report, "No acute process.");
}

const std::string kChexpertHeader =
    "Sex,Age,Frontal/Lateral,AP/PA,No Finding,Enlarged Cardiomediastinum,Cardiomegaly,Lung Opacity,Lung "
    "Lesion,Edema,Consolidation,Pneumonia,Atelectasis,Pneumothorax,"
    "Pleural Effusion,Pleural Other,Fracture,Support Devices\n";

TEST(Readers, Chexpert) {
  TestFolder data;
  const std::string none = ",,,,,,,,,,,,,";
  data.text("train.csv",
          "Path," + kChexpertHeader +
              "CheXpert-v1.0-small/train/patient00001/study1/view2_lateral.jpg,Female,68,Lateral,,1.0" + none +
              "\n"
              "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg,Female,68,Frontal,AP,1.0" +
              none +
              "\n"
              "CheXpert-v1.0-small/train/patient00001/study2/"
              "view1_frontal.jpg,Female,68,Frontal,AP,,,,-1.0,,,,,,,,,,\n../../etc/passwd,Female,68,Frontal,AP,1.0" +
              none + "\n")
      .text("groundtruth.csv",
          "Study,No Finding,Enlarged Cardiomediastinum,Cardiomegaly,Lung Opacity,Lung "
          "Lesion,Edema,Consolidation,Pneumonia,Atelectasis,Pneumothorax,Pleural Effusion,Pleural Other,"
          "Fracture,Support Devices\nCheXpert-v1.0/test/patient64741/study1,0,1,1,0,0,0,0,0,0,0,0,0,0,1\n")
      .file("train/patient00001/study1/view1_frontal.jpg")
      .file("train/patient00001/study1/view2_lateral.jpg")
      .file("test/patient64741/study1/view1_frontal.jpg");
  const Dataset set = data.read("chexpert");
  ASSERT_EQ(set.studies.size(), 2u);
  const Study& study = study_named(set, "patient00001_study1");
  EXPECT_EQ(study.images.size(), 2u);
  EXPECT_EQ(study.images[0].path, data.root() / "train/patient00001/study1/view1_frontal.jpg");
  EXPECT_EQ(study.age_months, 68 * 12);
  EXPECT_EQ(study.sex, "F");
  EXPECT_EQ(study.labels, (std::map<std::string, int>{{"No Finding", 1}}));
  const Study& test = study_named(set, "patient64741_study1");
  EXPECT_EQ(test.split, "test");
  EXPECT_EQ(test.labels.at("Cardiomegaly"), 1);
  EXPECT_EQ(test.labels.at("Lung Opacity"), 0);
  EXPECT_EQ(problem_with(set, "view1_frontal.jpg is not there").row, 4u);
  EXPECT_EQ(problem_with(set, "the path is not").row, 5u);
}

TEST(Readers, AFileNamedInsteadOfItsFolderIsReadOnce) {
  TestFolder data;
  data.text("valid.csv",
          "Path," + kChexpertHeader +
              "CheXpert-v1.0/valid/patient1/study1/view1_frontal.jpg,Male,70,Frontal,PA,,,,,,,,,,,,,,1.0\n")
      .text("train.csv", "Path\n");
  const Dataset set = read_dataset("chexpert", data.root() / "valid.csv", {.keep_missing_images = true});
  ASSERT_EQ(set.studies.size(), 1u);
  EXPECT_EQ(set.studies[0].study.split, "validate");
}

TEST(Readers, NihWithBoxesAndSplits) {
  TestFolder data;
  data.text("Data_Entry_2017_v2020.csv",
          "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View "
          "Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]\n"
          "00000001_000.png,Cardiomegaly|Emphysema,0,1,57,M,PA,2682,2749,0.143,0.143\n00000002_000.png,No "
          "Finding,0,2,411,F,AP,1,1,0.1,0.1\n")
      .text("BBox_List_2017.csv",
          "Image Index,Finding Label,Bbox "
          "[x,y,w,h],,,\n00000001_000.png,Infiltrate,256,512,256,128\n00000001_000.png,Infiltrate,0,0,512,512\n"
          "00000001_000.png,Mass,1000,0,0,10\n00000009_000.png,Mass,1,1,2,2\n00000001_000.png,Mass,a,0,200,10\n")
      .text("train_val_list.txt", "00000001_000.png\n")
      .text("test_list.txt", "00000002_000.png\r\n")
      .file("images_001/images/00000001_000.png")
      .file("images/00000002_000.png");
  const Dataset set = data.read("nih");
  ASSERT_EQ(set.studies.size(), 2u);
  const Study& study = study_named(set, "00000001_000");
  EXPECT_EQ(study.classes, (Classes{"Cardiomegaly", "Emphysema"}));
  EXPECT_EQ(study.split, "train");
  EXPECT_EQ(study.age_months, 57 * 12);
  ASSERT_EQ(study.findings.size(), 1u);
  EXPECT_EQ(study.findings[0].text, "Infiltration");  // the other spelling of the box list
  EXPECT_EQ(study.findings[0].boxes->at(0), (BoxNorm{0.25, 0.5, 0.5, 0.625}));
  EXPECT_EQ(study.findings[0].boxes->size(), 2u);
  EXPECT_EQ(study_named(set, "00000002_000").split, "test");
  EXPECT_EQ(study_named(set, "00000002_000").age_months, std::nullopt);
  EXPECT_EQ(problem_with(set, "has no area").row, 4u);
  EXPECT_EQ(problem_with(set, "four numbers").row, 6u);
  EXPECT_EQ(problem_with(set, "does not list").study_id, "00000009_000.png");
}

TEST(Readers, NihLongTail) {
  TestFolder data;
  data.text("nih-cxr-lt_single-label_train.csv",
          ",id,No Finding,Hernia,Tortuous Aorta\n0,00000001_000.png,0,0,1\n1,00000001_001.png,1,1,0\n")
      .text("nih-cxr-lt_single-label_balanced-val.csv",
          "id,No Finding,Hernia,Tortuous Aorta\n00000002_000.png,0.0,1.0,0.0\n")
      .file("images/00000001_000.png")
      .file("images/00000002_000.png");
  const Dataset set = data.read("nih-lt");
  ASSERT_EQ(set.studies.size(), 2u);
  EXPECT_EQ(study_named(set, "00000001_000").classes, (Classes{"Tortuous Aorta"}));
  EXPECT_EQ(study_named(set, "00000001_000").patient_id, "00000001");
  EXPECT_EQ(study_named(set, "00000002_000").split, "validate");
  EXPECT_EQ(problem_with(set, "2 classes").row, 3u);
}

TEST(Readers, Padchest) {
  TestFolder data;
  data.text("PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv",
          ",ImageID,ImageDir,StudyDate_DICOM,StudyID,PatientID,PatientBirth,PatientSex_DICOM,Projection,Report,Labels\n"
          "0,a.png,5,20140915,S1,P1,1930.0,M,L,torax normal .,\"['normal', 'cardiomegaly ', "
          "'']\"\n1,b.png,5,20140915,S1,P1,1930.0,M,PA,torax normal .,\"['normal']\"\n"
          "2,c.png,6,20140915,S2,P2,1990,F,COSTAL,,nan\n3,,6,20140915,S3,P2,1990,F,PA,,\n")
      .file("5/a.png")
      .file("5/b.png")
      .file("6/c.png");
  const Dataset set = data.read("padchest");
  ASSERT_EQ(set.studies.size(), 2u);
  const Study& study = study_named(set, "S1");
  EXPECT_EQ(study.classes, (Classes{"normal", "cardiomegaly"}));
  EXPECT_EQ(study.images.at(0).path.filename(), "b.png");
  EXPECT_EQ(study.age_months, 84 * 12);
  EXPECT_EQ(study.report, "torax normal .");
  EXPECT_EQ(study_named(set, "S2").images.at(0).view, "other");
  EXPECT_EQ(problem_with(set, "no list of names").row, 4u);
  EXPECT_EQ(problem_with(set, "ImageID or PatientID").row, 5u);
}

TEST(Readers, PadchestGrounded) {
  TestFolder data;
  data.text(
          "grounded_reports_20240819.json", R"([{"StudyID":"S1","ImageID":"a.png","PreviousImageID":"p.png","findings":[
        {"sentence_en":"Small left effusion.","sentence_es":"x","abnormal":true,"boxes":[[0.1,0.2,0.3,0.4],[0.5,0.5,0.4,0.6]],"labels":["pleural effusion"]},
        {"sentence_en":"Normal heart.","abnormal":false}]},{"StudyID":"S2"},7])")
      .text("master_table.csv",
          "StudyID,ImageID,PatientID,PatientSex_DICOM,split,label,label_group\nS1,a.png,P1,F,validation,pleural "
          "effusion,g\n")
      .file("PadChest_GR/a.png")
      .file("PadChest_GR_progression_prior_studies/p.png");
  const Dataset set = data.read("padchest-gr");
  ASSERT_EQ(set.studies.size(), 1u);
  const Study& study = study_named(set, "S1");
  EXPECT_EQ(study.split, "validate");
  ASSERT_EQ(study.findings.size(), 2u);
  EXPECT_EQ(*study.findings[0].boxes, (std::vector<BoxNorm>{{0.1, 0.2, 0.3, 0.4}}));
  EXPECT_FALSE(study.findings[1].boxes);
  EXPECT_EQ(study.images.at(1).view, "prior_frontal");
  EXPECT_EQ(problem_with(set, "within 0..1").study_id, "S1");
  EXPECT_EQ(problem_with(set, "list of findings is missing").row, 2u);
}

TEST(Readers, VindrFusesTheReadersBoxes) {
  TestFolder data;
  data.text("annotations/annotations_train.csv",
          "image_id,rad_id,class_name,x_min,y_min,x_max,y_max\na,R1,Cardiomegaly,20,40,60,80\na,R2,Cardiomegaly,24,40,"
          "64,80\na,R3,Nodule/Mass,0,0,10,10\n"
          "a,R3,Nodule/Mass,90,90,90,190\nb,R1,No finding,,,,\nb,R2,ILD,,,,\n")
      .text("annotations/image_labels_train.csv",
          "image_id,rad_ID,COPD,Pneumonia,Other disease\na,R1,0,1,1\na,R2,0,1,0\na,R3,0,0,0\n")
      .picture("train/a.png", 100, 200)
      .picture("train/b.png");
  const Dataset set = data.read("vindr");
  ASSERT_EQ(set.studies.size(), 2u);
  const Study& study = study_named(set, "a");
  EXPECT_EQ(study.classes, (Classes{"Cardiomegaly", "Nodule/Mass", "Pneumonia"}));
  ASSERT_EQ(study.findings.size(), 2u);
  ASSERT_EQ(study.findings[0].boxes->size(), 1u);
  EXPECT_NEAR(study.findings[0].boxes->at(0).x_min, 0.22, 1e-12);
  EXPECT_NEAR(study.findings[0].boxes->at(0).y_max, 0.40, 1e-12);
  EXPECT_EQ(study.findings[1].boxes->size(), 1u);
  EXPECT_EQ(problem_with(set, "has no area").row, 5u);
  EXPECT_EQ(problem_with(set, "four numbers").row, 7u);
}

TEST(Readers, MsCxrGroupsTheBoxesOfAPhrase) {
  TestFolder csv;
  csv.text("MS_CXR_Local_Alignment_v1.0.0.csv",
         "category_name,label_text,path,x,y,w,h,image_width,image_height,dicom_id\nPneumonia,left "
         "opacity,files/p10/p10000032/s50414267/d1.jpg,100,0,100,50,1000,500,d1\n"
         "Pneumonia,left "
         "opacity,files/p10/p10000032/s50414267/d1.jpg,500,0,100,50,1000,500,d1\nEdema,edema,files/p10/p10000032/"
         "s50414267/d1.jpg,0,0,0,50,1000,500,d1\n")
      .file("files/p10/p10000032/s50414267/d1.jpg");
  const Dataset a = csv.read("ms-cxr");
  TestFolder json;
  json.text("MS_CXR_Local_Alignment_v1.0.0.json",
          R"({"images":[{"id":1,"file_name":"d1.jpg","width":1000,"height":500,"path":"files/p10/p10000032/s50414267/d1.jpg"}],
        "categories":[{"id":3,"name":"Pneumonia"}],"annotations":[{"id":1,"image_id":1,"category_id":3,"bbox":[100,0,100,50],"label_text":"left opacity"},
        {"id":2,"image_id":1,"category_id":3,"bbox":[500,0,100,50],"label_text":"left opacity"},{"id":3,"image_id":9,"bbox":[1,2,3,4]}]})")
      .file("files/p10/p10000032/s50414267/d1.jpg");
  const Dataset b = json.read("ms-cxr");
  for (const Dataset* set : {&a, &b}) {
    const Study& study = study_named(*set, "d1");
    EXPECT_EQ(study.patient_id, "p10000032");
    ASSERT_EQ(study.findings.size(), 1u);
    ASSERT_EQ(study.findings[0].boxes->size(), 2u);
    EXPECT_EQ(study.findings[0].boxes->at(0), (BoxNorm{0.1, 0, 0.2, 0.1}));
    EXPECT_EQ(study.classes, (Classes{"Pneumonia"}));
  }
  EXPECT_EQ(problem_with(a, "no area").row, 4u);
  EXPECT_EQ(problem_with(b, "no image of the list").row, 3u);
}

TEST(Readers, RsnaPneumonia) {
  TestFolder data;
  data.text("stage_2_train_labels.csv",
          "patientId,x,y,width,height,Target\na,264,152,213,379,1\na,562,152,256,453,1\nb,,,,,0\nc,1,1,1,1,2\n")
      .text("stage_2_detailed_class_info.csv", "patientId,class\na,Lung Opacity\nb,No Lung Opacity / Not Normal\n")
      .file("stage_2_train_images/a.dcm")
      .file("stage_2_train_images/b.dcm");
  const Dataset set = data.read("rsna-pneumonia");
  ASSERT_EQ(set.studies.size(), 2u);
  EXPECT_EQ(study_named(set, "a").classes, (Classes{"Lung Opacity"}));
  EXPECT_EQ(study_named(set, "a").findings.at(0).boxes->at(1),
      (BoxNorm{562 / 1024.0, 152 / 1024.0, 818 / 1024.0, 605 / 1024.0}));
  EXPECT_EQ(study_named(set, "b").classes, (Classes{"No Lung Opacity / Not Normal"}));
  EXPECT_EQ(problem_with(set, "neither 0 nor 1").row, 5u);
}

TEST(Readers, RsnaBoneAge) {
  TestFolder data;
  data.text("boneage-training-dataset.csv", "id,boneage,male\n1377,180,False\n1378,12,True\n1379,old,True\n")
      .file("boneage-training-dataset/1377.png")
      .file("boneage-training-dataset/1378.png")
      .file("boneage-training-dataset/1379.png");
  const Dataset set = data.read("rsna-boneage");
  ASSERT_EQ(set.studies.size(), 3u);
  EXPECT_EQ(study_named(set, "boneage-1377").report, "x-ray pediatric hand, age 180 months Female");
  EXPECT_EQ(study_named(set, "boneage-1378").targets.at("bone_age_months"), 12);
  EXPECT_EQ(study_named(set, "boneage-1378").sex, "M");
  EXPECT_EQ(problem_with(set, "bone age").row, 4u);
}

TEST(Readers, CovidChestxray) {
  TestFolder data;
  data.text("metadata.csv",
          "patientid,offset,sex,age,finding,survival,view,modality,date,location,folder,filename,doi,url,license,"
          "clinical_notes\n"
          "2,0,M,65,Pneumonia/Viral/COVID-19,Y,PA,X-ray,2020,X,images,a.jpg,,,CC BY-NC-SA,\"Fever,\n "
          "cough.\"\n2,5,M,65,Pneumonia,Y,Axial,CT,2020,X,volumes,b.nii.gz,,,,\n,5,M,65,Pneumonia,Y,PA,X-ray,2020,X,"
          "images,c.jpg,,,,\n")
      .file("images/a.jpg");
  const Dataset set = data.read("covid-chestxray");
  ASSERT_EQ(set.studies.size(), 1u);
  const Study& study = set.studies[0].study;
  EXPECT_EQ(study.classes, (Classes{"Pneumonia/Viral/COVID-19"}));
  EXPECT_EQ(study.indication, "Fever, cough.");
  EXPECT_EQ(count_of(set, "licence CC BY-NC-SA"), 1);
  EXPECT_EQ(problem_with(set, "slice of a CT").row, 4u);
  EXPECT_EQ(problem_with(set, "patientid is empty").row, 5u);
}

TEST(Readers, AnyCsv) {
  TestFolder data;
  data.text("mine.csv",
          "image,patient,age,report,Cardiomegaly,tumour,scanner,target_weight\na.png,P1,40,Normal "
          "chest.,1,1,3,70.5\nb.png,P2,x,,2,0,4,heavy\n,,,Only text.,,,,\n")
      .file("a.png")
      .file("images/b.png");
  const Dataset set = data.read("csv");
  ASSERT_EQ(set.studies.size(), 3u);
  const Study& a = study_named(set, "a.png");
  EXPECT_EQ(a.labels, (std::map<std::string, int>{{"Cardiomegaly", 1}}));
  EXPECT_EQ(a.classes, (Classes{"tumour"}));  // scanner holds 3 and 4: no class
  EXPECT_EQ(a.targets.at("weight"), 70.5);
  EXPECT_EQ(a.report, "Normal chest.");
  EXPECT_EQ(study_named(set, "b.png").images.at(0).path, data.root() / "images/b.png");
  EXPECT_EQ(study_named(set, "row4").report, "Only text.");
  EXPECT_EQ(problem_with(set, "Cardiomegaly is neither").row, 3u);
  EXPECT_EQ(problem_with(set, "target weight").row, 3u);
  EXPECT_EQ(problem_with(set, "age in years").row, 3u);
}

TEST(Readers, AManifestIsADataSetToo) {
  TestFolder data;
  data.text("studies.jsonl",
          "{\"study_id\":\"a\",\"images\":[{\"path\":\"a.png\",\"view\":\"other\"}]}\n{\"study_id\":\n{\"study_id\":"
          "\"b\",\"images\":[{\"path\":\"none.png\"}]}\n")
      .file("a.png");
  const Dataset set = data.read("manifest");
  ASSERT_EQ(set.studies.size(), 1u);
  EXPECT_EQ(set.studies[0].study.images.at(0).view, "other");
  EXPECT_EQ(problem_with(set, "JSON").row, 2u);
  EXPECT_EQ(problem_with(set, "neither an image").study_id, "b");
}

TEST(Readers, MissingImagesAreNamedAllTheSameWhenAsked) {
  TestFolder data;
  data.text("boneage-training-dataset.csv", "id,boneage,male\n1377,180,\n");
  EXPECT_EQ(data.read("rsna-boneage").studies.size(), 0u);  // without sex no text either
  const Dataset set = data.read("rsna-boneage", {.keep_missing_images = true});
  ASSERT_EQ(set.studies.size(), 1u);
  EXPECT_EQ(set.studies[0].study.images.at(0).path, data.root() / "boneage-training-dataset/1377.png");
  EXPECT_TRUE(problem_with(set, "is not there").kept);
}

TEST(NihShared, TheEntriesHaveTheSheetsCounts) {
  const fs::path root = HILUM_SHARED "/data/reports/nih";
  if (!fs::exists(root)) GTEST_SKIP() << "no " << root;
  const Dataset set = read_dataset("nih", root, {.keep_missing_images = true});
  EXPECT_EQ(set.studies.size(), 112120u);
  EXPECT_EQ(count_of(set, "boxes"), 984);
  std::map<std::string, int> labels;
  std::map<std::string, int> patients;
  int64_t several = 0, boxed = 0;
  for (const SourceStudy& s : set.studies) {
    for (const std::string& name : s.study.classes) ++labels[name];
    ++patients[s.study.patient_id];
    several += s.study.classes.size() > 1;
    boxed += !s.study.findings.empty();
  }
  EXPECT_EQ(patients.size(), 30805u);
  EXPECT_EQ(labels["No Finding"], 60361);
  EXPECT_EQ(labels["Effusion"], 13317);
  EXPECT_EQ(labels["Hernia"], 227);
  EXPECT_EQ(several, 20796);
  EXPECT_EQ(boxed, 880);
}

}  // namespace
}  // namespace hilum
