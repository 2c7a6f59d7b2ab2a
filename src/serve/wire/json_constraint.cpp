#include "serve/wire/json_constraint.h"

#include <algorithm>
#include <functional>

namespace hilum {
namespace {

constexpr int kMaxBlanks = 16;
constexpr size_t kMaxDepth = 64;  // of values the schema leaves open; a schema's own depth is bounded by its reader
constexpr uint32_t kMaxDigits = 15, kMaxFractionDigits = 20,
                   kMaxExponentDigits = 2;  // shortest doubles fit but for exponents of three digits; all stay finite

bool is_json_blank(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }
bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }
bool is_hex(uint8_t byte) { return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F'); }

// What JSON writes as a word or as a literal of the schema, sorted.
const std::vector<std::string> kFalseTrueNull = {"false", "null", "true"};
const std::vector<std::string> kFalseTrue = {"false", "true"};
const std::vector<std::string> kOnlyNull = {"null"};

const std::vector<std::string>& words_of(const SchemaNode& node) {
  if (!node.literals.empty()) return node.literals;
  return !(node.types & kNull) ? kFalseTrue : node.types & kBoolean ? kFalseTrueNull : kOnlyNull;
}

// Narrows [low, high) of sorted texts, alike up to `at`, to those with `byte` there.
template <class Texts, class Text>
void narrow(const Texts& texts, const Text& text, size_t at, uint8_t byte, uint16_t& low, uint16_t& high) {
  const auto value = [&](size_t i) {
    return at < text(texts[i]).size() ? static_cast<int>(static_cast<uint8_t>(text(texts[i])[at])) : -1;
  };
  const auto first_not_below = [&](int wanted) {
    uint16_t begin = low, end = high;
    while (begin < end) {
      const uint16_t middle = static_cast<uint16_t>((begin + end) / 2);
      if (value(middle) < wanted) begin = static_cast<uint16_t>(middle + 1);
      else end = middle;
    }
    return begin;
  };
  const uint16_t begin = first_not_below(byte), end = first_not_below(byte + 1);
  low = begin;
  high = end;
}

}  // namespace

JsonConstraint::JsonConstraint(std::shared_ptr<const JsonSchema> schema) : schema_(std::move(schema)) {
  state_.frames.push_back({.node = schema_->root()});
}

bool JsonConstraint::accepts(std::string_view piece) const {
  State state = state_;
  return std::all_of(piece.begin(), piece.end(), [&](char c) { return take(state, static_cast<uint8_t>(c)); });
}

bool JsonConstraint::advance(std::string_view piece) {
  State state = state_;
  for (const char c : piece)
    if (!take(state, static_cast<uint8_t>(c))) return false;
  state_ = std::move(state);
  return true;
}

bool JsonConstraint::complete() const {
  return finished() || (state_.frames.size() == 1 && can_end(state_.frames.back()));
}

std::bitset<256> JsonConstraint::next_bytes() const {
  std::bitset<256> next;
  for (int byte = 0; byte < 256; ++byte) {
    State state = state_;
    next[static_cast<size_t>(byte)] = take(state, static_cast<uint8_t>(byte));
  }
  return next;
}

bool JsonConstraint::can_end(const Frame& frame) const {
  switch (frame.phase) {
    case Phase::kZero:
    case Phase::kDigits:
    case Phase::kFraction:
    case Phase::kExponentDigits: return true;
    case Phase::kLiteral: return words_of(schema_->node(frame.node))[frame.low].size() == frame.count;
    default: return false;
  }
}

bool JsonConstraint::take(State& state, uint8_t byte) const {
  if (state.frames.empty()) return false;
  const Phase phase = state.frames.back().phase;
  if (phase >= Phase::kText && phase <= Phase::kHex) return take_in_text(state, byte);
  if (phase == Phase::kLiteral ? take_literal(state, byte) : phase >= Phase::kMinus && take_number(state, byte))
    return true;
  if (can_end(state.frames.back())) {  // the byte belongs to what is around it
    if (state.frames.size() == 1) return false;
    state.frames.pop_back();
    return take(state, byte);
  }
  if (phase == Phase::kLiteral || phase >= Phase::kMinus) return false;
  if (phase == Phase::kName) return take_in_object(state, byte);
  if (is_json_blank(byte)) return state.frames.size() + (phase != Phase::kStart) > 1 && ++state.blanks <= kMaxBlanks;
  state.blanks = 0;
  if (phase == Phase::kStart) return start(state, byte);
  return phase <= Phase::kArrayNext ? take_in_array(state, byte) : take_in_object(state, byte);
}

bool JsonConstraint::start(State& state, uint8_t byte) const {
  Frame& frame = state.frames.back();
  const SchemaNode& node = schema_->node(frame.node);
  const bool is_word = byte == 't' || byte == 'f' || byte == 'n';
  if (!node.literals.empty() || (is_word && (node.types & (kNull | kBoolean)))) {
    frame.phase = Phase::kLiteral;
    frame.count = 0;
    frame.low = 0;
    frame.high = static_cast<uint16_t>(words_of(node).size());
    return take_literal(state, byte);
  }
  const bool may_nest = state.frames.size() < kMaxDepth;
  if (byte == '"' && (node.types & kString)) {
    frame.phase = Phase::kText;
    return true;
  }
  if (byte == '[' && (node.types & kArray) && may_nest) {
    frame.phase = Phase::kArrayOpen;
    return true;
  }
  if (byte == '{' && (node.types & kObject) && may_nest) {
    frame.phase = Phase::kObjectOpen;
    return true;
  }
  if (!(node.types & (kNumber | kInteger))) return false;
  if (byte == '-') {
    frame.phase = Phase::kMinus;
    return true;
  }
  if (byte == '0') {
    frame.phase = Phase::kZero;
    return true;
  }
  if (is_digit(byte)) {
    frame.phase = Phase::kDigits;
    frame.count = 1;
    return true;
  }
  return false;
}

bool JsonConstraint::take_literal(State& state, uint8_t byte) const {
  Frame& frame = state.frames.back();
  const auto& words = words_of(schema_->node(frame.node));
  uint16_t low = frame.low, high = frame.high;
  narrow(words, std::identity(), frame.count, byte, low, high);
  if (low == high) return false;
  frame.low = low;
  frame.high = high;
  ++frame.count;
  if (high - low == 1 && words[low].size() == frame.count) state.frames.pop_back();
  return true;
}

bool JsonConstraint::take_number(State& state, uint8_t byte) const {
  Frame& frame = state.frames.back();
  const bool has_fraction = schema_->node(frame.node).types & kNumber;
  const auto go = [&](Phase phase, uint32_t count) {
    frame.phase = phase;
    frame.count = count;
    return true;
  };
  const bool is_e = byte == 'e' || byte == 'E';
  switch (frame.phase) {
    case Phase::kMinus: return byte == '0' ? go(Phase::kZero, 0) : is_digit(byte) && go(Phase::kDigits, 1);
    case Phase::kDigits:
      if (is_digit(byte)) return frame.count < kMaxDigits && go(Phase::kDigits, frame.count + 1);
      [[fallthrough]];
    case Phase::kZero: return has_fraction && (byte == '.' ? go(Phase::kPoint, 0) : is_e && go(Phase::kExponent, 0));
    case Phase::kPoint: return is_digit(byte) && go(Phase::kFraction, 1);
    case Phase::kFraction:
      if (is_digit(byte)) return frame.count < kMaxFractionDigits && go(Phase::kFraction, frame.count + 1);
      return is_e && go(Phase::kExponent, 0);
    case Phase::kExponent:
      if (byte == '+' || byte == '-') return go(Phase::kExponentSign, 0);
      [[fallthrough]];
    case Phase::kExponentSign: return is_digit(byte) && go(Phase::kExponentDigits, 1);
    default: return is_digit(byte) && frame.count < kMaxExponentDigits && go(Phase::kExponentDigits, frame.count + 1);
  }
}

bool JsonConstraint::take_in_text(State& state, uint8_t byte) const {
  Frame& frame = state.frames.back();
  const SchemaNode& node = schema_->node(frame.node);
  if (frame.phase == Phase::kEscape) {
    if (byte == 'u') {
      frame.phase = Phase::kHex;
      frame.low = 0;
      frame.is_low_hex = false;
      return true;
    }
    frame.phase = Phase::kText;
    return std::string_view("\"\\/bfnrt").find(static_cast<char>(byte)) != std::string_view::npos;
  }
  if (frame.phase == Phase::kHex) {
    if (!is_hex(byte) || (frame.low == 1 && frame.is_low_hex && !(byte >= '0' && byte <= '7'))) return false;
    if (frame.low == 0) frame.is_low_hex = byte == 'd' || byte == 'D';
    if (++frame.low == 4) frame.phase = Phase::kText;
    return true;
  }
  if (frame.utf8.left > 0) return frame.utf8.take(byte);
  if (byte == '"') {
    if (frame.count < node.min_length) return false;
    state.frames.pop_back();
    return true;
  }
  if (frame.count >= node.max_length || byte < 0x20) return false;
  ++frame.count;
  if (byte == '\\') {
    frame.phase = Phase::kEscape;
    return true;
  }
  return frame.utf8.take(byte);
}

bool JsonConstraint::take_in_array(State& state, uint8_t byte) const {
  Frame& frame = state.frames.back();
  const SchemaNode& node = schema_->node(frame.node);
  const int items = node.items;
  if (byte == ']') {
    if (frame.count < node.min_items) return false;
    state.frames.pop_back();
    return true;
  }
  if (frame.count >= node.max_items) return false;
  const bool is_first = frame.phase == Phase::kArrayOpen;
  if (!is_first && byte != ',') return false;
  ++frame.count;
  frame.phase = Phase::kArrayNext;
  state.frames.push_back({.node = items});  // `frame` is no longer there
  return !is_first || start(state, byte);
}

bool JsonConstraint::has_more_keys(const Frame& frame) const {
  const SchemaNode& node = schema_->node(frame.node);
  for (size_t i = 0; i < node.properties.size(); ++i)
    if (!(frame.used >> i & 1)) return true;
  return node.is_open;
}

bool JsonConstraint::has_all_required(const Frame& frame) const {
  const SchemaNode& node = schema_->node(frame.node);
  for (size_t i = 0; i < node.properties.size(); ++i)
    if (node.properties[i].is_required && !(frame.used >> i & 1)) return false;
  return true;
}

bool JsonConstraint::narrow_name(Frame& frame, uint8_t byte) const {
  const auto& properties = schema_->node(frame.node).properties;
  uint16_t low = frame.low, high = frame.high;
  narrow(
      properties, [](const SchemaProperty& property) -> const std::string& { return property.written; }, frame.count,
      byte, low, high);
  bool is_free = false;
  for (uint16_t i = low; i < high; ++i) is_free = is_free || !(frame.used >> i & 1);
  if (!is_free) return false;
  frame.low = low;
  frame.high = high;
  ++frame.count;
  if (properties[low].written.size() == frame.count) {  // its closing quote: no other begins with it
    frame.used |= uint64_t{1} << low;
    frame.phase = Phase::kColon;
  }
  return true;
}

bool JsonConstraint::take_in_object(State& state, uint8_t byte) const {
  Frame& frame = state.frames.back();
  const SchemaNode& node = schema_->node(frame.node);
  if (frame.phase == Phase::kName) return narrow_name(frame, byte);
  if (frame.phase == Phase::kColon) {
    if (byte != ':') return false;
    frame.phase = Phase::kObjectNext;
    const int value = node.is_open ? JsonSchema::kAnything : node.properties[frame.low].node;
    state.frames.push_back({.node = value});
    return true;
  }
  if (byte == '}' && frame.phase != Phase::kObjectComma) {
    if (!has_all_required(frame)) return false;
    state.frames.pop_back();
    return true;
  }
  if (!has_more_keys(frame)) return false;
  if (frame.phase == Phase::kObjectNext) return byte == ',' && (frame.phase = Phase::kObjectComma, true);
  if (byte != '"') return false;
  if (node.is_open) {
    frame.phase = Phase::kColon;
    state.frames.push_back({.node = JsonSchema::kKey, .phase = Phase::kText});
    return true;
  }
  frame.phase = Phase::kName;
  frame.count = 0;
  frame.low = 0;
  frame.high = static_cast<uint16_t>(node.properties.size());
  return narrow_name(frame, byte);
}

}  // namespace hilum
