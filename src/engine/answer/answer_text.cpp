#include "engine/answer/answer_text.h"

#include <algorithm>

#include "base/replace_all.h"
#include "report/whitespace.h"

namespace hilum {
namespace {

// Bytes at the end of `text` that begin one of the words and do not complete it.
size_t unfinished(const std::string& text, const std::vector<std::string>& words) {
  size_t most = 0;
  for (const std::string& word : words)
    for (size_t n = std::min(word.size() - 1, text.size()); n > most; --n)
      if (text.ends_with(std::string_view(word).substr(0, n))) most = n;
  return most;
}

}  // namespace

AnswerStream::AnswerStream(const Preset& preset, const Tokenizer& tokenizer)
    : preset_(preset), decoder_(tokenizer, /*skip_special=*/true) {
  if (!preset.answer.stop_text.empty()) watched_.push_back(preset.answer.stop_text);
  for (const auto& [word, shown] : preset.answer.shown) watched_.push_back(word);
}

std::string AnswerStream::push(int32_t id) { return ended_ ? "" : take(decoder_.push(id), false); }

std::string AnswerStream::finish() { return ended_ ? "" : take(decoder_.finish(), true); }

std::string AnswerStream::take(std::string piece, bool last) {
  pending_ += piece;
  const std::string& stop = preset_.answer.stop_text;
  if (const size_t at = stop.empty() ? std::string::npos : pending_.find(stop); at != std::string::npos) {
    pending_.resize(at);
    ended_ = last = true;
  }
  std::string ready = pending_.substr(0, pending_.size() - (last ? 0 : unfinished(pending_, watched_)));
  pending_.erase(0, ready.size());
  written_ += ready;
  for (const auto& [word, shown] : preset_.answer.shown) replace_all(ready, word, shown);
  return ready;
}

std::string AnswerStream::text() const {
  const std::string& marker = preset_.answer.after_last;
  const size_t at = marker.empty() ? std::string::npos : written_.rfind(marker);
  return std::string(trim(std::string_view(written_).substr(at == std::string::npos ? 0 : at + marker.size())));
}

std::string AnswerStream::shown_text() const {
  std::string shown = text();
  for (const auto& [word, as] : preset_.answer.shown) replace_all(shown, word, as);
  return shown;
}

}  // namespace hilum
