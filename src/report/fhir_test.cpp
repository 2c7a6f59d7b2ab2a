// Our own check of structure and contents. With HILUM_FHIR_SCHEMA naming the published fhir.schema.json of R4 (4.0.1),
// each document is held against that too (scripts/check_fhir).
#include "report/fhir.h"
#include "base/environment.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "report/result_files_for_test.h"
#include "report/result_text.h"

namespace hilum {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const FhirOptions kOptions{kTestTime, test_coder};

std::string decoded(const std::string& text) {
  static const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0, count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<unsigned>(alphabet.find(c));
    if ((count += 6) >= 8) out.push_back(static_cast<char>(bits >> (count -= 8) & 255));
  }
  return out;
}

// What R4 asks of every element used here, checked on the whole tree: no empty value, known names in their place, code
// systems that are URIs, references that resolve or are logical, strings without control characters.
class Structure {
 public:
  explicit Structure(const Json& report) : report_(report) {
    for (const Json& inner : report.value("contained", Json::array())) ids_.insert(inner.at("id").get<std::string>());
    EXPECT_EQ(ids_.size(), report.value("contained", Json::array()).size()) << "ids of contained resources";
    walk(report, "DiagnosticReport");
    EXPECT_EQ(referred_, ids_) << "every contained resource is referred to (dom-3)";
  }

 private:
  void walk(const Json& json, const std::string& at) {
    if (json.is_object()) {
      EXPECT_FALSE(json.empty()) << at;
      if (json.contains("reference")) {
        const auto target = json["reference"].get<std::string>();
        EXPECT_THAT(target, StartsWith("#")) << at << ": nothing is known of a server";
        EXPECT_TRUE(ids_.contains(target.substr(1))) << at << ": " << target;
        referred_.insert(target.substr(1));
      }
      if (json.contains("code") && json["code"].is_string()) {
        EXPECT_THAT(json.value("system", ""), StartsWith("http://")) << at;
      }
      if (json.contains("type") && json["type"].is_string() && !at.ends_with("deviceName")) {
        EXPECT_TRUE(json.contains("identifier")) << at << ": a logical reference names an identifier";
        EXPECT_FALSE(json["identifier"].at("value").get<std::string>().empty()) << at;
      }
      for (const auto& [name, value] : json.items()) walk(value, at + "." + name);
    } else if (json.is_array()) {
      EXPECT_FALSE(json.empty()) << at;
      for (const Json& value : json) walk(value, at);
    } else if (json.is_string()) {
      const auto text = json.get<std::string>();
      EXPECT_FALSE(text.empty()) << at;
      EXPECT_EQ(text, clean_text(text)) << at;
    } else {
      ADD_FAILURE() << at << " is neither text nor a structure";
    }
  }

  const Json& report_;
  std::set<std::string> ids_, referred_;
};

void check_schema(const Json& document) {
  const char* schema = environment("HILUM_FHIR_SCHEMA");
  if (!schema || !*schema) return;
  const TempFolder folder;
  const fs::path file = folder / "fhir.json";
  write_file(file, document.dump());
  const std::string command =
      std::string("python3 '") + HILUM_SOURCE_DIR + "/scripts/check_fhir' '" + schema + "' '" + file.string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << document.dump(2);
}

Json checked(const Report& report, const StudyReferences& images, const FhirOptions& options = kOptions) {
  const Json json = to_fhir(report, images, options);
  const Structure structure(json);
  check_schema(json);
  // Cardinalities of DiagnosticReport: status and code 1..1; text, subject, effective, issued, conclusion 0..1; the
  // others lists.
  EXPECT_EQ(json.at("resourceType"), "DiagnosticReport");
  EXPECT_EQ(json.at("status"), "preliminary");
  EXPECT_TRUE(json.at("code").is_object());
  for (const char* list :
      {"contained", "identifier", "basedOn", "category", "performer", "result", "imagingStudy", "presentedForm"})
    EXPECT_TRUE(json.value(list, Json::array()).is_array()) << list;
  for (const char* one : {"text", "subject"}) EXPECT_TRUE(json.value(one, Json::object()).is_object()) << one;
  for (const Json& inner : json.value("contained", Json::array())) {
    EXPECT_FALSE(inner.contains("meta") || inner.contains("text")) << "dom-2, dom-4: contained resources hold neither";
    if (inner.at("resourceType") != "Observation") continue;
    EXPECT_EQ(inner.at("status"), "preliminary");
    EXPECT_TRUE(inner.at("code").is_object());
    EXPECT_NE(inner.contains("valueString"), inner.contains("dataAbsentReason")) << "obs-6";
  }
  return json;
}

Json coding_of(const char* system, const char* code, const char* display) {
  return {{"coding", Json::array({{{"system", system}, {"code", code}, {"display", display}}})}};
}

TEST(Fhir, ReportOfADicomStudy) {
  const Json json = checked(result_report(), test_references());
  EXPECT_EQ(json.at("issued"), "2025-01-02T10:12:00Z");
  EXPECT_EQ(json.at("effectiveDateTime"), "2025-01-02");  // the file names no time zone, so no time
  EXPECT_EQ(json.at("subject"),
      Json::parse(R"({"type":"Patient","identifier":{"value":"PAT 42","assigner":{"display":"HOSP"}}})"));
  EXPECT_EQ(json.at("imagingStudy"),
      Json::parse(R"([{"type":"ImagingStudy","identifier":{"system":"urn:dicom:uid","value":"urn:oid:1.2.3.4"}}])"));
  EXPECT_EQ(json.at("basedOn")[0].at("identifier").at("value"), "ACC7");
  EXPECT_EQ(json.at("identifier")[0].at("value"), "p000017");
  EXPECT_EQ(json.at("performer"), Json::parse(R"([{"display":"Hilum 0.1.0, model tiny"}])"));
  EXPECT_EQ(json.at("category")[0], coding_of("http://loinc.org", "LP29684-5", "Radiology"));
  EXPECT_EQ(json.at("category")[1], coding_of("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD", "Radiology"));
  EXPECT_EQ(json.at("code").at("coding")[0].at("code"), "43468-8");
  EXPECT_EQ(json.at("result"), Json::parse(R"([{"reference":"#f1"},{"reference":"#f2"},{"reference":"#f3"}])"));
  EXPECT_FALSE(json.at("meta").contains("security"));
  EXPECT_THAT(json.dump(), Not(HasSubstr("Anna")));  // the name is not needed to find the patient
  EXPECT_THAT(json.dump(), Not(HasSubstr("0.93")));  // a token probability is no certainty

  ASSERT_EQ(json.at("contained").size(), 4u);
  const Json& effusion = json["contained"][0];
  EXPECT_EQ(effusion.at("id"), "f1");
  EXPECT_EQ(effusion.at("code"), coding_of("http://snomed.info/sct", "60046008", "Pleural effusion"));
  EXPECT_EQ(effusion.at("valueString"), "There is a small left pleural effusion.");
  EXPECT_FALSE(effusion.contains("bodySite"));  // the pleura is not the lung
  EXPECT_EQ(effusion.at("category")[0],
      coding_of("http://terminology.hl7.org/CodeSystem/observation-category", "imaging", "Imaging"));
  ASSERT_EQ(effusion.at("component").size(), 2u);
  EXPECT_EQ(effusion["component"][0].at("valueString"), "0.605 0.715 0.885 0.905");
  EXPECT_EQ(effusion["component"][1].at("valueString"), "0.1 0.2 0.3 0.4");
  EXPECT_EQ(effusion.at("subject"), json["subject"]);
  EXPECT_EQ(effusion.at("derivedFrom")[0], json["imagingStudy"][0]);
  EXPECT_EQ(effusion["derivedFrom"][1],
      Json::parse(R"({"type":"Media","identifier":{"system":"urn:dicom:uid","value":"urn:oid:1.2.3.4.1.1"},)"
                  R"("display":"frontal image, 2000 x 1000 px"})"));
  EXPECT_EQ(effusion.at("device"), Json::parse(R"({"reference":"#engine"})"));
  const Json& heart = json["contained"][1];
  EXPECT_EQ(
      heart.at("code"), Json::parse(R"({"text":"Finding in the frontal image"})"));  // nothing is stated as present
  EXPECT_FALSE(heart.contains("component"));
  const Json& opacity = json["contained"][2];
  EXPECT_EQ(opacity.at("code"), coding_of("http://dicom.nema.org/resources/ontology/DCM", "112001", "Opacity"));
  EXPECT_EQ(opacity.at("bodySite").at("coding")[0].at("code"), "39607008");
  EXPECT_EQ(opacity.at("bodySite").at("text"), "Lung, Right");
  EXPECT_EQ(json["contained"][3].at("resourceType"), "Device");
  EXPECT_EQ(json["contained"][3].at("identifier")[0].at("value"), std::string(64, 'a'));
  EXPECT_EQ(json["contained"][3].at("version")[0].at("value"), "0.1.0");
}

TEST(Fhir, NoticeStandsInEveryPartThatIsRead) {
  const std::string notice = "AI generated, not reviewed. Research use only. Not a medical device.";
  const Json json = checked(result_report(), {});
  EXPECT_EQ(json.at("conclusion"),
      notice + " There is a small left pleural effusion. The heart size is normal. Opacity in the right lung.");
  EXPECT_THAT(json.at("text").at("div").get<std::string>(),
      StartsWith("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p><b>" + notice + "</b></p><ol><li>There"));
  EXPECT_EQ(json.at("meta").at("tag")[0].at("display"), notice);
  const std::string text = decoded(json.at("presentedForm")[0].at("data").get<std::string>());
  EXPECT_THAT(
      text, StartsWith("Research use only. Not a medical device.\n\n  1. There is a small left pleural effusion.\n"));
  EXPECT_THAT(text, HasSubstr("  - the prior report was dropped"));
  EXPECT_THAT(text, EndsWith("\n\nAI generated, not reviewed.\n"));
}

TEST(Fhir, DemoModelSaysSo) {
  Report report = result_report();
  report.demo = report.far_from_phantoms = true;
  const Json json = checked(report, {});
  EXPECT_EQ(json.at("meta").at("security")[0].at("code"), "HTEST");
  EXPECT_THAT(json.at("conclusion").get<std::string>(),
      StartsWith("synthetic-trained demo, meaningless for patients. AI generated"));
  EXPECT_THAT(json["conclusion"].get<std::string>(), HasSubstr("Hilum demo model"));
  EXPECT_THAT(decoded(json.at("presentedForm")[0].at("data").get<std::string>()),
      StartsWith("synthetic-trained demo, meaningless for patients\n"));
}

TEST(Fhir, WithoutDicomNothingIsMadeUp) {
  const Json json = checked(result_report(), {});
  for (const char* absent : {"subject", "imagingStudy", "effectiveDateTime", "basedOn"})
    EXPECT_FALSE(json.contains(absent)) << absent;
  EXPECT_FALSE(json.at("contained")[0].contains("derivedFrom"));
  DicomReference bare;  // a DICOM file that says nothing of itself
  bare.rows = bare.columns = 10;
  const Json empty = checked(result_report(), {bare, {}, {}});
  for (const char* absent : {"subject", "imagingStudy", "effectiveDateTime", "basedOn"})
    EXPECT_FALSE(empty.contains(absent)) << absent;
}

TEST(Fhir, TimesWithAZoneAndTimesThatAreNone) {
  const auto effective = [](const std::string& date, const std::string& time, const std::string& offset) {
    DicomReference image = test_reference("1.2.3", "1");
    image.patient_and_study = {{0x0008, 0x0020, date}, {0x0008, 0x0030, time}};
    image.timezone_offset = offset;
    return checked(result_report(), {image, {}, {}}).value("effectiveDateTime", "");
  };
  EXPECT_EQ(effective("20250102", "101112.123", "-0330"), "2025-01-02T10:11:12-03:30");
  EXPECT_EQ(effective("20250102", "1011", "+0100"), "2025-01-02");
  EXPECT_EQ(effective("20250102", "251112", "+0100"), "2025-01-02");
  EXPECT_EQ(effective("20250102", "101112", "+9900"), "2025-01-02");
  for (const char* bad : {"", "2025", "20251302", "20250100", "2025.01.02", "00000101", "2025010a", "202501021"})
    EXPECT_EQ(effective(bad, "", ""), "") << bad;
}

TEST(Fhir, PlainReportsNoFindingsAndOddText) {
  Report plain = result_report();
  plain.findings.clear();
  plain.report = "The lungs are <clear> & the heart is normal.\x01";
  const Json json = checked(plain, test_references());
  EXPECT_FALSE(json.contains("contained") || json.contains("result"));
  EXPECT_THAT(json.at("conclusion").get<std::string>(), EndsWith("The lungs are <clear> & the heart is normal."));
  EXPECT_THAT(json.at("text").at("div").get<std::string>(), HasSubstr("&lt;clear&gt; &amp; the heart"));
  Report none = result_report();
  none.findings.clear();
  none.warnings.clear();
  none.study_id = none.model_name = none.version = none.weights_sha256 = "";
  checked(none, {});
  Report odd = result_report();
  odd.findings = {{" \x02 ", {}, 0}, {"M\xfcller \xf0\x9f\xab\x81", {{{0, 0, 1, 1}}}, 0}};
  odd.study_id = "a\nb";
  const Json strange = checked(odd, test_references());
  EXPECT_EQ(strange.at("contained")[0].at("dataAbsentReason").at("coding")[0].at("code"), "unknown");
  EXPECT_EQ(strange["contained"][1].at("valueString"), "M\xef\xbf\xbdller \xf0\x9f\xab\x81");
  EXPECT_EQ(strange["contained"][1].at("component")[0].at("valueString"), "0.0 0.0 1.0 1.0");
}

TEST(Fhir, SameArgumentsSameBytes) {
  const std::string text = to_fhir_text(result_report(), test_references(), kOptions, -1);
  EXPECT_EQ(to_fhir_text(result_report(), test_references(), kOptions, -1), text);
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_NE(to_fhir_text(result_report(), test_references(), {kTestTime + 1, test_coder}, -1), text);
}

TEST(Fhir, BoxesThatAreNoNumbersAreRefused) {
  Report report = result_report();
  report.findings[0].boxes->front().x_max = std::numeric_limits<double>::infinity();
  EXPECT_THROW(to_fhir(report, {}, kOptions), Error);
}

TEST(Fhir, ErrorsAreOperationOutcomes) {
  const Json json = fhir_error("film.png: is damaged", "invalid");
  EXPECT_EQ(json,
      Json::parse(
          R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":"film.png: is damaged"}]})"));
  check_schema(json);
  EXPECT_FALSE(fhir_error("").at("issue")[0].at("diagnostics").get<std::string>().empty());
}

}  // namespace
}  // namespace hilum
