#include "image/study_checks.h"

#include <array>

#include <fmt/core.h>

#include "base/ascii.h"
#include "base/error.h"

namespace hilum {
namespace {

constexpr const char* kMend = "Check that the files belong to one patient, or give --allow-mismatch.";

}  // namespace

std::string study_day(const ImageMetadata& metadata) {
  std::string day = metadata.study_date;
  std::erase(day, '.');
  const bool is_date = day.size() == 8 && is_ascii_number(day);
  return is_date ? day : "";
}

bool is_lateral_view(const std::string& view_position) {
  const std::string view = upper_ascii(view_position);
  return view == "LL" || view == "RL" || view.starts_with("LAT") || view == "LEFT LATERAL" || view == "RIGHT LATERAL";
}

bool is_frontal_view(const std::string& view_position) {
  const std::string view = upper_ascii(view_position);
  return view == "AP" || view == "PA";
}

std::vector<std::string> check_study(const StudyPictures& pictures, bool allow_mismatch) {
  invariant(pictures.frontal != nullptr, "a study has a frontal image");
  std::vector<std::string> warnings;
  const auto mismatch = [&](const std::string& where, const std::string& what) {
    if (!allow_mismatch) throw Error(where, what, kMend);
    warnings.push_back(where + ": " + what);
  };
  const ImageMetadata& frontal = pictures.frontal->metadata;

  struct Other {
    const char* name;
    const DecodedImage* image;
    bool is_prior, is_lateral;
  };
  const std::array<Other, 3> others = {
      {{"lateral image", pictures.lateral, false, true}, {"prior image", pictures.prior_frontal, true, false},
          {"prior lateral image", pictures.prior_lateral, true, true}}};
  if (is_lateral_view(frontal.view_position)) warnings.push_back("the frontal image says that it is a lateral view");
  for (const Other& other : others) {
    if (!other.image) continue;
    const ImageMetadata& metadata = other.image->metadata;
    if (!frontal.patient_id.empty() && !metadata.patient_id.empty() && frontal.patient_id != metadata.patient_id)
      mismatch(other.name, "is of another patient than the frontal image (PatientID differs)");
    const std::string day = study_day(metadata), frontal_day = study_day(frontal);
    if (other.is_prior && !day.empty() && !frontal_day.empty() && day > frontal_day)
      mismatch(other.name, "is dated later than the frontal image");
    if (!other.is_lateral && is_lateral_view(metadata.view_position))
      warnings.push_back(fmt::format("the {} says that it is a lateral view", other.name));
    if (other.is_lateral && is_frontal_view(metadata.view_position))
      warnings.push_back(fmt::format("the {} says that it is a frontal view", other.name));
  }
  return warnings;
}

}  // namespace hilum
