// MS-CXR: phrases with boxes on images of MIMIC-CXR-JPG. The CSV (category_name, label_text, path, x, y, w, h,
// image_width, image_height, dicom_id, split from 1.1.0 on) or the COCO JSON beside it. A phrase with several boxes is
// several rows; they become one finding. A study of ours is one image, named by its dicom_id, since boxes hold for that
// image alone.
#include <map>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "datasets/readers/coco.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/picture_boxes.h"
#include "datasets/readers/readers.h"
#include "datasets/sentences.h"

namespace hilum {
namespace {

struct Annotation {
  std::string category, text, path, dicom, split;
  std::optional<double> x, y, w, h, width, height;
  size_t row;
};

struct Located {
  Study study;
  size_t row = 0, two_sizes = 0;  // lines; 0: none
  PictureSize frame;              // as its first row gives it
  std::vector<PixelBox> boxes;
};

class Images {
 public:
  Images(const fs::path& file, Collector& out) : file_(file), out_(out) {}

  void add(const Annotation& a) {
    const std::string text = single_spaced(a.text);
    if (a.dicom.empty() || text.empty() || !a.x || !a.y || !a.w || !a.h || !a.width || !a.height) {
      out_.left_out(file_, a.row, a.dicom, "the image, the phrase or a number of the box is missing");
      return;
    }
    if (*a.w <= 0 || *a.h <= 0) return out_.left_out(file_, a.row, a.dicom, "the box has no area");
    const PictureSize size{static_cast<int>(*a.width), static_cast<int>(*a.height)};
    const auto [at, is_new] = studies_.try_emplace(a.dicom);
    Located& gathered = at->second;
    Study& study = gathered.study;
    if (is_new) {
      gathered.row = a.row;
      gathered.frame = size;
      study.study_id = a.dicom;
      study.class_set = "ms-cxr";
      study.split = a.split == "val" || a.split == "validation" ? "validate" : a.split;
      for (const std::string& part : split_list(a.path, '/'))
        if (part.size() == 9 && part[0] == 'p') study.patient_id = part;
      out_.add_image(study, {out_.root() / a.path, out_.root() / fs::path(a.path).filename()}, "frontal", file_, a.row);
    }
    if (size.width != gathered.frame.width || size.height != gathered.frame.height) gathered.two_sizes = a.row;
    gathered.boxes.push_back({text, *a.x, *a.y, *a.x + *a.w, *a.y + *a.h, a.row});
    if (!a.category.empty()) out_.add_label(study, a.category, file_, a.row);
  }

  void finish() {
    for (auto& [id, gathered] : studies_) {
      if (gathered.two_sizes > 0) {
        out_.remark(file_, gathered.two_sizes, id, "the rows give the picture two sizes; none of its boxes is kept");
        gathered.boxes.clear();
      }
      const auto boxes = boxes_in_frame(
          gathered.boxes, gathered.frame, "image_width and image_height give the frame", file_, id, out_);
      for (const NamedBox& b : boxes) add_box(gathered.study, b.name, b.box);
      out_.add(std::move(gathered.study), file_, gathered.row);
    }
  }

 private:
  fs::path file_;
  Collector& out_;
  std::map<std::string, Located> studies_;
};

void read_csv(const fs::path& file, Collector& out) {
  CsvTable table(file, out);
  const size_t category = table.column({"category_name"}), text = table.column({"label_text"}),
               path = table.column({"path"}), dicom = table.column({"dicom_id"});
  const size_t x = table.column({"x"}), y = table.column({"y"}), w = table.column({"w"}), h = table.column({"h"});
  const size_t width = table.column({"image_width"}), height = table.column({"image_height"});
  const auto split = table.find({"split"});
  Images images(file, out);
  while (table.next())
    images.add({std::string(table[category]), std::string(table[text]), std::string(table[path]),
        std::string(table[dicom]), std::string(table[split]), number_of(table[x]), number_of(table[y]),
        number_of(table[w]), number_of(table[h]), number_of(table[width]), number_of(table[height]), table.line()});
  images.finish();
}

void read_json(const fs::path& file, Collector& out) {
  const CocoFile coco = read_coco(file, "The COCO file of MS-CXR is expected.", out);
  Images into(file, out);
  for (const CocoBox& b : coco.boxes) {
    const std::string& path = b.image->path.empty() ? b.image->file_name : b.image->path;
    into.add({b.category, b.text, path, fs::path(path).stem().string(), b.image->split, b.x, b.y, b.w, b.h,
        b.image->width, b.image->height, b.row});
  }
  into.finish();
}

}  // namespace

void read_ms_cxr(Collector& out) {
  const fs::path csv = out.find({"MS_CXR_Local_Alignment_v1.1.0.csv", "MS_CXR_Local_Alignment_v1.0.0.csv"});
  if (!csv.empty() && csv.extension() != ".json") return read_csv(csv, out);
  read_json(out.need({"MS_CXR_Local_Alignment_v1.1.0.json", "MS_CXR_Local_Alignment_v1.0.0.json"}), out);
}

}  // namespace hilum
