#include "engine/answer/write_report.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "engine/tiny_demo_for_test.h"
#include "image/encode.h"
#include "phantom/phantom.h"
#include "report/json.h"

namespace hilum {
namespace {

class WriteReport : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TempFolder;
    write_tiny_demo(folder->path / "near", false);
    write_tiny_demo(folder->path / "far", true);
    const PhantomStudy study = make_phantom({.seed = 5, .size_px = 128}, 1);
    write_png(folder->path / "frontal.png", study.frontal);
    Image wide = study.frontal;  // rows repeated: twice as tall as wide
    wide.height *= 2;
    wide.data8.insert(wide.data8.end(), study.frontal.data8.begin(), study.frontal.data8.end());
    write_png(folder->path / "tall.png", wide);
    Image flat{.width = 64, .height = 64};
    flat.data8.assign(64 * 64, 99);
    write_png(folder->path / "flat.png", flat);
    model = Model::load(folder->path / "near", {.threads = 1}).release();
  }
  static void TearDownTestSuite() {
    delete model;
    delete folder;
  }
  static StudyRequest request(const char* file = "frontal.png") {
    StudyRequest out;
    out.study_id = "s";
    out.frontal = folder->path / file;
    return out;
  }
  static TempFolder* folder;
  static Model* model;
};
TempFolder* WriteReport::folder;
Model* WriteReport::model;

TEST_F(WriteReport, SaysWhatItSawAndWhatItIs) {
  const Report report = write_report(*model, request("tall.png"), {.max_new_tokens = 20}).report;
  EXPECT_TRUE(report.demo);
  EXPECT_FALSE(report.far_from_phantoms);
  EXPECT_EQ(report.image_width, 128);
  EXPECT_EQ(report.image_height, 256);
  EXPECT_EQ(report.used, (std::array<int, 4>{0, 64, 128, 192}));  // the centre square
  EXPECT_EQ(report.image_tokens, 16);
  EXPECT_LE(report.completion_tokens, 20);
  EXPECT_NE(to_json_text(report).find(kNotice), std::string::npos);
}

TEST_F(WriteReport, AnImageUnlikeThePhantomsIsCalledMeaningless) {
  const auto far = Model::load(folder->path / "far", {.threads = 1});
  const Report report = write_report(*far, request(), {.max_new_tokens = 5}).report;
  EXPECT_TRUE(report.far_from_phantoms);
  EXPECT_TRUE(to_text(report).starts_with(kDemoWarning)) << to_text(report);
}

TEST_F(WriteReport, CompletingGivesEveryReferenceSentenceAndOnlyItsBoxes) {
  StudyRequest wanted = request();
  wanted.reference = {{.text = "There is a small left pleural effusion."}, {.text = "The heart size is normal."}};
  const WrittenReport written = write_report(*model, wanted, {.complete = true});
  ASSERT_EQ(written.report.findings.size(), 2u);
  EXPECT_EQ(written.report.findings[0].text, wanted.reference[0].text);
  EXPECT_EQ(written.report.findings[1].text, wanted.reference[1].text);
  EXPECT_EQ(written.report.finish, Finish::kStop);
}

TEST_F(WriteReport, APhraseIsHeldAndOnlyItsBoxesAreWritten) {
  for (const std::string phrase : {"There is a small left pleural effusion.", "There is a banana.", "Say <s> or <x5>"})
    for (uint64_t seed = 0; seed < 4; ++seed) {
      const Report report = write_report(*model, request(),
          {.task = "phrase", .phrase = " " + phrase + "\n", .sampling = {.temperature = 1.0f, .seed = seed}})
                                .report;
      ASSERT_EQ(report.findings.size(), 1u) << phrase;
      EXPECT_EQ(report.findings[0].text, phrase);
      EXPECT_EQ(report.finish, Finish::kStop);
      EXPECT_FALSE(report.report.has_value());
    }
  const Report cut =
      write_report(*model, request(), {.task = "phrase", .phrase = "Effusion.", .max_new_tokens = 2}).report;
  EXPECT_EQ(cut.finish, Finish::kLength);
}

TEST_F(WriteReport, APhraseThatCannotBeAskedForIsRefused) {
  const Error none = expect_error([&] { write_report(*model, request(), {.task = "phrase"}); });
  EXPECT_NE(std::string(none.what()).find("none is given"), std::string::npos) << none.what();
  const Error token =
      expect_error([&] { write_report(*model, request(), {.task = "phrase", .phrase = "An effusion</obj>"}); });
  EXPECT_NE(std::string(token.what()).find("contains the token </obj>"), std::string::npos) << token.what();
}

TEST_F(WriteReport, APhraseOfNoKnownFindingIsWarnedAbout) {
  const auto doubts = [&](const char* phrase) {
    std::string joined;
    for (const std::string& warning :
        write_report(*model, request(), {.task = "phrase", .phrase = phrase}).report.warnings)
      if (warning.find("the phrase \"") == 0) joined += warning + "\n";
    return joined;
  };
  EXPECT_NE(doubts("There is a banana.").find("names no finding"), std::string::npos);
  EXPECT_NE(doubts("No pleural effusion.").find("nothing abnormal is there"), std::string::npos);
  EXPECT_EQ(doubts("Small left pleural effusion."), "");
}

TEST_F(WriteReport, BoxesAreWellFormedWhateverTheWeights) {
  StudyRequest wanted = request();
  for (int i = 0; i < 3; ++i) wanted.reference.push_back({.text = "There is a small left pleural effusion."});
  int boxes = 0;
  for (uint64_t seed = 0; seed < 8; ++seed)
    for (const CropFinding& finding :
        write_report(*model, wanted, {.sampling = {.temperature = 1.0f, .seed = seed}, .complete = true})
            .findings_in_crop)
      for (const CropBox& box : finding.boxes.value_or(std::vector<CropBox>{})) {
        EXPECT_LT(box.x_min, box.x_max);
        EXPECT_LT(box.y_min, box.y_max);
        ++boxes;
      }
  EXPECT_GT(boxes, 0);
}

TEST_F(WriteReport, TheSameRequestGivesTheSameReport) {
  const ReportOptions sampled{.max_new_tokens = 30, .sampling = {.temperature = 1.0f, .seed = 4}};
  const Report one = write_report(*model, request(), sampled).report,
               two = write_report(*model, request(), sampled).report;
  ASSERT_EQ(one.report.has_value(), two.report.has_value());
  EXPECT_EQ(one.completion_tokens, two.completion_tokens);
  if (one.report) {
    EXPECT_EQ(*one.report, *two.report);
  }
}

TEST_F(WriteReport, ALimitReachedIsSaid) {
  const Report report = write_report(*model, request(), {.max_new_tokens = 3}).report;
  EXPECT_EQ(report.finish, Finish::kLength);
  EXPECT_FALSE(report.warnings.empty());
}

TEST_F(WriteReport, BadInputNamesItsPlace) {
  EXPECT_THROW(write_report(*model, request("flat.png"), {}), Error);
  EXPECT_THROW(write_report(*model, request("missing.png"), {}), Error);
  const Error e = expect_error([&] { write_report(*model, request(), {.task = "gronded"}); });
  EXPECT_NE(std::string(e.what()).find("Did you mean grounded"), std::string::npos) << e.what();
  EXPECT_THROW(write_report(*model, request(), {.max_new_tokens = 100000}), Error);  // past the context
}

TEST_F(WriteReport, ModelsWhosePartsDoNotFitAreRefused) {
  TempFolder other;
  const auto broken = [&](const char* file, const std::string& text) {
    fs::remove_all(other.path);
    fs::copy(folder->path / "near", other.path, fs::copy_options::recursive);
    if (text.empty()) fs::remove(other.path / file);
    else write_file(other.path / file, text);
    EXPECT_THROW(Model::load(other.path, {.threads = 1}), Error) << file;
  };
  broken("tokenizer.json", "");
  broken("preprocessor_config.json", "");
  broken("preprocessor_config.json", R"({"size":{"shortest_edge":64},"crop_size":64,"resample":3})");
  broken("preprocessor_config.json", R"({"size":{"shortest_edge":"big"},"crop_size":56})");
  broken(kFeatureStatsFile, "");
  broken("config.json", "{}");
  broken("model.safetensors", "short");
}

}  // namespace
}  // namespace hilum
