// One mention in its clause, and what the build of the sentence says of it: the predicate of a list of mentions, and
// words of doubt before an open list. The published labeler reads both off a parse, which gives each member of a list
// the list's governor.
#pragma once

#include <optional>
#include <span>

#include "eval/labels/chexpert_text.h"
#include "eval/labels/chexpert_words.h"

namespace hilum::chexpert {

// The mention is tokens [first, last) of the sentence, its clause [begin, end). Positions outside the clause have
// neither classes nor roles, so every rule ends at the clause by itself.
class Clause {
 public:
  Clause(std::span<const Token> sentence, int first, int last);

  bool is(int i, uint64_t classes) const { return inside(i) && (tokens[i].classes & classes); }
  bool has(int i, uint64_t roles) const { return inside(i) && (tokens[i].roles & roles); }
  bool inside(int i) const { return i >= begin && i < end; }

  // Does an "and" at i join a sentence with a subject of its own: "and pneumonia is"?
  bool joins_sentence(int i) const;

  std::span<const Token> tokens;
  int first, last, begin, end;
};

// What the verb of a mention says, where the mention is its subject, alone or as a member of a list.
struct Said {
  int label = 1;  // 0: gone or not seen; -1: only considered, or perhaps gone; 1: nothing, or expressly not gone
  const char* rule = "";
  int cue = -1;  // the token that says it; -1: nothing is said
  bool any() const { return cue >= 0; }
};
Said said_of_subject(const Clause& clause);

// The word of doubt that opens the list which the mention stands in, however long: "differential including A, B and X",
// "correlate clinically for X", "can be compatible with X". Looks past the clause where the list is said of a "which".
std::optional<int> doubt_before_list(const Clause& clause);

// "Cleared" or "resolved" at i is said of a subject before it and not of what follows: "A has cleared and X".
bool gone_as_predicate(const Clause& clause, int i);

}  // namespace hilum::chexpert
