// SIIM-FISABIO-RSNA COVID-19: train_study_level.csv (id <study>_study, a column of 0 and 1 a class),
// train_image_level.csv (id <image>_image, boxes, label, StudyInstanceUID), train/<study>/<series>/<image>.dcm. Boxes
// are pixels of the original, whose size a DICOM file has; for scaled copies meta.csv (image_id, dim0 = rows, dim1 =
// columns) gives it. A study of ours is one image, since boxes hold for that image alone; the study's identifier stands
// for the patient, whom the tables do not name.
#include <map>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "datasets/readers/box_string.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/picture_boxes.h"
#include "datasets/readers/picture_index.h"
#include "datasets/readers/readers.h"

namespace hilum {
namespace {

constexpr const char* kSizeRemedy = "Give the originals' sizes: meta.csv (image_id, dim0, dim1)";

std::string without(std::string_view id, std::string_view ending) {
  return std::string(id.ends_with(ending) ? id.substr(0, id.size() - ending.size()) : id);
}

// What the classes' columns say of a study.
struct StudyRow {
  std::vector<std::string> classes, placeholders;
  size_t row = 0;
};

std::map<std::string, StudyRow> read_study_level(const fs::path& file, Collector& out) {
  CsvTable table(file, out);
  const size_t id = table.column({"id"});
  std::map<std::string, StudyRow> studies;
  while (table.next()) {
    StudyRow& study = studies[without(table[id], "_study")];
    study.row = table.line();
    for (size_t i = 0; i < table.header().size(); ++i) {
      if (i == id) continue;
      if (number_of(table[i]) == 1.0) study.classes.push_back(table.header()[i]);
      else if (is_placeholder(table[i])) study.placeholders.emplace_back(table[i]);
    }
  }
  return studies;
}

std::map<std::string, PictureSize> read_sizes(const fs::path& file, Collector& out) {
  CsvTable table(file, out);
  const size_t id = table.column({"image_id"}), rows = table.column({"dim0"}), columns = table.column({"dim1"});
  std::map<std::string, PictureSize> sizes;
  while (table.next()) {
    const auto height = number_of(table[rows]), width = number_of(table[columns]);
    if (height && width && *height >= 1 && *width >= 1 && *height <= 1e6 && *width <= 1e6)
      sizes[without(table[id], "_image")] = {static_cast<int>(*width), static_cast<int>(*height)};
  }
  return sizes;
}

// The size of the original: as the meta file gives it, else that of a DICOM file; 0 x 0 where neither says it.
PictureSize original_size(const std::map<std::string, PictureSize>& meta, const std::string& id, const fs::path& path) {
  if (const auto found = meta.find(id); found != meta.end()) return found->second;
  const std::string ending = lower_ascii(path.extension().string());
  return fs::exists(path) && (ending == ".dcm" || ending == ".dicom") ? picture_size(path) : PictureSize{};
}

}  // namespace

void read_siim_covid(Collector& out) {
  const fs::path image_file = out.need({"train_image_level.csv"});
  const fs::path root = folder_of(out);
  std::map<std::string, StudyRow> studies;
  if (fs::is_regular_file(root / "train_study_level.csv"))
    studies = read_study_level(root / "train_study_level.csv", out);
  else out.remark("train_study_level.csv", 0, "", "is not there; the images have boxes and no classes");
  std::map<std::string, PictureSize> meta;
  if (fs::is_regular_file(root / "meta.csv")) meta = read_sizes(root / "meta.csv", out);
  const PictureIndex pictures(root);
  CsvTable table(image_file, out);
  const size_t id = table.column({"id"}), label = table.column({"label"}), of = table.column({"StudyInstanceUID"});
  while (table.next()) {
    const std::string name = without(table[id], "_image");
    if (name.empty() || table[of].empty()) {
      out.left_out(image_file, table.line(), name, "id or StudyInstanceUID is empty");
      continue;
    }
    Study study;
    study.study_id = name;
    study.patient_id = table[of];
    study.split = "train";
    const fs::path picture = pictures.find(name, root / "train" / study.patient_id / (name + ".dcm"));
    out.add_image(study, {picture}, "frontal", image_file, table.line());
    if (const auto found = studies.find(study.patient_id); found != studies.end()) {
      study.class_set = "siim-covid";
      for (const std::string& c : found->second.classes) out.add_label(study, c, image_file, table.line());
      for (const std::string& c : found->second.placeholders) out.add_label(study, c, image_file, table.line());
    } else if (!studies.empty()) {
      out.remark(image_file, table.line(), name, "train_study_level.csv does not list its study; it has no classes");
    }
    const auto boxes = parse_box_string(table[label]);
    if (!boxes)
      out.remark(image_file, table.line(), name,
          "label is no list of name, confidence and four numbers; the image has no boxes from it");
    if (boxes && !boxes->empty()) {
      std::vector<PixelBox> in_pixels;
      for (const BoxInText& b : *boxes) in_pixels.push_back({b.name, b.x_min, b.y_min, b.x_max, b.y_max, table.line()});
      try {
        const PictureSize size = original_size(meta, name, picture);
        if (size.width == 0 && fs::exists(picture)) {
          out.remark(image_file, table.line(), name,
              std::string("the picture is a copy whose scale is not known; none of its boxes is kept. ") + kSizeRemedy);
          out.count("boxes in another frame", static_cast<int64_t>(boxes->size()));
        } else {
          for (const NamedBox& b : boxes_in_frame(in_pixels, size, kSizeRemedy, image_file, name, out))
            add_box(study, b.name, b.box);
        }
      } catch (const Error& e) {
        out.remark(image_file, table.line(), name, "the image cannot be read (" + e.problem() + ")");
      }
    }
    out.add(std::move(study), image_file, table.line());
  }
}

}  // namespace hilum
