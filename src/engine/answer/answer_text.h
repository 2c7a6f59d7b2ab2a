// Extracts the answer from generated text: stop texts, trimming, words that are shown as others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/preset.h"
#include "text/stream_decoder.h"
#include "text/tokenizer.h"

namespace hilum {

// Lets text through until one of the stop texts comes in it. What may be the beginning of one, or of a watched word, is
// held back until it is known; only that and the new piece are looked at.
class StopTexts {
 public:
  explicit StopTexts(std::vector<std::string> stops, const std::vector<std::string>& watched = {});
  // What is certain now, up to the first stop text; `last`: no more comes. Empty once ended().
  std::string push(std::string_view piece, bool last = false);
  bool ended() const { return ended_; }  // a stop text came: nothing from it on counts

 private:
  std::vector<std::string> stops_, held_for_;
  std::string pending_;
  bool ended_ = false;
};

// Token by token, for people to read along.
class AnswerStream {
 public:
  // `stops`: texts that end the answer beside the preset's own, looked for in what is shown. `is_held`: the answer is
  // held to a form, and the preset's [answer] words are looked for no more: "###" may stand in a string of JSON.
  AnswerStream(
      const Preset& preset, const Tokenizer& tokenizer, std::vector<std::string> stops = {}, bool is_held = false);

  // What may be shown now; nothing for tokens of the grounded form.
  std::string push(int32_t id);
  std::string finish();                                          // the rest; call once, after the last token
  bool ended() const { return raw_.ended() || stops_.ended(); }  // a stop text came: nothing after it counts
  // After finish(), the preset's [answer] rules applied and blanks at the ends cut off: as a dialogue goes on from it,
  // and as people see it (where one of `stops` ended it: all that was shown, leading blanks cut off).
  std::string text() const;
  std::string shown_text() const;

 private:
  std::string show(std::string ready, bool last);

  using Rules = decltype(Preset::answer);
  Rules rules_;
  std::vector<bool> is_control_;
  StreamDecoder decoder_;
  StopTexts raw_, stops_;
  std::string written_, shown_;  // all of it so far, as the model wrote it and as it is shown
};

}  // namespace hilum
