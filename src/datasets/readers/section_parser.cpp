#include "datasets/readers/section_parser.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/ascii.h"
#include "datasets/collector.h"

namespace hilum {
namespace {

// Names that mean another one. First an exact match, then what a name contains.
const std::map<std::string, std::string>& exact_names() {
  static const std::map<std::string, std::string> kNames = [] {
    std::map<std::string, std::string> names;
    const auto all = [&](const char* to, std::initializer_list<const char*> from) {
      for (const char* name : from) names[name] = to;
    };
    all("comparison", {"comparisons", "comparison exam", "comparison film", "reference exam", "comparision",
                          "comparsion", "comparrison", "comparisions"});
    all("history", {"clinical history", "clinical information", "patient history", "pfi"});
    all("indication", {"reason for examination", "reason for exam", "clinical indication", "idication"});
    all("examination", {"exam", "type of examination"});
    all("impression", {"conclusion", "findings and impression", "findings/impression", "findings/ impression",
                          "impresson", "imprression", "imoression", "impressoin", "imprssion", "impresion",
                          "imperssion", "mpression", "impession", "ndication"});  // "ndication" so in the original
    all("findings", {"chest, two views", "finding", "findins", "findindgs", "findgings", "findngs", "findnings",
                        "finidngs", "reference findings"});
    all("recommendations", {"recommendation(s)", "recommendation"});
    all("wet read", {"wetread"});
    for (const char* name : {"preamble", "impression", "comparison", "indication", "findings", "examination",
             "technique", "history", "notification", "recommendations", "addendum", "date", "comment", "wet read"})
      names[name] = name;
    return names;
  }();
  return kNames;
}

constexpr std::array kContained = {"impression", "findings", "history", "comparison", "addendum"};
constexpr std::array kTitles = {"chest", "portable", "pa and lateral", "lateral and pa", "ap and lateral",
    "lateral and ap", "frontal and", "two views", "frontal view", "pa view", "ap view", "one view", "lateral view",
    "bone window", "frontal upright", "frontal semi-upright", "ribs", "pa and lat"};

std::string section_name(std::string_view header) {
  const std::string name = lower_ascii(trim_ascii(header));
  if (const auto found = exact_names().find(name); found != exact_names().end()) return found->second;
  const auto holds = [&](const char* part) { return name.find(part) != std::string::npos; };
  for (const char* part : kContained)
    if (holds(part)) return part;
  return std::any_of(kTitles.begin(), kTitles.end(), holds) ? "findings" : name;
}

// A header: newline, blank, capitals and "()/,-" and blanks, a colon, one white-space character.
struct Header {
  size_t begin = std::string_view::npos, end = 0;  // of the whole match
  std::string_view name;
};

Header next_header(std::string_view text, size_t from) {
  const auto in_name = [](char c) {
    return (c >= 'A' && c <= 'Z') || c == ' ' || c == '(' || c == ')' || c == '/' || c == ',' || c == '-';
  };
  for (size_t line = text.find('\n', from); line != std::string_view::npos; line = text.find('\n', line + 1)) {
    if (line + 1 >= text.size() || text[line + 1] != ' ') continue;
    size_t colon = line + 2;
    while (colon < text.size() && in_name(text[colon])) ++colon;
    if (colon == line + 2 || colon + 1 >= text.size() || text[colon] != ':') continue;
    const char after = text[colon + 1];
    if (after != ' ' && !(after >= '\t' && after <= '\r')) continue;
    return {line, colon + 2, text.substr(line + 2, colon - line - 2)};
  }
  return {};
}

}  // namespace

std::vector<ReportSection> parse_sections(std::string_view report) {
  std::vector<ReportSection> sections;
  Header header = next_header(report, 0);
  // the preamble reaches to the first header's name, the other sections to the line end before the next one
  if (header.begin == std::string_view::npos) sections.push_back({"full report", std::string(report), 0});
  else sections.push_back({"preamble", std::string(report.substr(0, header.begin + 2)), 0});
  while (header.begin != std::string_view::npos) {
    // the next header is looked for behind the next line end, so one directly below an empty header is missed
    const size_t line_end = report.find('\n', header.end);
    const Header next = line_end == std::string_view::npos ? Header{} : next_header(report, line_end);
    const size_t end = std::min(next.begin, report.size());
    sections.push_back(
        {section_name(header.name), std::string(report.substr(header.end, end - header.end)), header.end});
    header = next;
  }

  std::erase_if(sections, [](const ReportSection& s) {
    return (s.name == "impression" || s.name == "findings") && trim_ascii(s.text).empty();
  });
  const bool concluded = std::any_of(sections.begin(), sections.end(),
      [](const ReportSection& s) { return s.name == "impression" || s.name == "findings"; });
  if (!concluded) {
    ReportSection& last = sections.back();
    if (const size_t cut = last.text.find("\n \n"); cut != std::string::npos) {
      ReportSection rest{"last_paragraph", last.text.substr(cut + 3), last.offset + cut};
      last.text.resize(cut);
      sections.push_back(std::move(rest));
    }
  }
  return sections;
}

std::optional<std::string> last_section(const std::vector<ReportSection>& sections, std::string_view name) {
  for (auto s = sections.rbegin(); s != sections.rend(); ++s)
    if (s->name == name) return std::string(trim_ascii(s->text));
  return std::nullopt;
}

}  // namespace hilum
