// A study's images on their way into the network.
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

struct StudyImages {
  std::vector<StudyView> views;  // the frontal first
  Tensor pixels;                 // host [N, C, H, W] of what the task's prompt shows, in its order
  std::vector<std::string> warnings;
  double decode_ms = 0;  // file bytes -> pixels
};

struct ImageOptions {
  bool allow_mismatch = false;  // images of different patients or in the wrong order pass
  bool blank = false;           // ablation: the network sees an even grey instead
};

// Decoded, preprocessed and stacked for the task. Warnings are those of the decoder and of what does not fit together.
// Throws Error naming the image at fault, a study that cannot be run, or a task the preset does not have.
StudyImages read_images(
    const Model& model, const StudyRequest& request, const std::string& task, const ImageOptions& options = {});

// Of the demo model: the first image (the frontal) is unlike its phantoms. features [N, P, D] of the backend.
bool far_from_phantoms(const Model& model, const Tensor& features);

}  // namespace hilum
