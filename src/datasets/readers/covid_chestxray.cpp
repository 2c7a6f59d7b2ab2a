// covid-chestxray-dataset: metadata.csv, a row an image; images/ (or the row's folder). Columns grew over time; what is
// there is read. CT slices are left out. The licence stands in each row: counts name them all.
#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/readers.h"
#include "datasets/report_sections.h"

namespace hilum {

void read_covid_chestxray(Collector& out) {
  CsvTable table(out.need({"metadata.csv"}), out);
  const size_t file = table.column({"filename", "imagename"}), finding = table.column({"finding"}),
               patient = table.column({"patientid", "Patientid"});
  const auto sex = table.find({"sex"}), age = table.find({"age"}), view = table.find({"view"}),
             modality = table.find({"modality"}), folder = table.find({"folder"}),
             notes = table.find({"clinical_notes", "notes"}), licence = table.find({"license"}),
             offset = table.find({"offset"});
  while (table.next()) {
    const std::string name(table[file]);
    Study study;
    study.study_id = std::filesystem::path(name).stem().string();
    if (name.empty() || table[patient].empty()) {
      out.left_out(table.file(), table.line(), study.study_id, "filename or patientid is empty");
      continue;
    }
    const std::string seen = lower_ascii(table[view]);
    if (lower_ascii(table[modality]) == "ct" || seen.starts_with("axial") || seen.starts_with("coronal")) {
      out.left_out(table.file(), table.line(), study.study_id, "a slice of a CT, not a radiograph");
      continue;
    }
    study.patient_id = "covid-" + std::string(table[patient]);
    study.sex = sex_of(table[sex]);
    study.age_months = months_of_age(table[age]);
    study.indication = section_text(table[notes]);
    study.class_set = "covid-chestxray";
    // A path, "Pneumonia/Viral/COVID-19"; its end may not have been looked at yet: "Pneumonia/todo".
    std::string path(table[finding]);
    for (size_t cut = path.rfind('/');
        cut != std::string::npos && is_placeholder(std::string_view(path).substr(cut + 1)); cut = path.rfind('/')) {
      out.add_label(study, path.substr(cut + 1), table.file(), table.line());
      path.resize(cut);
    }
    if (!path.empty()) out.add_label(study, path, table.file(), table.line());
    out.count("licence " + (table[licence].empty() ? "not said" : std::string(table[licence])));
    const std::string in = table[folder].empty() ? "images" : std::string(table[folder]);
    out.add_image(study, {out.root() / in / name, out.root() / "images" / name, out.root() / name},
        view_of(table[view]), table.file(), table.line());
    const auto day = number_of(table[offset]);  // days since symptoms
    out.add(std::move(study), table.file(), table.line(),
        day && *day >= 0 ? std::string(6 - std::min<size_t>(6, table[offset].size()), '0') + std::string(table[offset])
                         : "");
  }
}

}  // namespace hilum
