#include "serve/token_constraint.h"

#include "serve/wire/json_constraint.h"
#include "text/stream_decoder.h"

namespace hilum {
namespace {

bool is_blank(std::string_view text) {
  return !text.empty() && text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

TokenTexts::TokenTexts(const Tokenizer& tokenizer) {
  texts_.resize(static_cast<size_t>(tokenizer.vocab_size()));
  const std::vector<int32_t> before = tokenizer.encode("a", false);  // inside a text: a first token may lose its blank
  for (int32_t id = 0; id < tokenizer.vocab_size(); ++id) {
    if (!tokenizer.has(id) || tokenizer.is_special(id)) continue;
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
      // a token that holds half a character cannot be told from its text
      if (!text.empty() && bytes[static_cast<unsigned char>(text[0])] &&
          text.find("\xef\xbf\xbd") == std::string::npos && state->form.accepts(text))
        next.allowed.push_back(id);
    }
    if (state->form.complete()) next.allowed.push_back(stop_id);
    next.end = next.allowed.empty();
    return next;
  };
}

}  // namespace hilum
