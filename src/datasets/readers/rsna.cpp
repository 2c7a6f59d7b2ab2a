// The two RSNA challenges. Pneumonia: stage_2_train_labels.csv (a row a box, pixels of the 1024 px image),
// stage_2_detailed_class_info.csv, stage_2_train_images/<patientId>.dcm. Bone age: boneage-training-dataset.csv (id,
// boneage in months, male) and the folder of that name.
#include <map>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/picture_boxes.h"
#include "datasets/readers/readers.h"

namespace hilum {

void read_rsna_pneumonia(Collector& out) {
  constexpr PictureSize kSize{1024, 1024};
  struct Gathered {
    Study study;
    size_t row = 0;
    fs::path file;
    std::vector<PixelBox> boxes;
  };
  std::map<std::string, Gathered> studies;
  const auto study_at = [&](const std::string& id, const CsvTable& table) -> Study& {
    const auto [at, is_new] = studies.try_emplace(id);
    Study& study = at->second.study;
    if (is_new) {
      at->second.row = table.line();
      at->second.file = table.file();
      study.study_id = study.patient_id = id;
      study.split = "train";
      study.class_set = "rsna-pneumonia";
      const fs::path stem = out.root() / "stage_2_train_images" / id;
      out.add_image(study, {stem.string() + ".dcm", stem.string() + ".png"}, "frontal", table.file(), table.line());
    }
    return study;
  };
  CsvTable table(out.need({"stage_2_train_labels.csv"}), out);
  const size_t id = table.column({"patientId"}), target = table.column({"Target"});
  const size_t x = table.column({"x"}), y = table.column({"y"}), w = table.column({"width"}),
               h = table.column({"height"});
  while (table.next()) {
    if (table[id].empty() || (table[target] != "0" && table[target] != "1")) {
      out.left_out(
          table.file(), table.line(), std::string(table[id]), "patientId is empty or Target is neither 0 nor 1");
      continue;
    }
    Study& study = study_at(std::string(table[id]), table);
    if (table[target] == "0") continue;
    add_class(study, "Lung Opacity");
    const auto x0 = number_of(table[x]), y0 = number_of(table[y]), wide = number_of(table[w]),
               high = number_of(table[h]);
    if (x0 && y0 && wide && high)
      studies[study.study_id].boxes.push_back({"Lung Opacity", *x0, *y0, *x0 + *wide, *y0 + *high, table.line()});
    else out.remark(table.file(), table.line(), study.study_id, "the box lacks its four numbers; it is left away");
  }
  FixedFrame frame(kSize);
  for (auto& [key, gathered] : studies)
    for (const NamedBox& b : frame.boxes(gathered.boxes, gathered.study, gathered.file, out))
      add_box(gathered.study, b.name, b.box);
  frame.finish(table.file(), out);
  if (const fs::path file = out.find({"stage_2_detailed_class_info.csv"}); !file.empty()) {
    CsvTable classes(file, out);
    const size_t patient = classes.column({"patientId"}), name = classes.column({"class"});
    while (classes.next())
      if (const auto found = studies.find(std::string(classes[patient])); found != studies.end())
        if (!classes[name].empty())
          out.add_label(found->second.study, std::string(classes[name]), file, classes.line());
  }
  for (auto& [key, gathered] : studies) out.add(std::move(gathered.study), gathered.file, gathered.row);
}

void read_rsna_boneage(Collector& out) {
  bool any = false;
  struct Part {
    std::initializer_list<std::string_view> files;
    std::vector<const char*> folders;
    const char* split;
  };
  const Part parts[] = {
      {{"boneage-training-dataset.csv", "train.csv"},
          {"boneage-training-dataset", "boneage-training-dataset/boneage-training-dataset", "images"}, "train"},
      {{"boneage-validation-dataset.csv", "Validation Dataset.csv"},
          {"boneage-validation-dataset", "boneage-validation-dataset-1", "boneage-validation-dataset-2", "images"},
          "validate"},
      {{"boneage-test-dataset.csv"}, {"boneage-test-dataset", "boneage-test-dataset/boneage-test-dataset", "images"},
          "test"}};
  for (const Part& part : parts) {
    const fs::path file = out.find(part.files);
    if (file.empty()) continue;
    any = true;
    CsvTable table(file, out);
    const size_t id = table.column({"id", "Image ID", "Case ID", "ID"});
    const auto male = table.find({"male", "sex", "gender"}),
               age = table.find({"boneage", "Bone Age (months)", "bone_age"});
    while (table.next()) {
      const std::string number(table[id]), sex = lower_ascii(table[male]);
      Study study;
      study.study_id = study.patient_id = number.empty() ? "" : "boneage-" + number;
      study.split = part.split;
      study.sex = sex == "true" || sex == "1" ? "M" : sex == "false" || sex == "0" ? "F" : sex_of(sex);
      const auto months = number_of(table[age]);
      if (months && *months >= 0 && *months <= 400) {
        study.targets["bone_age_months"] = *months;
        // the text that MedImageInsight pairs with the picture
        if (!study.sex.empty())
          study.report = fmt::format("x-ray pediatric hand, age {} months {}", static_cast<int>(*months),
              study.sex == "M" ? "Male" : "Female");
      } else if (age) {
        out.remark(
            file, table.line(), study.study_id, "the bone age is no number of months from 0 to 400; it is left away");
      }
      std::vector<fs::path> ways;
      for (const char* folder : part.folders) ways.push_back(out.root() / folder / (number + ".png"));
      // a hand has no frontal view; the manifest's first image is what models see
      if (!number.empty()) out.add_image(study, ways, "frontal", file, table.line());
      out.add(std::move(study), file, table.line());
    }
  }
  if (!any) out.need({"boneage-training-dataset.csv", "train.csv"});
}

}  // namespace hilum
