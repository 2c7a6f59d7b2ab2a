#include "image/dicom_grey.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

DecodedImage render(const std::vector<uint16_t>& cells, const GreyRules& rules) {
  DecodedImage decoded;
  render_grey(cells, static_cast<int>(cells.size()), 1, rules, decoded, "case");
  return decoded;
}

// The worked examples of PS3.3 C.11.2.1.2.1 (output range 0..255).
TEST(DicomWindow, LinearFollowsTheExamplesOfTheStandard) {
  const Window wide{2048, 4096};  // x <= 0: min; x > 4095: max; else ((x - 2047.5) / 4095 + 0.5) * range
  EXPECT_EQ(windowed(0, wide), 0);
  EXPECT_EQ(windowed(4096, wide), 255);
  EXPECT_DOUBLE_EQ(windowed(1000, wide), ((1000 - 2047.5) / 4095 + 0.5) * 255);
  const Window threshold{2048, 1};  // x <= 2047.5: min; x > 2047.5: max
  EXPECT_EQ(windowed(2047.5, threshold), 0);
  EXPECT_EQ(windowed(2047.6, threshold), 255);
  const Window narrow{0, 100};  // x <= -50: min; x > 49: max; else ((x + 0.5) / 99 + 0.5) * range
  EXPECT_EQ(windowed(-50, narrow), 0);
  EXPECT_EQ(windowed(49.5, narrow), 255);
  EXPECT_DOUBLE_EQ(windowed(10, narrow), ((10 + 0.5) / 99 + 0.5) * 255);
  const Window one{0, 1};  // x <= -0.5: min; x > -0.5: max
  EXPECT_EQ(windowed(-0.5, one), 0);
  EXPECT_EQ(windowed(0, one), 255);
}

TEST(DicomWindow, LinearExactIsLinearWithHalfMoreCentreAndOneMoreWidth) {
  const Window exact{40, 400, WindowFunction::kLinearExact}, linear{40.5, 401};
  for (int x = -300; x < 400; ++x) EXPECT_NEAR(windowed(x, exact), windowed(x, linear), 1e-9) << x;
  EXPECT_EQ(windowed(-160, exact), 0);
  EXPECT_EQ(windowed(241, exact), 255);
  EXPECT_DOUBLE_EQ(windowed(40, exact), 127.5);
}

TEST(DicomWindow, SigmoidFollowsTheStandard) {
  const Window window{100, 50, WindowFunction::kSigmoid};
  EXPECT_DOUBLE_EQ(windowed(100, window), 127.5);
  EXPECT_DOUBLE_EQ(windowed(125, window), 255 / (1 + std::exp(-2.0)));
  EXPECT_NEAR(windowed(1000, window), 255, 1e-9);
}

TEST(StoredBits, SignHighBitAndOverlayBits) {
  const StoredBits shifted{16, 12, 15, true};  // 12 bits at the top of the cell
  EXPECT_EQ(shifted.value(0x8000), -2048);
  EXPECT_EQ(shifted.value(0xfff7), -1);  // the low four bits belong to something else
  EXPECT_EQ(shifted.value(0x7ff0), 2047);
  for (const int value : {-2048, -1, 0, 5, 2047}) EXPECT_EQ(shifted.value(shifted.cell(value)), value);
  const StoredBits low{16, 12, 11, false};
  EXPECT_EQ(low.value(0xf123), 0x123);
  EXPECT_FALSE((StoredBits{16, 12, 10, false}).valid());
  EXPECT_FALSE((StoredBits{16, 17, 16, false}).valid());
  EXPECT_FALSE((StoredBits{32, 16, 15, false}).valid());
  EXPECT_FALSE((StoredBits{8, 0, -1, false}).valid());
}

TEST(DicomGrey, RescaleComesBeforeTheWindow) {
  GreyRules rules;
  rules.slope = 2;
  rules.intercept = -1000;
  rules.window = Window{0, 256};
  const DecodedImage got = render({300, 500, 564, 700}, rules);  // modality -400, 0, 128, 400
  EXPECT_THAT(got.pixels.data8, ElementsAre(0, 128, 255, 255));  // ((0 + 0.5) / 255 + 0.5) * 255 = 128
  EXPECT_THAT(got.steps, ElementsAre("rescale slope 2 intercept -1000", "window 0/256 (linear)", "16 bit to 8 bit"));
}

TEST(DicomGrey, EitherSignInvertsAndBothInvertOnce) {
  GreyRules rules;
  rules.bits = {8, 8, 7, false};
  rules.window = Window{128, 256};
  EXPECT_THAT(render({0, 100, 255}, rules).pixels.data8, ElementsAre(0, 100, 255));
  for (const auto& [mono1, inverse] : {std::pair{true, false}, {false, true}, {true, true}}) {
    rules.monochrome1 = mono1;
    rules.inverse_shape = inverse;
    EXPECT_THAT(render({0, 100, 255}, rules).pixels.data8, ElementsAre(255, 155, 0));
  }
}

TEST(DicomGrey, WithoutAWindowPercentiles1To99) {
  std::vector<uint16_t> ramp;
  for (uint16_t v = 0; v <= 1000; ++v) ramp.push_back(v);
  const DecodedImage linear = render(ramp, {});  // percentiles 10 and 990
  EXPECT_THAT(linear.steps, ElementsAre("percentiles 1-99 (10..990)", "16 bit to 8 bit"));
  EXPECT_EQ(linear.pixels.data8[10], 0);
  EXPECT_EQ(linear.pixels.data8[500], 128);  // 127.5 rounded up
  EXPECT_EQ(linear.pixels.data8[990], 255);
  EXPECT_EQ(linear.pixels.data8[1000], 255);
  // Between order statistics: ranks 0.09 and 8.91 of ten values.
  EXPECT_EQ(render({0, 100, 200, 300, 400, 500, 600, 700, 800, 900}, {}).steps.front(), "percentiles 1-99 (9..891)");
}

TEST(DicomGrey, MostlyFlatPicturesUseTheirWholeRange) {
  std::vector<uint16_t> cells(1000, 5);
  cells[3] = 105;
  const DecodedImage got = render(cells, {});
  EXPECT_EQ(got.pixels.data8[0], 0);
  EXPECT_EQ(got.pixels.data8[3], 255);
}

TEST(DicomGrey, PaddingIsLeftOutOfPercentilesAndPaintedBlack) {
  GreyRules rules;
  rules.bits = {16, 16, 15, true};
  rules.padding = -2000;
  rules.padding_limit = -1990;
  rules.monochrome1 = true;
  std::vector<uint16_t> cells;
  for (int v = 0; v <= 100; ++v) cells.push_back(static_cast<uint16_t>(v));
  const std::vector<uint8_t> alone = render(cells, rules).pixels.data8;
  for (int i = 0; i < 500; ++i) cells.push_back(static_cast<uint16_t>(-1995));
  const DecodedImage got = render(cells, rules);
  EXPECT_EQ(std::vector<uint8_t>(got.pixels.data8.begin(), got.pixels.data8.begin() + 101), alone);
  EXPECT_EQ(got.pixels.data8.back(), 0);  // black, though everything else is inverted
  EXPECT_EQ(got.steps.back(), "pixel padding painted black");
  EXPECT_THROW(render({static_cast<uint16_t>(-1990), static_cast<uint16_t>(-2000)}, rules), Error);
}

TEST(DicomGrey, VoiLutGoesBeforeTheWindowAndClampsAtItsEnds) {
  GreyRules rules;
  rules.bits = {8, 8, 7, false};
  rules.window = Window{128, 256};
  rules.voi_lut = LookupTable{10, 12, {0, 819, 4095}};
  const DecodedImage got = render({0, 10, 11, 12, 200}, rules);
  EXPECT_THAT(got.pixels.data8, ElementsAre(0, 0, 51, 255, 255));
  EXPECT_THAT(got.steps, ElementsAre("voi lut"));
}

TEST(DicomGrey, ModalityLutReplacesRescale) {
  GreyRules rules;
  rules.bits = {8, 8, 7, false};
  rules.slope = 100;
  rules.modality_lut = LookupTable{1, 16, {1000, 2000, 4000}};
  rules.window = Window{2500, 3000, WindowFunction::kLinearExact};  // 1000..4000
  EXPECT_THAT(render({0, 2, 3, 9}, rules).pixels.data8, ElementsAre(0, 85, 255, 255));
}

TEST(DicomGrey, AnUnusableWindowWarnsAndGivesPercentiles) {
  GreyRules rules;
  rules.window = Window{100, 0};
  const DecodedImage got = render({1, 2, 3}, rules);
  EXPECT_EQ(got.warnings.size(), 1u);
  EXPECT_THAT(got.steps.front(), testing::StartsWith("percentiles 1-99"));
}

TEST(DicomGrey, SixteenBitsKeepWhatEightRoundAway) {
  GreyRules rules;
  rules.bits = {16, 12, 11, false};
  rules.window = Window{2048, 4096, WindowFunction::kLinearExact};  // 0..4096
  DecodedImage decoded;
  render_grey({0, 1, 2, 2048, 4095}, 5, 1, rules, decoded, "case", 16);
  EXPECT_EQ(decoded.pixels.bits, 16);
  EXPECT_THAT(decoded.pixels.data16, ElementsAre(0, 16, 32, 32768, 65519));  // 65535 x / 4096
  rules.monochrome1 = true;
  render_grey({0, 4095}, 2, 1, rules, decoded, "case", 16);
  EXPECT_THAT(decoded.pixels.data16, ElementsAre(65535, 16));
}

TEST(DicomGrey, ALutOfAnotherDepthThanItSaysIsShownByItsEntries) {
  GreyRules rules;
  rules.bits = {8, 8, 7, false};
  for (const int said : {0, 8, 10, 12, 14, 16, 99})
    for (const int is : {8, 10, 12, 14, 16}) {
      const auto top = static_cast<uint16_t>((1 << is) - 1);
      rules.voi_lut = LookupTable{0, said, {0, static_cast<uint16_t>(top / 5), top}};
      EXPECT_EQ(rules.voi_lut->has_its_depth(), said == is) << said << " " << is;
      rules.monochrome1 = false;
      EXPECT_THAT(render({0, 1, 2}, rules).pixels.data8, ElementsAre(0, 51, 255)) << said << " " << is;
      rules.monochrome1 = true;
      EXPECT_THAT(render({0, 1, 2}, rules).pixels.data8, ElementsAre(255, 204, 0)) << said << " " << is;
    }
  rules.monochrome1 = false;
  rules.voi_lut = LookupTable{0, 12, {0, 4000}};                         // agrees, and does not reach its white
  EXPECT_THAT(render({0, 1}, rules).pixels.data8, ElementsAre(0, 249));  // 4000 / 4095 * 255 = 249.08
}

std::string refusal_of(const std::vector<uint16_t>& cells, const GreyRules& rules) {
  return expect_error([&] { render(cells, rules); }).what();
}

TEST(DicomGrey, OneGreyOfPixelsThatDifferIsRefusedByWhatHidesThem) {
  GreyRules rules;
  for (const double center : {-5000.0, 9000.0}) {
    rules.window = Window{center, 100};
    EXPECT_THAT(refusal_of({0, 500, 1000}, rules), AllOf(HasSubstr("window"), HasSubstr("100"), HasSubstr("0..1000")));
  }
  rules.voi_lut = LookupTable{0, 8, {255, 255}};
  EXPECT_THAT(refusal_of({0, 500}, rules), HasSubstr("VOI LUT"));
  rules = {};
  rules.modality_lut = LookupTable{0, 8, {7, 7}};
  EXPECT_THAT(refusal_of({0, 500}, rules), HasSubstr("modality LUT"));
  rules = {};
  rules.padding = 9;
  EXPECT_THAT(refusal_of({9, 9, 5}, rules), HasSubstr("Pixel Padding Value (0028,0120)"));
  EXPECT_EQ(render({5, 5, 5}, {}).pixels.data8.size(), 3u);  // one value: for whoever needs more
}

}  // namespace
}  // namespace hilum