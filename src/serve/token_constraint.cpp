#include "serve/token_constraint.h"

#include <algorithm>
#include <bitset>

#include "engine/answer/control_tokens.h"
#include "serve/wire/json_constraint.h"
#include "text/stream_decoder.h"

namespace hilum {
namespace {

bool is_blank(std::string_view text) {
  return !text.empty() && text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// A token that holds half a character cannot be told from its text.
bool is_whole(const std::string& text) { return !text.empty() && text.find("\xef\xbf\xbd") == std::string::npos; }

// A text so far, held to its form.
class TextConstraint {
 public:
  explicit TextConstraint(std::shared_ptr<const TextForm> form) : form_(std::move(form)) {}

  bool accepts(std::string_view piece) const {
    TextForm::Cursor at = at_;
    return take(at, piece);
  }
  void advance(std::string_view piece) {
    if (take(at_, piece)) begun_ = true;
  }
  bool complete() const { return form_->may_end(at_); }
  bool finished() const { return form_->must_end(at_); }

 private:
  // A tokenizer's words begin with a blank; before the first one it is no part of the answer.
  bool take(TextForm::Cursor& at, std::string_view piece) const {
    TextForm::Cursor next = at;
    const auto take_all = [&](std::string_view bytes) {
      next = at;
      return std::all_of(
          bytes.begin(), bytes.end(), [&](char c) { return form_->take_byte(next, static_cast<uint8_t>(c)); });
    };
    const bool taken = take_all(piece) || (!begun_ && piece.size() > 1 && piece[0] == ' ' && take_all(piece.substr(1)));
    if (taken) at = next;
    return taken;
  }

  std::shared_ptr<const TextForm> form_;
  TextForm::Cursor at_;
  bool begun_ = false;
};

}  // namespace

TokenTexts::TokenTexts(const Tokenizer& tokenizer, const GroundedGrammar& grammar) {
  texts_.resize(static_cast<size_t>(tokenizer.vocab_size()));
  const std::vector<bool> is_control = control_tokens(tokenizer, grammar);
  const std::vector<int32_t> before = tokenizer.encode("a", false);  // inside a text: a first token may lose its blank
  for (int32_t id = 0; id < tokenizer.vocab_size(); ++id) {
    if (!tokenizer.has(id) || tokenizer.is_special(id) || is_control[static_cast<size_t>(id)]) continue;
    StreamDecoder decoder(tokenizer, /*skip_special=*/true);
    std::string lead;
    for (const int32_t one : before) lead += decoder.push(one);
    const std::string text = lead + decoder.push(id) + decoder.finish();
    texts_[static_cast<size_t>(id)] = text.starts_with("a") ? text.substr(1) : text;
  }
}

Constraint constrain_to_json(
    std::shared_ptr<const JsonSchema> schema, std::shared_ptr<const TokenTexts> texts, int32_t stop_id) {
  struct State {
    JsonConstraint form;
    size_t read = 0;
  };
  auto state = std::make_shared<State>(State{JsonConstraint(std::move(schema))});
  return [state, texts = std::move(texts), stop_id](std::span<const int32_t> written) {
    for (; state->read < written.size(); ++state->read) state->form.advance((*texts)[written[state->read]]);
    NextTokens next;
    next.end = state->form.finished();
    if (next.end) return next;
    const std::bitset<256> bytes = state->form.next_bytes();
    const bool after_blank = !written.empty() && is_blank((*texts)[written.back()]);
    for (int32_t id = 0; id < texts->size(); ++id) {
      const std::string& text = (*texts)[id];
      if (is_blank(text) && (after_blank || text != " "))
        continue;  // JSON would allow any number, and a model may never find its way out
      if (is_whole(text) && bytes[static_cast<unsigned char>(text[0])] && state->form.accepts(text)) {
        next.allowed.push_back(id);
        if (text == "\"" && state->form.in_text()) next.instead_of_stop = id;
      }
    }
    if (state->form.complete() || next.instead_of_stop >= 0) next.allowed.push_back(stop_id);
    next.end = next.allowed.empty();
    return next;
  };
}

Constraint constrain_to_text(
    std::shared_ptr<const TextForm> form, std::shared_ptr<const TokenTexts> texts, int32_t stop_id) {
  struct State {
    TextConstraint form;
    size_t read = 0;
  };
  auto state = std::make_shared<State>(State{TextConstraint(std::move(form))});
  return [state, texts = std::move(texts), stop_id](std::span<const int32_t> written) {
    for (; state->read < written.size(); ++state->read) state->form.advance((*texts)[written[state->read]]);
    NextTokens next;
    next.end = state->form.finished();
    if (next.end) return next;
    for (int32_t id = 0; id < texts->size(); ++id)
      if (is_whole((*texts)[id]) && state->form.accepts((*texts)[id])) next.allowed.push_back(id);
    if (state->form.complete()) next.allowed.push_back(stop_id);
    next.end = next.allowed.empty();
    return next;
  };
}

}  // namespace hilum
