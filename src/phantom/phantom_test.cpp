#include "phantom/phantom.h"
#include "base/ascii.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "data/phantom_truth.h"
#include "phantom/report_grammar.h"
#include "phantom/write.h"

namespace hilum {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const PhantomStudy& p) {
  std::string all = study_to_json(p.study);
  const auto add = [&](const Image& image) { all.append(image.data8.begin(), image.data8.end()); };
  add(p.frontal);
  if (p.lateral) add(*p.lateral);
  if (p.prior_frontal) add(*p.prior_frontal);
  return all;
}

PhantomConfig small(double prior, double lateral) {
  PhantomConfig config;
  config.size_px = 64;
  config.prior_rate = prior;
  config.lateral_rate = lateral;
  config.seed = 41;
  return config;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (is_ascii_letter(c)) words.back() += lower_ascii(c);
    else if (!words.back().empty()) words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

const std::set<std::string> kChangeWords = {"new", "unchanged", "stable", "increased", "decreased", "again", "interval",
    "resolved", "larger", "smaller", "become", "previously", "prior", "worse", "improved", "persistent", "still"};

// The scene is frozen: models are trained on it. A change here needs a new demo model.
TEST(Phantom, ItsBytesArePinned) {
  PhantomConfig config = small(1, 1);
  config.size_px = 96;
  std::string all;
  for (uint64_t i = 0; i < 4; ++i) all += bytes_of(make_phantom(config, i));
  EXPECT_EQ(sha256_hex(all), "85fc9a117b34057462ece2431cf3cb06c88513ec7ba78eab1e3ce3e8fab68632");
}

TEST(Phantom, ThreadsDoNotChangeIt) {
  const PhantomConfig config = small(0.5, 0.5);
  std::vector<std::string> alone(12), together(12);
  for (uint64_t i = 0; i < 12; ++i) alone[i] = bytes_of(make_phantom(config, i));
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (uint64_t i = t; i < 12; i += 3) together[i] = bytes_of(make_phantom(config, i));
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(alone, together);
  EXPECT_NE(alone[0], alone[1]);
}

TEST(Phantom, BadConfigurationsAreRefused) {
  PhantomConfig config;
  config.size_px = 10;
  EXPECT_THROW(make_phantom(config, 0), Error);
  config = {};
  config.prior_rate = 1.5;
  EXPECT_THROW(make_phantom(config, 0), Error);
}

TEST(Phantom, WithoutAPriorNoSentenceSpeaksOfChange) {
  std::map<std::string, int> vocabulary;
  int normal = 0, subtle = 0, positive = 0;
  for (uint64_t i = 0; i < 2000; ++i) {
    const PhantomStudy p = make_phantom(small(0, 0.4), i);
    std::string text = p.study.impression;
    for (const Finding& f : p.study.findings) text += " " + f.text;
    for (const Dialogue& d : p.study.dialogues)
      for (const Dialogue::Turn& t : d.turns) text += " " + t.question + " " + t.answer;
    for (const std::string& word : words_of(text)) {
      EXPECT_FALSE(kChangeWords.contains(word)) << text;
      ++vocabulary[word];
    }
    EXPECT_GE(p.study.findings.size(), 4u) << text;
    EXPECT_LE(p.study.findings.size(), 8u) << text;
    EXPECT_FALSE(p.study.prior_report.has_value());
    normal += p.study.labels.contains("No Finding");
    for (const PhantomFinding& f : p.truth)
      if (std::string(finding_label(f.kind)) != "Support Devices") {
        ++positive;
        subtle += f.subtle;
      }
  }
  EXPECT_LE(vocabulary.size(), 250u);
  EXPECT_NEAR(normal / 2000.0, 0.28, 0.04);
  EXPECT_NEAR(subtle / static_cast<double>(positive), 0.5, 0.05);
}

TEST(Phantom, WithAPriorTheChangesAreStatedAndThePriorReportIsOfItsOwnTime) {
  std::map<Change, int> stated;
  for (uint64_t i = 0; i < 300; ++i) {
    const PhantomStudy p = make_phantom(small(1, 0), i);
    ASSERT_TRUE(p.prior_frontal && p.study.prior_report);
    for (const std::string& word : words_of(*p.study.prior_report))
      EXPECT_FALSE(kChangeWords.contains(word)) << *p.study.prior_report;
    std::string text;
    for (const Finding& f : p.study.findings) text += " " + f.text;
    for (const PhantomFinding& f : p.truth) {
      ASSERT_NE(f.change, Change::kNone);
      ++stated[f.change];
      const char* pattern = f.change == Change::kNew        ? "[Nn]ew"
                            : f.change == Change::kLarger   ? "increased|larger"
                            : f.change == Change::kSmaller  ? "decreased|smaller"
                            : f.change == Change::kResolved ? "resolved"
                                                            : "[Uu]nchanged";
      EXPECT_THAT(text, testing::ContainsRegex(pattern));
      EXPECT_EQ(f.boxes.empty(), f.change == Change::kResolved);
    }
  }
  EXPECT_EQ(stated.size(), 5u);
}

TEST(Phantom, FindingsAreKnownWithoutRendering) {
  int hidden = 0;
  for (uint64_t i = 0; i < 40; ++i) {
    const PhantomConfig config{
        .seed = 40 + i, .size_px = 64, .prior_rate = 0.7, .lateral_rate = 0.8, .crowded = i % 2 == 1};
    const PhantomStudy study = make_phantom(config, i);
    const std::vector<PhantomOutline> outline = outline_phantom(config, i);
    ASSERT_EQ(outline.size(), study.truth.size());
    for (size_t k = 0; k < outline.size(); ++k) {
      EXPECT_EQ(outline[k].kind, study.truth[k].kind);
      EXPECT_EQ(outline[k].change, study.truth[k].change);
      EXPECT_EQ(outline[k].lateral_only, study.truth[k].lateral_only);
      hidden += outline[k].lateral_only;
    }
  }
  EXPECT_GT(hidden, 0);
}

TEST(Phantom, TruthBoxesSentencesAndLabelsAgree) {
  std::map<std::string, int> boxed;
  for (uint64_t i = 0; i < 320; ++i) {
    PhantomConfig config = small(0.3, 0.4);
    config.size_px = 128;
    const PhantomStudy p = make_phantom(config, i);
    std::set<std::string> positive;
    for (const PhantomFinding& f : p.truth) {
      if (f.change == Change::kResolved) continue;
      positive.insert(finding_label(f.kind));
      if (f.lateral_only) {
        EXPECT_TRUE(p.lateral.has_value());
      }
      EXPECT_EQ(f.boxes.empty(), f.lateral_only) << finding_name(f.kind) << " in study " << i;
      if (f.lateral_only) continue;
      EXPECT_EQ(f.boxes.size(), f.side == Side::kBilateral ? 2u : 1u) << finding_name(f.kind) << " in study " << i;
      EXPECT_GT(f.contrast_to_noise, 0.5) << finding_name(f.kind) << " in study " << i;
    }
    for (const std::string& label : kChexpertLabels) {
      if (label == "No Finding") continue;
      const auto found = p.study.labels.find(label);
      EXPECT_EQ(positive.contains(label), found != p.study.labels.end() && found->second == 1)
          << label << " in study " << i;
    }
    positive.erase("Support Devices");
    EXPECT_EQ(p.study.labels.contains("No Finding"), positive.empty());
    for (const Finding& f : p.study.findings) {
      if (!f.boxes) continue;
      const std::vector<std::string> words = words_of(f.text);
      const auto says = [&](const char* word) { return std::find(words.begin(), words.end(), word) != words.end(); };
      for (const BoxNorm& b : *f.boxes) {
        EXPECT_TRUE(
            b.x_min >= 0 && b.y_min >= 0 && b.x_max <= 1 && b.y_max <= 1 && b.x_min < b.x_max && b.y_min < b.y_max);
        const double middle = (b.x_min + b.x_max) / 2;
        if (says("pleural") || says("pneumothorax") || says("lobe") || says("lung") || says("base") ||
            says("rib")) {  // devices cross the midline
          EXPECT_TRUE(!says("left") || middle > 0.5) << f.text << " in study " << i;
          EXPECT_TRUE(!says("right") || middle < 0.5) << f.text << " in study " << i;
        }
      }
      ++boxed[words.back()];
    }
  }
  EXPECT_GT(boxed.size(), 5u);
}

TEST(WritePhantoms, OneThreadAndTwoWriteTheSameFilesAndTheManifestReadsBack) {
  for (const PhantomFormat format : {PhantomFormat::kPng, PhantomFormat::kDicom}) {
    const TempFolder root;
    const fs::path one = root / "one", two = root / "two";
    write_phantoms(small(0.5, 0.5), 6, format, true, true, one, 1);
    write_phantoms(small(0.5, 0.5), 6, format, true, true, two, 2);
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(one)) {
      if (!entry.is_regular_file()) continue;
      ++files;
      EXPECT_EQ(read_file(entry.path()), read_file(two / fs::relative(entry.path(), one))) << entry.path();
    }
    const std::vector<Study> studies = read_studies(one / "studies.jsonl");
    ASSERT_EQ(studies.size(), 6u);
    int images = 0;
    for (const Study& study : studies)
      for (const StudyImage& image : study.images) {
        EXPECT_TRUE(fs::exists(image.path)) << image.path;
        ++images;
      }
    EXPECT_EQ(files, images + 2);  // the manifest and the truth
    const std::vector<StudyTruth> truth = read_truth(one / "truth.jsonl");
    ASSERT_EQ(truth.size(), 6u);
    for (size_t i = 0; i < 6; ++i) {
      const PhantomStudy made = make_phantom(small(0.5, 0.5), i);
      EXPECT_EQ(truth[i].study_id, studies[i].study_id);
      EXPECT_EQ(truth[i].has_prior, made.prior_frontal.has_value());
      ASSERT_EQ(truth[i].findings.size(), made.truth.size());
      for (size_t f = 0; f < made.truth.size(); ++f) {
        EXPECT_EQ(truth[i].findings[f].kind, finding_name(made.truth[f].kind));
        EXPECT_EQ(truth[i].findings[f].boxes, made.truth[f].boxes);
        EXPECT_EQ(truth[i].findings[f].contrast_to_noise, made.truth[f].contrast_to_noise);
      }
    }
    EXPECT_GT(images, 6);
  }
}

TEST(WritePhantoms, WithoutLateralAndPriorThereAreNone) {
  const TempFolder root;
  write_phantoms(small(1, 1), 3, PhantomFormat::kPng, false, false, root, 1);
  for (const Study& study : read_studies(root / "studies.jsonl")) EXPECT_EQ(study.images.size(), 1u);
  // Another set over it would lose rows or keep images: refused, and nothing of the first is touched.
  const std::string before = read_file(root / "studies.jsonl");
  EXPECT_THROW(write_phantoms(small(1, 1), 1, PhantomFormat::kPng, false, false, root, 1), Error);
  EXPECT_EQ(read_file(root / "studies.jsonl"), before);
  EXPECT_THROW(write_phantoms(small(1, 1), 0, PhantomFormat::kPng, false, false, root, 1), Error);
  EXPECT_THROW(write_phantoms(small(1, 1), 1, PhantomFormat::kPng, false, false, "/proc/none", 1), Error);
}

}  // namespace
}  // namespace hilum
