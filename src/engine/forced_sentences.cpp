#include "engine/forced_sentences.h"

#include <memory>

#include "base/error.h"

namespace hilum {
namespace {

// What has been written of the answer, followed token by token.
struct Progressing {
  std::vector<std::vector<int32_t>> starts;    // "<obj>text" of each finding
  std::vector<int32_t> x_tokens, y_tokens;     // by bin
  int32_t box_open, box_close, finding_close;
  int max_boxes;

  size_t read = 0;          // tokens taken in so far
  size_t finding = 0;       // its start has been forced, or is next
  bool in_finding = false;
  int in_box = -1;          // coordinates written of the open box; -1: none open
  int boxes = 0;

  void take_in(std::span<const int32_t> ids) {
    for (; read < ids.size(); ++read) {
      const int32_t id = ids[read];
      if (id == finding_close) in_finding = false, ++finding, boxes = 0;
      else if (id == box_open) in_box = 0;
      else if (id == box_close) in_box = -1, ++boxes;
      else if (in_box >= 0) ++in_box;
    }
  }

  NextTokens next(std::span<const int32_t> ids) {
    take_in(ids);
    NextTokens out;
    if (!in_finding) {
      if (finding == starts.size()) {
        out.end = true;
        return out;
      }
      in_finding = true;
      out.forced = starts[finding];
      return out;
    }
    if (in_box < 0) out.allowed = boxes < max_boxes ? std::vector<int32_t>{box_open, finding_close} : std::vector<int32_t>{finding_close};
    else if (in_box == 4) out.forced = {box_close};
    else out.allowed = in_box % 2 == 0 ? x_tokens : y_tokens;   // x_min y_min x_max y_max
    return out;
  }
};

}  // namespace

std::function<NextTokens(std::span<const int32_t>)> force_sentences(const Model& model, const std::vector<Finding>& findings, int& max_tokens,
                                                                    int max_boxes) {
  check(!findings.empty(), "findings", "there is no sentence to complete", "The study needs findings with text.");
  const GroundedGrammar grammar = model.grammar();
  auto state = std::make_shared<Progressing>();
  int tokens = 1;
  for (const Finding& finding : findings) {
    check(finding.text.find_first_not_of(" \t\n") != std::string::npos, "findings", "a sentence to complete is empty");
    state->starts.push_back(model.tokenizer().encode(format_grounded_start(finding.text, grammar), /*add_bos=*/false));
    tokens += static_cast<int>(state->starts.back().size()) + 6 * max_boxes + 1;
  }
  for (int bin = 0; bin < grammar.bins; ++bin) {
    state->x_tokens.push_back(model.token_id(grammar.x_open + std::to_string(bin) + grammar.coordinate_close));
    state->y_tokens.push_back(model.token_id(grammar.y_open + std::to_string(bin) + grammar.coordinate_close));
  }
  state->box_open = model.token_id(grammar.box_open);
  state->box_close = model.token_id(grammar.box_close);
  state->finding_close = model.token_id(grammar.finding_close);
  state->max_boxes = max_boxes;
  max_tokens = tokens;
  return [state](std::span<const int32_t> ids) { return state->next(ids); };
}

}  // namespace hilum
