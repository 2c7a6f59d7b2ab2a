// Sections of a report into a study.
#pragma once

#include <string_view>

#include "data/study.h"

namespace hilum {

// The findings, sentence by sentence; joined by blanks they are the text again, single-spaced.
void set_findings(Study& study, std::string_view text);
// Is there a findings section, an impression or a report?
bool has_text(const Study& study);
// The findings of a study as one text.
std::string findings_text(const Study& study);
// The text, single-spaced; nothing for one without.
std::optional<std::string> section_text(std::string_view text);

}  // namespace hilum
