// Reads a grounded answer while it is being written: each piece of its text is looked at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/grounded_text.h"
#include "report/readable_text.h"

namespace hilum {

class GroundedStream {
 public:
  // Throws Error for a grammar with an empty token or without bins.
  explicit GroundedStream(GroundedGrammar grammar = {});

  struct News {                         // what a piece brought
    std::string readable;               // for people to read along (report/readable_text.h)
    std::vector<CropFinding> findings;  // complete now
  };
  News push(std::string_view piece);  // pieces may be cut anywhere
  // parse_grounded() of all pieces together. Call once, after the last of them. Throws Error in strict mode for a
  // malformed answer.
  GroundedText finish(Mode mode);

 private:
  bool find_next(const std::string& token, size_t& at);  // from looked_ on; else moves looked_ to where it may begin
  void note(const std::string& trouble);                 // of the split into findings: the first one counts

  GroundedGrammar grammar_;
  ReadableStream readable_;
  std::string text_;    // all of it
  size_t looked_ = 0;   // before here the token that is looked for does not begin
  size_t outside_ = 0;  // where the last finding ended
  size_t begin_ = 0;    // of the open finding
  bool open_ = false, has_tokens_ = false;
  std::string trouble_;
  std::vector<std::string> flaws_;  // inside findings
  GroundedText read_;
};

}  // namespace hilum
