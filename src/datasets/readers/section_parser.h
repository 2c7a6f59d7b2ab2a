// Sections of a MIMIC-CXR report, by the rules its authors published (MIT-LCP/mimic-cxr, txt/section_parser.py and
// create_section_files.py): same names, same texts, same offsets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

struct ReportSection {
  std::string name;  // "findings", "impression", ...; "preamble" before the first header, "full report" without any
  std::string text;  // as it stands, blanks and line ends kept
  size_t offset =
      0;  // bytes; where the text begins in the report (last_paragraph: where the line end before it begins)
};

// Never empty for any text.
std::vector<ReportSection> parse_sections(std::string_view report);

// The last section of a name, trimmed; none: no value.
std::optional<std::string> last_section(const std::vector<ReportSection>& sections, std::string_view name);

// The text that the published labels were made from: the last of the first section present among impression, findings,
// last_paragraph, comparison; for the studies listed by hand (`study_id` as "s50913680"), what that list says.
// `section` tells which: a section's name,
// "[a,b)" for a range of the file, empty for none.
struct LabelText {
  std::string section, text;
};
LabelText label_text(std::string_view report, const std::string& study_id);

}  // namespace hilum
