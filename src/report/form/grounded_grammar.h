// The tokens of the grounded form of a report: what a preset names and what report/grounded_text.h reads and writes.
#pragma once

#include <string>

namespace hilum {

// Defaults: MAIRA-2's.
struct GroundedGrammar {
  std::string finding_open = "<obj>", finding_close = "</obj>";
  std::string box_open = "<box>", box_close = "</box>";
  std::string x_open = "<x", y_open = "<y", coordinate_close = ">";
  int bins = 100;  // coordinate tokens a side; a bin's value is (n + 0.5) / bins
};

}  // namespace hilum
