#include "report/overlay.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/error.h"

namespace hilum {
namespace {

constexpr int kModel[3] = {230, 159, 0}, kTruth[3] = {86, 180, 233}, kAlarm[3] = {213, 94, 0};

Image grey(int width, int height, uint8_t value) {
  return {.width = width,
      .height = height,
      .channels = 1,
      .bits = 8,
      .data8 = std::vector<uint8_t>(static_cast<size_t>(width) * height, value)};
}

Report with_box(const BoxNorm& box) {
  Report report;
  report.study_id = "s1";
  report.model_name = "m";
  report.findings = {{"Effusion.", {{box}}, 0.5}};
  return report;
}

bool is_colour(const Image& image, int x, int y, const int (&want)[3]) {
  for (int c = 0; c < 3; ++c)
    if (std::abs(image.data8[(static_cast<size_t>(y) * image.width + x) * 3 + c] - want[c]) > 12) return false;
  return true;
}

int count_colour(const Image& image, const int (&want)[3], int x0, int y0, int x1, int y1) {
  int count = 0;
  for (int y = y0; y < y1; ++y)
    for (int x = x0; x < x1; ++x) count += is_colour(image, x, y, want);
  return count;
}

// A 1000 x 1000 film stands at 24,24 in its own size, so a box in 0..1 falls on known pixels.
TEST(Overlay, BoxesStandWhereTheReportSays) {
  const Image out = draw_overlay(grey(1000, 1000, 90), with_box({0.2, 0.3, 0.6, 0.8}), nullptr);
  EXPECT_EQ(out.channels, 3);
  EXPECT_EQ(out.data8.size(), static_cast<size_t>(out.width) * out.height * 3);
  const int left = 24 + 200, right = 24 + 600, top = 24 + 300, bottom = 24 + 800;
  EXPECT_TRUE(is_colour(out, left, 600, kModel));
  EXPECT_TRUE(is_colour(out, right, 600, kModel));
  EXPECT_TRUE(is_colour(out, 500, top, kModel));
  EXPECT_TRUE(is_colour(out, 500, bottom, kModel));
  EXPECT_TRUE(is_colour(out, 424, 600, {90, 90, 90}));  // the inside stays as it is
  EXPECT_EQ(count_colour(out, kTruth, 0, 0, out.width, out.height), 0);
}

TEST(Overlay, TheTruthIsDashedInAnotherColour) {
  const std::vector<Finding> truth = {{"Truth.", {{{0.2, 0.3, 0.6, 0.8}}}}};
  Report nothing = with_box({});
  nothing.findings.clear();
  const Image out = draw_overlay(grey(1000, 1000, 90), nothing, &truth);
  const int on_edge = count_colour(out, kTruth, 224, 400, 225, 800);
  EXPECT_GT(on_edge, 150);  // of 400 px: some, not all
  EXPECT_LT(on_edge, 330);
}

TEST(Overlay, TagsNeverCoverEachOther) {
  Report report = with_box({0.4, 0.4, 0.6, 0.6});
  const Image one = draw_overlay(grey(1000, 1000, 0), report, nullptr);
  for (int i = 0; i < 3; ++i) report.findings.push_back(report.findings[0]);  // four findings in one place
  const Image four = draw_overlay(grey(1000, 1000, 0), report, nullptr);
  const auto filled = [](const Image& image) { return count_colour(image, kModel, 24, 24, 1024, 1024); };
  const int tag = 22 * 22;
  EXPECT_GT(filled(four) - filled(one), 3 * tag * 6 / 10);  // digits and round corners take some of each
}

TEST(Overlay, ThePictureIsNeverTallerThanAsked) {
  Report report = with_box({0.1, 0.1, 0.2, 0.2});
  for (int i = 0; i < 60; ++i)
    report.findings.push_back(
        {"A finding with a sentence that is long enough to be wrapped in the list beside the film.", {}});
  EXPECT_LE(draw_overlay(grey(3000, 4000, 90), report, &report.findings).height, 1400);
  EXPECT_LE(draw_overlay(grey(300, 200, 90), report, &report.findings, {.max_height = 700}).height, 700);
}

TEST(Overlay, FarFromThePhantomsAWarningRunsAcrossTheTop) {
  Report report = with_box({0.1, 0.1, 0.2, 0.2});
  report.demo = true;
  const Image plain = draw_overlay(grey(500, 500, 90), report, nullptr);
  report.far_from_phantoms = true;
  const Image warned = draw_overlay(grey(500, 500, 90), report, nullptr);
  EXPECT_EQ(count_colour(plain, kAlarm, 0, 0, plain.width, 46), 0);
  EXPECT_GT(count_colour(warned, kAlarm, 0, 0, warned.width, 46), warned.width * 46 * 8 / 10);
}

// Ink of the footer: the notice is always there, and the demo's words make it longer.
TEST(Overlay, TheNoticeIsPartOfThePicture) {
  Report report = with_box({0.1, 0.1, 0.2, 0.2});
  const auto ink = [&](bool demo) {
    report.demo = demo;
    const Image out = draw_overlay(grey(900, 900, 0), report, nullptr);
    int bright = 0;
    for (int y = out.height - 44; y < out.height; ++y)
      for (int x = 0; x < out.width; ++x) bright += out.data8[(static_cast<size_t>(y) * out.width + x) * 3 + 1] > 150;
    return bright;
  };
  const int notice = ink(false);
  EXPECT_GT(notice, 500);
  EXPECT_GT(ink(true), notice * 3 / 2);
}

TEST(Overlay, WhatTheModelDidNotSeeIsShaded) {
  Report report = with_box({0.4, 0.4, 0.6, 0.6});
  report.image_width = report.image_height = 1000;
  report.used = {200, 0, 800, 1000};
  const Image out = draw_overlay(grey(1000, 1000, 200), report, nullptr);
  const auto value = [&](int x, int y) { return out.data8[(static_cast<size_t>(y) * out.width + x) * 3]; };
  EXPECT_LT(value(24 + 100, 524), 130);
  EXPECT_EQ(value(24 + 300, 524), 200);
  EXPECT_LT(value(24 + 900, 524), 130);
}

TEST(Overlay, OddInputStillGivesAPicture) {
  const std::vector<BoxNorm> odd = {
      {-1, -1, 2, 2}, {0.9, 0.9, 0.1, 0.1}, {NAN, 0, 1, 1}, {0.5, 0.5, 0.5, 0.5}, {1e300, 0, 1, INFINITY}};
  Report report = with_box({});
  report.findings[0].boxes = odd;
  report.findings[0].text = "bytes \xFF\xFE that are no text " + std::string(3000, 'x');
  report.study_id = std::string(500, 'i');
  report.image_width = 10;
  report.image_height = 10;
  report.used = {-50, 3, 900, 5};
  EXPECT_GT(draw_overlay(grey(1, 1, 5), report, nullptr).width, 400);
  EXPECT_GT(draw_overlay(grey(2000, 1, 5), report, &report.findings).width, 400);
  EXPECT_GT(draw_overlay(grey(1, 2000, 5), report, nullptr, {.max_height = 400}).width, 400);
  Image deep = {.width = 2, .height = 1, .channels = 3, .bits = 16, .data16 = {65535, 0, 0, 0, 0, 65535}};
  EXPECT_GT(draw_overlay(deep, report, nullptr).width, 400);
}

TEST(Overlay, SixteenBitColourKeepsItsColours) {
  Image deep = {.width = 2, .height = 1, .channels = 3, .bits = 16, .data16 = {65535, 0, 0, 0, 0, 65535}};
  Report report;
  const Image out = draw_overlay(deep, report, nullptr);
  EXPECT_TRUE(is_colour(out, 30, 60, {255, 0, 0}));
}

TEST(Overlay, PicturesWithoutPixelsAreRefused) {
  EXPECT_THROW(draw_overlay(Image{}, Report{}, nullptr), Error);
  Image lying = grey(10, 10, 0);
  lying.width = 11;
  EXPECT_THROW(draw_overlay(lying, Report{}, nullptr), Error);
  EXPECT_THROW(draw_overlay(grey(10, 10, 0), Report{}, nullptr, {.max_height = 100}), Error);
}

}  // namespace
}  // namespace hilum
