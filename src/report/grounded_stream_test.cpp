#include "report/grounded_stream.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

void expect_same(const CropFinding& a, const CropFinding& b) {
  RC_ASSERT(a.text == b.text);
  RC_ASSERT(a.boxes == b.boxes);
}

// Text put together from the grammar's own parts and from broken ones, so that every branch is reached.
rc::Gen<std::string> answers(const GroundedGrammar& g) {
  const std::vector<std::string> parts = {g.finding_open, g.finding_close, g.box_open, g.box_close,
      g.x_open + "5" + g.coordinate_close, g.y_open + "6" + g.coordinate_close,
      g.y_open + "100000" + g.coordinate_close, g.finding_open + "whole" + g.finding_close,
      g.x_open + "7" + g.coordinate_close + g.y_open + "8" + g.coordinate_close + g.x_open + "9" + g.coordinate_close +
          g.y_open + "10" + g.coordinate_close,
      g.finding_open.substr(0, 1), g.finding_close.substr(0, 2), " ", "text", "é", "\n", "\u00a0", "\u3000"};
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(parts)),
      [](const std::vector<std::string>& chosen) {
        std::string all;
        for (const std::string& part : chosen) all += part;
        return all;
      });
}

// An answer and the places where it is cut, characters included.
void reads_as_the_whole_text(const GroundedGrammar& grammar, const std::string& text) {
  GroundedStream stream(grammar);
  std::string readable;
  std::vector<CropFinding> findings;
  for (size_t at = 0; at < text.size();) {
    const auto length = static_cast<size_t>(*rc::gen::inRange(1, 9));
    const GroundedStream::News news = stream.push(std::string_view(text).substr(at, length));
    at += length;
    readable += news.readable;
    findings.insert(findings.end(), news.findings.begin(), news.findings.end());
    const std::string_view so_far = std::string_view(text).substr(0, at);
    RC_ASSERT(readable == readable_text(so_far, grammar));
    RC_ASSERT(findings.size() == parse_grounded(so_far, Mode::kLenient, grammar).findings.size());
  }
  const GroundedText whole = parse_grounded(text, Mode::kLenient, grammar), streamed = stream.finish(Mode::kLenient);
  RC_ASSERT(streamed.plain == whole.plain);
  RC_ASSERT(streamed.spans == whole.spans);
  RC_ASSERT(streamed.warnings == whole.warnings);
  RC_ASSERT(streamed.findings.size() == whole.findings.size());
  RC_ASSERT(findings.size() == whole.findings.size());
  for (size_t i = 0; i < whole.findings.size(); ++i) {
    expect_same(streamed.findings[i], whole.findings[i]);
    expect_same(findings[i], whole.findings[i]);
  }
}

RC_GTEST_PROP(GroundedStream, CutAnywhereReadsAsTheWholeText, ()) { reads_as_the_whole_text({}, *answers({})); }

RC_GTEST_PROP(GroundedStream, AnotherGrammarReadsTheSameWay, ()) {
  const GroundedGrammar grammar{"[F]", "[/F]", "[B]", "[/B]", "[h", "[v", "]", 1000};
  reads_as_the_whole_text(grammar, *answers(grammar));
}

RC_GTEST_PROP(GroundedStream, StrictRefusesWhatTheWholeTextRefuses, ()) {
  const std::string text = *answers({});
  GroundedStream stream;
  for (const char c : text) stream.push({&c, 1});
  RC_ASSERT(error_of([&] { stream.finish(Mode::kStrict); }) == error_of([&] { parse_grounded(text, Mode::kStrict); }));
}

TEST(GroundedStream, AFindingIsGivenWithTheEndOfItsClosingToken) {
  GroundedStream stream;
  EXPECT_EQ(stream.push("<obj>There is an effusion.<box><x5><y27>").readable, "There is an effusion.");
  EXPECT_TRUE(stream.push("<x44><y66></box></ob").findings.empty());
  const GroundedStream::News news = stream.push("j><obj>The");
  ASSERT_EQ(news.findings.size(), 1u);
  EXPECT_EQ(news.findings[0].text, "There is an effusion.");
  EXPECT_EQ(*news.findings[0].boxes, (std::vector<CropBox>{{0.055, 0.275, 0.445, 0.665}}));
  EXPECT_EQ(news.readable, " The");
}

TEST(GroundedStream, AGrammarWithAnEmptyTokenIsRefusedAtOnce) {
  EXPECT_THROW(GroundedStream(GroundedGrammar{.box_open = ""}), Error);
  EXPECT_THROW(GroundedStream(GroundedGrammar{.bins = 0}), Error);
}

}  // namespace
}  // namespace hilum
