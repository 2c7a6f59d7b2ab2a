// What a report about a phantom says, read against the scene: kinds, sides and changes by the phantom grammar's own
// words. (Labels in general are found by chexpert_rules.h; this reader knows more, of a smaller language.)
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hilum {

// The kinds of finding docs/phantom.md lists, in its order, e.g. "effusion", "central line".
const std::vector<std::string>& phantom_kinds();

struct PhantomStatement {
  std::string kind;    // one of phantom_kinds(); empty: the sentence names none of them, or denies it
  std::string side;    // "", "right", "left", "bilateral"
  std::string change;  // "", "new", "larger", "smaller", "unchanged", "resolved"
  bool present() const { return !kind.empty() && change != "resolved"; }
};

// One sentence of a findings list. A sentence that denies ("No pleural effusion.") states nothing.
PhantomStatement read_phantom_sentence(std::string_view sentence);

}  // namespace hilum
