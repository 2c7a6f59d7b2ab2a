// A study's pictures on their way into the network.
#pragma once

#include <string>
#include <vector>

#include "engine/model.h"
#include "engine/study_request.h"
#include "image/decode.h"
#include "image/preprocess.h"

namespace hilum {

struct StudyView {
  std::string name;  // "frontal", "lateral", "prior_frontal"
  DecodedImage decoded;
  Preprocessed model_input;
};

// Decoded and preprocessed, the frontal first. Warnings of the decoder and of what does not fit together are added to
// `warnings`. Throws Error naming the image at fault; `allow_mismatch` lets pictures of different patients or in the
// wrong order pass.
std::vector<StudyView> read_views(
    const Model& model, const StudyRequest& request, bool allow_mismatch, std::vector<std::string>& warnings);

// [N, C, H, W] in the prompt's order; `blank`: an even grey instead.
Tensor stack_pixels(const std::vector<StudyView>& views, const std::vector<std::string>& order, bool blank);

// Of the demo model: the first picture (the frontal) is unlike its phantoms. features [N, P, D] of the backend.
bool far_from_phantoms(const Model& model, const Tensor& features);

}  // namespace hilum
