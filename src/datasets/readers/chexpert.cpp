// CheXpert: train.csv and valid.csv (Path, Sex, Age, Frontal/Lateral, AP/PA, 14 labels; a row an image), and the test
// set's groundtruth.csv or test_labels.csv (a row a study or an image). Paths begin with the folder's name,
// CheXpert-v1.0 or -small.
#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/readers.h"

namespace hilum {
namespace {

struct Gathered {
  Study study;
  size_t row = 0;
};

// "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg" below its first folder; the study is patient and
// study.
struct Place {
  fs::path below;
  std::string patient, study;
};

std::optional<Place> place_of(std::string_view path, bool is_study) {
  const std::vector<std::string> parts = split_list(path, '/');
  Place place;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == "..") return std::nullopt;
    if (i > 0 || !parts[i].starts_with("CheXpert")) place.below /= parts[i];
    if (parts[i].starts_with("patient")) place.patient = parts[i];
    if (parts[i].starts_with("study") && !place.patient.empty()) place.study = place.patient + "_" + parts[i];
  }
  const size_t last = is_study ? 1 : 2;
  if (place.study.empty() || parts.size() < last + 1 || !parts[parts.size() - last].starts_with("study"))
    return std::nullopt;
  return place;
}

void add_views(Study& study, const fs::path& folder, const fs::path& file, size_t row, Collector& out) {
  std::error_code error;
  std::vector<fs::path> images;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".jpg" || entry.path().extension() == ".png") images.push_back(entry.path());
  std::sort(images.begin(), images.end());
  for (const fs::path& image : images) {
    const std::string name = image.stem().string();
    out.add_image(study, {image},
        name.ends_with("_frontal")   ? "frontal"
        : name.ends_with("_lateral") ? "lateral"
                                     : "other",
        file, row);
  }
  if (images.empty()) out.add_image(study, {folder / "view1_frontal.jpg"}, "frontal", file, row);
}

void read_part(const fs::path& file, const char* split, Collector& out) {
  CsvTable table(file, out);
  const size_t path = table.column({"Path", "Study"});
  const bool is_study = lower_ascii(table.header()[path]) == "study";
  const auto sex = table.find({"Sex"}), age = table.find({"Age"}), side = table.find({"Frontal/Lateral"});
  const ChexpertColumns labels(table);
  std::map<std::string, Gathered> studies;
  std::vector<std::string> order;
  while (table.next()) {
    const auto place = place_of(table[path], is_study);
    if (!place) {
      out.left_out(
          file, table.line(), "", "the path is not .../patientN/studyN" + std::string(is_study ? "" : "/viewN_...jpg"));
      continue;
    }
    auto [at, is_new] = studies.try_emplace(place->study);
    Study& study = at->second.study;
    if (is_new) {
      order.push_back(place->study);
      at->second.row = table.line();
      study.study_id = place->study;
      study.patient_id = place->patient;
      study.split = split;
      study.sex = sex_of(table[sex]);
      study.age_months = months_of_age(table[age]);
    }
    labels.read(table, study, out);
    if (is_study) {
      add_views(study, out.root() / place->below, file, table.line(), out);
    } else {
      const std::string name = place->below.stem().string();
      const std::string view = side                         ? view_of(table[side])
                               : name.ends_with("_frontal") ? "frontal"
                               : name.ends_with("_lateral") ? "lateral"
                                                            : "other";
      out.add_image(
          study, {out.root() / place->below, out.root() / std::string(table[path])}, view, file, table.line());
    }
  }
  for (const std::string& id : order) out.add(std::move(studies[id].study), file, studies[id].row, id);
}

}  // namespace

void read_chexpert(Collector& out) {
  bool any = false;
  for (const auto& [names, split] :
      std::vector<std::pair<std::vector<const char*>, const char*>>{{{"train.csv"}, "train"},
          {{"valid.csv"}, "validate"}, {{"groundtruth.csv", "test_labels.csv", "test.csv"}, "test"}})
    for (const char* name : names)
      if (const fs::path file = out.find({name}); !file.empty()) {
        read_part(file, split, out);
        any = true;
        break;
      }
  if (!any) out.need({"train.csv", "valid.csv", "groundtruth.csv"});
}

}  // namespace hilum
