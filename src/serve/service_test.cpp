// A served model is opened once: its reports and its embeddings come from the same weights.
#include "serve/service.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/expect_error_for_test.h"
#include "base/temp_folder_for_test.h"
#include "engine/batch/phantom_model_for_test.h"
#include "engine/random_model.h"
#include "tensor/safetensors.h"

namespace hilum {
namespace {

constexpr const char* kDemoQuery = "vision_tower.encoder.layer.0.attention.attention.query";
constexpr const char* kLlavaOutput = "vision_tower.transformer.resblocks.0.attn.out_proj";

// A LoRA adapter in PEFT's form that changes a linear layer [width, width] of an image encoder.
void write_encoder_adapter(const fs::path& folder, int width, const std::string& layer = kDemoQuery) {
  const std::string name = layer.substr(layer.rfind('.') + 1);
  write_file(folder / "adapter_config.json",
      R"({"peft_type":"LORA","r":1,"lora_alpha":1,"target_modules":[")" + name + R"("],"bias":"none"})");
  const std::string module = "base_model.model." + layer + ".";
  const std::vector<float> values(static_cast<size_t>(width), 0.5f);
  const std::vector<NamedTensor> pair{{module + "lora_A.weight", Tensor::host({1, width}, std::span(values))},
      {module + "lora_B.weight", Tensor::host({width, 1}, std::span(values))}};
  write_safetensors(folder / "adapter_model.safetensors", pair);
}

ServiceConfig config_of(const fs::path& model) {
  ServiceConfig config;
  config.models = {{"", model}};
  config.worker.backend.threads = 1;
  config.worker.schedule.slots = 2;
  return config;
}

// Mean patch feature of the picture by the model alone.
std::vector<float> embedding_by(const Model& model, const fs::path& picture) {
  const Preprocessed input = preprocess(decode_image_file(picture).pixels, model.preprocessing(), "a picture");
  const Tensor pixels =
      Tensor::host({1, input.channels, input.height, input.width}, std::span<const float>(input.pixels));
  const Tensor features = model.ops().to_host(model.network().encode_images(model.ops(), pixels));
  return mean_pooled(features.values(), static_cast<size_t>(model.network().encoder().width()));
}

TEST(Service, EmbeddingsSeeTheAdapterThatReportsSee) {
  const PhantomModel phantoms(1);
  const fs::path path = phantoms.folder.path / "model";
  const TempFolder adapter;
  write_encoder_adapter(adapter.path, 32);
  ServiceConfig config = config_of(path);
  config.lora = adapter.path;
  Service service(config);
  LiveModel& model = service.model("", Need::kEmbeddings);
  const std::vector<float> served = service.embed(model, decode_image_file(phantoms.picture(0)), "image");
  const auto adapted = Model::load(path, {.threads = 1}, adapter.path);
  EXPECT_EQ(served, embedding_by(*adapted, phantoms.picture(0)));
  EXPECT_NE(served, embedding_by(*phantoms.model, phantoms.picture(0)));
  EXPECT_EQ(model.embedder->weights_sha256(), adapted->weights_sha256());
}

TEST(Service, APictureThatAReportShowedIsKnownToEmbeddings) {
  const PhantomModel phantoms(1);
  Service service(config_of(phantoms.folder.path / "model"));
  LiveModel& model = service.model("", Need::kEmbeddings);
  const std::vector<float> served = service.embed(model, decode_image_file(phantoms.picture(0)), "image");
  EXPECT_EQ(served, embedding_by(*phantoms.model, phantoms.picture(0)));
  ModelWorker::Place place(*model.worker);
  ReportJob job(*model.reports, phantoms.study(0), {.max_new_tokens = 5});
  EXPECT_TRUE(model.worker->run(place, work_of(job)).pictures_known);
}

// CXR-LLaVA's encoder is published as an embedding system of its own, which is not the mean of what the reports see.
TEST(Service, ASystemWithAnEmbeddingFormOfItsOwnEmbedsAsThat) {
  const PhantomModel phantoms(1);
  const TempFolder folder;
  const fs::path path = folder.path / "cxr-llava";
  write_random_model(path, shape_named(HILUM_TESTDATA "/shapes/tiny-llava.toml"), DType::kF32);
  Service service(config_of(path));
  LiveModel& model = service.model("", Need::kEmbeddings);
  EXPECT_TRUE(model.writes());
  const auto alone = load_embedder(path, {.threads = 1});
  EXPECT_EQ(model.embedder->info().name, alone->info().name);
  EXPECT_EQ(service.embed(model, decode_image_file(phantoms.picture(0)), "image"),
      embed_image_file(*alone, phantoms.picture(0)));
}

TEST(Service, AnEmbeddingFormOfItsOwnSeesTheAdapterToo) {
  const PhantomModel phantoms(1);
  const TempFolder folder, adapter;
  const fs::path path = folder.path / "cxr-llava";
  write_random_model(path, shape_named(HILUM_TESTDATA "/shapes/tiny-llava.toml"), DType::kF32);
  write_encoder_adapter(adapter.path, 32, kLlavaOutput);
  ServiceConfig config = config_of(path);
  config.lora = adapter.path;
  Service service(config);
  LiveModel& model = service.model("", Need::kEmbeddings);
  // The merged weights, written out as a model of their own.
  const SafetensorsFile whole(path / "model.safetensors");
  std::vector<NamedTensor> merged;
  for (const SafetensorsEntry& entry : whole.entries()) merged.push_back({entry.name, whole.tensor(entry)});
  const auto output = std::ranges::find(merged, std::string(kLlavaOutput) + ".weight", &NamedTensor::name);
  ASSERT_NE(output, merged.end());
  std::vector<float> changed(output->data.values().begin(), output->data.values().end());
  for (float& value : changed) value += 0.5f * 0.5f;
  output->data = Tensor::host(output->data.shape(), std::span<const float>(changed));
  const fs::path merged_path = folder.path / "merged";
  fs::copy(path, merged_path, fs::copy_options::recursive);
  write_safetensors(merged_path / "model.safetensors", merged);
  const auto alone = load_embedder(merged_path, {.threads = 1});
  EXPECT_EQ(service.embed(model, decode_image_file(phantoms.picture(0)), "image"),
      embed_image_file(*alone, phantoms.picture(0)));
  EXPECT_NE(model.embedder->weights_sha256(), alone->weights_sha256());
}

TEST(Service, AnAdapterForASystemThatOnlyEmbedsIsRefused) {
  const TempFolder folder, adapter;
  const fs::path path = folder.path / "model";
  fs::create_directories(path);
  for (const auto& file : fs::directory_iterator(HILUM_TESTDATA "/models/medclip"))
    fs::copy(file.path(), path / file.path().filename());
  write_encoder_adapter(adapter.path, 32);
  ServiceConfig config = config_of(path);
  config.lora = adapter.path;
  EXPECT_NE(expect_error([&] { Service service(config); }).problem().find("are for vision-language models"),
      std::string::npos);
}

TEST(Service, PicturesEmbeddedTogetherAreThoseEmbeddedAlone) {
  const PhantomModel phantoms(3);
  Service service(config_of(phantoms.folder.path / "model"));
  LiveModel& model = service.model("", Need::kEmbeddings);
  std::vector<Tensor> pixels;
  for (int i = 0; i < 3; ++i)
    pixels.push_back(embedder_pixels(*model.embedder, decode_image_file(phantoms.picture(i)), "image"));
  const std::vector<std::vector<float>> together = service.embed(model, pixels);
  ASSERT_EQ(together.size(), 3u);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(together[static_cast<size_t>(i)], embedding_by(*phantoms.model, phantoms.picture(i))) << i;
}

}  // namespace
}  // namespace hilum
