// Which characters may stand next in a text that has a form: a pattern, a format or a list of choices, as an automaton
// over Unicode characters. Every state of it leads to an end, so that whatever was taken can be completed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

class TextForm {
 public:
  // Throws RequestError(400) at `where`: for what is not read in a pattern (look-behind, back references, \b,
  // look-ahead inside a repetition), for a form that no text has, and for one of too many states. Lengths in
  // characters; kNoLimit: none. Characters are those that JSON can write: control characters other than \b \t \n \f \r
  // are not among them.
  struct Wanted {
    std::vector<std::string> patterns;  // ECMA-262 with the u flag; each may match anywhere unless it has anchors
    uint32_t min_length = 0, max_length = kNoLimit;
  };
  static TextForm of(const Wanted& wanted, const std::string& where);
  static TextForm choices(const std::vector<std::string>& texts, const std::string& where);  // one of them, whole

  static constexpr uint32_t kNoLimit = 0xffffffff;

  // A place in a text, perhaps inside a character.
  struct Cursor {
    uint32_t state = 0;
    char32_t begun = 0;     // of a character whose bytes have not all come
    uint8_t left = 0;       // bytes of it still to come
    char32_t smallest = 0;  // that a character of its bytes may be (no overlong forms)
    bool operator==(const Cursor&) const = default;
  };
  bool take_byte(Cursor& at, uint8_t byte) const;  // of UTF-8; false: it cannot stand here, nothing is changed
  bool take_character(Cursor& at, char32_t character) const;
  bool may_end(const Cursor& at) const { return at.left == 0 && states_[at.state].may_end; }
  bool must_end(const Cursor& at) const { return may_end(at) && states_[at.state].next.empty(); }
  bool matches(std::string_view text) const;

 private:
  struct Step {
    char32_t low, high;  // characters
    uint32_t state;
  };
  struct State {
    bool may_end = false;
    std::vector<Step> next;  // by character, apart
  };
  friend class FormBuilder;
  bool any_of(uint32_t state, char32_t low, char32_t high) const;
  std::vector<State> states_;
};

// The pattern of a JSON Schema `format`; "" for one that is not known.
std::string pattern_of_format(std::string_view format);

}  // namespace hilum
