// Constraints for generation (generation/generate.h) that keep boxes well-formed: four coordinates in the grammar's
// order, maxima past the minima.
#pragma once

#include <functional>
#include <vector>

#include "engine/model.h"
#include "generation/generate.h"

namespace hilum {

// Follows an answer token by token and says what may stand inside an open box.
class BoxFollower {
 public:
  explicit BoxFollower(const Model& model);        // throws Error when the tokenizer lacks a token of the grammar
  void take_in(std::span<const int32_t> written);  // the whole answer so far; only what is new is looked at
  bool in_box() const { return in_box_; }
  int boxes() const { return boxes_; }        // closed in the finding now open
  int findings() const { return findings_; }  // closed
  // What may follow inside the open box: x_min, y_min, then greater x_max, y_max, then the box's end.
  NextTokens next_in_box() const;

  int32_t box_open, box_close, finding_open, finding_close;

 private:
  std::vector<int32_t> x_tokens_, y_tokens_;  // by bin
  size_t read_ = 0;
  bool in_box_ = false;
  std::vector<int> bins_;  // of the open box
  int boxes_ = 0, findings_ = 0;
};

// Leaves the text to the model and holds its boxes to the form. For presets that say so (constrain_boxes): a
// model published with free decoding is run as published.
Constraint constrain_boxes(const Model& model);

}  // namespace hilum
