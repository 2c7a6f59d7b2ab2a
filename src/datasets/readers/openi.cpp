// Indiana University / OpenI. XML: ecgen-radiology/<n>.xml (or the archive NLMCXR_reports.tgz as published), images
// NLMCXR_png/<id>.png; the XML does not say which image is frontal, indiana_projections.csv beside it does. CSV:
// indiana_reports.csv, indiana_projections.csv, images/images_normalized/. Reports have no patient: each counts as a
// patient of its own.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/progress.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/openi_xml.h"
#include "datasets/readers/packed_file.h"
#include "datasets/readers/readers.h"
#include "datasets/report_sections.h"

namespace hilum {
namespace {

struct Projection {
  std::string file, view;
};

// By uid ("1"), in file order.
std::unordered_map<std::string, std::vector<Projection>> read_projections(const fs::path& file, Collector& out) {
  std::unordered_map<std::string, std::vector<Projection>> by_uid;
  CsvTable table(file, out);
  const size_t uid = table.column({"uid"}), name = table.column({"filename"}),
               projection = table.column({"projection"});
  while (table.next())
    by_uid[std::string(table[uid])].push_back({std::string(table[name]), view_of(table[projection])});
  return by_uid;
}

// "CXR10_IM-0002-1001" (report 1 alone: "CXR1_1_IM-0001-3001") and "10_IM-0002-1001.dcm.png" are the same picture.
std::string picture_key(std::string_view name) {
  if (name.starts_with("CXR")) {
    name.remove_prefix(3);
    const std::string_view number = name.substr(0, name.find("_IM"));
    if (const size_t twice = number.rfind('_'); twice != std::string_view::npos) name.remove_prefix(twice + 1);
  }
  return std::string(name.substr(0, name.find(".dcm")));
}

// A report and where it was: a file of its own, or one of the archive.
struct XmlFile {
  fs::path path;
  std::string_view bytes;
  bool is_loose = false;
};

// Numbers by value, so that 2.xml comes before 10.xml.
bool by_number(const XmlFile& a, const XmlFile& b) {
  const std::string x = a.path.stem().string(), y = b.path.stem().string();
  return x.size() != y.size() ? x.size() < y.size() : x < y;
}

std::vector<XmlFile> find_reports(Collector& out, std::string& archive) {
  std::vector<XmlFile> files;
  for (const char* folder : {"ecgen-radiology", "NLMCXR_reports/ecgen-radiology", "."}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(out.root() / folder, error))
      if (entry.path().extension() == ".xml") files.push_back({entry.path(), {}, true});
    if (!files.empty()) break;
  }
  if (files.empty()) {
    const fs::path packed = out.need(
        {"ecgen-radiology/ with its .xml files", "NLMCXR_reports.tgz", "NLMCXR_reports.tar", "NLMCXR_reports.tar.gz"});
    archive = read_text_file(packed);
    for (const TarEntry& entry : read_tar(archive, packed.string()))
      if (entry.name.ends_with(".xml")) files.push_back({packed / entry.name, entry.bytes, false});
    check(!files.empty(), packed.c_str(), "holds no .xml file",
        "Reports of the Indiana University collection are expected.");
  }
  std::sort(files.begin(), files.end(), by_number);
  return files;
}

Study study_of(const OpeniReport& report, const fs::path& file, size_t row, Collector& out) {
  Study study;
  study.study_id = study.patient_id = report.id;
  study.indication = section_text(report.indication);
  study.comparison = section_text(report.comparison);
  set_findings(study, report.findings);
  study.impression = report.impression;
  if (!report.mesh.empty()) {
    study.class_set = "openi-mesh";
    for (const std::string& term : report.mesh) out.add_label(study, term, file, row);
  }
  return study;
}

}  // namespace

void read_openi_xml(Collector& out) {
  std::string archive;
  const std::vector<XmlFile> files = find_reports(out, archive);
  std::unordered_map<std::string, std::string> views;
  const fs::path projections = fs::is_directory(out.root()) ? out.find({"indiana_projections.csv"}) : fs::path();
  if (projections.empty()) {
    out.remark(out.root(), 0, "",
        "indiana_projections.csv is not there: which images are frontal is not known, their view is 'other'");
  } else {
    for (const auto& [uid, pictures] : read_projections(projections, out))
      for (const Projection& p : pictures) views[picture_key(p.file)] = p.view;
  }
  Progress progress("OpenI", static_cast<int64_t>(files.size()), "reports");
  for (size_t i = 0; i < files.size(); ++i) {
    const XmlFile& file = files[i];
    progress.update(static_cast<int64_t>(i));
    out.count("XML files");
    OpeniReport report;
    try {
      const std::string loose = file.is_loose ? read_file(file.path, 16 << 20) : "";
      report = parse_openi_xml(file.is_loose ? std::string_view(loose) : file.bytes, file.path.string());
    } catch (const Error& e) {
      out.left_out(file.path, 0, file.path.stem().string(), e.problem());
      continue;
    }
    Study study = study_of(report, file.path, 0, out);
    if (report.images.empty()) out.count("reports without image");
    for (const std::string& image : report.images) {
      const std::string key = picture_key(image);
      const auto view = views.find(key);
      if (!views.empty() && view == views.end()) out.count("images of unknown view");
      out.add_image(study,
          {out.root() / "NLMCXR_png" / (image + ".png"), out.root() / (image + ".png"),
              out.root() / "NLMCXR_dcm" / (key + ".dcm"),
              out.root() / "images" / "images_normalized" / (key + ".dcm.png")},
          view == views.end() ? "other" : view->second, file.path, 0);
    }
    const bool findings = !report.findings.empty(), impression = !report.impression.empty();
    out.count(findings && impression ? "findings and impression"
              : findings             ? "findings only"
              : impression           ? "impression only"
                                     : "neither findings nor impression");
    out.add(std::move(study), file.path, 0);
  }
}

void read_openi_csv(Collector& out) {
  std::unordered_map<std::string, std::vector<Projection>> projections;
  if (const fs::path file = out.find({"indiana_projections.csv"}); !file.empty())
    projections = read_projections(file, out);
  else out.remark(out.root(), 0, "", "indiana_projections.csv is not there: the studies have no images");
  CsvTable table(out.need({"indiana_reports.csv"}), out);
  const size_t uid = table.column({"uid"}), findings = table.column({"findings"}),
               impression = table.column({"impression"});
  const auto mesh = table.find({"MeSH"}), indication = table.find({"indication"}),
             comparison = table.find({"comparison"});
  while (table.next()) {
    OpeniReport report{.id = "CXR" + std::string(table[uid])};
    report.comparison = table[comparison];
    report.indication = table[indication];
    report.findings = table[findings];
    report.impression = section_text(table[impression]).value_or("");
    report.mesh = split_list(table[mesh], ';');
    Study study = study_of(report, table.file(), table.line(), out);
    for (const Projection& p : projections[std::string(table[uid])])
      out.add_image(study,
          {out.root() / "images" / "images_normalized" / p.file, out.root() / "images_normalized" / p.file,
              out.root() / p.file},
          p.view, table.file(), table.line());
    out.count(!table[findings].empty() && !table[impression].empty() ? "findings and impression"
              : !table[findings].empty()                             ? "findings only"
              : !table[impression].empty()                           ? "impression only"
                                                                     : "neither findings nor impression");
    out.add(std::move(study), table.file(), table.line());
  }
}

}  // namespace hilum
