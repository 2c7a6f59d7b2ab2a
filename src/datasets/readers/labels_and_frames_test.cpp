// Two questions that every reader is asked: in which frame are the boxes, and is what stands in a label's place a
// label?
#include <gtest/gtest.h>

#include "datasets/collector.h"
#include "datasets/readers/dataset_files_for_test.h"
#include "datasets/readers/read_dataset.h"

namespace hilum {
namespace {

using Classes = std::vector<std::string>;

constexpr const char* kVindrHeader = "image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max";

TEST(BoxFrames, ABoxBeyondThePictureOfVindrTakesAllOfThatPictureAway) {
  TestFolder data;
  data.text("train.csv", std::string(kVindrHeader) +
                             "\na,Nodule/Mass,8,R1,10,20,30,50\na,Cardiomegaly,3,R1,800,1000,2000,1900\n"
                             "b,Cardiomegaly,3,R1,10,20,30,50\nc,Cardiomegaly,3,R1,10,20,30,50\n")
      .picture("train/a.png", 64, 64)
      .picture("train/b.png", 100, 100)
      .picture("train/c.png", 64, 64);
  const Dataset set = data.read("vindr");
  EXPECT_TRUE(study_named(set, "a").findings.empty());
  EXPECT_EQ(study_named(set, "a").classes, (Classes{"Cardiomegaly", "Nodule/Mass"}));
  EXPECT_EQ(problem_with(set, "a frame of another size").row, 3u);
  EXPECT_EQ(study_named(set, "b").findings.at(0).boxes->at(0), (BoxNorm{0.1, 0.2, 0.3, 0.5}));
  EXPECT_EQ(study_named(set, "c").findings.size(), 1u);  // kept, but said
  EXPECT_EQ(problem_with(set, "the size of others that were scaled").study_id, "c");
}

TEST(BoxFrames, TheOriginalsSizeOfVindrIsReadFromColumnsOrMeta) {
  const BoxNorm right{10 / 2405.0, 20 / 2716.0, 30 / 2405.0, 50 / 2716.0};
  TestFolder columns;
  columns.text("train.csv", std::string(kVindrHeader) + ",width,height\na,Nodule/Mass,8,R1,10,20,30,50,2405,2716\n")
      .picture("train/a.png", 64, 64);
  EXPECT_EQ(study_named(columns.read("vindr"), "a").findings.at(0).boxes->at(0), right);
  TestFolder meta;
  meta.text("train.csv", std::string(kVindrHeader) + "\na,Nodule/Mass,8,R1,10,20,30,50\n")
      .text("train_meta.csv", "image_id,dim0,dim1\na,2716,2405\n")
      .picture("train/a.png", 64, 64);
  EXPECT_EQ(study_named(meta.read("vindr"), "a").findings.at(0).boxes->at(0), right);
  TestFolder two;
  two.text("train.csv",
         std::string(kVindrHeader) + ",width,height\na,Nodule/Mass,8,R1,1,2,3,5,2405,2716\na,ILD,5,R1,1,2,3,5,64,64\n")
      .picture("train/a.png", 64, 64);
  EXPECT_TRUE(study_named(two.read("vindr"), "a").findings.empty());
}

TEST(BoxFrames, FixedAndDeclaredFramesAreHeldToTheSame) {
  TestFolder rsna;
  rsna.text("stage_2_train_labels.csv",
          "patientId,x,y,width,height,Target\na,264,152,213,379,1\na,900,900,400,400,1\nb,1,2,30,40,1\n")
      .picture("stage_2_train_images/a.png", 256, 256)
      .picture("stage_2_train_images/b.png", 256, 256);
  const Dataset r = rsna.read("rsna-pneumonia");
  EXPECT_TRUE(study_named(r, "a").findings.empty());
  EXPECT_EQ(study_named(r, "a").classes, (Classes{"Lung Opacity"}));
  EXPECT_EQ(problem_with(r, "a frame of another size").row, 3u);
  EXPECT_EQ(study_named(r, "b").findings.size(), 1u);
  TestFolder nih;
  nih.text("Data_Entry_2017_v2020.csv",
         "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,a,b,c,d\n"
         "00000001_000.png,Cardiomegaly,0,1,58,M,PA,2682,2749,0.143,0.143\n")
      .text("BBox_List_2017.csv",
          "Image Index,Finding Label,Bbox [x,y,w,h],,,\n00000001_000.png,Cardiomegaly,1,2,3,4,,,\n"
          "00000001_000.png,Mass,2000,2000,300,400,,,\n")
      .picture("images/00000001_000.png", 8, 8);
  const Dataset n = nih.read("nih");
  EXPECT_TRUE(study_named(n, "00000001_000").findings.empty());
  EXPECT_EQ(problem_with(n, "a frame of another size").row, 3u);
  TestFolder ms;
  ms.text("MS_CXR_Local_Alignment_v1.0.0.csv",
        "category_name,label_text,path,x,y,w,h,image_width,image_height,dicom_id\n"
        "Pneumonia,left opacity,p/d1.jpg,1,2,3,4,100,50,d1\nPneumonia,right opacity,p/d1.jpg,300,2,3,4,100,50,d1\n")
      .file("p/d1.jpg");
  EXPECT_TRUE(study_named(ms.read("ms-cxr"), "d1").findings.empty());
  TestFolder gr;
  gr.text("grounded_reports_20240819.json",
        R"([{"StudyID":"S1","ImageID":"a.png","findings":[{"sentence_en":"Effusion.","boxes":[[0.1,0.2,0.3,0.4]]},
            {"sentence_en":"Mass.","boxes":[[10,20,30,40]]}]}])")
      .file("a.png");
  const Dataset g = gr.read("padchest-gr");
  EXPECT_EQ(study_named(g, "S1").findings.size(), 2u);
  for (const Finding& finding : study_named(g, "S1").findings) EXPECT_FALSE(finding.boxes);
  EXPECT_EQ(problem_with(g, "a frame of another size").study_id, "S1");
}

TEST(BoxFrames, BoxesThatSeemScaledWithThePicturesAreSaid) {
  TestFolder data;
  data.text("stage_2_train_labels.csv", "patientId,x,y,width,height,Target\na,20,30,100,100,1\n")
      .picture("stage_2_train_images/a.png", 256, 256);
  EXPECT_TRUE(problem_with(data.read("rsna-pneumonia"), "were the boxes scaled too?").kept);
  TestFolder cut;
  cut.text("stage_2_train_labels.csv", "patientId,x,y,width,height,Target\na,500,30,100,100,1\n")
      .picture("stage_2_train_images/a.png", 256, 200);
  EXPECT_TRUE(problem_with(cut.read("rsna-pneumonia"), "were they cut or padded?").kept);
}

TEST(Placeholders, AreToldFromLabels) {
  for (const char* word : {"todo", "TODO", "Unknown", " unknown ", "N/A", "nan", "-", "?", "No Indexing", "unlabelled"})
    EXPECT_TRUE(is_placeholder(word)) << word;
  for (const char* word : {"No Finding", "None", "normal", "Other lesion", "COVID-19", "", "0"})
    EXPECT_FALSE(is_placeholder(word)) << word;
}

TEST(Placeholders, AreNoClassesInAnyReader) {
  TestFolder covid;
  covid
      .text("metadata.csv",
          "patientid,finding,view,modality,folder,filename\n1,Pneumonia/Viral/COVID-19,PA,X-ray,images,a.png\n"
          "2,todo,PA,X-ray,images,b.png\n3,Unknown,PA,X-ray,images,c.png\n4,Pneumonia/todo,PA,X-ray,images,d.png\n")
      .file("images/a.png")
      .file("images/b.png")
      .file("images/c.png")
      .file("images/d.png");
  const Dataset c = covid.read("covid-chestxray");
  EXPECT_EQ(study_named(c, "a").classes, (Classes{"Pneumonia/Viral/COVID-19"}));
  EXPECT_TRUE(study_named(c, "b").classes.empty());
  EXPECT_TRUE(study_named(c, "b").class_set.empty());  // unknown, not "none of the set's classes"
  EXPECT_TRUE(study_named(c, "c").classes.empty());
  EXPECT_EQ(study_named(c, "d").classes, (Classes{"Pneumonia"}));
  EXPECT_EQ(problem_with(c, "'todo' only holds").row, 3u);
  EXPECT_EQ(count_of(c, "placeholders in place of a label"), 3);

  TestFolder csv;
  csv.text("x.csv", "image,labels,mass\na.png,edema|unknown,1\nb.png,TBD,todo\n").file("a.png").file("b.png");
  const Dataset x = csv.read("csv");
  EXPECT_EQ(study_named(x, "a.png").classes, (Classes{"edema", "mass"}));
  EXPECT_TRUE(study_named(x, "b.png").classes.empty());

  TestFolder padchest;
  padchest
      .text("PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv",
          ",ImageID,ImageDir,StudyID,PatientID,Labels\n0,a.png,0,S1,P1,\"['unknown']\"\n")
      .file("0/a.png");
  EXPECT_TRUE(study_named(padchest.read("padchest"), "S1").classes.empty());

  TestFolder nih;
  nih.text("Data_Entry_2017_v2020.csv",
         "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,a,b,c,d\n"
         "00000001_000.png,todo|Mass,0,1,58,M,PA,2682,2749,0.143,0.143\n")
      .file("images/00000001_000.png");
  EXPECT_EQ(study_named(nih.read("nih"), "00000001_000").classes, (Classes{"Mass"}));

  TestFolder vindr;
  vindr.text("train.csv", std::string(kVindrHeader) + "\na,todo,,R1,1,2,3,3\n").picture("train/a.png");
  const Dataset v = vindr.read("vindr");
  EXPECT_TRUE(study_named(v, "a").classes.empty());  // not "No finding"
  EXPECT_TRUE(study_named(v, "a").findings.empty());

  TestFolder openi;
  openi.text("indiana_reports.csv", "uid,MeSH,findings,impression\n1,No Indexing,Clear.,Normal.\n");
  EXPECT_TRUE(study_named(openi.read("openi-csv"), "CXR1").classes.empty());

  TestFolder rsna;
  rsna.text("stage_2_train_labels.csv", "patientId,x,y,width,height,Target\nb,,,,,0\n")
      .text("stage_2_detailed_class_info.csv", "patientId,class\nb,Unknown\n")
      .file("stage_2_train_images/b.dcm");
  EXPECT_TRUE(study_named(rsna.read("rsna-pneumonia"), "b").classes.empty());
}

}  // namespace
}  // namespace hilum
