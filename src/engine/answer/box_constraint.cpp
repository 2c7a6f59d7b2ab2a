#include "engine/answer/box_constraint.h"

#include <algorithm>
#include <memory>

namespace hilum {

BoxFollower::BoxFollower(const Model& model) {
  const GroundedGrammar grammar = model.preset().grammar;
  for (int bin = 0; bin < grammar.bins; ++bin) {
    x_tokens_.push_back(model.token_id(grammar.x_open + std::to_string(bin) + grammar.coordinate_close));
    y_tokens_.push_back(model.token_id(grammar.y_open + std::to_string(bin) + grammar.coordinate_close));
  }
  box_open = model.token_id(grammar.box_open);
  box_close = model.token_id(grammar.box_close);
  finding_open = model.token_id(grammar.finding_open);
  finding_close = model.token_id(grammar.finding_close);
}

void BoxFollower::take_in(std::span<const int32_t> written) {
  for (; read_ < written.size(); ++read_) {
    const int32_t id = written[read_];
    if (id == box_open) {
      in_box_ = true;
      bins_.clear();
    } else if (id == box_close) {
      in_box_ = false;
      ++boxes_;
    } else if (id == finding_close) {
      ++findings_;
      boxes_ = 0;
    } else if (in_box_) {
      const auto& axis = bins_.size() % 2 == 0 ? x_tokens_ : y_tokens_;
      bins_.push_back(static_cast<int>(std::find(axis.begin(), axis.end(), id) - axis.begin()));
    }
  }
}

NextTokens BoxFollower::next_in_box() const {
  NextTokens out;
  if (bins_.size() >= 4) {
    out.forced = {box_close};
    return out;
  }
  const auto& axis = bins_.size() % 2 == 0 ? x_tokens_ : y_tokens_;
  const auto bins = static_cast<int>(axis.size());
  // a minimum leaves room for its maximum; a maximum is past its minimum
  const int first = bins_.size() < 2 ? 0 : std::min(bins_[bins_.size() - 2] + 1, bins - 1),
            last = bins_.size() < 2 ? bins - 2 : bins - 1;
  out.allowed.assign(axis.begin() + first, axis.begin() + last + 1);
  return out;
}

Constraint constrain_boxes(const Model& model) {
  auto follower = std::make_shared<BoxFollower>(model);
  return [follower](std::span<const int32_t> written) {
    follower->take_in(written);
    return follower->in_box() ? follower->next_in_box() : NextTokens{};
  };
}

}  // namespace hilum
