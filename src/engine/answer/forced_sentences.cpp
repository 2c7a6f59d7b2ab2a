#include "engine/answer/forced_sentences.h"

#include <array>
#include <memory>

#include "base/error.h"
#include "engine/answer/box_constraint.h"
#include "report/grounded_text.h"
#include "report/whitespace.h"

namespace hilum {

Constraint force_sentences(const Model& model, const std::vector<Finding>& findings, int& max_tokens, int max_boxes) {
  check(!findings.empty(), "findings", "there is no sentence to complete", "The study needs findings with text.");
  struct State {
    BoxFollower boxes;
    std::vector<std::vector<int32_t>> starts;  // "<obj>text" of each finding
    size_t started = 0;
  };
  auto state = std::make_shared<State>(State{BoxFollower(model), {}});
  int needed = 1;
  for (const Finding& finding : findings) {
    const std::string text(trim(finding.text));
    check(!text.empty(), "findings", "a sentence to complete is empty");
    check_no_token_in(text, model.preset().grammar);
    const std::array<TextSegment, 2> start = {
        TextSegment{model.preset().grammar.finding_open}, TextSegment{text, /*allow_added=*/false}};
    state->starts.push_back(model.tokenizer().encode_segments(start, /*add_bos=*/false));
    needed += static_cast<int>(state->starts.back().size()) + 6 * max_boxes + 1;
  }
  if (max_tokens == 0) max_tokens = needed;
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
