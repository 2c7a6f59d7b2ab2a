// TID 1500 row by row. Concepts: PS3.16 TID 1500, 1001, 1004, 1204, 1410, 1501, 1600; relation and type of each row as
// in the templates.
#include "report/dicom_sr_tree.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "report/dicom_sr_rows.h"
#include "report/result_text.h"

namespace hilum {
namespace {

constexpr CodedConcept kSource{"260753009", "SCT", "Source"};

// Closed polyline round the box, in pixels with 0\0 at the top left corner of the top left pixel (PS3.3 C.18.6.1.2),
// clipped to the image. Empty: nothing of the box lies in the image.
std::vector<std::pair<float, float>> corners(const BoxNorm& box, const DicomReference& image) {
  for (const double corner : {box.x_min, box.y_min, box.x_max, box.y_max})
    check(std::isfinite(corner), "report", "has a box that is not finite");
  const auto px = [](double fraction, int size) { return static_cast<float>(std::clamp(fraction, 0.0, 1.0) * size); };
  const float left = px(std::min(box.x_min, box.x_max), image.columns),
              right = px(std::max(box.x_min, box.x_max), image.columns);
  const float top = px(std::min(box.y_min, box.y_max), image.rows),
              bottom = px(std::max(box.y_min, box.y_max), image.rows);
  if (!(left < right && top < bottom)) return {};
  return {{left, top}, {right, top}, {right, bottom}, {left, bottom}, {left, top}};
}

// Readers that show a group's Finding show nothing of one that has no code: such a finding gets one of our own scheme,
// whose meaning is the sentence, cut to what a code's meaning may have (64 characters). Equal texts have equal codes.
void add_label(SrRows& tree, const Finding& finding) {
  const std::string label = clean_line(finding.text, 64);
  if (label.empty()) return;
  const std::string value = "T-" + sha256_hex(label).substr(0, 14);  // a code's value has at most 16
  tree.code(kContains, kFindingConcept, {value.c_str(), kOwnScheme, label.c_str()});
}

// Rows of TID 1410 (a region) or 1501 (none): one measurement group.
void add_group(SrRows& tree, const SrTreeInput& in, const Finding& finding, const std::string& name,
    const std::vector<std::pair<float, float>>& region, const std::string& remark) {
  const Report& report = in.report;
  tree.open(kContains, {"125007", "DCM", "Measurement Group"}, region.empty() ? "1501" : "1410");
  tree.text(kObsContext, {"112039", "DCM", "Tracking Identifier"}, name);
  tree.uid(kObsContext, {"112040", "DCM", "Tracking Unique Identifier"}, in.new_uid());
  if (const auto stated = in.coder ? in.coder(finding.text) : std::nullopt) {
    if (stated->code->kind == CodedKind::kAbnormality)
      tree.code(kContains, {"276214006", "SCT", "Finding category"}, kAbnormalStructure);
    tree.code(kContains, kFindingConcept, stated->code->finding);
    if (stated->code->in_lung) {
      tree.open_code(kContains, {"363698007", "SCT", "Finding Site"}, kLungSite);
      if (const auto side = side_concept(stated->side))
        tree.code(kConceptMod, {"272741003", "SCT", "Laterality"}, *side);
      tree.close();
    }
  } else {
    add_label(tree, finding);
  }
  tree.text(kConceptMod, {"111001", "DCM", "Algorithm Name"}, clean_line(report.model_name, 256));
  tree.text(kConceptMod, {"111003", "DCM", "Algorithm Version"}, clean_line(report.version, 256));
  std::string parameters = "task=" + clean_line(report.task, 64) + fmt::format("; seed={}", report.seed);
  if (!report.sampling.empty()) parameters += "; sampling=" + clean_line(report.sampling, 128);
  if (!report.weights_sha256.empty()) parameters += "; weights sha256=" + clean_line(report.weights_sha256, 128);
  tree.text(kConceptMod, {"111002", "DCM", "Algorithm Parameters"}, parameters);
  if (!region.empty()) {
    tree.code(kContains, {"130400", "DCM", "Geometric purpose of region"}, {"75958009", "SCT", "Bounded by"});
    tree.open_polyline({"111030", "DCM", "Image Region"}, region);
    tree.image(DSRTypes::RT_selectedFrom, &kSource, *in.images.frontal);
    tree.close();
  }
  tree.text(kContains, kComment, sr_sentence(finding) + remark);
  tree.close();
}

// The regions of a finding's boxes; those that lie outside the image, or have no area, have none.
std::vector<std::vector<std::pair<float, float>>> regions_of(const Finding& finding, const DicomReference& frontal) {
  std::vector<std::vector<std::pair<float, float>>> regions;
  for (const BoxNorm& box : finding.boxes.value_or(std::vector<BoxNorm>()))
    if (auto region = corners(box, frontal); !region.empty()) regions.push_back(std::move(region));
  return regions;
}

std::string remark_on(const Finding& finding) {
  return finding.boxes && !finding.boxes->empty() ? " (box outside the image)" : "";
}

void add_measurements(SrRows& tree, const SrTreeInput& in) {
  tree.open(kContains, {"126010", "DCM", "Imaging Measurements"});
  for (size_t i = 0; i < in.report.findings.size(); ++i) {
    const Finding& finding = in.report.findings[i];
    const std::string name = fmt::format("Finding {}", i + 1);
    size_t count = 0;
    for (const auto& region : regions_of(finding, *in.images.frontal))
      add_group(tree, in, finding, fmt::format("{} box {}", name, ++count), region, "");
    if (count == 0 && in.layout == SrLayout::kGroups) add_group(tree, in, finding, name, {}, remark_on(finding));
  }
  tree.close();
}

// What has no region: sentences (in the layout for viewers), plain reports, labels, or that nothing was written.
void add_evaluations(SrRows& tree, const SrTreeInput& in) {
  const Report& report = in.report;
  const bool plain = report.findings.empty() || report.report || report.labels;
  std::vector<const Finding*> sentences;
  if (in.layout == SrLayout::kViewer)
    for (const Finding& finding : report.findings)
      if (regions_of(finding, *in.images.frontal).empty()) sentences.push_back(&finding);
  if (!plain && sentences.empty()) return;
  tree.open(kContains, {"C0034375", "UMLS", "Qualitative Evaluations"});
  for (const Finding* finding : sentences) {
    if (const auto stated = in.coder ? in.coder(finding->text) : std::nullopt)
      tree.code(kContains, kFindingConcept, stated->code->finding);
    tree.text(kContains, kFindingConcept, sr_sentence(*finding) + remark_on(*finding));
  }
  if (plain) add_plain_texts(tree, report, kComment);
  tree.close();
}

}  // namespace

void build_sr_tree(DSRDocumentTree& document, const SrTreeInput& in) {
  const Report& report = in.report;
  SrRows tree(document);
  tree.open(DSRTypes::RT_isRoot, {"126000", "DCM", "Imaging Measurement Report"}, "1500");
  add_language(tree);
  add_observer(tree, in);
  tree.code(kConceptMod, {"121058", "DCM", "Procedure reported"}, kXrayStudy);
  tree.text(kContains, kComment, result_notice(report));
  for (const std::string& warning : report.warnings)
    if (const std::string text = clean_text(warning); !text.empty()) tree.text(kContains, kComment, "Warning: " + text);
  tree.open(kContains, {"111028", "DCM", "Image Library"});
  tree.open(kContains, {"126200", "DCM", "Image Library Group"});
  for (const auto* image : {&in.images.frontal, &in.images.lateral, &in.images.prior})
    if (*image) tree.image(kContains, nullptr, **image);
  tree.close();
  tree.close();
  if (in.layout == SrLayout::kGroups ? !report.findings.empty() : has_regions(report, *in.images.frontal))
    add_measurements(tree, in);
  add_evaluations(tree, in);
}

bool has_regions(const Report& report, const DicomReference& frontal) {
  return std::ranges::any_of(
      report.findings, [&](const Finding& finding) { return !regions_of(finding, frontal).empty(); });
}

}  // namespace hilum
