#include "report/dicom_sr_rows.h"

#include <fmt/format.h>

#include <dcmtk/dcmsr/dsrimgvl.h>
#include <dcmtk/dcmsr/dsrscovl.h>

#include "base/error.h"
#include "report/result_text.h"

namespace hilum {
namespace {

void hold(const OFCondition& status, const char* what) {
  if (status.bad()) throw Error("dicom-sr", fmt::format("{} could not be written ({})", what, status.text()));
}

DSRCodedEntryValue entry(const CodedConcept& name) { return DSRCodedEntryValue(name.value, name.scheme, name.meaning); }

}  // namespace

void SrRows::open(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const char* template_id) {
  add(relation, DSRTypes::VT_Container, &name);
  if (template_id) hold(item().setTemplateIdentification(template_id, "DCMR"), name.meaning);
}

void SrRows::code(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const CodedConcept& value) {
  open_code(relation, name, value);
  close();
}

void SrRows::open_code(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const CodedConcept& value) {
  add(relation, DSRTypes::VT_Code, &name);
  // the meaning of a label may be any text in UTF-8, which DCMTK would hold against the default character set
  hold(item().setCodeValue(entry(value), OFFalse), name.meaning);
}

void SrRows::text(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const std::string& value) {
  string(relation, DSRTypes::VT_Text, name, value);
}

void SrRows::uid(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const std::string& value) {
  string(relation, DSRTypes::VT_UIDRef, name, value);
}

void SrRows::image(DSRTypes::E_RelationshipType relation, const CodedConcept* name, const DicomReference& image) {
  add(relation, DSRTypes::VT_Image, name);
  DSRImageReferenceValue reference(image.sop_class_uid.c_str(), image.sop_instance_uid.c_str());
  if (image.frames > 1) reference.getFrameList().addItem(1);  // the frame that was decoded
  hold(item().setImageReference(reference), "an image reference");
  close();
}

void SrRows::open_polyline(const CodedConcept& name, const std::vector<std::pair<float, float>>& points) {
  add(kContains, DSRTypes::VT_SCoord, &name);
  DSRSpatialCoordinatesValue value(DSRTypes::GT_Polyline);
  for (const auto& [column, row] : points) value.getGraphicDataList().addItem(column, row);
  hold(item().setSpatialCoordinates(value), name.meaning);
}

void SrRows::add(DSRTypes::E_RelationshipType relation, DSRTypes::E_ValueType type, const CodedConcept* name) {
  const auto mode = tree_.isEmpty() ? DSRTypes::AM_afterCurrent : DSRTypes::AM_belowCurrent;
  invariant(tree_.addContentItem(relation, type, mode) != 0, "a row that the structured report's class allows");
  if (name) hold(item().setConceptName(entry(*name)), name->meaning);
}

void SrRows::string(DSRTypes::E_RelationshipType relation, DSRTypes::E_ValueType type, const CodedConcept& name,
    const std::string& value) {
  if (value.empty()) return;
  add(relation, type, &name);
  hold(item().setStringValue(value.c_str(), OFFalse), name.meaning);
  close();
}

void add_language(SrRows& rows) {
  rows.code(kConceptMod, {"121049", "DCM", "Language of Content Item and Descendants"},
      {"en-US", "RFC5646", "English (United States)"});
}

void add_observer(SrRows& rows, const SrTreeInput& in) {
  rows.code(kObsContext, {"121005", "DCM", "Observer Type"}, {"121007", "DCM", "Device"});
  rows.uid(kObsContext, {"121012", "DCM", "Device Observer UID"}, in.device_uid);
  rows.text(kObsContext, {"121013", "DCM", "Device Observer Name"}, clean_line("Hilum " + in.report.version, 64));
  rows.text(kObsContext, {"121014", "DCM", "Device Observer Manufacturer"}, "Hilum");
  rows.text(kObsContext, {"121015", "DCM", "Device Observer Model Name"}, clean_line(in.report.model_name, 64));
  rows.text(kObsContext, {"121016", "DCM", "Device Observer Serial Number"}, in.device_uid);
}

void add_plain_texts(SrRows& rows, const Report& report, const CodedConcept& name) {
  bool said = false;
  const auto say = [&](const std::string& text) {
    rows.text(kContains, name, text);
    said = said || !text.empty();
  };
  if (report.report) say(clean_text(*report.report));
  if (report.labels)
    for (const auto& [label, state] : *report.labels)
      say(clean_line(label, 128) + (state > 0 ? ": present" : state < 0 ? ": uncertain" : ": absent"));
  if (!said) say("No findings were written.");
}

std::string sr_sentence(const Finding& finding) {
  const std::string sentence = clean_text(finding.text);
  return sentence.empty() ? "(no text)" : sentence;
}

}  // namespace hilum
