// PadChest: one CSV, a row an image, images in folders named by ImageDir (or beside each other). Reports are Spanish
// and stemmed; labels are Python lists.
#include <map>

#include "base/error.h"
#include "base/file.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/python_list.h"
#include "datasets/readers/readers.h"
#include "datasets/report_sections.h"

namespace hilum {

void read_padchest(Collector& out) {
  CsvTable table(
      out.need({"PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv", "PADCHEST_chest_x_ray_images_labels_160K.csv"}),
      out);
  const size_t image = table.column({"ImageID"}), study_id = table.column({"StudyID"}),
               patient = table.column({"PatientID"}), labels = table.column({"Labels"});
  const auto folder = table.find({"ImageDir"}), date = table.find({"StudyDate_DICOM"}),
             birth = table.find({"PatientBirth"}), sex = table.find({"PatientSex_DICOM"}),
             projection = table.find({"Projection"}), report = table.find({"Report"});
  struct Gathered {
    Study study;
    size_t row;
    std::string when;
  };
  std::map<std::string, Gathered> studies;
  std::vector<std::string> order;
  while (table.next()) {
    const std::string id(table[study_id]), name(table[image]);
    if (id.empty() || name.empty() || table[patient].empty()) {
      out.left_out(table.file(), table.line(), id, "StudyID, ImageID or PatientID is empty");
      continue;
    }
    const auto [at, is_new] = studies.try_emplace(id, Gathered{{}, table.line(), std::string(table[date])});
    Study& study = at->second.study;
    if (is_new) {
      order.push_back(id);
      study.study_id = id;
      study.patient_id = table[patient];
      study.sex = sex_of(table[sex]);
      study.class_set = "padchest";
      study.report = section_text(table[report]);
      const auto year = number_of(table[date].substr(0, 4)), born = number_of(table[birth]);
      if (year && born && *year >= *born && *year - *born <= 120)
        study.age_months = static_cast<int>((*year - *born) * 12);  // to the year
    }
    if (const auto names = parse_python_list(table[labels])) {
      for (const std::string& label : *names) out.add_label(study, label, table.file(), table.line());
    } else if (!table[labels].empty()) {
      out.remark(table.file(), table.line(), id, "the labels are no list of names; none of them counts");
    }
    std::vector<fs::path> ways = {
        out.root() / std::string(table[folder]) / name, out.root() / name, out.root() / "images" / name};
    if (table[folder].empty()) ways.erase(ways.begin());
    out.add_image(study, ways, view_of(table[projection]), table.file(), table.line());
  }
  for (const std::string& id : order)
    out.add(std::move(studies[id].study), table.file(), studies[id].row, studies[id].when);
}

}  // namespace hilum
