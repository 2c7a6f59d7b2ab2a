// BRAX 1.1.0: master_spreadsheet_update.csv, a row an image (DicomPath, PngPath, PatientID, PatientSex, PatientAge in
// steps of five years, StudyDate, the 14 labels, ViewPosition). Paths end in
// id_<PatientID>/Study_<UID>/Series_<UID>/image-<UID>; the images of a study are those below one Study_ folder.
#include <map>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/picture_index.h"
#include "datasets/readers/readers.h"

namespace hilum {
namespace {

struct BraxStudy {
  Study study;
  size_t row = 0;
  std::string when;
};

// The folder "Study_<UID>" of a path; empty where there is none, or where the path leaves its root.
std::string study_folder(std::string_view path) {
  std::string found;
  for (const std::string& part : split_list(path, '/')) {
    if (part == "..") return "";
    if (part.starts_with("Study_")) found = part;
  }
  return found;
}

// "25", or "85 or more", which is the last of the steps.
std::optional<int> age_of(std::string_view cell) {
  const std::string_view number = cell.ends_with(" or more") ? cell.substr(0, cell.size() - 8) : cell;
  return months_of_age(number);
}

}  // namespace

void read_brax(Collector& out) {
  CsvTable table(out.need({"master_spreadsheet_update.csv"}), out);
  const fs::path root = folder_of(out);
  const auto dicom = table.find({"DicomPath"}), png = table.find({"PngPath"});
  check(dicom || png, table.file().c_str(), "has neither a column DicomPath nor PngPath",
      "The spreadsheet of BRAX 1.1.0 is expected.");
  const size_t patient = table.column({"PatientID"}), view = table.column({"ViewPosition"});
  const auto sex = table.find({"PatientSex"}), age = table.find({"PatientAge"}), date = table.find({"StudyDate"});
  const ChexpertColumns labels(table);
  std::map<std::string, BraxStudy> studies;
  while (table.next()) {
    const std::string id = study_folder(dicom ? table[dicom] : table[png]);
    if (id.empty() || table[patient].empty()) {
      out.left_out(table.file(), table.line(), "",
          "PatientID is empty or the path is not .../id_.../Study_.../Series_.../image-...");
      continue;
    }
    auto [at, is_new] = studies.try_emplace(id);
    Study& study = at->second.study;
    if (is_new) {
      at->second.row = table.line();
      at->second.when = table[date];
      study.study_id = id;
      study.patient_id = "brax-" + std::string(table[patient]);
      study.sex = sex_of(table[sex]);
      study.age_months = age_of(table[age]);
      if (!table[age].empty() && !study.age_months)
        out.remark(table.file(), table.line(), id, "the age is no age in years; it is left away");
    } else if (study.patient_id != "brax-" + std::string(table[patient])) {
      out.left_out(table.file(), table.line(), id, "the study has two patients; the image stays out");
      continue;
    }
    labels.read(table, study, out);
    std::vector<fs::path> ways;
    for (const auto& column : {dicom, png})
      if (!table[column].empty() && !study_folder(table[column]).empty())
        ways.push_back(root / std::string(table[column]));
    out.add_image(study, ways, view_of(table[view]), table.file(), table.line());
  }
  for (auto& [id, gathered] : studies) out.add(std::move(gathered.study), table.file(), gathered.row, gathered.when);
}

}  // namespace hilum
