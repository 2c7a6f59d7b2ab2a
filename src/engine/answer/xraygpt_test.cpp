// XrayGPT from its files as published: prompts and ids of the sheet, answers, dialogues, and what is said when a file
// is missing.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/environment.h"
#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "engine/answer/conversation.h"
#include "engine/answer/write_report.h"
#include "engine/prompt_tokens.h"
#include "engine/tiny_demo_for_test.h"
#include "image/encode.h"
#include "models/info.h"
#include "text/prompt.h"
#include "text/tokenizer_folder.h"

namespace hilum {
namespace {

using testing::HasSubstr;
using Ids = std::vector<int32_t>;

const char kSystem[] =
    "You are an experienced Doctor, give the following medical scan: <Img>ImageContent</Img>. You will be able to see "
    "the medical scan "
    "once I provide it to you. Please answer my questions.";
const char kFirst[] = "Describe the given chest x-ray image in detail.";

// The 15 questions of its training and how many ids follow the picture with each (sheet, section 5.4).
constexpr std::pair<const char*, size_t> kTrained[] = {{kFirst, 21},
    {"Take a look at this chest x-ray and describe the findings and impression.", 26},
    {"Could you provide a detailed description of the given x-ray image?", 22},
    {"Describe the given chest x-ray image as detailed as possible.", 23},
    {"What are the key findings in this chest x-ray image?", 23},
    {"Could you highlight any abnormalities or concerns in this chest x-ray image?", 26},
    {"What specific features of the lungs and heart are visible in this chest x-ray image?", 28},
    {"What is the most prominent feature visible in this chest x-ray image, and how is it indicative of the patient's "
     "health?",
        37},
    {"What are the finding and overall impression provided by this chest x-ray image?", 25},
    {"How does the size and shape of the heart in this chest x-ray image?", 26},
    {"Is the overall impression provided by this chest x-ray image normal or abnormal? Answer based on the observed "
     "findings.",
        34},
    {"Are there any indications of infection or inflammation in this chest x-ray image, and if so, what is the likely "
     "cause?",
        39},
    {"Based on the findings in this chest x-ray image, what is the overall impression?", 28},
    {"Are there any visible indications of enlargement or abnormalities in the patient's lymph nodes in this chest "
     "x-ray image?",
        40},
    {"Is there any potential complications or risks are associated with the observed abnormalities in this chest x-ray "
     "image? or the x-ray is normal?",
        42}};

// Sections 4.1 and 4.2.
TEST(XrayGptPrompts, TextsAreThePublishedOnes) {
  const Preset& preset = preset_named("xraygpt");
  const auto text = [&](const std::string& task, const PromptInputs& inputs) {
    return joined_text(prompt_text(preset, task, inputs));
  };
  EXPECT_EQ(text("summary", {}), std::string(kSystem) + "###Patient: <Img><ImageHere></Img> " + kFirst + "###Doctor:");
  for (const auto& [question, ids] : kTrained)
    EXPECT_EQ(text("trained-question", {.question = question}),
        std::string("###Patient: <Img><ImageHere></Img> ") + question + " ###Doctor: ");
}

TEST(XrayGptPrompts, IdsAreThePublishedOnes) {
  const char* folder = environment("HILUM_LLAMA_TOKENIZER");
  if (!folder) GTEST_SKIP() << "HILUM_LLAMA_TOKENIZER names no folder with Llama's tokenizer.model";
  const Tokenizer tokenizer = load_tokenizer_folder(folder, {.sentencepiece = true, .legacy = true});
  const Preset& preset = preset_named("xraygpt");
  const Ids demo = {1, 887, 526, 385, 18860, 15460, 29892, 2367, 278, 1494, 16083, 12812, 29901, 529, 25518, 29958,
      2940, 3916, 829, 25518, 15513, 887, 674, 367, 2221, 304, 1074, 278, 16083, 12812, 2748, 306, 3867, 372, 304, 366,
      29889, 3529, 1234, 590, 5155, 29889, 2277, 29937, 11457, 993, 29901, 529, 25518, 29958, kImageApart, 1533, 25518,
      29958, 20355, 915, 278, 2183, 521, 342, 921, 29899, 764, 1967, 297, 9493, 29889, 2277, 29937, 6132, 2801, 29901};
  EXPECT_EQ(prompt_tokens(preset, "summary", {}, tokenizer, kImageApart, 1).ids, demo);
  EXPECT_EQ(prompt_tokens(preset, "summary", {}, tokenizer, kImageApart, 32).ids.size(), 103u);
  const Ids trained = {1, 835, 11457, 993, 29901, 529, 25518, 29958, kImageApart, 1533, 25518, 29958, 20355, 915, 278,
      2183, 521, 342, 921, 29899, 764, 1967, 297, 9493, 29889, 835, 6132, 2801, 29901, 29871};
  EXPECT_EQ(prompt_tokens(preset, "trained-question", {.question = kFirst}, tokenizer, kImageApart, 1).ids, trained);
  for (const auto& [question, ids] : kTrained)
    EXPECT_EQ(prompt_tokens(preset, "trained-question", {.question = question}, tokenizer, kImageApart, 1).ids.size(),
        9 + ids)
        << question;
}

// Golden weights in files as published; the answers are noise.
class XrayGpt : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    fs::copy(fs::path(HILUM_TESTDATA "/models") / GetParam(), folder.path, fs::copy_options::recursive);
    set_context(2048);  // the small tokenizer cuts the prompt into many pieces
    Image picture{.width = 40, .height = 52, .channels = 1, .bits = 8};
    for (int i = 0; i < 40 * 52; ++i) picture.data8.push_back(static_cast<uint8_t>(i * 7));
    write_png(film, picture);
  }
  void set_context(int positions) {
    const std::string old = read_file(folder.path / "hilum.toml");
    write_file(folder.path / "hilum.toml", old + "[language]\ncontext = " + std::to_string(positions) + "\n");
  }
  std::string problem() {
    return error_of([&] { Model::load(folder.path, {.threads = 1}); });
  }
  fs::path checkpoint() {
    for (const auto& file : fs::directory_iterator(folder.path))
      if (file.path().filename().string().starts_with("checkpoint_")) return file.path();
    return {};
  }
  TempFolder folder;
  fs::path film = folder.path / "film.png";
};

TEST_P(XrayGpt, AnswersFromItsFilesAsPublished) {
  const auto model = Model::load(folder.path, {.threads = 1});
  EXPECT_EQ(model->preset().name, GetParam());
  const WrittenReport written = write_report(
      *model, {.study_id = "x", .frontal = film}, {.task = model->preset().default_task, .max_new_tokens = 12});
  EXPECT_EQ(written.report.task, "summary");
  EXPECT_EQ(written.report.image_tokens, model->network().image_tokens());
  EXPECT_TRUE(written.report.report.has_value());
  EXPECT_EQ(model->weights_sha256().size(), 64u);
  const ModelInfo info = model_info(folder.path);
  EXPECT_TRUE(info.has_weights);
  EXPECT_EQ(info.image_tokens, model->network().image_tokens());
}

TEST_P(XrayGpt, ADialogueGoesOnInItsPublishedForm) {
  const auto model = Model::load(folder.path, {.threads = 1});
  Conversation talk(*model, {.study_id = "x", .frontal = film}, {.max_new_tokens = 6});
  EXPECT_TRUE(talk.keeps_history());
  const Answer first = talk.ask("Is the heart large?"), second = talk.ask("And the lungs?");
  EXPECT_GT(second.prompt_tokens, first.prompt_tokens);
  EXPECT_GE(second.reused_tokens, first.prompt_tokens - 1);
}

TEST_P(XrayGpt, MissingAndDoubleFilesAreNamed) {
  fs::copy(checkpoint(), folder.path / "another.pth");
  EXPECT_THAT(problem(), testing::AllOf(HasSubstr("projector twice"), HasSubstr("another.pth")));
  fs::remove(folder.path / "another.pth");
  fs::remove(checkpoint());
  EXPECT_THAT(problem(), testing::AllOf(HasSubstr("projector is missing"), HasSubstr("llama_proj.weight")));
}

TEST_P(XrayGpt, AProjectorForAnotherLanguageModelIsRefused) {
  const fs::path old = checkpoint();
  fs::remove(old);
  const std::vector<float> values(64 * 32, 0.0f);
  const std::vector<NamedTensor> wide{{"llama_proj.weight", Tensor::host({64, 32}, std::span<const float>(values))},
      {"llama_proj.bias", Tensor::host({64}, std::span<const float>(values).first(64))}};
  write_safetensors(folder.path / "projection.safetensors", wide);
  EXPECT_THAT(problem(),
      testing::AllOf(HasSubstr("llama_proj.weight"), HasSubstr("[64, 32]"), HasSubstr("the config wants [48, ")));
}

// An adapter of the language model alone says nothing of the parts around it.
TEST_P(XrayGpt, TakesAnAdapterOfItsVicuna) {
  const TempFolder lora;
  const std::vector<float> values(2 * 48, 0.1f);
  const std::string key = "base_model.model.model.layers.0.self_attn.q_proj.lora_";
  const std::vector<NamedTensor> tensors{{key + "A.weight", Tensor::host({2, 48}, std::span<const float>(values))},
      {key + "B.weight", Tensor::host({48, 2}, std::span<const float>(values))}};
  write_safetensors(lora.path / "adapter_model.safetensors", tensors);
  write_file(lora.path / "adapter_config.json",
      R"({"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj"]})");
  const ModelInfo info = model_info(folder.path, lora.path);
  ASSERT_TRUE(info.adapter.has_value());
  EXPECT_EQ(info.adapter->merged, 1u);
  EXPECT_NE(Model::load(folder.path, {.threads = 1}, lora.path)->weights_sha256(),
      Model::load(folder.path, {.threads = 1})->weights_sha256());
}

INSTANTIATE_TEST_SUITE_P(Variants, XrayGpt, testing::Values("xraygpt", "xraygpt-paper"),
    [](const auto& test) { return std::string(test.param) == "xraygpt" ? "Released" : "Paper"; });

// Without a config of its own, the projection's columns tell the two forms apart (section 0).
TEST(XrayGptForms, AreToldApartByTheProjection) {
  for (const auto& [columns, name] : {std::pair{768, "xraygpt"}, std::pair{512, "xraygpt-paper"}}) {
    const TempFolder folder;
    const std::vector<float> values(static_cast<size_t>(8 * columns), 0.0f);
    const std::vector<NamedTensor> tensors{
        {"llama_proj.weight", Tensor::host({8, columns}, std::span<const float>(values))}};
    write_safetensors(folder.path / "checkpoint_3.pth", tensors);  // content counts, not the name
    EXPECT_EQ(preset_of_files(folder.path).name, name);
  }
}

// Sheet, section 1: no weights, sizes alone.
TEST(XrayGptForms, DeclareThePublishedSizes) {
  const auto params = [](const char* preset, const char* part) {
    const TempFolder folder;
    write_file(folder.path / "hilum.toml", std::string("preset = \"") + preset + "\"\n");
    for (const PartInfo& info : model_info(folder.path).parts)
      if (info.name == part) return info.params;
    return int64_t{0};
  };
  EXPECT_EQ(params("xraygpt", "encoder"), 985'894'528);
  EXPECT_EQ(params("xraygpt", "queries"), 105'162'240 + 2 * 1408);  // and the norm before it
  EXPECT_EQ(params("xraygpt", "projector"), 3'149'824);
  EXPECT_EQ(params("xraygpt", "language"), 6'738'415'616);
  EXPECT_EQ(params("xraygpt-paper", "encoder"), 27'519'354);
  EXPECT_EQ(params("xraygpt-paper", "encoder_projection"), 393'216);
  EXPECT_EQ(params("xraygpt-paper", "projector"), 512 * 4096 + 4096);
}

}  // namespace
}  // namespace hilum
