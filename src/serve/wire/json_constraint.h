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
// Keys of a schema come in any order, each once and as the schema spells them; keys of open objects may repeat. Strings
// are UTF-8 with JSON's escapes, but \u never spells half of a surrogate pair. Numbers have at most 15 digits before
// the point, 20 behind it and 2 in the exponent, so that all are finite. Whatever was accepted can be completed.
class JsonConstraint {
 public:
  explicit JsonConstraint(std::shared_ptr<const JsonSchema> schema);

  bool accepts(
      std::string_view piece) const;  // may these bytes stand next? A token may end anywhere, inside a character too.
  bool advance(std::string_view piece);                    // the same, and takes them; false: nothing is changed
  bool complete() const;                                   // the text may end here
  bool finished() const { return state_.frames.empty(); }  // it must: no byte may follow
  std::bitset<256> next_bytes() const;                     // to sort out most tokens by their first byte

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
    uint16_t low = 0, high = 0;  // kLiteral, kName: the sorted candidates that begin with what is written
    uint32_t count = 0;          // bytes of them; items; characters; digits
    uint64_t used = 0;           // properties written, by their place
    Utf8Step utf8;
    bool is_low_hex = false;  // kHex: the first digit was d, so that the second must be below 8
  };
  struct State {
    std::vector<Frame> frames;  // outermost first
    int blanks = 0;             // in a row
  };

  bool take(State& state, uint8_t byte) const;
  bool start(State& state, uint8_t byte) const;
  bool take_in_array(State& state, uint8_t byte) const;
  bool take_in_object(State& state, uint8_t byte) const;
  bool take_in_text(State& state, uint8_t byte) const;
  bool take_literal(State& state, uint8_t byte) const;
  bool take_number(State& state, uint8_t byte) const;
  bool narrow_name(Frame& frame, uint8_t byte) const;
  bool can_end(const Frame& frame) const;  // a value whose end is seen only by what follows
  bool has_more_keys(const Frame& frame) const;
  bool has_all_required(const Frame& frame) const;

  std::shared_ptr<const JsonSchema> schema_;
  State state_;
};

}  // namespace hilum
