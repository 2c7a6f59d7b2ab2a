#include "serve/wire/json_constraint.h"

#include <algorithm>

namespace hilum {
namespace {

constexpr int kMaxBlanks = 16;
constexpr size_t kMaxDepth = 64;
constexpr size_t kMaxStates = 64;  // alternatives followed at once
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
void narrow(const std::vector<std::string>& texts, size_t at, uint8_t byte, uint16_t& low, uint16_t& high) {
  const auto value = [&](size_t i) {
    return at < texts[i].size() ? static_cast<int>(static_cast<uint8_t>(texts[i][at])) : -1;
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
  states_.emplace_back().frames.push_back({.node = schema_->root()});
}

// Nearly always there is one state, and it is followed in place: this runs for every token of a vocabulary.
std::vector<JsonConstraint::State> JsonConstraint::after(std::string_view piece) const {
  std::vector<State> states = states_, next;
  while (states.size() == 1 && !piece.empty()) {
    const Taken taken = take_alone(states[0], static_cast<uint8_t>(piece[0]));
    if (taken == Taken::kNo) return {};
    if (taken == Taken::kAgain) break;
    piece.remove_prefix(1);
  }
  for (const char c : piece) {
    next.clear();
    for (State& state : states)
      if (next.size() < kMaxStates) take(std::move(state), static_cast<uint8_t>(c), next);
    states.swap(next);
    if (states.empty()) break;
  }
  return states;
}

bool JsonConstraint::accepts(std::string_view piece) const { return !after(piece).empty(); }

bool JsonConstraint::advance(std::string_view piece) {
  std::vector<State> states = after(piece);
  if (states.empty()) return false;
  states_ = std::move(states);
  return true;
}

bool JsonConstraint::complete() const {
  return std::any_of(states_.begin(), states_.end(), [&](const State& state) {
    return state.frames.empty() || (state.frames.size() == 1 && can_end(state.frames.back()));
  });
}

bool JsonConstraint::finished() const {
  return std::all_of(states_.begin(), states_.end(), [](const State& state) { return state.frames.empty(); });
}

bool JsonConstraint::in_text() const {
  return std::any_of(states_.begin(), states_.end(),
      [](const State& state) { return !state.frames.empty() && state.frames.back().phase == Phase::kText; });
}

std::bitset<256> JsonConstraint::next_bytes() const {
  std::bitset<256> next;
  for (size_t byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    next[byte] = accepts({&c, 1});
  }
  return next;
}

bool JsonConstraint::can_end(const Frame& frame) const {
  switch (frame.phase) {
    case Phase::kZero:
    case Phase::kDigits:
    case Phase::kFraction:
    case Phase::kExponentDigits: return !node_of(frame).range || is_in(frame.number, *node_of(frame).range);
    case Phase::kLiteral: return words_of(node_of(frame))[frame.low].size() == frame.count;
    default: return false;
  }
}

bool JsonConstraint::fits(const State& state, int height) const {
  return state.frames.size() + static_cast<size_t>(height) <= kMaxDepth;
}

bool JsonConstraint::has_alternatives(const State& state, uint8_t byte) const {
  const Frame& frame = state.frames.back();
  return frame.phase == Phase::kStart && !is_json_blank(byte) && !node_of(frame).any_of.empty();
}

JsonConstraint::Taken JsonConstraint::take_alone(State& state, uint8_t byte) const {
  for (;;) {
    if (state.frames.empty()) return Taken::kNo;
    if (has_alternatives(state, byte)) return Taken::kAgain;
    const Taken taken = take_in(state, byte);
    if (taken != Taken::kAgain) return taken;
  }
}

// The byte, by each of the alternatives of a value that begins with it.
void JsonConstraint::take(State state, uint8_t byte, std::vector<State>& out) const {
  const Taken taken = take_alone(state, byte);
  if (taken == Taken::kYes) out.push_back(std::move(state));
  if (taken != Taken::kAgain) return;
  for (const int alternative : node_of(state.frames.back()).any_of) {
    State one = state;
    one.frames.back().node = alternative;
    take(std::move(one), byte, out);
  }
}

JsonConstraint::Taken JsonConstraint::take_in(State& state, uint8_t byte) const {
  const auto taken = [](bool yes) { return yes ? Taken::kYes : Taken::kNo; };
  const Phase phase = state.frames.back().phase;
  if (phase >= Phase::kText && phase <= Phase::kHex)
    return taken(node_of(state.frames.back()).form ? take_in_form(state, byte) : take_in_text(state, byte));
  if (phase == Phase::kLiteral || phase >= Phase::kMinus) {
    if (phase == Phase::kLiteral ? take_literal(state, byte) : take_number(state.frames.back(), byte))
      return Taken::kYes;
    if (!can_end(state.frames.back()) || state.frames.size() == 1) return Taken::kNo;
    state.frames.pop_back();  // the byte belongs to what is around it
    return Taken::kAgain;
  }
  if (phase == Phase::kName) return taken(take_name(state, byte));
  if (is_json_blank(byte))
    return taken(state.frames.size() + (phase != Phase::kStart) > 1 && ++state.blanks <= kMaxBlanks);
  state.blanks = 0;
  if (phase == Phase::kStart) return taken(start(state, byte));
  return phase <= Phase::kArrayNext ? take_in_array(state, byte) : take_in_object(state, byte);
}

bool JsonConstraint::start(State& state, uint8_t byte) const {
  Frame& frame = state.frames.back();
  const SchemaNode& node = node_of(frame);
  const bool is_word = byte == 't' || byte == 'f' || byte == 'n';
  if (!node.literals.empty() || (is_word && (node.types & (kNull | kBoolean)))) {
    frame.phase = Phase::kLiteral;
    frame.count = 0;
    frame.low = 0;
    frame.high = static_cast<uint16_t>(words_of(node).size());
    return take_literal(state, byte);
  }
  const auto opens = [&](char bracket, uint8_t type, int height, Phase phase) {
    if (byte != static_cast<uint8_t>(bracket) || !(node.types & type)) return false;
    if (state.frames.size() - 1 + static_cast<size_t>(height) > kMaxDepth) return false;
    frame.phase = phase;
    return true;
  };
  return opens('"', kString, 1, Phase::kText) || opens('[', kArray, node.array_height, Phase::kArrayOpen) ||
         opens('{', kObject, node.object_height, Phase::kObjectOpen) || start_number(frame, byte);
}

bool JsonConstraint::start_number(Frame& frame, uint8_t byte) const {
  const SchemaNode& node = node_of(frame);
  if (!(node.types & (kNumber | kInteger)) || (byte != '-' && !is_digit(byte))) return false;
  frame.phase = byte == '-' ? Phase::kMinus : byte == '0' ? Phase::kZero : Phase::kDigits;
  frame.count = 1;
  if (byte == '-') frame.number.is_negative = true;
  else frame.number = {.digits = byte - '0', .num_whole = 1};
  return !node.range || can_become(frame.number, *node.range);
}

bool JsonConstraint::take_literal(State& state, uint8_t byte) const {
  Frame& frame = state.frames.back();
  const auto& words = words_of(node_of(frame));
  uint16_t low = frame.low, high = frame.high;
  narrow(words, frame.count, byte, low, high);
  if (low == high) return false;
  frame.low = low;
  frame.high = high;
  ++frame.count;
  if (high - low == 1 && words[low].size() == frame.count) state.frames.pop_back();
  return true;
}

bool JsonConstraint::take_number(Frame& frame, uint8_t byte) const {
  const SchemaNode& node = node_of(frame);
  const NumberRange* range = node.range ? &*node.range : nullptr;
  const bool has_fraction = node.types & kNumber && (!range || range->fraction_digits > 0);
  const auto go = [&](Phase phase, uint32_t count) {
    if (range) {
      WrittenNumber number = frame.number;
      if (is_digit(byte)) {
        const bool is_whole = phase <= Phase::kDigits;
        if (is_whole ? number.num_whole >= range->whole_digits : number.num_fraction >= range->fraction_digits)
          return false;
        number.digits = number.digits * 10 + (byte - '0');
        ++(is_whole ? number.num_whole : number.num_fraction);
      }
      number.has_point = phase >= Phase::kPoint;
      if (!can_become(number, *range)) return false;
      frame.number = number;
    }
    frame.phase = phase;
    frame.count = count;
    return true;
  };
  const bool is_e = (byte == 'e' || byte == 'E') && !range;
  switch (frame.phase) {
    case Phase::kMinus: return byte == '0' ? go(Phase::kZero, 0) : is_digit(byte) && go(Phase::kDigits, 1);
    case Phase::kDigits:
      if (is_digit(byte)) return (range || frame.count < kMaxDigits) && go(Phase::kDigits, frame.count + 1);
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
  const SchemaNode& node = node_of(frame);
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

// A string whose characters an automaton knows: each is written as it is, or by the short escape it must have.
bool JsonConstraint::take_in_form(State& state, uint8_t byte) const {
  Frame& frame = state.frames.back();
  const TextForm& form = *node_of(frame).form;
  constexpr std::string_view letters = "\"\\/bfnrt", characters = "\"\\/\b\f\n\r\t";
  if (frame.phase == Phase::kEscape) {
    const size_t which = letters.find(static_cast<char>(byte));
    if (which == std::string_view::npos) return false;
    frame.phase = Phase::kText;
    return form.take_character(frame.cursor, static_cast<char32_t>(characters[which]));
  }
  if (frame.cursor.left > 0) return form.take_byte(frame.cursor, byte);
  if (byte == '"') {
    if (!form.may_end(frame.cursor)) return false;
    state.frames.pop_back();
    return true;
  }
  if (byte < 0x20) return false;
  if (byte != '\\') return form.take_byte(frame.cursor, byte);
  frame.phase = Phase::kEscape;
  return std::any_of(characters.begin(), characters.end(), [&](char c) {
    TextForm::Cursor at = frame.cursor;
    return form.take_character(at, static_cast<char32_t>(c));
  });
}

JsonConstraint::Taken JsonConstraint::take_in_array(State& state, uint8_t byte) const {
  Frame& frame = state.frames.back();
  const SchemaNode& node = node_of(frame);
  if (byte == ']') {
    if (frame.count < node.min_items) return Taken::kNo;
    state.frames.pop_back();
    return Taken::kYes;
  }
  const int item = node.item(frame.count);
  if (frame.count >= node.max_items || !fits(state, schema_->node(item).height)) return Taken::kNo;
  const bool is_first = frame.phase == Phase::kArrayOpen;
  if (!is_first && byte != ',') return Taken::kNo;
  ++frame.count;
  frame.phase = Phase::kArrayNext;
  state.frames.push_back({.node = item});  // `frame` is no longer there
  return is_first ? Taken::kAgain : Taken::kYes;
}

std::vector<uint16_t> JsonConstraint::candidates(const State& state) const {
  const Frame& frame = state.frames.back();
  const auto& properties = node_of(frame).properties;
  std::vector<uint16_t> places;
  for (size_t i = frame.next; i < properties.size(); ++i) {
    if (fits(state, schema_->node(properties[i].node).height)) places.push_back(static_cast<uint16_t>(i));
    if (properties[i].is_required) break;
  }
  return places;
}

bool JsonConstraint::has_all_required(const Frame& frame) const {
  const auto& properties = node_of(frame).properties;
  return std::none_of(properties.begin() + frame.next, properties.end(),
      [](const SchemaProperty& property) { return property.is_required; });
}

bool JsonConstraint::take_name(State& state, uint8_t byte) const {
  Frame& frame = state.frames.back();
  const auto& properties = node_of(frame).properties;
  const std::string_view begun = std::string_view(properties[frame.low].written).substr(0, frame.count);
  for (const uint16_t place : candidates(state)) {
    const std::string& name = properties[place].written;
    if (!name.starts_with(begun) || static_cast<uint8_t>(name[frame.count]) != byte) continue;
    frame.low = place;
    if (++frame.count == name.size()) {  // its closing quote: no other begins with it
      frame.next = place + 1u;
      frame.phase = Phase::kColon;
    }
    return true;
  }
  return false;
}

JsonConstraint::Taken JsonConstraint::take_in_object(State& state, uint8_t byte) const {
  Frame& frame = state.frames.back();
  const SchemaNode& node = node_of(frame);
  if (frame.phase == Phase::kColon) {
    if (byte != ':') return Taken::kNo;
    frame.phase = Phase::kObjectNext;
    state.frames.push_back({.node = node.is_open ? node.additional : node.properties[frame.low].node});
    return Taken::kYes;
  }
  if (byte == '}' && frame.phase != Phase::kObjectComma) {
    if (!has_all_required(frame)) return Taken::kNo;
    state.frames.pop_back();
    return Taken::kYes;
  }
  const bool has_more = node.is_open ? fits(state, schema_->node(node.additional).height) : !candidates(state).empty();
  if (!has_more) return Taken::kNo;
  if (frame.phase == Phase::kObjectNext) {
    frame.phase = Phase::kObjectComma;
    return byte == ',' ? Taken::kYes : Taken::kNo;
  }
  if (byte != '"') return Taken::kNo;
  if (node.is_open) {
    frame.phase = Phase::kColon;
    state.frames.push_back({.node = node.key});
    return start(state, byte) ? Taken::kYes : Taken::kNo;
  }
  frame.phase = Phase::kName;
  frame.count = 0;
  frame.low = candidates(state).front();
  return take_name(state, byte) ? Taken::kYes : Taken::kNo;
}

}  // namespace hilum
