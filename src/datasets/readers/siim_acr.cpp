// SIIM-ACR pneumothorax: train-rle.csv (or stage_2_train.csv; ImageId, EncodedPixels: a row a mask, or -1 for none) and
// DICOM files named by ImageId in folders of their own. Run lengths go through the 1024 x 1024 px frame column by
// column, each start counted from the end of the run before. The masks of an image are united; a box is drawn around
// each part.
#include <map>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/picture_boxes.h"
#include "datasets/readers/picture_index.h"
#include "datasets/readers/readers.h"
#include "datasets/readers/run_lengths.h"

namespace hilum {
namespace {

constexpr PictureSize kSiimFrame{1024, 1024};
constexpr const char* kPneumothorax = "Pneumothorax";

struct MaskedImage {
  std::vector<std::vector<PixelRun>> masks;  // as the rows give them
  bool none = false;
  size_t row = 0, mask_row = 0;
};
using MaskedImages = std::map<std::string, MaskedImage>;

MaskedImages read_masks(CsvTable& table, Collector& out) {
  const size_t id = table.column({"ImageId"}), pixels = table.column({"EncodedPixels"});
  MaskedImages images;
  while (table.next()) {
    const std::string name(table[id]);
    if (name.empty()) {
      out.left_out(table.file(), table.line(), "", "ImageId is empty");
      continue;
    }
    MaskedImage& image = images[name];
    if (image.row == 0) image.row = table.line();
    if (table[pixels] == "-1") {
      image.none = true;
    } else if (is_placeholder(table[pixels])) {
      Study study;
      study.study_id = name;
      out.add_label(study, std::string(table[pixels]), table.file(), table.line());
    } else if (auto runs = parse_run_lengths(table[pixels])) {
      image.masks.push_back(std::move(*runs));
      image.mask_row = table.line();
    } else {
      out.remark(table.file(), table.line(), name,
          "EncodedPixels is neither -1 nor pairs of start and length; the image has no label from this row");
    }
  }
  return images;
}

// Relative starts fall again and again; where they grow in every mask of the file, they are counted from the beginning.
bool is_absolute(const MaskedImages& images) {
  bool any = false;
  for (const auto& [name, image] : images)
    for (const auto& mask : image.masks) {
      if (mask.size() < 3) continue;
      if (!starts_grow(mask)) return false;
      any = true;
    }
  return any;
}

// The masks of an image as one list of runs from the beginning of the frame; none where one of them leaves it.
std::optional<std::vector<PixelRun>> united(const MaskedImage& image) {
  std::vector<PixelRun> all;
  for (const auto& mask : image.masks) {
    const auto placed = from_relative_starts(mask, int64_t{kSiimFrame.width} * kSiimFrame.height);
    if (!placed) return std::nullopt;
    all.insert(all.end(), placed->begin(), placed->end());
  }
  return all;
}

}  // namespace

void read_siim_acr(Collector& out) {
  CsvTable table(out.need({"train-rle.csv", "stage_2_train.csv"}), out);
  const MaskedImages images = read_masks(table, out);
  const bool absolute = is_absolute(images);
  if (absolute)
    out.remark(table.file(), 0, "",
        "the starts grow in every mask of three runs and more: they are counted from the beginning of the frame, and "
        "not from the end of the run before as in the published file. No boxes are made of them");
  const PictureIndex pictures(folder_of(out));
  FixedFrame frame(kSiimFrame);
  for (const auto& [name, image] : images) {
    Study study;
    study.study_id = study.patient_id = name;
    study.split = "train";
    const fs::path usual = folder_of(out) / "dicom-images-train" / (name + ".dcm");
    out.add_image(study, {pictures.find(name, usual)}, "frontal", table.file(), image.row);
    const bool known = image.none || !image.masks.empty();
    if (known) {
      study.class_set = "siim-acr";
      study.labels[kPneumothorax] = image.masks.empty() ? 0 : 1;
    }
    if (image.none && !image.masks.empty())
      out.remark(table.file(), image.mask_row, name, "one row says none and another has a mask; the mask counts");
    if (!image.masks.empty()) add_class(study, kPneumothorax);
    if (!image.masks.empty() && !absolute) {
      std::vector<PixelBox> boxes;
      if (const auto runs = united(image)) {
        for (const PixelRectangle& r : boxes_of_runs(*runs, kSiimFrame.width, kSiimFrame.height))
          boxes.push_back(
              {kPneumothorax, double(r.x_min), double(r.y_min), double(r.x_max), double(r.y_max), image.mask_row});
      } else {
        out.remark(table.file(), image.mask_row, name,
            "the runs of a mask end beyond the frame of 1024 x 1024 px; no box is made of it");
      }
      for (const NamedBox& b : frame.boxes(boxes, study, table.file(), out)) add_box(study, b.name, b.box);
    }
    out.add(std::move(study), table.file(), image.row);
  }
  frame.finish(table.file(), out);
}

}  // namespace hilum
