#include "models/verify.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "models/dual_encoder_config.h"
#include "models/golden_test.h"

namespace hilum {
namespace {

Tensor row(std::initializer_list<float> values) {
  return Tensor::host({static_cast<int64_t>(values.size())}, std::vector<float>(values));
}

TEST(Verify, DistancesAreTheFormulas) {
  const CompareRow r = compare_values("x", row({3, 4, 1}), row({3, 4, 0}));
  EXPECT_DOUBLE_EQ(r.max_abs, 1.0);
  EXPECT_DOUBLE_EQ(r.rel_l2, 0.2);  // 1 / 5
  EXPECT_DOUBLE_EQ(r.cosine, 25 / (std::sqrt(26.0) * 5));
  EXPECT_EQ(compare_values("x", row({0, 0}), row({0, 0})).rel_l2, 0);
  EXPECT_TRUE(std::isinf(compare_values("x", row({NAN, 1}), row({1, 1})).rel_l2));
  EXPECT_THROW(compare_values("x", row({1, 2}), row({1, 2, 3})), Error);
}

class Dump : public testing::Test {
 protected:
  std::string problem(const std::vector<NamedTensor>& tensors) {
    write_safetensors(path_, tensors);
    return error_of([&] { compare_to_dump(any_cpu(), *loaded_.model, SafetensorsFile(path_)); });
  }
  TempFolder folder_;
  fs::path path_ = folder_ / "dump.safetensors";
  LoadedVlm loaded_ = load_vlm(fixture("maira2"));
};

TEST_F(Dump, BadDumpsAreNamed) {
  using testing::HasSubstr;
  const int64_t ids[] = {1, 2, 3}, wild[] = {1, 200}, below[] = {-1};
  const Tensor good = Tensor::host({3}, ids);
  EXPECT_EQ(problem({{"input_ids", good}, {"logits", Tensor::host({3, 200})}}), "no error");
  EXPECT_THAT(problem({{"logits", Tensor::host({3, 200})}}), HasSubstr("neither pixel_values nor input_ids"));
  EXPECT_THAT(problem({{"input_ids", good}, {"tag.layer_out.7", Tensor::host({3, 64})}}),
      testing::AllOf(HasSubstr("tag.layer_out.7"), HasSubstr("tag.layer_out.1")));
  EXPECT_THAT(problem({{"input_ids", good}, {"logits", Tensor::host({3, 100})}}), HasSubstr("[3, 200]"));
  EXPECT_THAT(problem({{"input_ids", Tensor::host({2}, wild)}}), HasSubstr("200"));
  EXPECT_THAT(problem({{"input_ids", Tensor::host({1}, below)}}), HasSubstr("-1"));
  EXPECT_THAT(problem({{"input_ids", Tensor::host({3})}}), HasSubstr("I64"));
  EXPECT_THAT(problem({{"pixel_values", Tensor::host({3})}}), HasSubstr("shape [3]"));
}

TEST(Verify, EmbeddingsGoByTheDocumentedNamesAndByOurOldOnes) {
  const LoadedDualEncoder loaded = load_dual_encoder(fixture("biomedclip"));
  const SafetensorsFile reference(fixture("biomedclip") / "reference.safetensors");
  const TempFolder folder;
  const fs::path path = folder / "dump.safetensors";
  const std::vector<NamedTensor> dump = {{"pixel_values", reference.tensor("pixel_values")},
      {"input_ids", reference.tensor("input_ids")}, {"attention_mask", reference.tensor("attention_mask")},
      {"image_embeds", reference.tensor("image_embedding")}, {"text_embedding", reference.tensor("text_embedding")},
      {"text_embeds", reference.tensor("text_embedding")}};
  write_safetensors(path, dump);
  const auto rows = compare_to_dump(any_cpu(), *loaded.model, SafetensorsFile(path));
  ASSERT_EQ(rows.size(), 3u);
  for (const CompareRow& row : rows) EXPECT_LT(row.rel_l2, 1e-4) << row.name;
  // one text, [T]
  const Tensor ids = reference.tensor("input_ids"), mask = reference.tensor("attention_mask");
  std::vector<int64_t> one;
  for (int64_t i = 0; i < ids.dim(1); ++i)
    if (mask.i64()[i]) one.push_back(ids.i64()[i]);
  const int64_t width = reference.tensor("text_embedding").dim(1);
  const std::vector<NamedTensor> text = {
      {"input_ids", Tensor::host({static_cast<int64_t>(one.size())}, std::span<const int64_t>(one))},
      {"text_embeds", reference.tensor("text_embedding").rows(0, 1)}};
  write_safetensors(path, text);
  const auto alone = compare_to_dump(any_cpu(), *loaded.model, SafetensorsFile(path));
  ASSERT_EQ(alone.size(), 1u);
  EXPECT_LT(alone[0].rel_l2, 1e-4);
  EXPECT_EQ(width, loaded.model->width());
}

TEST_F(Dump, AChangedWeightShowsAtTheFirstTagBehindIt) {
  ParamList params;
  loaded_.model->params(params);
  for (Param* p : params)
    if (p->name() == "language.layers.1.self_attn.o_proj.weight") {
      Tensor changed = Tensor::host(p->shape());
      std::copy(p->data().f32(), p->data().f32() + p->shape().count(), changed.f32());
      changed.f32()[5] += 0.5f;
      p->set_data(changed);
    }
  for (const CompareRow& r :
      compare_to_dump(any_cpu(), *loaded_.model, SafetensorsFile(fixture("maira2") / "reference.safetensors"))) {
    const bool behind =
        r.name == "tag.attn_out.1" || r.name == "tag.layer_out.1" || r.name == "tag.final_norm" || r.name == "logits";
    EXPECT_EQ(r.rel_l2 > 1e-4, behind) << r.name << " " << r.rel_l2;
  }
}

}  // namespace
}  // namespace hilum
