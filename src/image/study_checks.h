// Do the images of one study belong together? Checked on what the files say about themselves; what they do not say is
// not held against them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "image/image.h"

namespace hilum {

// The decoded images of one study; null where there is none. Prior: the earlier frontal.
struct StudyPictures {
  const DecodedImage* frontal = nullptr;
  const DecodedImage* lateral = nullptr;
  const DecodedImage* prior_frontal = nullptr;
  const DecodedImage* prior_lateral = nullptr;
};

// Gives warnings: a lateral (by its ViewPosition) given as a frontal or a frontal as a lateral; with allow_mismatch
// also what would otherwise throw. Throws Error, unless allow_mismatch: another PatientID than the frontal's; a prior
// dated later than the frontal. Neither names the patient: only which image differs.
std::vector<std::string> check_study(const StudyPictures& pictures, bool allow_mismatch);

// The day a study was made on as YYYYMMDD (older files write YYYY.MM.DD); empty where the file says none that can be
// read.
std::string study_day(const ImageMetadata& metadata);

// "LL", "RL", "LATERAL" and their forms (PS3.3 C.8.1.1: View Position of CR and DX).
bool is_lateral_view(const std::string& view_position);
// "AP", "PA".
bool is_frontal_view(const std::string& view_position);

}  // namespace hilum
