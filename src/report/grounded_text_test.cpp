#include "report/grounded_text.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/error.h"

namespace hilum {
namespace {

GroundedText strict(const std::string& text) { return parse_grounded(text, Mode::kStrict); }
GroundedText lenient(const std::string& text) { return parse_grounded(text, Mode::kLenient); }

// The published answer of the reference's card example (sheet 4.3, 4.4).
TEST(GroundedText, ReadsTheWorkedExample) {
  const GroundedText result = strict(
      "<obj>There is a large right pleural effusion.<box><x5><y27><x44><y66></box></obj><obj>The left lung is "
      "clear.</obj>");
  ASSERT_EQ(result.findings.size(), 2u);
  EXPECT_EQ(result.plain, std::nullopt);
  EXPECT_EQ(result.findings[0].text, "There is a large right pleural effusion.");
  EXPECT_EQ(*result.findings[0].boxes, (std::vector<CropBox>{{0.055, 0.275, 0.445, 0.665}}));
  EXPECT_EQ(result.findings[1].text, "The left lung is clear.");
  EXPECT_EQ(result.findings[1].boxes, std::nullopt);
  EXPECT_EQ(result.spans, (std::vector<TextSpan>{{0, 81}, {81, 115}}));
}

TEST(GroundedText, ReadsSeveralBoxesOfOneFinding) {
  const GroundedText result =
      strict(" <obj> Opacities. <box><x0><y1><x2><y3></box><box><x96><y97><x98><y99></box></obj>\n");
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].text, "Opacities.");
  EXPECT_EQ(
      *result.findings[0].boxes, (std::vector<CropBox>{{0.005, 0.015, 0.025, 0.035}, {0.965, 0.975, 0.985, 0.995}}));
  EXPECT_EQ(result.spans[0].begin, 1u);
}

TEST(GroundedText, TextWithoutGroundingTokensIsPlainAndTrimmed) {
  EXPECT_EQ(strict(" \n\u00a0The lungs are clear. <x5>\u3000 ").plain, "The lungs are clear. <x5>");
  EXPECT_EQ(strict("").plain, "");
  EXPECT_TRUE(strict("a").findings.empty());
}

TEST(GroundedText, AFindingWithoutBoxesIsTrimmedOnTheLeftOnly) {
  EXPECT_EQ(strict("<obj>  a  </obj>").findings[0].text, "a  ");
}

struct Malformed {
  const char* name;
  const char* text;
  std::vector<std::string> kept;  // texts that the lenient mode keeps
  int boxes_kept;
};

class MalformedAnswer : public testing::TestWithParam<Malformed> {};

// Every row of the sheet's table where the reference fails.
TEST_P(MalformedAnswer, FailsStrictAndKeepsCompleteFindingsLenient) {
  const Malformed& row = GetParam();
  EXPECT_THROW(strict(row.text), Error);
  const GroundedText result = lenient(row.text);
  EXPECT_FALSE(result.warnings.empty());
  std::vector<std::string> texts;
  int boxes = 0;
  for (const CropFinding& finding : result.findings) {
    texts.push_back(finding.text);
    if (finding.boxes) {
      EXPECT_FALSE(finding.boxes->empty());
      boxes += static_cast<int>(finding.boxes->size());
    }
  }
  EXPECT_EQ(texts, row.kept);
  EXPECT_EQ(boxes, row.boxes_kept);
  EXPECT_EQ(result.spans.size(), result.findings.size());
}

const Malformed kMalformed[] = {
    {"TextBefore", "Findings: <obj>a</obj>", {"a"}, 0},
    {"BlankBetween", "<obj>a</obj> <obj>b</obj>", {"a", "b"}, 0},
    {"TextAfter", "<obj>a</obj>b", {"a"}, 0},
    {"CutInText", "<obj>a</obj><obj>The right lu", {"a"}, 0},
    {"CutInBox", "<obj>a</obj><obj>b<box><x1><y2>", {"a"}, 0},
    {"CutAtOnce", "<obj>", {}, 0},
    {"CloseAlone", "</obj>", {}, 0},
    {"CloseTwice", "<obj>a</obj></obj>", {"a"}, 0},
    {"BoxOutside", "<box><x1><y2><x3><y4></box>", {}, 0},
    {"NoBoxClose", "<obj>a<box><x1><y2><x3><y4></obj><obj>b</obj>", {"a", "b"}, 0},
    {"BoxCloseAlone", "<obj>a</box></obj>", {"a"}, 0},
    {"TextAfterBox", "<obj>a<box><x1><y2><x3><y4></box>b</obj>", {"a"}, 1},
    {"BlankBetweenBoxes", "<obj>a<box><x1><y2><x3><y4></box> <box><x1><y2><x3><y5></box></obj>", {"a"}, 2},
    {"BoxWithoutQuadruple", "<obj>a<box><x1><y2><x3></box></obj>", {"a"}, 0},
    {"BoxOrderWrong", "<obj>a<box><y1><x2><y3><x4></box></obj>", {"a"}, 0},
    {"BoxEmpty", "<obj>a<box></box><box><x1><y2><x3><y4></box></obj>", {"a"}, 1},
    {"BinTooLarge", "<obj>a<box><x100><y2><x3><y4></box></obj>", {"a"}, 0},
    {"BinHuge", "<obj>a<box><x99999999999999999999><y2><x3><y4></box></obj>", {"a"}, 0},
    {"BinWithoutDigits", "<obj>a<box><x><y2><x3><y4></box></obj>", {"a"}, 0},
};
INSTANTIATE_TEST_SUITE_P(
    Table, MalformedAnswer, testing::ValuesIn(kMalformed), [](const auto& test) { return test.param.name; });

// The table's rows that the reference accepts, and the lenient mode likewise.
TEST(GroundedText, OddAnswersThatTheReferenceAccepts) {
  for (const Mode mode : {Mode::kStrict, Mode::kLenient}) {
    EXPECT_EQ(parse_grounded("<obj><obj>a</obj>", mode).findings[0].text, "<obj>a");
    EXPECT_EQ(parse_grounded("<obj>a<box><box><x1><y2><x3><y4></box></obj>", mode).findings[0].boxes->front(),
        (CropBox{0.015, 0.025, 0.035, 0.045}));
    EXPECT_EQ(
        parse_grounded("<obj>a<box>?<x9><x1><y2><x3><y4><x5><y6><x7><y8></box></obj>", mode).findings[0].boxes->front(),
        (CropBox{0.015, 0.025, 0.035, 0.045}));
    EXPECT_EQ(parse_grounded("<obj>a<box><x9><y8><x1><y2></box></obj>", mode).findings[0].boxes->front(),
        (CropBox{0.095, 0.085, 0.015, 0.025}));
    EXPECT_EQ(parse_grounded("<obj></obj>", mode).findings[0].text, "");
    EXPECT_TRUE(parse_grounded("<obj></obj>", mode).warnings.empty());
  }
}

TEST(GroundedText, BinsAndCoordinatesAreInverse) {
  for (int bin = 0; bin < 100; ++bin) EXPECT_EQ(coordinate_bin(bin_value(bin, 100), 100), bin);
  EXPECT_EQ(bin_value(55, 100), 0.555);
  EXPECT_EQ(coordinate_bin(0.0, 100), 0);
  EXPECT_EQ(coordinate_bin(1.0, 100), 99);
  EXPECT_EQ(coordinate_bin(-3.0, 100), 0);
  EXPECT_EQ(coordinate_bin(1e300, 100), 99);
  EXPECT_EQ(coordinate_bin(0.0999, 100), 9);
  EXPECT_THROW(coordinate_bin(std::nan(""), 100), Error);
}

TEST(GroundedText, WritesTrainingText) {
  EXPECT_EQ(format_grounded({{"There is a large right pleural effusion.", {{{0.055, 0.275, 0.445, 0.665}}}},
                {"The left lung is clear.", {}}}),
      "<obj>There is a large right pleural effusion.<box><x5><y27><x44><y66></box></obj><obj>The left lung is "
      "clear.</obj>");
  EXPECT_EQ(format_grounded({}), "");
}

TEST(GroundedText, TrainingTextRefusesWhatCouldNotBeReadBack) {
  EXPECT_THROW(format_grounded({{"a</obj>b", {}}}), Error);
  EXPECT_THROW(format_grounded({{"a", std::vector<CropBox>{}}}), Error);
  EXPECT_THROW(format_grounded({{"a", {{{0.1, 0.2, NAN, 0.4}}}}}), Error);
}

TEST(GroundedText, AnotherGrammarIsFollowed) {
  const GroundedGrammar grammar{"[F]", "[/F]", "[B]", "[/B]", "[h", "[v", "]", 1000};
  const std::vector<CropFinding> findings = {{"a", {{{0.0005, 0.1235, 0.5, 0.9995}}}}};
  const std::string text = format_grounded(findings, grammar);
  EXPECT_EQ(text, "[F]a[B][h0][v123][h500][v999][/B][/F]");
  EXPECT_EQ(parse_grounded(text, Mode::kStrict, grammar).findings[0].boxes->front(),
      (CropBox{0.0005, 0.1235, 0.5005, 0.9995}));
  EXPECT_THROW(parse_grounded("a", Mode::kLenient, GroundedGrammar{.box_open = ""}), Error);
  EXPECT_THROW(parse_grounded("a", Mode::kLenient, GroundedGrammar{.bins = 0}), Error);
}

// Text put together from the grammar's own pieces reaches every branch.
rc::Gen<std::string> pieces() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("<obj>", "</obj>", "<box>", "</box>",
          "<x5>", "<y6>", "<x99>", "<y100>", "<x7><y8><x9><y10>", " ", "text", "<x", "é", "\n")),
      [](const std::vector<std::string>& parts) {
        std::string all;
        for (const std::string& part : parts) all += part;
        return all;
      });
}

RC_GTEST_PROP(GroundedText, LenientNeverFailsAndEqualsStrictWhereThatSucceeds, ()) {
  const std::string text = *pieces();
  const GroundedText loose = lenient(text);
  try {
    const GroundedText exact = strict(text);
    RC_ASSERT(loose.warnings.empty());
    RC_ASSERT(loose.plain == exact.plain);
    RC_ASSERT(loose.findings.size() == exact.findings.size());
    for (size_t i = 0; i < loose.findings.size(); ++i) {
      RC_ASSERT(loose.findings[i].text == exact.findings[i].text);
      RC_ASSERT(loose.findings[i].boxes == exact.findings[i].boxes);
    }
  } catch (const Error&) {
    RC_ASSERT(!loose.warnings.empty());
  }
}

RC_GTEST_PROP(
    GroundedText, FindingsComeBackFromTrainingText, (const std::vector<std::vector<std::array<uint8_t, 4>>>& bins)) {
  std::vector<CropFinding> findings;
  for (size_t i = 0; i < bins.size(); ++i) {
    findings.push_back({"Finding " + std::to_string(i) + ".", {}});
    for (const auto& b : bins[i]) {
      if (!findings.back().boxes) findings.back().boxes.emplace();
      findings.back().boxes->push_back({bin_value(b[0] % 100, 100), bin_value(b[1] % 100, 100),
          bin_value(b[2] % 100, 100), bin_value(b[3] % 100, 100)});
    }
  }
  const GroundedText back = strict(format_grounded(findings));
  RC_ASSERT(back.findings.size() == findings.size());
  for (size_t i = 0; i < findings.size(); ++i) {
    RC_ASSERT(back.findings[i].text == findings[i].text);
    RC_ASSERT(back.findings[i].boxes == findings[i].boxes);
  }
}

}  // namespace
}  // namespace hilum
