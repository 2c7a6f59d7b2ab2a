// NIH ChestX-ray14: Data_Entry_2017_v2020.csv (by position: two names of its header hold commas), BBox_List_2017.csv
// (pixels of the 1024 px image), train_val_list.txt and test_list.txt. NIH-CXR-LT: one-hot files of 20 classes over the
// same images.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "datasets/collector.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/packed_file.h"
#include "datasets/readers/picture_boxes.h"
#include "datasets/readers/readers.h"

namespace hilum {

namespace {

// Where the images lie: images_001/images/ to images_012/images/, or any of images*/ and the root itself.
class NihFiles {
 public:
  explicit NihFiles(const Collector& out);
  // Candidate paths of an image, the likeliest first; never empty.
  std::vector<fs::path> candidate_paths(const std::string& name) const;

 private:
  fs::path root_;
  std::unordered_map<std::string, fs::path> found_;
};

NihFiles::NihFiles(const Collector& out) : root_(out.root()) {
  std::error_code error;
  for (const auto& folder : fs::directory_iterator(root_, error)) {
    const std::string name = folder.path().filename().string();
    if (!name.starts_with("images")) continue;
    for (const fs::path& inner : {folder.path(), folder.path() / "images"}) {
      std::error_code none;
      for (const auto& image : fs::directory_iterator(inner, none))
        if (image.path().extension() == ".png" || image.path().extension() == ".jpg")
          found_.emplace(image.path().filename().string(), image.path());
    }
  }
}

std::vector<fs::path> NihFiles::candidate_paths(const std::string& name) const {
  if (const auto found = found_.find(name); found != found_.end()) return {found->second};
  return {root_ / "images" / name, root_ / name};
}

constexpr PictureSize kNihSize{1024, 1024};

// Columns by position.
namespace entry {
enum : size_t { kImage, kLabels, kFollowUp, kPatient, kAge, kSex, kView };
}
namespace box_list {
enum : size_t { kImage, kLabel, kX, kY, kWidth, kHeight };
}

// "00000001_000.png" -> patient "00000001".
std::string nih_patient(const std::string& image) { return image.substr(0, image.find('_')); }

std::unordered_set<std::string> names_in(const fs::path& file) {
  std::unordered_set<std::string> names;
  for (std::string& name : split_list(read_text_file(file), '\n')) names.insert(std::move(name));
  return names;
}

using Boxes = std::unordered_map<std::string, std::vector<PixelBox>>;  // by image

Boxes read_boxes(const fs::path& file, Collector& out) {
  Boxes boxes;
  CsvTable table(file, out, true);
  while (table.next()) {
    const std::string image(table[box_list::kImage]), label(table[box_list::kLabel]);
    const std::optional<double> x = number_of(table[box_list::kX]), y = number_of(table[box_list::kY]),
                                w = number_of(table[box_list::kWidth]), h = number_of(table[box_list::kHeight]);
    const bool whole = x && y && w && h;
    if (!whole || image.empty() || label.empty()) {
      out.left_out(
          file, table.line(), image, whole ? "the image or the label is empty" : "x, y, w and h are not four numbers");
      continue;
    }
    boxes[image].push_back({label == "Infiltrate" ? "Infiltration" : label, *x, *y, *x + *w, *y + *h, table.line()});
  }
  return boxes;
}

}  // namespace

void read_nih(Collector& out) {
  const NihFiles files(out);
  Boxes boxes;
  FixedFrame frame(kNihSize);
  std::unordered_set<std::string> train, test;
  const fs::path box_file = out.find({"BBox_List_2017.csv"});
  if (!box_file.empty()) boxes = read_boxes(box_file, out);
  if (const fs::path file = out.find({"train_val_list.txt"}); !file.empty()) train = names_in(file);
  if (const fs::path file = out.find({"test_list.txt"}); !file.empty()) test = names_in(file);
  CsvTable table(out.need({"Data_Entry_2017_v2020.csv", "Data_Entry_2017.csv"}), out, true);
  while (table.next()) {
    const std::string image(table[entry::kImage]);
    if (image.empty() || table[entry::kLabels].empty() || table[entry::kPatient].empty()) {
      out.left_out(table.file(), table.line(), image, "image, labels or patient are empty");
      continue;
    }
    Study study;
    study.study_id = image.substr(0, image.rfind('.'));
    study.patient_id = table[entry::kPatient];
    study.sex = sex_of(table[entry::kSex]);
    study.age_months = months_of_age(table[entry::kAge]);
    if (!study.age_months)
      out.remark(table.file(), table.line(), study.study_id, "the age is no age of a human; it is left away");
    study.split = test.contains(image) ? "test" : train.contains(image) ? "train" : "";
    study.class_set = "nih-chestxray14";
    for (const std::string& label : split_list(table[entry::kLabels], '|'))
      out.add_label(study, label, table.file(), table.line());
    out.add_image(study, files.candidate_paths(image), view_of(table[entry::kView]), table.file(), table.line());
    if (const auto found = boxes.find(image); found != boxes.end()) {
      for (const NamedBox& b : frame.boxes(found->second, study, box_file, out)) add_box(study, b.name, b.box);
      boxes.erase(found);
    }
    std::string follow_up(table[entry::kFollowUp]);  // of the patient: with zeros in front it sorts as a number does
    if (follow_up.size() < 4) follow_up.insert(0, 4 - follow_up.size(), '0');
    out.add(std::move(study), table.file(), table.line(), follow_up);
  }
  frame.finish(box_file, out);
  for (const auto& [image, left] : boxes)
    out.left_out("BBox_List_2017.csv", 0, image, "boxes of an image that Data_Entry_2017 does not list");
}

void read_nih_lt(Collector& out) {
  const NihFiles files(out);
  bool any = false;
  for (const auto& [part, split] : {std::pair{"train", "train"}, {"balanced-val", "validate"}, {"test", "test"}}) {
    const std::string published = std::string("nih-cxr-lt_single-label_") + part + ".csv",
                      expected = std::string("nih-lt_single-label_") + part + ".csv";
    const fs::path file = out.find({published, expected, "LongTailCXR/" + published});
    if (file.empty()) continue;
    any = true;
    CsvTable table(file, out);
    const size_t id = table.column({"id"});
    while (table.next()) {
      std::string image(table[id]);
      if (!image.ends_with(".png")) image += ".png";
      Study study;
      study.study_id = image.substr(0, image.size() - 4);
      study.patient_id = nih_patient(image);
      study.split = split;
      study.class_set = "nih-cxr-lt";
      for (size_t i = 0; i < table.header().size(); ++i)
        if (i != id && !table.header()[i].empty() && number_of(table[i]) == 1.0) add_class(study, table.header()[i]);
      if (study.classes.size() != 1) {
        out.left_out(file, table.line(), study.study_id,
            "the row marks " + std::to_string(study.classes.size()) + " classes; the files have one label each");
        continue;
      }
      out.add_image(study, files.candidate_paths(image), "frontal", file, table.line());
      out.add(std::move(study), file, table.line());
    }
  }
  if (!any)
    out.need({"nih-cxr-lt_single-label_train.csv", "nih-lt_single-label_train.csv",
        "LongTailCXR/nih-cxr-lt_single-label_train.csv"});
}

}  // namespace hilum
