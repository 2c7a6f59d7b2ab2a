#include "datasets/readers/section_parser.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace hilum {
namespace {

TEST(SectionParser, SharedFixturesComeOutToTheByte) {
  const std::filesystem::path file = HILUM_SHARED "/data/reports/mimic_section_fixtures.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  const Json fixtures = read_json_file(file);
  ASSERT_EQ(fixtures["cases"].size(), 7u);
  for (const Json& c : fixtures["cases"]) {
    SCOPED_TRACE(c["name"].get<std::string>());
    const std::string text = c["text"].get<std::string>();
    const auto sections = parse_sections(text);
    ASSERT_EQ(sections.size(), c["sections"].size());
    for (size_t i = 0; i < sections.size(); ++i) {
      EXPECT_EQ(sections[i].text, c["sections"][i].get<std::string>());
      EXPECT_EQ(sections[i].name, c["section_names"][i].get<std::string>());
      EXPECT_EQ(sections[i].offset, c["section_idx"][i].get<size_t>());
    }
    for (const auto& [name, expected] : c["sectioned_row"].items()) {
      const auto got = last_section(sections, name);
      EXPECT_EQ(got.has_value(), !expected.is_null()) << name;
      if (got && !expected.is_null()) {
        EXPECT_EQ(*got, expected.get<std::string>()) << name;
      }
    }
    const LabelText label = label_text(text, "");
    EXPECT_EQ(label.section, c["label_text_section"].is_null() ? "" : c["label_text_section"].get<std::string>());
    EXPECT_EQ(label.text, c["label_text"].get<std::string>());
  }
}

std::string names_of(const std::string& text) {
  std::string names;
  for (const auto& s : parse_sections(text)) names += s.name + ";";
  return names;
}

TEST(SectionParser, NamesAreTakenFromTheTableThenFromWhatTheyContain) {
  EXPECT_EQ(names_of("x\n IMPRESSOIN: a\n PFI: b\n COMPARISIONS: c\n"), "preamble;impression;history;comparison;");
  EXPECT_EQ(names_of("x\n NDICATION: a\n"), "preamble;impression;");  // so in the original
  EXPECT_EQ(names_of("x\n FINAL IMPRESSION: a\n PRIOR COMPARISON: b\n"), "preamble;impression;comparison;");
  EXPECT_EQ(names_of("x\n AP VIEW OF THE CHEST: a\n HARDWARE: b\n"), "preamble;findings;hardware;");
}

TEST(SectionParser, SmallLettersDigitsAndMissingBlanksMakeNoHeader) {
  EXPECT_EQ(names_of("x\n Findings: a\n CHEST 2 VIEWS: b\nIMPRESSION: c\n FINDINGS:d\n"), "full report;");
}

TEST(SectionParser, BlankConclusionsAreDroppedAndTheLastParagraphCounts) {
  EXPECT_EQ(names_of(" R\n IMPRESSION: \n \n HISTORY: Fever.\n \n Clear lungs.\n"), "preamble;history;last_paragraph;");
  EXPECT_EQ(names_of("One.\n \n Two.\n"), "full report;last_paragraph;");
}

TEST(SectionParser, ExceptionsSayWhatIsLabelled) {
  const std::string text = "x\n RECOMMENDATIONS: Repeat it.\n IMPRESSION: Normal.\n";
  EXPECT_EQ(label_text(text, "s50000000").text, "Normal.");
  EXPECT_EQ(label_text(text, "s50913680").text, "Repeat it.");  // named section
  EXPECT_EQ(label_text(text, "s58235663").text, "");            // listed as empty
  EXPECT_EQ(label_text(std::string(60, '.') + "Ten chars." + std::string(500, '.'), "s53182247").section, "[59,412)");
  EXPECT_EQ(label_text(std::string(100, 'a') + std::string(500, 'b'), "s51410602").text,
      std::string(53, 'a') + std::string(220, 'b'));
  EXPECT_EQ(label_text("short", "s50525523").text, "");  // a range behind the end
}

}  // namespace
}  // namespace hilum
