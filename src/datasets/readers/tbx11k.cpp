// TBX11K: annotations/json/TBX11K_train.json and TBX11K_val.json (or all_train.json and all_val.json, with other sets'
// images below extra/), COCO; images imgs/{health,sick,tb,extra}/... of 512 x 512 px. What an image without boxes shows
// stands in its folder's name. The test images' annotations are not public.
#include <map>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "datasets/readers/coco.h"
#include "datasets/readers/picture_boxes.h"
#include "datasets/readers/readers.h"

namespace hilum {
namespace {

constexpr PictureSize kTbxFrame{512, 512};

// "tb/tb0005.png" -> "tb"; "extra/da/train/n1.png" -> "extra".
std::string first_folder(const std::string& name) {
  const std::vector<std::string> parts = split_list(name, '/');
  return parts.size() > 1 ? parts[0] : "";
}

PictureSize declared_size(const CocoImage& image) {
  const bool sane = image.width && image.height && *image.width >= 1 && *image.height >= 1 && *image.width <= 1e6 &&
                    *image.height <= 1e6;
  return sane ? PictureSize{static_cast<int>(*image.width), static_cast<int>(*image.height)} : kTbxFrame;
}

Study tbx_study(const CocoImage& image, const char* split) {
  Study study;
  study.study_id = image.file_name.substr(0, image.file_name.rfind('.'));
  study.patient_id = study.study_id;
  study.split = split;
  study.class_set = "tbx11k";
  const std::string folder = first_folder(image.file_name);
  if (folder == "health") add_class(study, "Healthy");
  if (folder == "sick") add_class(study, "Sick but non-TB");
  return study;
}

void read_tbx_list(const fs::path& file, const char* split, FixedFrame& frame, Collector& out) {
  const CocoFile coco = read_coco(file, "The COCO files of TBX11K are expected.", out);
  std::map<const CocoImage*, std::vector<PixelBox>> boxes;
  for (const CocoBox& b : coco.boxes) {
    if (b.x && b.y && b.w && b.h && !b.category.empty())
      boxes[b.image].push_back({b.category, *b.x, *b.y, *b.x + *b.w, *b.y + *b.h, b.row});
    else out.remark(file, b.row, b.image->file_name, "the box lacks its category or its four numbers; it is left away");
  }
  size_t row = 0;
  for (const CocoImage& image : coco.images) {
    ++row;
    if (image.file_name.empty() || image.file_name.find("..") != std::string::npos) {
      out.left_out(file, row, image.file_name, "the image has no file_name below imgs/");
      continue;
    }
    Study study = tbx_study(image, split);
    out.add_image(study, {out.root() / "imgs" / image.file_name, out.root() / image.file_name}, "frontal", file, row);
    const std::vector<PixelBox>& own = boxes[&image];
    for (const PixelBox& b : own) out.add_label(study, b.name, file, b.row);
    const PictureSize size = declared_size(image);
    const bool usual = size.width == kTbxFrame.width && size.height == kTbxFrame.height;
    for (const NamedBox& b :
        usual ? frame.boxes(own, study, file, out) : boxes_in_frame(own, size, "", file, study.study_id, out))
      add_box(study, b.name, b.box);
    if (study.classes.empty()) {  // of tb/ without a box, or of another set: not "none of the classes"
      study.class_set.clear();
      out.remark(file, row, study.study_id, "neither a box nor its folder says what it shows; it has no classes");
    }
    out.add(std::move(study), file, row);
  }
}

}  // namespace

void read_tbx11k(Collector& out) {
  FixedFrame frame(kTbxFrame);
  fs::path last;
  for (const auto& [part, split] : {std::pair{"train", "train"}, {"val", "validate"}}) {
    const std::string folder = "annotations/json/", end = std::string(part) + ".json";
    if (const fs::path file = out.find({folder + "TBX11K_" + end, folder + "all_" + end}); !file.empty()) {
      read_tbx_list(file, split, frame, out);
      last = file;
    }
  }
  if (last.empty()) out.need({"annotations/json/TBX11K_train.json", "annotations/json/all_train.json"});
  frame.finish(last, out);
}

}  // namespace hilum
