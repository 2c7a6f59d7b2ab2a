// XrayGPT's training form: filter_cap.json ({"annotations": [{"image_id", "caption"}]}) and image/<image_id>.jpg (its
// MIMIC-CXR) or .png (its OpenI). An annotation is an image: a report with two views gives two with one caption. The
// views are not said.
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "datasets/json_row.h"
#include "datasets/readers/picture_index.h"
#include "datasets/readers/readers.h"
#include "datasets/report_sections.h"

namespace hilum {

void read_xraygpt(Collector& out) {
  const fs::path file = out.need({"filter_cap.json"});
  const Json all = read_json_file(file);
  check(all.is_object() && all.contains("annotations") && all["annotations"].is_array(), file.c_str(),
      "has no list 'annotations'", "{\"annotations\": [{\"image_id\": ..., \"caption\": ...}]} is expected.");
  const fs::path pictures = folder_of(out) / "image";
  size_t row = 0;
  for (const Json& a : all["annotations"]) {
    ++row;
    const std::string id = json_text(a, "image_id");
    const auto caption = section_text(json_text(a, "caption"));
    if (id.empty() || !caption || fs::path(id).filename() != id) {
      out.left_out(file, row, id, "image_id is no name of a file, or the caption is missing");
      continue;
    }
    out.count("annotations");
    Study study;
    study.study_id = id;
    study.report = *caption;
    out.add_image(
        study, {pictures / (id + ".jpg"), pictures / (id + ".png"), pictures / (id + ".dcm")}, "other", file, row);
    out.add(std::move(study), file, row);
  }
}

}  // namespace hilum
