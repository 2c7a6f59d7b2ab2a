#include "report/fhir.h"

#include <cmath>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "report/json.h"
#include "report/result_text.h"

namespace hilum {
namespace {

constexpr const char* kLoinc = "http://loinc.org";
constexpr const char* kSnomed = "http://snomed.info/sct";
constexpr const char* kDicomCodes = "http://dicom.nema.org/resources/ontology/DCM";
constexpr const char* kDicomUid = "urn:dicom:uid";

std::string base64(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // EVP_EncodeBlock ends with a zero byte
  out.resize(static_cast<size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()))));
  return out;
}

Json coding(const char* system, const char* code, const char* display = nullptr) {
  Json json = {{"system", system}, {"code", code}};
  if (display) json["display"] = display;
  return json;
}
Json coding(const CodedConcept& entry) {
  const std::string_view scheme = entry.scheme;
  return coding(scheme == "SCT" ? kSnomed : scheme == "LN" ? kLoinc : kDicomCodes, entry.value, entry.meaning);
}
Json coded(Json one) { return {{"coding", Json::array({std::move(one)})}}; }

// ---- what the images say of patient and study
// ------------------------------------------------------------------------------

Json uid_identifier(const std::string& uid) { return {{"system", kDicomUid}, {"value", "urn:oid:" + uid}}; }

Json logical_reference(const char* type, Json identifier) {
  return {{"type", type}, {"identifier", std::move(identifier)}};
}

// A DICOM date as FHIR's, empty where it is none. With a time and the file's offset it is a point in time; a time alone
// would need its zone.
std::string fhir_time(const std::string& date, const std::string& time, const std::string& offset) {
  const auto digits = [](const std::string& text, size_t count) {
    return text.size() >= count && text.find_first_not_of("0123456789") >= count;
  };
  const auto number = [](const std::string& text, size_t at) { return (text[at] - '0') * 10 + text[at + 1] - '0'; };
  if (date.size() != 8 || !digits(date, 8) || date.starts_with("0000") || number(date, 4) < 1 || number(date, 4) > 12 ||
      number(date, 6) < 1 || number(date, 6) > 31)
    return "";
  std::string out = date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6, 2);
  int minutes = 0;
  if (!digits(time, 6) || number(time, 0) > 23 || number(time, 2) > 59 || number(time, 4) > 59 ||
      !read_utc_offset(offset, minutes))
    return out;
  return out + fmt::format("T{}:{}:{}{}:{}", time.substr(0, 2), time.substr(2, 2), time.substr(4, 2),
                   offset.substr(0, 3), offset.substr(3, 2));
}

void add_study(const DicomReference& image, Json& report) {
  if (const std::string number = clean_line(image.attribute(0x0008, 0x0050), 64); !number.empty()) {
    Json identifier = {
        {"type", coded(coding("http://terminology.hl7.org/CodeSystem/v2-0203", "ACSN"))}, {"value", number}};
    report["basedOn"] = Json::array({logical_reference("ServiceRequest", std::move(identifier))});
  }
}

Json subject_of(const DicomReference& image) {
  Json identifier = {{"value", clean_line(image.attribute(0x0010, 0x0020), 64)}};
  if (const std::string issuer = clean_line(image.attribute(0x0010, 0x0021), 64); !issuer.empty())
    identifier["assigner"] = {{"display", issuer}};
  return logical_reference("Patient", std::move(identifier));
}

// The study and the image whose fractions the boxes are.
Json derived_from(const DicomReference& image) {
  Json list = Json::array();
  if (!image.study_instance_uid.empty())
    list.push_back(logical_reference("ImagingStudy", uid_identifier(image.study_instance_uid)));
  if (!image.sop_instance_uid.empty()) {
    Json media = logical_reference("Media", uid_identifier(image.sop_instance_uid));
    media["display"] = fmt::format("frontal image, {} x {} px", image.columns, image.rows);
    list.push_back(std::move(media));
  }
  return list;
}

// ---- the report's parts
// ----------------------------------------------------------------------------------------------------

Json box_component(const BoxNorm& box) {
  for (const double corner : {box.x_min, box.y_min, box.x_max, box.y_max})
    check(std::isfinite(corner), "report", "has a box that is not finite");
  const auto rounded = [](double value) { return shortest_number(std::round(value * 1e6) / 1e6); };
  return {{"code", {{"text",
                       "bounding box in the frontal image, fractions of its width and height: x_min y_min x_max y_max, "
                       "from the top left"}}},
      {"valueString",
          fmt::format("{} {} {} {}", rounded(box.x_min), rounded(box.y_min), rounded(box.x_max), rounded(box.y_max))}};
}

Json observation(const Finding& finding, size_t number, const Json& common, const FindingCoder& coder) {
  const std::string text = clean_text(finding.text);
  std::optional<StatedFinding> stated;
  if (coder) stated = coder(finding.text);
  Json json = {{"resourceType", "Observation"}, {"id", fmt::format("f{}", number)}, {"status", "preliminary"}};
  json["category"] =
      Json::array({coded(coding("http://terminology.hl7.org/CodeSystem/observation-category", "imaging", "Imaging"))});
  json["code"] = stated ? coded(coding(stated->code->finding)) : Json{{"text", "Finding in the frontal image"}};
  json.update(common);
  if (text.empty())
    json["dataAbsentReason"] =
        coded(coding("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown", "Unknown"));
  else json["valueString"] = text;
  if (stated && stated->code->in_lung) {
    json["bodySite"] = coded(coding(kLungSite));
    if (const auto side = side_concept(stated->side))
      json["bodySite"]["text"] = fmt::format("{}, {}", kLungSite.meaning, side->meaning);
  }
  if (finding.boxes)
    for (const BoxNorm& box : *finding.boxes) json["component"].push_back(box_component(box));
  return json;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else out.push_back(c);
  }
  return out;
}

Json narrative(const std::string& notice, const Report& report) {
  std::string body = "<p><b>" + escaped(notice) + "</b></p>";
  if (!report.findings.empty()) {
    body += "<ol>";
    for (const Finding& finding : report.findings) body += "<li>" + escaped(clean_text(finding.text)) + "</li>";
    body += "</ol>";
  }
  if (report.report) body += "<p>" + escaped(clean_text(*report.report)) + "</p>";
  for (const std::string& warning : report.warnings) body += "<p>Warning: " + escaped(clean_text(warning)) + "</p>";
  return {{"status", "generated"}, {"div", "<div xmlns=\"http://www.w3.org/1999/xhtml\">" + body + "</div>"}};
}

std::string conclusion(const std::string& notice, const Report& report) {
  std::string text = notice;
  for (const Finding& finding : report.findings)
    if (const std::string sentence = clean_text(finding.text); !sentence.empty()) text += " " + sentence;
  if (report.report) text += " " + clean_text(*report.report);
  return std::string(clean_text(text));
}

Json engine_device(const Report& report) {
  Json device = {{"resourceType", "Device"}, {"id", "engine"}};
  if (!report.weights_sha256.empty())
    device["identifier"] = Json::array(
        {{{"type", {{"text", "SHA-256 of the model's weights"}}}, {"value", clean_line(report.weights_sha256, 128)}}});
  device["manufacturer"] = "Hilum";
  const std::string model = clean_line(report.model_name, 256);
  device["deviceName"] = Json::array({{{"name", model.empty() ? "Hilum" : model}, {"type", "model-name"}}});
  if (const std::string version = clean_line(report.version, 64); !version.empty())
    device["version"] = Json::array({{{"type", {{"text", "engine"}}}, {"value", version}}});
  return device;
}

}  // namespace

Json to_fhir(const Report& report, const StudyReferences& images, const FhirOptions& options) {
  const std::string notice = result_notice(report);
  const DicomReference* frontal = images.frontal ? &*images.frontal : nullptr;
  Json json = {{"resourceType", "DiagnosticReport"}};
  json["meta"]["tag"] = Json::array({{{"display", notice}}});
  if (report.demo)
    json["meta"]["security"] =
        Json::array({coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST", "test health data")});
  json["language"] = "en";
  json["text"] = narrative(notice, report);

  // What report and observations share.
  Json shared = Json::object();
  if (frontal && !clean_line(frontal->attribute(0x0010, 0x0020), 64).empty()) shared["subject"] = subject_of(*frontal);
  if (frontal) {
    const std::string when =
        fhir_time(frontal->attribute(0x0008, 0x0020), frontal->attribute(0x0008, 0x0030), frontal->timezone_offset);
    if (!when.empty()) shared["effectiveDateTime"] = when;
  }
  Json of_observation = shared;
  if (frontal)
    if (Json sources = derived_from(*frontal); !sources.empty()) of_observation["derivedFrom"] = std::move(sources);
  of_observation["device"] = {{"reference", "#engine"}};

  Json contained = Json::array(), results = Json::array();
  for (size_t i = 0; i < report.findings.size(); ++i) {
    contained.push_back(observation(report.findings[i], i + 1, of_observation, options.coder));
    results.push_back({{"reference", fmt::format("#f{}", i + 1)}});
  }
  if (!contained.empty()) {  // a contained resource must be referred to (dom-3), and only observations can refer to the
                             // device
    contained.push_back(engine_device(report));
    json["contained"] = std::move(contained);
  }
  if (const std::string id = clean_line(report.study_id, 256); !id.empty())
    json["identifier"] = Json::array({{{"type", {{"text", "study_id"}}}, {"value", id}}});
  if (frontal) add_study(*frontal, json);
  json["status"] = "preliminary";
  // As in US Core's example of a chest radiograph's report.
  json["category"] = Json::array({coded(coding(kLoinc, "LP29684-5", "Radiology")),
      coded(coding("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD", "Radiology"))});
  json["code"] = coded(coding(kXrayStudy));
  json["code"]["text"] = "Chest radiograph report";
  json.update(shared);
  const CivilTime issued = civil_time(options.issued_s);
  json["issued"] = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", issued.year, issued.month, issued.day,
      issued.hour, issued.minute, issued.second);
  json["performer"] = Json::array(
      {{{"display", clean_line(fmt::format("Hilum {}, model {}", report.version, report.model_name), 256)}}});
  if (!results.empty()) json["result"] = std::move(results);
  if (frontal && !frontal->study_instance_uid.empty())
    json["imagingStudy"] =
        Json::array({logical_reference("ImagingStudy", uid_identifier(frontal->study_instance_uid))});
  json["conclusion"] = conclusion(notice, report);
  json["presentedForm"] = Json::array({{{"contentType", "text/plain; charset=utf-8"}, {"language", "en"},
      {"data", base64(clean_text(to_text(report)) + "\n\n" + kNotReviewed + "\n")}, {"title", notice}}});
  return json;
}

std::string to_fhir_text(const Report& report, const StudyReferences& images, const FhirOptions& options, int indent) {
  return to_fhir(report, images, options).dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json fhir_error(const std::string& what, const std::string& code) {
  const std::string diagnostics = clean_text(what);
  return {{"resourceType", "OperationOutcome"},
      {"issue", Json::array({{{"severity", "error"}, {"code", code},
                    {"diagnostics", diagnostics.empty() ? "no report was written" : diagnostics}}})}};
}

}  // namespace hilum
