// A tiny demo model and a few phantoms: what it writes is noise, but each phantom's is its own.
#pragma once

#include "base/temp_folder_for_test.h"
#include "engine/answer/report_job.h"
#include "engine/tiny_demo_for_test.h"
#include "image/encode.h"
#include "phantom/phantom.h"
#include "report/json.h"

namespace hilum {

struct PhantomModel {
  explicit PhantomModel(int images, const BackendConfig& backend = {.threads = 1}) {
    write_tiny_demo(folder.path / "model", false);
    for (int i = 0; i < images; ++i) write_png(picture(i), make_phantom({.seed = 5, .size_px = 128}, i).frontal);
    model = Model::load(folder.path / "model", backend);
  }
  fs::path picture(int i) const { return folder.path / (std::to_string(i) + ".png"); }
  StudyRequest study(int i) const { return {.study_id = std::to_string(i), .frontal = picture(i)}; }

  TempFolder folder;
  std::unique_ptr<Model> model;
};

// What a report says, without the times it took.
inline std::string timeless_json(Report report) {
  report.load_ms = report.decode_ms = report.image_ms = report.prefill_ms = report.generate_ms = 0;
  return to_json_text(report);
}

}  // namespace hilum
