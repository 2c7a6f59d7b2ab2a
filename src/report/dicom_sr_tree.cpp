// TID 1500 row by row. Concepts: PS3.16 TID 1500, 1001, 1004, 1204, 1410, 1501, 1600; relation and type of each row as
// in the templates.
#include "report/dicom_sr_tree.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmsr/dsrdoctr.h>
#include <dcmtk/dcmsr/dsrimgvl.h>
#include <dcmtk/dcmsr/dsrscovl.h>

#include "base/error.h"
#include "report/result_text.h"

namespace hilum {
namespace {

constexpr auto kContains = DSRTypes::RT_contains, kObsContext = DSRTypes::RT_hasObsContext,
               kConceptMod = DSRTypes::RT_hasConceptMod;
constexpr CodedConcept kComment{"121106", "DCM", "Comment"}, kSource{"260753009", "SCT", "Source"};

void hold(const OFCondition& status, const char* what) {
  if (status.bad()) throw Error("dicom-sr", fmt::format("{} could not be written ({})", what, status.text()));
}

DSRCodedEntryValue entry(const CodedConcept& name) { return DSRCodedEntryValue(name.value, name.scheme, name.meaning); }

// Adds rows below the container that is open. Leaves leave the cursor on it.
class Tree {
 public:
  explicit Tree(DSRDocumentTree& tree) : tree_(tree) {}

  void open(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const char* template_id = nullptr) {
    add(relation, DSRTypes::VT_Container, &name);
    if (template_id) hold(item().setTemplateIdentification(template_id, "DCMR"), name.meaning);
  }
  void close() { tree_.goUp(); }

  void code(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const CodedConcept& value) {
    open_code(relation, name, value);
    close();
  }
  void open_code(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const CodedConcept& value) {
    add(relation, DSRTypes::VT_Code, &name);
    hold(item().setCodeValue(entry(value)), name.meaning);
  }
  // `value` is clean UTF-8, not checked again: DCMTK would hold it against the default character set. Empty: the row
  // stays out.
  void text(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const std::string& value) {
    string(relation, DSRTypes::VT_Text, name, value);
  }
  void uid(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const std::string& value) {
    string(relation, DSRTypes::VT_UIDRef, name, value);
  }
  void image(DSRTypes::E_RelationshipType relation, const CodedConcept* name, const DicomReference& image) {
    add(relation, DSRTypes::VT_Image, name);
    DSRImageReferenceValue reference(image.sop_class_uid.c_str(), image.sop_instance_uid.c_str());
    if (image.frames > 1) reference.getFrameList().addItem(1);  // the frame that was decoded
    hold(item().setImageReference(reference), "an image reference");
    close();
  }
  void open_polyline(const CodedConcept& name, const std::vector<std::pair<float, float>>& points) {
    add(kContains, DSRTypes::VT_SCoord, &name);
    DSRSpatialCoordinatesValue value(DSRTypes::GT_Polyline);
    for (const auto& [column, row] : points) value.getGraphicDataList().addItem(column, row);
    hold(item().setSpatialCoordinates(value), name.meaning);
  }

 private:
  DSRContentItem& item() { return tree_.getCurrentContentItem(); }
  void add(DSRTypes::E_RelationshipType relation, DSRTypes::E_ValueType type, const CodedConcept* name) {
    const auto mode = tree_.isEmpty() ? DSRTypes::AM_afterCurrent : DSRTypes::AM_belowCurrent;
    invariant(tree_.addContentItem(relation, type, mode) != 0, "a row that the structured report's class allows");
    if (name) hold(item().setConceptName(entry(*name)), name->meaning);
  }
  void string(DSRTypes::E_RelationshipType relation, DSRTypes::E_ValueType type, const CodedConcept& name,
      const std::string& value) {
    if (value.empty()) return;
    add(relation, type, &name);
    hold(item().setStringValue(value.c_str(), OFFalse), name.meaning);
    close();
  }

  DSRDocumentTree& tree_;
};

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

// Rows of TID 1410 (a region) or 1501 (none): one measurement group.
void add_group(Tree& tree, const SrTreeInput& in, const Finding& finding, const std::string& name,
    const std::vector<std::pair<float, float>>& region, const std::string& remark) {
  const Report& report = in.report;
  tree.open(kContains, {"125007", "DCM", "Measurement Group"}, region.empty() ? "1501" : "1410");
  tree.text(kObsContext, {"112039", "DCM", "Tracking Identifier"}, name);
  tree.uid(kObsContext, {"112040", "DCM", "Tracking Unique Identifier"}, in.new_uid());
  if (const auto stated = in.coder ? in.coder(finding.text) : std::nullopt) {
    if (stated->code->kind == FindingKind::kAbnormality)
      tree.code(kContains, {"276214006", "SCT", "Finding category"}, kAbnormalStructure);
    tree.code(kContains, {"121071", "DCM", "Finding"}, stated->code->finding);
    if (stated->code->in_lung) {
      tree.open_code(kContains, {"363698007", "SCT", "Finding Site"}, kLungSite);
      if (const auto side = side_concept(stated->side))
        tree.code(kConceptMod, {"272741003", "SCT", "Laterality"}, *side);
      tree.close();
    }
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
  const std::string sentence = clean_text(finding.text);
  tree.text(kContains, kComment, (sentence.empty() ? "(no text)" : sentence) + remark);
  tree.close();
}

void add_findings(Tree& tree, const SrTreeInput& in) {
  tree.open(kContains, {"126010", "DCM", "Imaging Measurements"});
  for (size_t i = 0; i < in.report.findings.size(); ++i) {
    const Finding& finding = in.report.findings[i];
    const std::string name = fmt::format("Finding {}", i + 1);
    size_t regions = 0, outside = 0;
    if (finding.boxes)
      for (const BoxNorm& box : *finding.boxes) {
        const auto region = corners(box, *in.images.frontal);
        if (region.empty()) ++outside;
        else add_group(tree, in, finding, fmt::format("{} box {}", name, ++regions), region, "");
      }
    if (regions == 0) add_group(tree, in, finding, name, {}, outside ? " (box outside the image)" : "");
  }
  tree.close();
}

// What concerns the whole image: plain reports, labels, or that nothing was written.
void add_whole(Tree& tree, const Report& report) {
  tree.open(kContains, {"C0034375", "UMLS", "Qualitative Evaluations"});
  bool said = false;
  const auto say = [&](const std::string& text) {
    tree.text(kContains, kComment, text);
    said = said || !text.empty();
  };
  if (report.report) say(clean_text(*report.report));
  if (report.labels)
    for (const auto& [name, state] : *report.labels)
      say(clean_line(name, 128) + (state > 0 ? ": present" : state < 0 ? ": uncertain" : ": absent"));
  if (!said) say("No findings were written.");
  tree.close();
}

}  // namespace

void build_sr_tree(DSRDocumentTree& document, const SrTreeInput& in) {
  const Report& report = in.report;
  Tree tree(document);
  tree.open(DSRTypes::RT_isRoot, {"126000", "DCM", "Imaging Measurement Report"}, "1500");
  tree.code(kConceptMod, {"121049", "DCM", "Language of Content Item and Descendants"},
      {"en-US", "RFC5646", "English (United States)"});
  tree.code(kObsContext, {"121005", "DCM", "Observer Type"}, {"121007", "DCM", "Device"});
  tree.uid(kObsContext, {"121012", "DCM", "Device Observer UID"}, in.device_uid);
  tree.text(kObsContext, {"121013", "DCM", "Device Observer Name"}, clean_line("Hilum " + report.version, 64));
  tree.text(kObsContext, {"121014", "DCM", "Device Observer Manufacturer"}, "Hilum");
  tree.text(kObsContext, {"121015", "DCM", "Device Observer Model Name"}, clean_line(report.model_name, 64));
  tree.text(kObsContext, {"121016", "DCM", "Device Observer Serial Number"}, in.device_uid);
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
  if (!report.findings.empty()) add_findings(tree, in);
  if (report.findings.empty() || report.report || report.labels) add_whole(tree, report);
}

}  // namespace hilum
