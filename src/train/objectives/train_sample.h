// One study as training sees it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hilum {

// Made by a loader thread; the parts an objective does not use stay empty.
struct TrainSample {
  std::string id;             // what an error calls it
  std::vector<float> pixels;  // [images, C, H, W], preprocessed, in the order of their tokens
  int images = 0;
  std::vector<float> embedding;     // [E] of a frozen model, where that is what is learnt from
  std::vector<int32_t> ids;         // prompt (image tokens expanded) and answer, ending with the stop token
  size_t prompt = 0;                // ids[prompt..] are the answer: what the loss is on
  std::vector<float> weights;       // of the answer's tokens in the loss; empty: 1 each
  std::vector<float> labels;        // [K] 1 where it holds, 0 where not, or a value; not a number: not known
  std::vector<float> patch_labels;  // [P, K] 1 where a patch shows the kind
  std::vector<float>
      patch_weights;  // [P, K] weight of each patch label and of its box: small findings count like larger ones
  std::vector<float>
      patch_boxes;  // [P, K, 4] the box's edges x0, y0, x1, y1 relative to the patch's centre, 0..1 of the image
};

}  // namespace hilum
