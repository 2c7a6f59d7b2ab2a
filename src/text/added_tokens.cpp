#include "text/added_tokens.h"

#include <algorithm>

#include "text/unicode.h"

namespace hilum {
namespace {

// The start of the last character of `text`, which is valid UTF-8 and not empty.
size_t last_character(std::string_view text) {
  size_t at = text.size() - 1;
  while (at > 0 && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

bool ends_in_word(std::string_view text) {
  return !text.empty() && is_word_character(decode_utf8(text.substr(last_character(text))).value);
}
bool begins_with_word(std::string_view text) { return !text.empty() && is_word_character(decode_utf8(text).value); }

size_t spaces_at_end(std::string_view text) {
  const size_t size = text.size();
  while (!text.empty() && is_unicode_space(decode_utf8(text.substr(last_character(text))).value))
    text = text.substr(0, last_character(text));
  return size - text.size();
}

size_t spaces_at_start(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const CodePoint point = decode_utf8(text.substr(at));
    if (!is_unicode_space(point.value)) break;
    at += point.length;
  }
  return at;
}

}  // namespace

void AddedTokenMatcher::add(const AddedToken& token, std::string_view content) {
  if (content.empty()) return;  // a normaliser that removes the token's text leaves nothing to find
  int node = 0;
  starts_[static_cast<uint8_t>(content[0])] = true;
  for (const char c : content) {
    const auto [found, is_new] = edges_.emplace(edge(node, static_cast<uint8_t>(c)), static_cast<int>(nodes_.size()));
    if (is_new) nodes_.emplace_back();
    node = found->second;
  }
  nodes_[node].entry = static_cast<int>(tokens_.size());
  tokens_.push_back({token.id, token.lstrip, token.rstrip, token.single_word});
}

std::vector<TokenMatch> AddedTokenMatcher::find(const MaskedText& masked) const {
  const std::string_view text = masked.text;
  const auto is_literal = [&](size_t at) { return !masked.literal.empty() && masked.literal[at]; };
  std::vector<TokenMatch> found;
  size_t taken = 0;  // text before this belongs to matches already made
  for (size_t at = 0; at < text.size();) {
    if (!starts_[static_cast<uint8_t>(text[at])]) {
      ++at;
      continue;
    }
    int node = 0, longest = -1;
    size_t end = at;
    for (size_t i = at; i < text.size() && !is_literal(i); ++i) {
      const auto next = edges_.find(edge(node, static_cast<uint8_t>(text[i])));
      if (next == edges_.end()) break;
      node = next->second;
      if (nodes_[node].entry >= 0) {
        longest = nodes_[node].entry;
        end = i + 1;
      }
    }
    if (longest < 0) {
      ++at;
      continue;
    }
    const Entry& entry = tokens_[longest];
    const size_t begin = at;
    at = end;
    if (entry.single_word && (ends_in_word(text.substr(0, begin)) || begins_with_word(text.substr(end)))) continue;
    TokenMatch match{begin, end, entry.id};
    if (entry.lstrip) match.begin = std::max(taken, begin - spaces_at_end(text.substr(0, begin)));
    if (entry.rstrip) match.end += spaces_at_start(text.substr(end));
    at = taken = match.end;
    found.push_back(match);
  }
  return found;
}

}  // namespace hilum
