// MIMIC-CXR and MIMIC-CXR-JPG. Images files/p10/p10000032/s50414267/<dicom_id>.jpg (.dcm, .png), listed with their
// views in mimic-cxr-2.0.0-metadata.csv or, without views, in cxr-record-list.csv; reports
// files/p10/p10000032/s50414267.txt, in place or under --reports; labels of a study -chexpert.csv, else -negbio.csv;
// -split.csv by image, alike within a patient.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/progress.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/readers.h"
#include "datasets/readers/section_parser.h"
#include "datasets/report_sections.h"

namespace hilum {
namespace {

struct Picture {
  std::string dicom_id, view;
};

struct MimicStudy {
  std::string patient, split, when;  // patient and study numbers without their letters
  std::vector<Picture> pictures;
  size_t row = 0;
  fs::path file;
};

using Studies = std::map<std::string, MimicStudy>;  // by study number

bool is_number(std::string_view text, char first) {
  return text.size() == 8 && text[0] == first && is_ascii_number(text);
}

void read_pictures(const fs::path& file, Collector& out, Studies& studies) {
  CsvTable table(file, out);
  const size_t dicom = table.column({"dicom_id"}), subject = table.column({"subject_id"}),
               study = table.column({"study_id"});
  const auto view = table.find({"ViewPosition"}), date = table.find({"StudyDate"}), time = table.find({"StudyTime"});
  while (table.next()) {
    if (!is_number(table[subject], '1') || !is_number(table[study], '5')) {
      out.left_out(file, table.line(), std::string(table[study]),
          "subject_id or study_id is no number of 8 digits beginning with 1 or 5");
      continue;
    }
    MimicStudy& s = studies[std::string(table[study])];
    if (s.pictures.empty()) {
      s.patient = table[subject];
      s.row = table.line();
      s.file = file;
      if (!table[date].empty()) {
        std::string clock(table[time].substr(0, table[time].find('.')));  // "85812.5" is 08:58:12
        s.when = std::string(table[date]) + " " + (clock.size() < 6 ? std::string(6 - clock.size(), '0') : "") + clock;
      }
    } else if (s.patient != table[subject]) {
      out.left_out(file, table.line(), "s" + std::string(table[study]),
          "the study has images of two patients; this one is left out");
      continue;
    }
    s.pictures.push_back({std::string(table[dicom]), view_of(table[view])});
  }
  if (!view)
    out.remark(file, 0, "",
        "the file has no views: which images are frontal is not known, their view is 'other'; the metadata file of "
        "MIMIC-CXR-JPG has them");
}

// Reports without any list: files/p10/p10000032/s50414267.txt.
void find_reports(const fs::path& folder, Studies& studies) {
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
      !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string study = entry->path().stem().string(), patient = entry->path().parent_path().filename().string();
    if (entry->path().extension() != ".txt" || study.size() != 9 || patient.size() != 9 ||
        !is_number(std::string_view(study).substr(1), '5'))
      continue;
    studies[study.substr(1)].patient = patient.substr(1);
    studies[study.substr(1)].file = entry->path();
  }
}

void read_splits(const fs::path& file, Collector& out, Studies& studies) {
  CsvTable table(file, out);
  const size_t study = table.column({"study_id"}), split = table.column({"split"});
  while (table.next())
    if (const auto found = studies.find(std::string(table[study])); found != studies.end())
      found->second.split = table[split];
}

void set_report(Study& study, const fs::path& file, Collector& out) {
  const std::string text = read_file(file, 1 << 20);
  const auto sections = parse_sections(text);
  const auto section = [&](const char* name) { return section_text(last_section(sections, name).value_or("")); };
  study.technique = section("technique");
  study.comparison = section("comparison");
  study.indication = section("indication");
  if (!study.indication) study.indication = section("history");
  set_findings(study, last_section(sections, "findings").value_or(""));
  study.impression = section("impression").value_or("");
  if (study.findings.empty() && study.impression.empty())
    study.report = section_text(label_text(text, study.study_id).text);
  out.count(!study.findings.empty() && !study.impression.empty() ? "findings and impression"
            : !study.findings.empty()                            ? "findings only"
            : !study.impression.empty()                          ? "impression only"
            : study.report                                       ? "neither, last paragraph or the like"
                                                                 : "neither findings nor impression");
}

}  // namespace

void read_mimic_cxr(Collector& out) {
  Studies studies;
  const fs::path metadata = out.find({"mimic-cxr-2.0.0-metadata.csv", "mimic-cxr-2.1.0-metadata.csv"}),
                 records = out.find({"cxr-record-list.csv"});
  const fs::path reports = out.options().reports.empty() ? out.root() : out.options().reports;
  if (!metadata.empty()) read_pictures(metadata, out, studies);
  else if (!records.empty()) read_pictures(records, out, studies);
  else find_reports(reports / "files", studies);
  check(!studies.empty(), out.root().c_str(),
      "holds neither mimic-cxr-2.0.0-metadata.csv nor cxr-record-list.csv (.gz too) nor reports under files/",
      "Name the folder of MIMIC-CXR or MIMIC-CXR-JPG; --reports names the reports' folder where they lie elsewhere.");
  if (const fs::path file = out.find({"mimic-cxr-2.0.0-split.csv", "mimic-cxr-2.1.0-split.csv"}); !file.empty())
    read_splits(file, out, studies);

  std::unordered_map<std::string, Study> labelled;
  if (const fs::path file = out.find({"mimic-cxr-2.0.0-chexpert.csv", "mimic-cxr-2.1.0-chexpert.csv",
          "mimic-cxr-2.0.0-negbio.csv", "mimic-cxr-2.1.0-negbio.csv"});
      !file.empty()) {
    CsvTable table(file, out);
    const ChexpertColumns labels(table);
    const size_t study = table.column({"study_id"});
    while (table.next()) {
      Study& s = labelled[std::string(table[study])];
      s.study_id = "s" + std::string(table[study]);
      labels.read(table, s, out);
    }
  }

  Progress progress("MIMIC-CXR", static_cast<int64_t>(studies.size()), "studies");
  int64_t done = 0;
  bool has_reports = false;
  for (const auto& [number, from] : studies) {
    progress.update(done++);
    Study study;
    study.study_id = "s" + number;
    study.patient_id = "p" + from.patient;
    study.split = from.split;
    const fs::path folder = fs::path("files") / ("p" + from.patient.substr(0, 2)) / ("p" + from.patient);
    for (const Picture& picture : from.pictures) {
      const fs::path stem = out.root() / folder / ("s" + number) / picture.dicom_id;
      out.add_image(study, {stem.string() + ".jpg", stem.string() + ".dcm", stem.string() + ".png"}, picture.view,
          from.file, from.row);
    }
    fs::path report = reports / folder / ("s" + number + ".txt");
    if (!fs::exists(report)) report = from.file.extension() == ".txt" ? from.file : fs::path();
    if (report.empty()) out.count("studies without report file");
    else {
      has_reports = true;
      set_report(study, report, out);
    }
    if (const auto found = labelled.find(number); found != labelled.end())
      study.labels = std::move(found->second.labels);
    out.add(std::move(study), from.file, from.row, from.when);
  }
  if (!has_reports)
    out.remark(reports / "files", 0, "",
        "no report was found: the studies carry images and labels alone; --reports names the folder that holds files/ "
        "of MIMIC-CXR's reports");
}

}  // namespace hilum
