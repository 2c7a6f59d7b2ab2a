#include "report/finding_codes.h"

#include <array>

#include "base/replace_all.h"

namespace hilum {
namespace {

constexpr CodedKind kDevice = CodedKind::kDevice, kAbnormality = CodedKind::kAbnormality;
// A word is taken out of the sentence once it was found, so longer words come before those they hold.
constexpr std::array kCodes = {
    FindingCode{"Pleural Effusion", "", {"60046008", "SCT", "Pleural effusion"}},
    FindingCode{"Pneumothorax", "", {"36118008", "SCT", "Pneumothorax"}},
    FindingCode{"Cardiomegaly", "", {"287272002", "SCT", "Cardiomegaly"}},
    FindingCode{"Atelectasis", "plate-like", {"40779009", "SCT", "Plate-like atelectasis"}, kAbnormality, true},
    FindingCode{"Atelectasis", "platelike", {"40779009", "SCT", "Plate-like atelectasis"}, kAbnormality, true},
    FindingCode{"Atelectasis", "plate like", {"40779009", "SCT", "Plate-like atelectasis"}, kAbnormality, true},
    FindingCode{"Lung Lesion", "nodul", {"27925004", "SCT", "Nodule"}, kAbnormality, true},
    FindingCode{"Lung Lesion", "mass", {"4147007", "SCT", "Mass"}, kAbnormality, true},
    FindingCode{"Lung Opacity", "ground glass opaci", {"112120", "DCM", "Ground glass opacity"}, kAbnormality, true},
    FindingCode{"Lung Opacity", "ground-glass opaci", {"112120", "DCM", "Ground glass opacity"}, kAbnormality, true},
    FindingCode{"Lung Opacity", "infiltrate", {"112121", "DCM", "Infiltrate"}, kAbnormality, true},
    FindingCode{"Lung Opacity", "opaci", {"112001", "DCM", "Opacity"}, kAbnormality, true},
    FindingCode{"Support Devices", "endotracheal tube", {"26412008", "SCT", "Endotracheal tube"}, kDevice},
    FindingCode{"Support Devices", "chest tube", {"112173", "DCM", "Chest tube"}, kDevice},
    FindingCode{"Support Devices", "central venous", {"112174", "DCM", "Central line"}, kDevice},
    FindingCode{"Support Devices", "central line", {"112174", "DCM", "Central line"}, kDevice},
    FindingCode{"Support Devices", "pacemaker", {"14106009", "SCT", "Cardiac pacemaker"}, kDevice},
};

}  // namespace

std::span<const FindingCode> finding_codes() { return kCodes; }

const FindingCode* find_finding_code(std::string_view label, std::string_view sentence) {
  std::string left(sentence);
  const FindingCode* found = nullptr;
  for (const FindingCode& row : kCodes) {
    if (label != row.label || left.find(row.word) == std::string::npos) continue;
    if (found && std::string_view(found->finding.value) != row.finding.value) return nullptr;
    found = &row;
    if (*row.word) replace_all(left, row.word, " ");
  }
  return found;
}

std::optional<CodedConcept> side_concept(FindingSide side) {
  switch (side) {
    case FindingSide::kLeft: return CodedConcept{"7771000", "SCT", "Left"};
    case FindingSide::kRight: return CodedConcept{"24028007", "SCT", "Right"};
    case FindingSide::kBilateral: return CodedConcept{"51440002", "SCT", "Bilateral"};
    case FindingSide::kNotSaid: break;
  }
  return std::nullopt;
}

}  // namespace hilum
