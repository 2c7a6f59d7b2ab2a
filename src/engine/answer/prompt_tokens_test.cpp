#include "engine/prompt_tokens.h"
#include "base/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "base/file.h"
#include "engine/answer/write_report.h"
#include "engine/model.h"
#include "engine/tiny_demo_for_test.h"
#include "image/encode.h"
#include "text/prompt.h"
#include "text/tokenizer_folder.h"

namespace hilum {
namespace {

using Ids = std::vector<int32_t>;

PromptInputs question(const std::string& text) { return {.question = text}; }

// CXR-LLaVA sheet, section 4.2: bytes and SHA-256 of the rendered prompts.
TEST(CxrLlavaPrompts, TextsAreThePublishedOnes) {
  const Preset& preset = preset_named("cxr-llava");
  const auto text = [&](const std::string& task, const PromptInputs& inputs) {
    return joined_text(prompt_text(preset, task, inputs));
  };
  const std::string report = text("report", {}), ddx = text("ddx", {}),
                    ask = text("question", question("What is true meaning of consolidation?"));
  EXPECT_EQ(report.size(), 336u);
  EXPECT_EQ(sha256_hex(report), "a67939e8b492f0c75be3e37cd970009a3b477d0eb9582455d61547bac44e0320");
  EXPECT_EQ(ddx.size(), 219u);
  EXPECT_EQ(sha256_hex(ddx), "42d5d8bcf519033a01fbb292b5f5e5c39bc5608103dd84c20cccfa8298d6e296");
  EXPECT_EQ(ask.size(), 195u);
  EXPECT_EQ(sha256_hex(ask), "6ca7efc45d6312e21b0ee98c2d92930588936c64e69887cd257c2f651e3d9b89");
}

// Section 4.3: two beginnings, the picture at -200, the piece behind it with a leading blank of its own.
TEST(CxrLlavaPrompts, PiecesAroundThePictureBecomeIdsEachByItself) {
  const TempFolder folder;
  fs::copy(HILUM_TESTDATA "/text/sentencepiece.model", folder.path / "tokenizer.model");
  const Tokenizer tokenizer = load_tokenizer_folder(folder.path, {.sentencepiece = true, .legacy = false});
  const PromptTokens prompt =
      prompt_tokens(preset_named("cxr-llava"), "question", question("<image> </s>?"), tokenizer, kImageApart, 3);
  EXPECT_EQ(prompt.views, std::vector<std::string>{"frontal"});
  EXPECT_EQ(prompt.image_tokens, 3);
  EXPECT_EQ((Ids(prompt.ids.begin(), prompt.ids.begin() + 2)), (Ids{1, 1}));
  const auto picture = std::find(prompt.ids.begin(), prompt.ids.end(), kImageApart);
  EXPECT_EQ((Ids(picture, picture + 3)), (Ids{kImageApart, kImageApart, kImageApart}));
  const std::vector<TextSegment> behind = {{"\n", true}, {"<image> </s>?", false}, {" [/INST]", true}};
  EXPECT_EQ((Ids(picture + 3, prompt.ids.end())), tokenizer.encode_segments(behind, false));
  EXPECT_EQ(std::count(prompt.ids.begin(), prompt.ids.end(), 2), 0);  // a user's </s> is text
}

// The published ids need the published tokenizer.model, which is not kept here: HILUM_LLAMA_TOKENIZER names a folder
// that holds it.
TEST(CxrLlavaPrompts, IdsAreThePublishedOnes) {
  const char* folder = environment("HILUM_LLAMA_TOKENIZER");
  if (!folder) GTEST_SKIP() << "HILUM_LLAMA_TOKENIZER names no folder with Llama's tokenizer.model";
  const Tokenizer tokenizer = load_tokenizer_folder(folder, {.sentencepiece = true, .legacy = false});
  const Ids prefix = {1, 1, 29961, 25580, 29962, 3532, 14816, 29903, 6778, 13, 3492, 526, 263, 8444, 17937, 19915,
      29889, 3967, 304, 6613, 521, 342, 921, 15570, 1967, 322, 1234, 304, 278, 1139, 393, 1404, 8128, 29889, 13, 29966,
      829, 14816, 29903, 6778, 13, 13, kImageApart};
  const Ids report = {29871, 13, 6113, 263, 17937, 1189, 293, 3461, 373, 278, 2183, 521, 342, 17937, 1946, 29892, 3704,
      2472, 1048, 263, 371, 781, 25101, 29892, 5881, 14910, 387, 14997, 29892, 1136, 17211, 362, 29892, 9505, 3712, 653,
      1226, 2603, 29892, 5644, 3631, 1801, 3958, 29892, 322, 282, 29765, 720, 272, 1165, 29889, 518, 29914, 25580,
      29962};
  const Ids ddx = {
      29871, 13, 5618, 526, 278, 1950, 16712, 24876, 15806, 363, 445, 16500, 29973, 518, 29914, 25580, 29962};
  const Ids ask = {29871, 13, 5618, 338, 1565, 6593, 310, 1136, 17211, 362, 29973, 518, 29914, 25580, 29962};
  const auto expect = [&](const std::string& task, const PromptInputs& inputs, const Ids& rest) {
    Ids wanted = prefix;
    wanted.insert(wanted.end(), rest.begin(), rest.end());
    EXPECT_EQ(prompt_tokens(preset_named("cxr-llava"), task, inputs, tokenizer, kImageApart, 1).ids, wanted) << task;
  };
  expect("report", {}, report);
  expect("ddx", {}, ddx);
  expect("question", question("What is true meaning of consolidation?"), ask);
}

// The whole walk on the golden weights: files as published, a report, a differential.
TEST(CxrLlava, WritesFromItsFilesAsPublished) {
  const TempFolder folder;
  for (const char* file : {"config.json", "model.safetensors"})
    fs::copy(fs::path(HILUM_TESTDATA "/models/cxr-llava") / file, folder.path / file);
  fs::copy(HILUM_TESTDATA "/text/sentencepiece.model", folder.path / "tokenizer.model");
  write_file(folder.path / "hilum.toml",
      "preset = \"cxr-llava\"\n[language]\ncontext = 400\n");  // the small tokenizer cuts the prompt into many pieces
  Image picture{.width = 40, .height = 52, .channels = 1, .bits = 8};
  for (int i = 0; i < 40 * 52; ++i) picture.data8.push_back(static_cast<uint8_t>(i * 7));
  write_png(folder.path / "film.png", picture);
  const auto model = Model::load(folder.path, {.threads = 1});
  EXPECT_EQ(model->preset().name, "cxr-llava");
  EXPECT_EQ(model->preset().default_task, "report");
  for (const char* task : {"report", "ddx"}) {
    const WrittenReport written = write_report(
        *model, {.study_id = "x", .frontal = folder.path / "film.png"}, {.task = task, .max_new_tokens = 12});
    EXPECT_EQ(written.report.image_tokens, 16);
    EXPECT_TRUE(written.report.report.has_value());
    EXPECT_FALSE(written.report.demo);
  }
  StudyRequest two{.study_id = "x", .frontal = folder.path / "film.png"};
  two.lateral = two.frontal;
  EXPECT_THROW(write_report(*model, two, {.task = "report"}), Error);  // one frontal is all it takes
}

}  // namespace
}  // namespace hilum
