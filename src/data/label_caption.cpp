#include "data/label_caption.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/ascii.h"

namespace hilum {
namespace {

enum class Says { kNormal, kPathology, kUnnamedPathology, kDevice, kNothing };

Says meaning_of(const std::string& name) {
  static constexpr std::array<std::string_view, 4> kNormal = {"no finding", "no findings", "normal", "healthy"};
  static constexpr std::array<std::string_view, 3> kOfTheFilm = {
      "unchanged", "exclude", "suboptimal study"};  // PadChest
  const auto among = [&](const auto& list) { return std::find(list.begin(), list.end(), name) != list.end(); };
  if (among(kNormal)) return Says::kNormal;
  if (name == "support devices") return Says::kDevice;
  const bool absence = name.starts_with("no ") || name.starts_with("negative");
  if (absence && name.find("not normal") != std::string::npos) return Says::kUnnamedPathology;  // RSNA's third class
  return absence || among(kOfTheFilm) ? Says::kNothing : Says::kPathology;
}

// Are all labels but "No Finding" and devices there, and 0?
bool all_absent(const Study& study) {
  return std::all_of(kChexpertLabels.begin(), kChexpertLabels.end(), [&](const std::string& name) {
    const auto label = study.labels.find(name);
    return name == "No Finding" || name == "Support Devices" || (label != study.labels.end() && label->second == 0);
  });
}

}  // namespace

LabelCaption label_caption(const Study& study) {
  std::vector<std::string> names;
  bool normal = all_absent(study), abnormal = false, uncertain = false;
  const auto add = [&](const std::string& name) {
    const std::string small = lower_ascii(name);
    const Says says = meaning_of(small);
    normal = normal || says == Says::kNormal;
    abnormal = abnormal || says == Says::kPathology || says == Says::kUnnamedPathology;
    const bool named = says == Says::kPathology || says == Says::kDevice;
    if (named && std::find(names.begin(), names.end(), small) == names.end()) names.push_back(small);
  };
  for (const std::string& name : kChexpertLabels)
    if (const auto label = study.labels.find(name); label != study.labels.end()) {
      uncertain = uncertain || (label->second < 0 && name != "Support Devices");
      if (label->second > 0) add(name);
    }
  if (study.class_set != "irma-2009")
    for (const std::string& name : study.classes) add(name);

  LabelCaption out;
  for (const std::string& name : names) out.text += (out.text.empty() ? "" : ", ") + name;
  if (abnormal) out.abnormal = true;
  else if (normal && !uncertain) out.abnormal = false;
  if (out.text.empty() && out.abnormal == false) out.text = "no finding";
  return out;
}

}  // namespace hilum
