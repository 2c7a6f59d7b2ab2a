#include "datasets/readers/irma_code.h"

#include "base/ascii.h"

namespace hilum {
namespace {

constexpr std::array<size_t, 4> kLengths = {4, 3, 3, 3};

size_t index_of(IrmaAxis axis) { return static_cast<size_t>(axis); }

// The names along a path; `whole` becomes false where one is missing.
std::string path_text(const IrmaCode& code, const IrmaNames& names, IrmaAxis axis, size_t levels, bool& whole) {
  const std::string& digits = code[index_of(axis)];
  const auto& table = names[index_of(axis)];
  std::string text;
  for (size_t length = 1; length <= std::min(levels, digits.size()); ++length) {
    const auto found = table.find(digits.substr(0, length));
    const bool ends = digits[length - 1] == '0';
    if (found == table.end() && !ends) whole = false;
    if (found == table.end() && !(ends && length == 2 && axis == IrmaAxis::kAnatomical && !text.empty())) break;
    text += (text.empty() ? "" : " ") + (found == table.end() ? "unspecified" : found->second);
    if (ends) break;
  }
  return text;
}

}  // namespace

std::optional<IrmaCode> parse_irma_code(std::string_view text) {
  text = trim_ascii(text);
  const bool dashed = text.size() == 16;
  if (!dashed && text.size() != 13) return std::nullopt;
  IrmaCode code;
  size_t at = 0;
  for (size_t axis = 0; axis < code.size(); ++axis) {
    if (axis > 0 && dashed && text[at++] != '-') return std::nullopt;
    code[axis] = lower_ascii(text.substr(at, kLengths[axis]));
    at += kLengths[axis];
    for (const char c : code[axis])
      if (!is_ascii_alnum(c)) return std::nullopt;
  }
  return code;
}

const IrmaNames& irma_names() {
  static const IrmaNames kNames = {{
      {{"1", "x-ray"}, {"2", "sonography"}, {"3", "magnetic resonance measurements"}, {"4", "nuclear medicine"},
          {"5", "optical imaging"}, {"6", "biophysical procedure"}, {"11", "plain radiography"}, {"12", "fluoroscopy"},
          {"112", "analog"}, {"122", "analog"}, {"1121", "overview image"}, {"1123", "high energy"}},
      {{"1", "coronal"}, {"2", "sagittal"}, {"11", "posteroanterior (PA)"}, {"12", "anteroposterior (AP)"},
          {"21", "lateral, right-left"}, {"22", "lateral, left-right"}, {"127", "supine"}, {"211", "inspiration"}},
      {{"1", "whole body"}, {"2", "cranium"}, {"3", "spine"}, {"4", "upper extremity (arm)"}, {"5", "chest"},
          {"6", "breast"}, {"7", "abdomen"}, {"8", "pelvis"}, {"9", "lower extremity (leg)"}, {"41", "hand"},
          {"42", "radio carpal joint"}, {"43", "forearm"}, {"44", "elbow"}, {"45", "upper arm"}, {"46", "shoulder"},
          {"52", "lung"}, {"72", "upper abdomen"}, {"722", "middle"}, {"91", "foot"}, {"92", "ankle joint"},
          {"93", "lower leg"}, {"94", "knee"}, {"95", "upper leg"}, {"96", "hip"}},
      {{"3", "respiratory system"}, {"3a", "lung"}, {"4", "gastrointestinal system"}, {"43", "stomach"},
          {"5", "uropoietic system"}},
  }};
  return kNames;
}

IrmaText irma_text(const IrmaCode& code, const IrmaNames& names) {
  IrmaText out;
  const std::string modality = path_text(code, names, IrmaAxis::kTechnical, 1, out.whole),
                    region = path_text(code, names, IrmaAxis::kAnatomical, 3, out.whole),
                    view = path_text(code, names, IrmaAxis::kDirectional, 3, out.whole);
  out.text = modality;
  if (!region.empty()) out.text += (out.text.empty() ? "" : " ") + region;
  if (!view.empty()) out.text += (out.text.empty() ? "" : ", ") + view;
  return out;
}

}  // namespace hilum
