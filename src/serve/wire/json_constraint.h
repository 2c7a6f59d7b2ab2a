// Which bytes may stand next in a JSON text that follows a schema: what holds a model's tokens to the form that was
// asked for.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "serve/wire/json_schema.h"

namespace hilum {

// The text is one value: nothing before it, nothing behind it, at most 16 blanks, tabs or line ends in a row inside.
// Keys of a schema come in its order, each once and as the schema spells them; keys of open objects may repeat. Strings
// are UTF-8 with JSON's escapes, but \u never spells half of a surrogate pair, and stands in no string that has a form.
// Numbers have at most 15 digits before the point, 20 behind it and 2 in the exponent, so that all are finite; those
// with bounds have no exponent. Values lie at most 64 deep. Whatever was accepted can be completed.
class JsonConstraint {
 public:
  explicit JsonConstraint(std::shared_ptr<const JsonSchema> schema);

  bool accepts(
      std::string_view piece) const;  // may these bytes stand next? A token may end anywhere, inside a character too.
  bool advance(std::string_view piece);  // the same, and takes them; false: nothing is changed
  bool complete() const;                 // the text may end here
  bool finished() const;                 // it must: no byte may follow
  bool in_text() const;                  // inside a string, where a quote may end it
  std::bitset<256> next_bytes() const;   // to sort out most tokens by their first byte

 private:
  enum class Phase : uint8_t {
    kStart,
    kLiteral,
    kArrayOpen,
    kArrayNext,
    kObjectOpen,
    kObjectComma,
    kName,
    kColon,
    kObjectNext,
    kText,
    kEscape,
    kHex,
    kMinus,
    kZero,
    kDigits,
    kPoint,
    kFraction,
    kExponent,
    kExponentSign,
    kExponentDigits,
  };
  struct Frame {  // one open value
    int node = 0;
    Phase phase = Phase::kStart;
    uint16_t low = 0, high = 0;  // kLiteral: the sorted candidates that begin with what is written; kName: a property
    uint32_t count = 0;          // bytes of them; items; characters; digits
    uint32_t next = 0;           // the place of the first property that may still come
    Utf8Step utf8;
    bool is_low_hex = false;  // kHex: the first digit was d, so that the second must be below 8
    TextForm::Cursor cursor;  // of a string with a form
    WrittenNumber number;     // of a number with bounds
  };
  struct State {
    std::vector<Frame> frames;  // outermost first
    int blanks = 0;             // in a row
  };
  // kAgain: the byte is what another frame, now the last, has to take.
  enum class Taken : uint8_t { kNo, kYes, kAgain };

  std::vector<State> after(std::string_view piece) const;  // empty: it may not stand next
  void take(State state, uint8_t byte, std::vector<State>& out) const;
  bool has_alternatives(const State& state, uint8_t byte) const;  // the byte begins a value of several forms
  Taken take_alone(State& state, uint8_t byte) const;             // kAgain: it has alternatives
  Taken take_in(State& state, uint8_t byte) const;
  bool start(State& state, uint8_t byte) const;
  bool start_number(Frame& frame, uint8_t byte) const;
  Taken take_in_array(State& state, uint8_t byte) const;
  Taken take_in_object(State& state, uint8_t byte) const;
  bool take_in_text(State& state, uint8_t byte) const;
  bool take_in_form(State& state, uint8_t byte) const;
  bool take_literal(State& state, uint8_t byte) const;
  bool take_number(Frame& frame, uint8_t byte) const;
  bool take_name(State& state, uint8_t byte) const;
  bool can_end(const Frame& frame) const;  // a value whose end is seen only by what follows
  bool fits(const State& state, int height) const;
  // The places of properties that may come next: up to the first that must.
  std::vector<uint16_t> candidates(const State& state) const;
  bool has_all_required(const Frame& frame) const;
  const SchemaNode& node_of(const Frame& frame) const { return schema_->node(frame.node); }

  std::shared_ptr<const JsonSchema> schema_;
  std::vector<State> states_;  // several where alternatives of the schema begin alike
};

}  // namespace hilum
