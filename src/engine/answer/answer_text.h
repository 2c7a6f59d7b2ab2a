// What of a model's writing is its answer: where a stop text ends it, what a preset cuts off or shows in other words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/files/preset.h"
#include "text/stream_decoder.h"
#include "text/tokenizer.h"

namespace hilum {

// Token by token, for people to read along. What might be the beginning of a stop text, or of words that are shown as
// others, is held back until it is known.
class AnswerStream {
 public:
  AnswerStream(const Preset& preset, const Tokenizer& tokenizer);

  std::string push(int32_t id);          // what may be shown now
  std::string finish();                  // the rest; call once, after the last token
  bool ended() const { return ended_; }  // the stop text came: nothing after it counts
  // After finish(), the preset's [answer] rules applied and blanks at the ends cut off: as a dialogue goes on from it,
  // and as people see it.
  std::string text() const;
  std::string shown_text() const;

 private:
  std::string take(std::string piece, bool last);

  const Preset& preset_;
  StreamDecoder decoder_;
  std::vector<std::string> watched_;  // the stop text and the words shown as others
  std::string written_, pending_;     // all of it up to the stop text; not yet shown
  bool ended_ = false;
};

}  // namespace hilum
