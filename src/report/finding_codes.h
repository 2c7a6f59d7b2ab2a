// What a finding is in codes of SNOMED CT and DICOM: one table, for FHIR and DICOM SR alike.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hilum {

struct CodedConcept {
  const char* value;
  const char* scheme;  // as DICOM writes it: "SCT" SNOMED CT, "DCM" DICOM's own, "LN" LOINC
  const char* meaning;
};

enum class CodedKind { kAbnormality, kDevice };
enum class FindingSide { kNotSaid, kLeft, kRight, kBilateral };

struct FindingCode {
  const char* label;  // the CheXpert observation it belongs to
  const char* word;   // and what in the sentence (lower case) tells this code from the observation's others; empty: the
                      // observation alone does
  CodedConcept finding;
  CodedKind kind = CodedKind::kAbnormality;
  bool in_lung = false;  // its place is the lung itself (not the pleura, the heart, ...)
};

// The codes are those DICOM's context groups use. What is not here stays text: Consolidation, Edema, Pneumonia,
// Fracture and the other observations have no code that was checked, and Atelectasis as such is wider than the
// plate-like form that has one.
std::span<const FindingCode> finding_codes();
// The code of a CheXpert observation in a sentence (lower case) that states it as present; null: none, or words of
// several codes.
const FindingCode* find_finding_code(std::string_view label, std::string_view sentence);

// What was examined. Of DICOM's CID 100; whether a film is portable, or one of two views, is not known here.
inline constexpr CodedConcept kXrayStudy{"43468-8", "LN", "XR unspecified body region"};
inline constexpr CodedConcept kLungSite{"39607008", "SCT", "Lung"};
inline constexpr CodedConcept kAbnormalStructure{"49755003", "SCT", "Morphologically Abnormal Structure"};
// Left, right or both (DICOM CID 244); no value where the side is not said.
std::optional<CodedConcept> side_concept(FindingSide side);

// What a sentence states to be there, where that is one thing with a code.
struct StatedFinding {
  const FindingCode* code = nullptr;
  FindingSide side = FindingSide::kNotSaid;
};
// Reads a sentence; no value where nothing with a code is stated as present. The rules lie in
// `engine/annotate/stated_finding.h`; this folder does not see them.
using FindingCoder = std::function<std::optional<StatedFinding>(const std::string& sentence)>;

}  // namespace hilum
