// Studies of MIMIC-CXR whose text for labelling its authors chose by hand (create_section_files.py).
#include "base/ascii.h"
#include "datasets/readers/section_parser.h"

#include <algorithm>
#include <iterator>

#include "datasets/collector.h"

namespace hilum {
namespace {

struct NamedSection {
  const char* study;
  const char* section;
};
constexpr NamedSection kNamed[] = {
    {"s50913680", "recommendations"},
    {"s59768032", "recommendations"},
    {"s59067458", "recommendations"},
    {"s59087630", "recommendations"},
    {"s58157373", "recommendations"},
    {"s56482935", "recommendations"},
    {"s58375018", "recommendations"},
    {"s59363654", "examination"},
    {"s53356173", "examination"},
    {"s50743547", "examination"},
    {"s59215320", "examination"},
    {"s55157853", "examination"},
    {"s59279892", "technique"},
    {"s53202765", "technique"},
    {"s50808053", "technique"},
    {"s57936451", "indication"},
    {"s50058765", "indication"},
    {"s51966317", "indication"},
    {"s55124749", "indication"},
    {"s54365831", "indication"},
    {"s54654948", "indication"},
    {"s56451190", "note"},
    {"s51491012", "history"},
};

struct Range {
  const char* study;
  size_t begin, end;  // characters of the file
};
constexpr Range kRanges[] = {
    {"s50525523", 201, 349},
    {"s57564132", 233, 554},
    {"s59982525", 313, 717},
    {"s53488209", 149, 475},
    {"s54875119", 234, 988},
    {"s50196495", 59, 399},
    {"s56579911", 59, 218},
    {"s52648681", 292, 631},
    {"s59889364", 172, 453},
    {"s53514462", 73, 377},
    {"s59505494", 59, 450},
    {"s53182247", 59, 412},
    {"s51410602", 47, 320},
    {"s56412866", 522, 822},
    {"s54986978", 59, 306},
    {"s59003148", 262, 505},
    {"s57150433", 61, 394},
    {"s56760320", 219, 457},
    {"s59562049", 158, 348},
    {"s52674888", 145, 296},
    {"s55258338", 192, 568},
    {"s59330497", 140, 655},
    {"s52119491", 179, 454},
};

constexpr const char* kEmpty[] = {
    "s58235663",
    "s50798377",
    "s54168089",
    "s53071062",
    "s56724958",
    "s54231141",
    "s53607029",
    "s52035334",
};

template <class Table>
auto* row_of(const Table& table, const std::string& study) {
  const auto found =
      std::find_if(std::begin(table), std::end(table), [&](const auto& row) { return study == row.study; });
  return found == std::end(table) ? nullptr : &*found;
}

}  // namespace

LabelText label_text(std::string_view report, const std::string& study_id) {
  if (std::any_of(std::begin(kEmpty), std::end(kEmpty), [&](const char* id) { return study_id == id; })) return {};
  if (const Range* range = row_of(kRanges, study_id)) {
    const size_t begin = std::min(range->begin, report.size()), end = std::min(range->end, report.size());
    return {"[" + std::to_string(range->begin) + "," + std::to_string(range->end) + ")",
        std::string(trim_ascii(report.substr(begin, end - begin)))};
  }
  const auto sections = parse_sections(report);
  if (const NamedSection* named = row_of(kNamed, study_id))
    return {named->section, last_section(sections, named->section).value_or("")};
  for (const char* name : {"impression", "findings", "last_paragraph", "comparison"})
    if (auto text = last_section(sections, name)) return {name, std::move(*text)};
  return {};
}

}  // namespace hilum
