#include "engine/answer/forced_sentences.h"

#include <memory>

#include "base/ascii.h"
#include "base/error.h"
#include "engine/answer/box_constraint.h"
#include "report/grounded_text.h"

namespace hilum {

Constraint force_sentences(const Model& model, const std::vector<Finding>& findings, int& max_tokens, int max_boxes) {
  check(!findings.empty(), "findings", "there is no sentence to complete", "The study needs findings with text.");
  struct State {
    BoxFollower boxes;
    std::vector<std::vector<int32_t>> starts;  // "<obj>text" of each finding
    size_t started = 0;
  };
  auto state = std::make_shared<State>(State{BoxFollower(model), {}});
  max_tokens = 1;
  for (const Finding& finding : findings) {
    check(!is_blank(finding.text, " \t\n"), "findings", "a sentence to complete is empty");
    state->starts.push_back(
        model.tokenizer().encode(format_grounded_start(finding.text, model.preset().grammar), /*add_bos=*/false));
    max_tokens += static_cast<int>(state->starts.back().size()) + 6 * max_boxes + 1;
  }
  return [state, max_boxes](std::span<const int32_t> written) {
    BoxFollower& boxes = state->boxes;
    boxes.take_in(written);
    NextTokens out;
    if (boxes.in_box()) return boxes.next_in_box();
    if (static_cast<size_t>(boxes.findings()) == state->started) {  // the last sentence begun is closed
      if (state->started == state->starts.size()) out.end = true;
      else out.forced = state->starts[state->started++];
      return out;
    }
    out.allowed = {boxes.finding_close};
    if (boxes.boxes() < max_boxes) out.allowed.push_back(boxes.box_open);
    return out;
  };
}

}  // namespace hilum
