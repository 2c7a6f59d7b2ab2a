// BrixIA COVID-19: metadata_global_v2.csv (fields between semicolons) or metadata_global_v1.csv (commas), a row an
// image: Filename, Subject, StudyDate, Sex, BrixiaScore (six digits of 0..3, the zones A to F; zeros in front may be
// lost), BrixiaScoreGlobal (their sum), ConsensusTestset. metadata_consensus_v1.csv: ModeA ... ModeF of five readers
// for the consensus test set. Images dicom_clean/<Filename>.
#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/picture_index.h"
#include "datasets/readers/readers.h"

namespace hilum {
namespace {

using Zones = std::array<int, 6>;
constexpr std::string_view kZoneNames = "abcdef";

// "11" is "000011": spreadsheets take the digits for a number.
std::optional<Zones> zones_of(std::string_view digits) {
  if (!is_ascii_number(digits) || digits.size() > 6) return std::nullopt;
  Zones zones{};
  const size_t lost = zones.size() - digits.size();
  for (size_t i = 0; i < digits.size(); ++i) {
    zones[lost + i] = digits[i] - '0';
    if (zones[lost + i] > 3) return std::nullopt;
  }
  return zones;
}

int sum_of(const Zones& zones) { return std::accumulate(zones.begin(), zones.end(), 0); }

void set_targets(Study& study, const std::string& name, const Zones& zones) {
  for (size_t i = 0; i < zones.size(); ++i) study.targets[name + "_" + kZoneNames[i]] = zones[i];
  study.targets[name + "_global"] = sum_of(zones);
}

// Each image's zones as most of the five readers scored them.
std::map<std::string, Zones> read_consensus(const fs::path& file, Collector& out) {
  CsvTable table(file, out);
  const size_t name = table.column({"Filename"});
  std::array<size_t, 6> columns{};
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string mode = std::string("Mode") + kZoneNames[i];
    columns[i] = table.column({mode});
  }
  std::map<std::string, Zones> all;
  while (table.next()) {
    Zones zones{};
    bool whole = true;
    for (size_t i = 0; i < columns.size(); ++i) {
      const auto value = number_of(table[columns[i]]);
      whole = whole && value && (*value == 0 || *value == 1 || *value == 2 || *value == 3);
      if (whole) zones[i] = static_cast<int>(*value);
    }
    if (whole) all[std::string(table[name])] = zones;
    else
      out.remark(file, table.line(), std::string(table[name]),
          "ModeA to ModeF are not six scores of 0 to 3; the consensus is left away");
  }
  return all;
}

// The words of the scale for what the zones hold.
void add_classes(Study& study, const Zones& zones) {
  const int worst = *std::max_element(zones.begin(), zones.end());
  study.class_set = "brixia";
  if (worst == 0) add_class(study, "no lung abnormalities");
  if (worst >= 1) add_class(study, "interstitial infiltrates");
  if (worst >= 2) add_class(study, "alveolar infiltrates");
}

}  // namespace

void read_brixia(Collector& out) {
  CsvTable table(out.need({"metadata_global_v2.csv", "metadata_global_v1.csv", "data/metadata_global_v2.csv",
                     "data/metadata_global_v1.csv"}),
      out);
  const fs::path folder = table.file().parent_path();
  const size_t file = table.column({"Filename"}), score = table.column({"BrixiaScore"});
  const auto patient = table.find({"Subject"}), sex = table.find({"Sex"}), date = table.find({"StudyDate"}),
             total = table.find({"BrixiaScoreGlobal"}), test = table.find({"ConsensusTestset"});
  std::map<std::string, Zones> consensus;
  if (fs::is_regular_file(folder / "metadata_consensus_v1.csv"))
    consensus = read_consensus(folder / "metadata_consensus_v1.csv", out);
  const PictureIndex pictures(folder);
  while (table.next()) {
    const std::string name(table[file]);
    Study study;
    study.study_id = fs::path(name).stem().string();
    if (name.empty()) {
      out.left_out(table.file(), table.line(), "", "Filename is empty");
      continue;
    }
    if (!table[patient].empty()) study.patient_id = "brixia-" + std::string(table[patient]);
    study.sex = sex_of(table[sex]);
    if (const auto in_test = number_of(table[test])) study.split = *in_test == 1 ? "test" : "train";
    out.add_image(study, {pictures.find(study.study_id, folder / "dicom_clean" / fs::path(name).filename())}, "frontal",
        table.file(), table.line());
    const auto zones = zones_of(table[score]);
    const auto sum = number_of(table[total]);
    if (!zones) {
      out.remark(table.file(), table.line(), study.study_id,
          "BrixiaScore is not up to six digits of 0 to 3; the scores are left away");
    } else if (total && sum != sum_of(*zones)) {
      out.remark(table.file(), table.line(), study.study_id,
          "BrixiaScoreGlobal is not the sum of BrixiaScore's digits; the scores are left away");
    } else {
      set_targets(study, "brixia", *zones);
      add_classes(study, *zones);
    }
    if (const auto found = consensus.find(name); found != consensus.end())
      set_targets(study, "brixia_consensus", found->second);
    out.add(std::move(study), table.file(), table.line(), std::string(table[date]));
  }
}

}  // namespace hilum
