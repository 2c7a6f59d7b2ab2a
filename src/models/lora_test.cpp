// LoRA adapters against PEFT's own merge (testdata/models/lora), and what is refused.
#include "models/files/lora.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "models/golden_test.h"
#include "models/info.h"
#include "tensor/safetensors.h"

namespace hilum {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr double kLoraTolerance = 1e-4;
fs::path adapter(const std::string& name) { return fixture("lora") / name; }

std::string sha256_of(const Tensor& t) {
  return sha256_hex({reinterpret_cast<const char*>(t.bytes()), t.size_bytes()});
}

// Every parameter after the merge: those PEFT changed equal to PEFT's to the bit, the others as they were and where
// they were.
void expect_merged_as_peft(
    const std::string& name, const ParamList& merged, const ParamList& before, const std::vector<KeyRule>& keys) {
  const Json sums = read_json_file(adapter(name) / "merged.json");
  size_t changed = 0;
  ASSERT_EQ(merged.size(), before.size());
  for (size_t i = 0; i < merged.size(); ++i) {
    const std::string published = published_name(keys, merged[i]->name());
    EXPECT_EQ(merged[i]->storage(), before[i]->storage()) << published;
    if (sums.contains(published)) {
      ++changed;
      EXPECT_NE(sha256_of(merged[i]->data()), sha256_of(before[i]->data())) << published;
      EXPECT_EQ(sha256_of(merged[i]->data()), sums[published].get<std::string>()) << name << ": " << published;
    } else {
      EXPECT_EQ(sha256_of(merged[i]->data()), sha256_of(before[i]->data())) << published;
    }
  }
  EXPECT_EQ(changed, sums.size()) << name;
}

TEST(LoraGolden, TheMergeIsPeftsToTheBitAndTheForwardPassFollowsIt) {
  for (const std::string name : {"maira2-f16", "cxr-llava"}) {  // F16 and BF16
    LoadedVlm base = load_vlm(fixture(name)), loaded = load_vlm(fixture(name), adapter(name));
    ParamList before, merged;
    base.model->params(before);
    loaded.model->params(merged);
    expect_merged_as_peft(name, merged, before, loaded.directory.preset.keys);
    const SafetensorsFile dump(adapter(name) / "reference.safetensors");
    for (const Backend& backend : cpu_backends()) {
      const auto rows = compare_to_dump(*backend.ops, *loaded.model, dump);
      EXPECT_GE(rows.size(), 2u) << name;
      expect_close(rows, kLoraTolerance, name + " " + backend.name);
    }
    double worst = 0;  // without the adapter the dump is far away
    for (const CompareRow& row : compare_to_dump(any_cpu(), *base.model, dump)) worst = std::max(worst, row.rel_l2);
    EXPECT_GT(worst, 0.1) << name;
  }
}

struct Phi3 {
  const std::vector<KeyRule> keys = {{"model.", "language."}, {"lm_head.", "language.lm_head."}};
  Decoder decoder{decoder_config_from_json(read_json_file(fixture("phi3") / "config.json"), "phi3"), "language."};
  ParamList params;
  Phi3() {
    decoder.params(params);
    load_checkpoint(fixture("phi3") / "model.safetensors", params, keys);
  }
};

TEST(LoraGolden, MatricesPackedInOneAreChangedAsPeftChangesThem) {
  Phi3 base, merged;
  Preset preset;
  preset.keys = merged.keys;
  std::vector<const std::byte*> places;
  for (const Param* p : merged.params) places.push_back(p->data().bytes());
  const LoraSummary summary =
      merge_lora(LoraAdapter(adapter("phi3")), {.params = merged.params, .preset = preset, .where = "phi3"});
  EXPECT_EQ(summary.merged, 4u);
  size_t moved = 0;
  for (size_t i = 0; i < places.size(); ++i) moved += merged.params[i]->data().bytes() != places[i];
  EXPECT_EQ(moved, 4u) << "all others stay in the mapped file";
  expect_merged_as_peft("phi3", merged.params, base.params, merged.keys);
  const SafetensorsFile dump(adapter("phi3") / "reference.safetensors");
  for (const Backend& backend : cpu_backends()) {
    const VlmBatch batch = VlmBatch::single(ids_of(dump.tensor("input_ids")), Tensor());
    Ops& ops = *backend.ops;
    const Tensor hidden = merged.decoder.forward(ops, merged.decoder.embed(ops, batch.ids), batch.rows, nullptr);
    const Tensor logits = ops.to_host(merged.decoder.logits(ops, hidden, batch.logit_rows));
    expect_close({compare_values("logits", logits, dump.tensor("logits"))}, kLoraTolerance, backend.name);
  }
}

TEST(LoraGolden, ASummarySaysWhatIsMerged) {
  const LoadedVlm loaded = load_vlm(fixture("maira2-f16"), adapter("maira2-f16"));
  ASSERT_TRUE(loaded.adapter);
  EXPECT_EQ(loaded.adapter->merged, 6u);
  EXPECT_EQ(loaded.adapter->replaced, 2u);
  EXPECT_EQ(loaded.adapter->ranks, (std::vector<int>{2, 3, 4}));
  EXPECT_EQ(loaded.adapter->config.base, "microsoft/maira-2");
  // A and B of query, value, fc1, q_proj, down_proj and the embeddings; a projector layer's weight and bias
  EXPECT_EQ(loaded.adapter->values,
      2 * (64 + 64) * 2 + 3 * (64 + 128) + 4 * (64 + 64) + 2 * (96 + 64) + 2 * (200 + 64) + 64 * 64 + 64);
  EXPECT_FALSE(load_vlm(fixture("maira2-f16")).adapter);
}

TEST(LoraGolden, InfoReadsTheAdapterWithoutTheWeights) {
  const ModelInfo info = model_info(fixture("cxr-llava"), adapter("cxr-llava"));
  EXPECT_THAT(info_text(info),
      AllOf(HasSubstr("made for ECOFRI/CXR-LLAVA-v2"), HasSubstr("rank 4, alpha 3, scaled by alpha / sqrt(rank)"),
          HasSubstr("changes 5 weights, replaces 2")));
  EXPECT_THAT(info_text(info), AllOf(HasSubstr("q_proj"), HasSubstr("up_proj"), HasSubstr("lm_head")));
  EXPECT_EQ(info_json(info)["adapter"]["merged"], 5);
  EXPECT_THAT(info_text(model_info(fixture("cxr-llava"))), Not(HasSubstr("adapter")));
  EXPECT_THAT([] { model_info(fixture("clip"), adapter("cxr-llava")); }, testing::Throws<Error>());
}

TEST(LoraGolden, AnAdapterOfTransformers4FitsTheModelThatTransformers5Wrote) {
  const LoadedVlm loaded = load_vlm(fixture("maira2-tf5-bf16"), adapter("maira2-f16"));
  EXPECT_EQ(loaded.adapter->merged, 6u);
}

// The product against sums in double.
TEST(LoraProduct, AddsTheScaledProductInEveryStorageType) {
  const int64_t out = 70, in = 37, rank = 5;
  const auto fill = [](Shape shape, float step) {
    Tensor t = Tensor::host(shape);
    float at = 0.3f;
    for (float& x : t.values()) x = std::sin(at += step);
    return t;
  };
  const Tensor w = fill({out, in}, 0.7f), b = fill({out, rank}, 1.3f), a = fill({rank, in}, 0.9f);
  for (const auto& [dtype, epsilon] :
      {std::pair(DType::kF32, 1e-6), std::pair(DType::kF16, 1.0 / 2048), std::pair(DType::kBF16, 1.0 / 256)}) {
    const Tensor stored = to_dtype(w, dtype), before = to_f32(stored),
                 after = to_f32(add_product(stored, b, a, 0.25f, "w"));
    for (int64_t i = 0; i < out; ++i)
      for (int64_t j = 0; j < in; ++j) {
        double wanted = before.f32()[i * in + j];
        for (int64_t k = 0; k < rank; ++k) wanted += 0.25 * b.f32()[i * rank + k] * a.f32()[k * in + j];
        ASSERT_NEAR(after.f32()[i * in + j], wanted, 4 * epsilon) << dtype_name(dtype) << " " << i << " " << j;
      }
  }
}

TEST(LoraProduct, IsTheSameForManyThreadsAsForOneRowAlone) {
  const int64_t out = 300, in = 512, rank = 64;  // enough work to be spread over the cores
  Tensor w = Tensor::host({out, in}), b = Tensor::host({out, rank}), a = Tensor::host({rank, in});
  float at = 0;
  for (Tensor* t : {&w, &b, &a})
    for (float& x : t->values()) x = std::sin(at += 0.37f);
  const Tensor all = add_product(w, b, a, 0.5f, "w");
  for (int64_t row = 0; row < out; ++row)
    ASSERT_EQ(sha256_of(add_product(w.rows(row, 1), b.rows(row, 1), a, 0.5f, "w")), sha256_of(all.rows(row, 1))) << row;
}

TEST(LoraProduct, ValuesThatAreNoNumbersAreAnError) {
  Tensor w = Tensor::host({1, 2}, std::vector<float>{1, 1}), b = Tensor::host({1, 1}, std::vector<float>{1}),
         a = Tensor::host({1, 2}, std::vector<float>{0, 1e38f});
  EXPECT_NO_THROW(add_product(w, b, a, 1, "net.w"));
  EXPECT_THROW(add_product(to_dtype(w, DType::kF16), b, a, 1, "net.w"), Error);  // past what F16 holds
  a.f32()[0] = NAN;
  EXPECT_THAT([&] { add_product(w, b, a, 1, "net.w"); },
      testing::ThrowsMessage<Error>(AllOf(HasSubstr("net.w"), HasSubstr("no finite numbers"))));
}

// A model of three parameters, and adapters made by hand.
class LoraForms : public testing::Test {
 protected:
  LoraForms() {
    preset_.title = "Tiny";
    preset_.keys = {{"net.", "ours."}};
    preset_.ignore = {"ours.spare.weight"};
    for (Param* p : params_) {
      p->set_data(Tensor::host(p->shape()));
      std::fill(p->data().values().begin(), p->data().values().end(), 1.0f);
    }
    config(R"("base_model_name_or_path": "someone/other")");
  }

  void config(const std::string& more) {
    write_file(folder_ / "adapter_config.json", R"({"peft_type": "LORA", "r": 2, "lora_alpha": 4, )" + more + "}");
  }
  static Tensor ones(Shape shape, float value = 1) {
    Tensor t = Tensor::host(shape);
    std::fill(t.values().begin(), t.values().end(), value);
    return t;
  }
  LoraSummary merge(const std::vector<NamedTensor>& tensors, const char* file = "adapter_model.safetensors") {
    write_safetensors(folder_ / file, tensors);
    return merge_lora(
        LoraAdapter(folder_), {.params = params_, .preset = preset_, .where = "models/tiny", .tied = tied_});
  }
  std::string problem(const std::vector<NamedTensor>& tensors) {
    const std::string said = error_of([&] { merge(tensors); });
    if (said != "no error") {
      EXPECT_EQ(up_.data().f32()[0], 1.0f) << "a failed merge changes nothing";
    }
    return said;
  }
  // A and B of ones: alpha / rank = 2, so every value grows by 2 x 2
  static std::vector<NamedTensor> pair(const std::string& module, int64_t out, int64_t in, int64_t rank = 2) {
    return {{"base_model.model." + module + ".lora_A.weight", ones({rank, in})},
        {"base_model.model." + module + ".lora_B.weight", ones({out, rank})}};
  }

  Param up_{"ours.up.weight", {4, 3}}, bias_{"ours.up.bias", {4}}, patch_{"ours.patch.weight", {4, 1, 2, 2}};
  ParamList params_ = {&up_, &bias_, &patch_};
  Preset preset_;
  std::string tied_;
  TempFolder folder_;
};

TEST_F(LoraForms, EveryWayToWriteAKeyMeansTheSame) {
  for (const auto& [a, b] :
      {std::pair("base_model.model.net.up.lora_A.weight", "base_model.model.net.up.lora_B.weight"),
          std::pair("base_model.model.net.up.lora_A.default.weight", "base_model.model.net.up.lora_B.default.weight"),
          std::pair("net.up.lora_A.weight", "net.up.lora_B.weight")}) {
    up_.set_data(ones({4, 3}));
    EXPECT_EQ(merge({{a, ones({2, 3})}, {b, ones({4, 2})}}).merged, 1u) << a;
    for (const float x : up_.data().values()) EXPECT_EQ(x, 5.0f) << a;
  }
  for (const char* whole : {"base_model.model.net.up.weight", "base_model.model.net.up.modules_to_save.weight",
           "base_model.model.net.up.modules_to_save.default.weight", "base_model.model.net.up.base_layer.weight"}) {
    up_.set_data(ones({4, 3}));
    EXPECT_EQ(merge({{whole, ones({4, 3}, 7)}}).replaced, 1u) << whole;
    for (const float x : up_.data().values()) EXPECT_EQ(x, 7.0f) << whole;
  }
}

TEST_F(LoraForms, AWholeTensorIsPutInPlaceBeforeItsProductIsAdded) {
  std::vector<NamedTensor> tensors = {{"base_model.model.net.up.base_layer.weight", ones({4, 3}, 7)}};
  for (const NamedTensor& t : pair("net.up", 4, 3)) tensors.push_back(t);
  merge(tensors);
  EXPECT_EQ(up_.data().f32()[0], 11.0f);
}

TEST_F(LoraForms, AWholeTensorIsRoundedToTheTypeOfTheOneItReplaces) {
  bias_.set_data(to_dtype(ones({4}), DType::kBF16));
  merge({{"base_model.model.net.up.bias", ones({4}, 0.1f)}});
  EXPECT_EQ(bias_.storage(), DType::kBF16);
  EXPECT_EQ(to_f32(bias_.data()).f32()[0], bf16_to_f32(f32_to_bf16(0.1f)));
}

TEST_F(LoraForms, WhatLlavasCodeWritesBesideTheAdapterCounts) {
  write_safetensors(
      folder_ / "non_lora_trainables.bin", std::vector<NamedTensor>{{"base_model.model.net.up.bias", ones({4}, 3)}});
  const LoraSummary summary = merge(pair("net.up", 4, 3));
  EXPECT_EQ(summary.merged, 1u);
  EXPECT_EQ(summary.replaced, 1u);
  EXPECT_EQ(bias_.data().f32()[3], 3.0f);
}

TEST_F(LoraForms, WhatTheModelIgnoresIsSaidAndHasNoEffect) {
  std::vector<NamedTensor> tensors = pair("net.up", 4, 3);
  for (const NamedTensor& t : pair("net.spare", 9, 9)) tensors.push_back(t);
  EXPECT_EQ(merge(tensors).unused, std::vector<std::string>{"net.spare.weight"});
}

TEST_F(LoraForms, AnAdapterOfAnotherModelNamesTensorsShapesAndBothModels) {
  EXPECT_THAT(problem(pair("net.up", 4, 5)),
      AllOf(HasSubstr("1 of another shape"),
          HasSubstr("net.up: the adapter's A [2, 5] and B [4, 2] are for a weight [4, 5], the model's is [4, 3]"),
          HasSubstr("made for \"someone/other\"; this is Tiny in models/tiny")));
  EXPECT_THAT(problem({{"base_model.model.net.up.bias", ones({9})}}),
      HasSubstr("net.up.bias: the adapter's is [9], the model's [4]"));
  config(R"("bias": "none")");
  EXPECT_THAT(problem(pair("net.up", 4, 5)), HasSubstr("does not say which model it was made for; this is Tiny"));
}

TEST_F(LoraForms, KeysThatFitNothingAreListed) {
  std::vector<NamedTensor> tensors = pair("net.up", 4, 3);
  for (int i = 0; i < 10; ++i)
    for (const NamedTensor& t : pair("net.layers." + std::to_string(i), 4, 3)) tensors.push_back(t);
  EXPECT_THAT(problem(tensors), AllOf(HasSubstr("10 that fit no weight of the model"), HasSubstr("net.layers.7"),
                                    Not(HasSubstr("net.layers.8")), HasSubstr("and 2 more")));
  EXPECT_THAT(problem({{"base_model.model.net.up.lora_C.weight", ones({2, 3})}}),
      HasSubstr("base_model.model.net.up.lora_C.weight"));
  EXPECT_THAT(problem({{"base_model.model.stray.weight", ones({2, 3})}}), HasSubstr("base_model.model.stray.weight"));
}

TEST_F(LoraForms, AWithoutBAndOtherRanksThanTheConfigsAreErrors) {
  EXPECT_THAT(problem({pair("net.up", 4, 3)[0]}), HasSubstr("net.up has A alone"));
  EXPECT_THAT(problem({pair("net.up", 4, 3)[1]}), HasSubstr("net.up has B alone"));
  EXPECT_THAT(problem(pair("net.up", 4, 3, 1)),
      AllOf(HasSubstr("1 of another rank"), HasSubstr("net.up: A [1, 3] and B [4, 1], the config says rank 2")));
  EXPECT_THAT(problem({pair("net.up", 4, 3, 2)[0], pair("net.up", 4, 3, 1)[1]}), HasSubstr("of another rank"));
  config(R"("rank_pattern": {"up": 1})");
  EXPECT_EQ(problem(pair("net.up", 4, 3, 1)), "no error");
}

TEST_F(LoraForms, OtherFormsInTheFileAreRefusedByName) {
  std::vector<NamedTensor> dora = pair("net.up", 4, 3), biased = dora;
  dora.push_back({"base_model.model.net.up.lora_magnitude_vector.weight", ones({4})});
  EXPECT_THAT(problem(dora), HasSubstr("DoRA"));
  biased.push_back({"base_model.model.net.up.lora_B.bias", ones({4})});
  EXPECT_THAT(problem(biased), HasSubstr("lora_bias"));
  EXPECT_THAT(problem({{"base_model.model.net.patch.lora_A.weight", ones({2, 1, 2, 2})},
                  {"base_model.model.net.patch.lora_B.weight", ones({4, 2, 1, 1})}}),
      AllOf(HasSubstr("of convolutions"), HasSubstr("net.patch: A [2, 1, 2, 2]")));
  std::vector<NamedTensor> whole_numbers = pair("net.up", 4, 3);
  whole_numbers[0].data = Tensor::host({2, 3}, std::vector<int64_t>(6, 1));
  EXPECT_THAT(problem(whole_numbers), HasSubstr("base_model.model.net.up.lora_A.weight is I64"));
}

TEST_F(LoraForms, GivenTwiceNothingAndTiedAreErrors) {
  std::vector<NamedTensor> twice = pair("net.up", 4, 3);
  twice.push_back({"net.up.lora_A.default.weight", ones({2, 3})});
  EXPECT_THAT(problem(twice), HasSubstr("1 given twice"));
  EXPECT_THAT(problem({}), HasSubstr("changes nothing"));
  tied_ = "ours.up.weight";
  EXPECT_THAT(problem(pair("net.up", 4, 3)), AllOf(HasSubstr("tied embeddings"), HasSubstr("net.up")));
}

TEST_F(LoraForms, MissingFilesAreNamed) {
  const auto open = [&](const fs::path& path) { return error_of([&] { LoraAdapter adapter(path); }); };
  EXPECT_THAT(open(folder_), HasSubstr("neither adapter_model.safetensors nor adapter_model.bin"));
  write_file(folder_ / "adapter_model.safetensors", "not weights at all");
  EXPECT_THAT(open(folder_), HasSubstr("adapter_model.safetensors"));
  fs::remove(folder_ / "adapter_config.json");
  EXPECT_THAT(open(folder_), HasSubstr("holds no adapter_config.json"));
  EXPECT_THAT(open(folder_ / "nowhere"), HasSubstr("does not exist"));
}

TEST_F(LoraForms, AnAdapterNamedAsTheModelIsToldFromOne) {
  merge(pair("net.up", 4, 3));
  const auto problem_of = [&](auto&& read) -> std::string { return error_of([&] { read(folder_); }); };
  const auto load = [](const fs::path& path) { load_vlm(path); };
  EXPECT_THAT(problem_of(load), AllOf(HasSubstr("is an adapter, not a model"), HasSubstr("--adapter")));
  EXPECT_THAT(problem_of([](const fs::path& path) { preset_of_files(path); }), HasSubstr("is an adapter, not a model"));
  write_safetensors(
      folder_ / "non_lora_trainables.bin", std::vector<NamedTensor>{{"base_model.model.net.up.bias", ones({4}, 3)}});
  fs::copy_file(fixture("cxr-llava") / "config.json", folder_ / "config.json");  // as LLaVA's code leaves it there
  EXPECT_THAT(problem_of(load), HasSubstr("is an adapter, not a model"));
  fs::copy_file(fixture("cxr-llava") / "model.safetensors",
      folder_ / "model.safetensors");  // a model merged into the same folder
  EXPECT_EQ(problem_of(load), "no error");
}

}  // namespace
}  // namespace hilum
