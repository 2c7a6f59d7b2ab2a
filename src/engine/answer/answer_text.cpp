#include "engine/answer/answer_text.h"

#include <algorithm>

#include "base/replace_all.h"
#include "engine/answer/control_tokens.h"
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

std::vector<std::string> words_shown_as_others(const decltype(Preset::answer)& rules) {
  std::vector<std::string> words;
  for (const auto& [word, shown] : rules.shown) words.push_back(word);
  return words;
}

}  // namespace

StopTexts::StopTexts(std::vector<std::string> stops, const std::vector<std::string>& watched)
    : stops_(std::move(stops)) {
  std::erase(stops_, "");
  held_for_ = stops_;
  held_for_.insert(held_for_.end(), watched.begin(), watched.end());
  std::erase(held_for_, "");
}

std::string StopTexts::push(std::string_view piece, bool last) {
  if (ended_) return "";
  pending_ += piece;
  size_t end = std::string::npos;
  for (const std::string& stop : stops_) end = std::min(end, pending_.find(stop));
  if (end != std::string::npos) {
    pending_.resize(end);
    ended_ = true;
    last = true;
  }
  std::string ready = pending_.substr(0, pending_.size() - (last ? 0 : unfinished(pending_, held_for_)));
  pending_.erase(0, ready.size());
  return ready;
}

AnswerStream::AnswerStream(
    const Preset& preset, const Tokenizer& tokenizer, std::vector<std::string> stops, bool is_held)
    : rules_(is_held ? Rules() : preset.answer),
      is_control_(control_tokens(tokenizer, preset.grammar)),
      decoder_(tokenizer, /*skip_special=*/true),
      raw_({rules_.stop_text}, words_shown_as_others(rules_)),
      stops_(std::move(stops)) {}

std::string AnswerStream::push(int32_t id) {
  const bool is_control = static_cast<size_t>(id) < is_control_.size() && is_control_[static_cast<size_t>(id)];
  return ended() || is_control ? "" : show(raw_.push(decoder_.push(id)), false);
}

std::string AnswerStream::finish() {
  if (stops_.ended()) return "";
  return show(raw_.ended() ? "" : raw_.push(decoder_.finish(), true), true);
}

std::string AnswerStream::show(std::string ready, bool last) {
  written_ += ready;
  for (const auto& [word, shown] : rules_.shown) replace_all(ready, word, shown);
  const std::string told = stops_.push(ready, last);
  shown_ += told;
  return told;
}

std::string AnswerStream::text() const {
  const std::string& marker = rules_.after_last;
  const size_t at = marker.empty() ? std::string::npos : written_.rfind(marker);
  return std::string(trim(std::string_view(written_).substr(at == std::string::npos ? 0 : at + marker.size())));
}

std::string AnswerStream::shown_text() const {
  if (stops_.ended()) return std::string(trim_left(shown_));
  std::string shown = text();
  for (const auto& [word, as] : rules_.shown) replace_all(shown, word, as);
  return shown;
}

}  // namespace hilum
