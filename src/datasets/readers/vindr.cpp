// VinDr-CXR. PhysioNet: annotations/annotations_{train,test}.csv and image_labels_{train,test}.csv, images train/ and
// test/ <image_id>.dicom. Kaggle: train.csv alone. Boxes are pixels of the original, whose size is that of the file
// unless columns width and height or train_meta.csv (image_id, dim0 = rows, dim1 = columns) say another; a training
// image was read by three radiologists: boxes of a class are fused where they overlap, a class of the whole image
// counts when more than half of its readers gave it.
#include <algorithm>
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

constexpr const char* kRemedy =
    "Give the original's size: columns width and height, or train_meta.csv (image_id, dim0, dim1)";

struct VindrImage {
  std::vector<PixelBox> boxes;
  PictureSize original;  // where the data set says it
  bool two_sizes = false;
  PictureSize picture;               // of the file at hand, where `original` is not known and there are boxes
  bool unlabelled = false;           // a placeholder stands in place of a label
  std::map<std::string, int> votes;  // of the whole image, by class
  std::set<std::string> readers;
  int rows = 0;
  size_t row = 0;
  fs::path file;
};

using VindrImages = std::map<std::string, VindrImage>;

void set_original(VindrImage& image, std::optional<double> width, std::optional<double> height) {
  if (!width || !height || *width < 1 || *height < 1 || *width > 1e6 || *height > 1e6) return;
  const PictureSize size{static_cast<int>(*width), static_cast<int>(*height)};
  if (image.original.width > 0 && (image.original.width != size.width || image.original.height != size.height))
    image.two_sizes = true;
  image.original = size;
}

// Sizes of the originals as Kaggle's scaled copies bring them: rows, then columns.
void read_meta(const fs::path& file, Collector& out, VindrImages& images) {
  CsvTable table(file, out);
  const size_t id = table.column({"image_id"}), rows = table.column({"dim0", "height"}),
               columns = table.column({"dim1", "width"});
  while (table.next())
    if (const auto found = images.find(std::string(table[id])); found != images.end())
      set_original(found->second, number_of(table[columns]), number_of(table[rows]));
}

bool is_none(std::string_view name) { return lower_ascii(name) == "no finding"; }

void read_annotations(const fs::path& file, Collector& out, VindrImages& images) {
  CsvTable table(file, out);
  const size_t id = table.column({"image_id"}), name = table.column({"class_name"});
  const std::array columns = {
      table.column({"x_min"}), table.column({"y_min"}), table.column({"x_max"}), table.column({"y_max"})};
  const auto reader = table.find({"rad_id", "rad_ID"});
  const auto width = table.find({"width", "image_width", "original_width", "dim1"}),
             height = table.find({"height", "image_height", "original_height", "dim0"});
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
    set_original(v, number_of(table[width]), number_of(table[height]));
    if (is_none(table[name])) continue;
    if (is_placeholder(table[name])) {
      Study study;
      study.study_id = image;
      out.add_label(study, std::string(table[name]), file, table.line());
      v.unlabelled = true;
      continue;
    }
    std::optional<double> n[4];
    for (size_t i = 0; i < 4; ++i) n[i] = number_of(table[columns[i]]);
    if (n[0] && n[1] && n[2] && n[3])
      v.boxes.push_back({std::string(table[name]), *n[0], *n[1], *n[2], *n[3], table.line()});
    else out.remark(file, table.line(), image, "a box lacks its four numbers; it is left away");
  }
}

void read_global(const fs::path& file, Collector& out, VindrImages& images) {
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

fs::path picture_of(const std::string& id, const char* split, const Collector& out) {
  for (const char* ending : {".dicom", ".dcm", ".png", ".jpg"})
    if (fs::path path = out.root() / split / (id + ending); fs::exists(path)) return path;
  return out.root() / split / (id + ".dicom");
}

// Sizes of files that a box reaches beyond: their pictures were scaled.
using ScaledSizes = std::set<std::pair<int, int>>;

ScaledSizes read_picture_sizes(const char* split, Collector& out, VindrImages& images) {
  ScaledSizes scaled;
  for (auto& [id, image] : images) {
    const fs::path path = picture_of(id, split, out);
    if (image.boxes.empty() || image.original.width > 0 || !fs::exists(path)) continue;
    try {
      image.picture = picture_size(path);
    } catch (const Error& e) {
      out.remark(image.file, image.row, id, "the image cannot be read (" + e.problem() + ")");
      continue;
    }
    for (const PixelBox& box : image.boxes)
      if (reaches_beyond(box, image.picture)) scaled.emplace(image.picture.width, image.picture.height);
  }
  return scaled;
}

Study study_of(
    const std::string& id, const VindrImage& from, const char* split, const ScaledSizes& scaled, Collector& out) {
  Study study;
  study.study_id = study.patient_id = id;
  study.split = split;
  study.class_set = "vindr-cxr";
  out.add_image(study, {picture_of(id, split, out)}, "frontal", from.file, from.row);
  std::map<std::string, std::vector<BoxNorm>> boxes;
  if (from.two_sizes) {
    out.remark(from.file, from.row, id, "the rows give the picture two sizes; none of its boxes is kept");
  } else {
    const bool known = from.original.width > 0;
    for (NamedBox& b : boxes_in_frame(from.boxes, known ? from.original : from.picture, kRemedy, from.file, id, out))
      boxes[b.name].push_back(b.box);
    if (!known && !boxes.empty() && scaled.contains({from.picture.width, from.picture.height}))
      out.remark(from.file, from.row, id,
          std::string("the picture has the size of others that were scaled, and its boxes are kept as they are. ") +
              kRemedy);
  }
  for (const PixelBox& b : from.boxes) add_class(study, b.name);
  std::sort(study.classes.begin(), study.classes.end());
  for (const auto& [name, raw] : boxes)
    for (const BoxNorm& box : fuse_boxes(raw)) add_box(study, name, box);
  for (const auto& [name, votes] : from.votes)
    if (2 * votes > from.rows) add_class(study, name);
  if (study.classes.empty() && !from.unlabelled) add_class(study, "No finding");
  return study;
}

}  // namespace

void read_vindr(Collector& out) {
  bool any = false;
  for (const char* split : {"train", "test"}) {
    VindrImages images;
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
    if (const fs::path file = out.find({part + "_meta.csv", "annotations/" + part + "_meta.csv"}); !file.empty())
      read_meta(file, out, images);
    const ScaledSizes scaled = read_picture_sizes(split, out, images);
    Progress progress("VinDr-CXR " + part, static_cast<int64_t>(images.size()), "images");
    int64_t done = 0;
    for (const auto& [id, image] : images) {
      progress.update(done++);
      out.add(study_of(id, image, split, scaled, out), image.file, image.row);
    }
  }
  if (!any) out.need({"annotations/annotations_train.csv", "annotations_train.csv", "train.csv"});
}

}  // namespace hilum
