// PadChest-GR: grounded_reports_20240819.json (a list of studies; sentences in English and Spanish with boxes in 0..1
// of the image) and master_table.csv (patient, sex, split). The English sentences are read; the second reader's
// extra_boxes are not.
#include <algorithm>

#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/progress.h"
#include "datasets/json_row.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/readers.h"
#include "datasets/sentences.h"

namespace hilum {
namespace {

struct Master {
  std::string patient, sex, split;
};

std::unordered_map<std::string, Master> read_master(const fs::path& file, Collector& out) {
  std::unordered_map<std::string, Master> by_study;
  CsvTable table(file, out);
  const size_t study = table.column({"StudyID"});
  const auto patient = table.find({"PatientID"}), sex = table.find({"PatientSex_DICOM"}), split = table.find({"split"});
  while (table.next())
    by_study[std::string(table[study])] = {std::string(table[patient]), sex_of(table[sex]),
        table[split] == "validation" ? "validate" : std::string(table[split])};
  return by_study;
}

// Boxes of a finding; a bad one is listed. `beyond` becomes true where one reaches beyond 0..1 by more than rounding.
std::vector<BoxNorm> boxes_of(
    const Json& finding, const std::string& id, size_t row, const fs::path& file, Collector& out, bool& beyond) {
  constexpr double kSlack = 0.002;  // 2 px of 1000
  std::vector<BoxNorm> boxes;
  const auto found = finding.find("boxes");
  if (found == finding.end() || !found->is_array()) return boxes;
  for (const Json& b : *found) {
    std::optional<double> v[4];
    if (b.is_array() && b.size() == 4)
      for (size_t i = 0; i < 4; ++i) v[i] = json_number(b[i]);
    const bool whole = v[0] && v[1] && v[2] && v[3];
    for (const auto& n : v) beyond = beyond || (n && (*n < -kSlack || *n > 1 + kSlack));
    if (whole && *v[0] < *v[2] && *v[1] < *v[3])
      boxes.push_back({std::clamp(*v[0], 0.0, 1.0), std::clamp(*v[1], 0.0, 1.0), std::clamp(*v[2], 0.0, 1.0),
          std::clamp(*v[3], 0.0, 1.0)});
    else
      out.remark(file, row, id, "a box is not [x_min, y_min, x_max, y_max] within 0..1 with an area; it is left away");
  }
  return boxes;
}

}  // namespace

void read_padchest_gr(Collector& out) {
  const fs::path file = out.need({"grounded_reports_20240819.json", "grounded_reports.json"});
  std::unordered_map<std::string, Master> master;
  if (const fs::path table = out.find({"master_table.csv"}); !table.empty()) master = read_master(table, out);
  else out.remark(out.root() / "master_table.csv", 0, "", "is not there: patients and splits are not known");
  const Json all = read_json_file(file);
  check(all.is_array(), file.c_str(), "is no list of studies", "The file grounded_reports_20240819.json is expected.");
  Progress progress("PadChest-GR", static_cast<int64_t>(all.size()), "studies");
  for (size_t row = 1; row <= all.size(); ++row) {
    progress.update(static_cast<int64_t>(row));
    out.count("studies listed");
    const Json& from = all[row - 1];
    Study study;
    study.study_id = json_text(from, "StudyID");
    const std::string image = json_text(from, "ImageID");
    if (study.study_id.empty() || image.empty() || !from.contains("findings") || !from["findings"].is_array()) {
      out.left_out(file, row, study.study_id, "StudyID, ImageID or the list of findings is missing");
      continue;
    }
    if (const auto found = master.find(study.study_id); found != master.end()) {
      study.patient_id = found->second.patient;
      study.sex = found->second.sex;
      study.split = found->second.split;
    }
    study.class_set = "padchest-gr";
    bool in_pixels = false;
    for (const Json& f : from["findings"]) {
      const std::string text = single_spaced(json_text(f, "sentence_en"));
      if (text.empty()) {
        out.remark(file, row, study.study_id, "a finding has no English sentence; it is left away");
        continue;
      }
      Finding finding{.text = text};
      if (auto boxes = boxes_of(f, study.study_id, row, file, out, in_pixels); !boxes.empty())
        finding.boxes = std::move(boxes);
      study.findings.push_back(std::move(finding));
      if (f.contains("labels") && f["labels"].is_array())
        for (const Json& label : f["labels"])
          if (label.is_string()) out.add_label(study, label.get<std::string>(), file, row);
    }
    if (in_pixels) {
      for (Finding& finding : study.findings) finding.boxes.reset();
      out.remark(file, row, study.study_id,
          "a box reaches beyond 0..1: the boxes lie in a frame of another size, and none of this picture is kept");
    }
    const auto ways = [&](const std::string& name) {
      return std::vector{out.root() / "PadChest_GR" / name, out.root() / name};
    };
    out.add_image(study, ways(image), "frontal", file, row);
    if (const std::string prior = json_text(from, "PreviousImageID"); !prior.empty())
      out.add_image(study,
          {out.root() / "PadChest_GR_progression_prior_studies" / prior, out.root() / "PadChest_GR" / prior,
              out.root() / prior},
          "prior_frontal", file, row);
    out.add(std::move(study), file, row);
  }
}

}  // namespace hilum
