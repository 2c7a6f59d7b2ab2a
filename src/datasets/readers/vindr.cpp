// VinDr-CXR. PhysioNet: annotations/annotations_{train,test}.csv and image_labels_{train,test}.csv, images train/ and
// test/ <image_id>.dicom. Kaggle: train.csv alone. Boxes are pixels of the original; a training image was read by three
// radiologists: boxes of a class are fused where they overlap, a class of the whole image counts when more than half of
// its readers gave it.
#include <array>
#include <map>
#include <set>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/progress.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/picture_boxes.h"
#include "datasets/readers/readers.h"

namespace hilum {
namespace {

struct RawBox {
  double v[4];
  size_t row;
};

struct VindrImage {
  std::map<std::string, std::vector<RawBox>> boxes;  // by class
  std::map<std::string, int> votes;                  // of the whole image, by class
  std::set<std::string> readers;
  int rows = 0;
  size_t row = 0;
  fs::path file;
};

using Images = std::map<std::string, VindrImage>;

bool is_none(std::string_view name) { return lower_ascii(name) == "no finding"; }

void read_annotations(const fs::path& file, Collector& out, Images& images) {
  CsvTable table(file, out);
  const size_t id = table.column({"image_id"}), name = table.column({"class_name"});
  const std::array columns = {
      table.column({"x_min"}), table.column({"y_min"}), table.column({"x_max"}), table.column({"y_max"})};
  const auto reader = table.find({"rad_id", "rad_ID"});
  while (table.next()) {
    const std::string image(table[id]);
    if (image.empty() || table[name].empty()) {
      out.left_out(file, table.line(), image, "image_id or class_name is empty");
      continue;
    }
    VindrImage& v = images[image];
    if (v.row == 0) {
      v.row = table.line();
      v.file = file;
    }
    if (reader) v.readers.insert(std::string(table[reader]));
    if (is_none(table[name])) continue;
    std::optional<double> n[4];
    for (size_t i = 0; i < 4; ++i) n[i] = number_of(table[columns[i]]);
    if (n[0] && n[1] && n[2] && n[3])
      v.boxes[std::string(table[name])].push_back({{*n[0], *n[1], *n[2], *n[3]}, table.line()});
    else out.remark(file, table.line(), image, "a box lacks its four numbers; it is left away");
  }
}

void read_global(const fs::path& file, Collector& out, Images& images) {
  CsvTable table(file, out);
  const size_t id = table.column({"image_id"});
  const auto reader = table.find({"rad_id", "rad_ID"});
  while (table.next()) {
    const std::string image(table[id]);
    if (image.empty()) {
      out.left_out(file, table.line(), "", "image_id is empty");
      continue;
    }
    VindrImage& v = images[image];
    if (v.row == 0) {
      v.row = table.line();
      v.file = file;
    }
    ++v.rows;
    for (size_t i = 0; i < table.header().size(); ++i)
      if (i != id && i != reader && number_of(table[i]) == 1.0)
        ++v.votes[table.header()[i] == "Other disease" ? "Other diseases" : table.header()[i]];
  }
}

Study study_of(const std::string& id, const VindrImage& from, const char* split, Collector& out) {
  Study study;
  study.study_id = study.patient_id = id;
  study.split = split;
  study.class_set = "vindr-cxr";
  for (const char* ending : {".dicom", ".dcm", ".png", ".jpg"})
    if (const fs::path path = out.root() / split / (id + ending); fs::exists(path)) {
      out.add_image(study, {path}, "frontal", from.file, from.row);
      break;
    }
  if (study.images.empty())
    out.add_image(study, {out.root() / split / (id + ".dicom")}, "frontal", from.file, from.row);
  PictureSize size;
  if (!from.boxes.empty() && !study.images.empty() && fs::exists(study.images[0].path)) try {
      size = picture_size(study.images[0].path);
    } catch (const Error& e) {
      out.remark(from.file, from.row, id, "the image cannot be read (" + e.problem() + ")");
    }
  for (const auto& [name, raw] : from.boxes) {
    add_class(study, name);
    std::vector<BoxNorm> boxes;
    for (const RawBox& b : raw) {
      std::string why;
      if (const auto box = box_of_pixels(b.v[0], b.v[1], b.v[2], b.v[3], size, why)) boxes.push_back(*box);
      else out.remark(from.file, b.row, id, why + "; the box is left away");
    }
    for (const BoxNorm& box : fuse_boxes(boxes)) add_box(study, name, box);
  }
  for (const auto& [name, votes] : from.votes)
    if (2 * votes > from.rows) add_class(study, name);
  if (study.classes.empty()) add_class(study, "No finding");
  return study;
}

}  // namespace

void read_vindr(Collector& out) {
  bool any = false;
  for (const char* split : {"train", "test"}) {
    Images images;
    const std::string part = split;
    for (const std::string& name :
        {"annotations/annotations_" + part + ".csv", "annotations_" + part + ".csv", part + ".csv"})
      if (const fs::path file = out.find({name}); !file.empty()) {
        read_annotations(file, out, images);
        break;
      }
    if (const fs::path file = out.find({"annotations/image_labels_" + part + ".csv", "image_labels_" + part + ".csv"});
        !file.empty())
      read_global(file, out, images);
    any |= !images.empty();
    Progress progress("VinDr-CXR " + part, static_cast<int64_t>(images.size()), "images");
    int64_t done = 0;
    for (const auto& [id, image] : images) {
      progress.update(done++);
      out.add(study_of(id, image, split, out), image.file, image.row);
    }
  }
  if (!any) out.need({"annotations/annotations_train.csv", "annotations_train.csv", "train.csv"});
}

}  // namespace hilum
