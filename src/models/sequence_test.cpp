// What a row's result may depend on: its own sequence, and nothing else.
#include "models/golden_test.h"

#include "base/error.h"

namespace hilum {
namespace {

constexpr double kSequenceTolerance = 1e-5;

class Sequences : public testing::Test {
 protected:
  Sequences() : loaded_(load_vlm(fixture("maira2"))), dump_(fixture("maira2") / "reference.safetensors") {
    pixels_ = dump_.tensor("pixel_values");
    ids_ = ids_of(dump_.tensor("input_ids"));
    whole_ = dump_.tensor("logits");
  }
  const Vlm& model() const { return *loaded_.model; }
  Tensor logits(Ops& ops, const VlmBatch& batch, KvCache* cache = nullptr) const {
    return ops.to_host(model().logits(ops, batch, cache));
  }

  LoadedVlm loaded_;
  SafetensorsFile dump_;
  Tensor pixels_, whole_;
  std::vector<int32_t> ids_;
};

TEST_F(Sequences, DecodingStepByStepEqualsTheWholePrefill) {
  for (const Backend& backend : cpu_backends()) {
    Ops& ops = *backend.ops;
    const auto cache = model().decoder().make_cache(ops, 3, 64);
    const int64_t prefix = 45, slot = 1;
    VlmBatch batch = VlmBatch::single({ids_.begin(), ids_.begin() + prefix}, pixels_);
    batch.rows = RaggedBatch::single(prefix, 0, slot);
    batch.logit_rows = {static_cast<int32_t>(prefix - 1)};
    EXPECT_LE(compare_values("prefill", logits(ops, batch, cache.get()), whole_.rows(prefix - 1, 1)).rel_l2,
        kSequenceTolerance)
        << backend.name;
    for (int64_t i = prefix; i < static_cast<int64_t>(ids_.size()); ++i) {
      VlmBatch step = VlmBatch::single({ids_[static_cast<size_t>(i)]}, Tensor());
      step.rows = RaggedBatch::single(1, static_cast<int32_t>(i), slot);
      EXPECT_LE(compare_values("step", logits(ops, step, cache.get()), whole_.rows(i, 1)).rel_l2, kSequenceTolerance)
          << backend.name << " row " << i;
    }
    EXPECT_EQ(cache->length(slot), static_cast<int64_t>(ids_.size()));
  }
}

TEST_F(Sequences, ABatchOfDifferentLengthsEqualsEachAlone) {
  const std::vector<int32_t> lengths = {23, 64, 7};  // one image, two images, none
  VlmBatch batch;
  Tensor three = Tensor::host({3, 3, 56, 56});
  std::copy(pixels_.f32(), pixels_.f32() + pixels_.shape().count() / 2, three.f32());
  std::copy(pixels_.f32(), pixels_.f32() + pixels_.shape().count(), three.f32() + pixels_.shape().count() / 2);
  batch.pixel_values = three;
  for (size_t s = 0; s < lengths.size(); ++s)
    for (int32_t i = 0; i < lengths[s]; ++i) {
      batch.logit_rows.push_back(static_cast<int32_t>(batch.ids.size()));
      batch.ids.push_back(ids_[static_cast<size_t>(i)]);
      batch.rows.slot.push_back(static_cast<int32_t>(s));
      batch.rows.position.push_back(i);
    }
  for (const Backend& backend : cpu_backends()) {
    const Tensor together = logits(*backend.ops, batch);
    int64_t first = 0;
    for (const int32_t length : lengths) {  // the decoder is causal: every sequence is a beginning of the whole one
      EXPECT_LE(compare_values("rows", together.rows(first, length), whole_.rows(0, length)).rel_l2, kSequenceTolerance)
          << backend.name << " length " << length;
      first += length;
    }
  }
}

TEST_F(Sequences, EncodedImagesMayBeGivenInsteadOfPixels) {
  Ops& ops = any_cpu();
  VlmBatch batch = VlmBatch::single(ids_, Tensor());
  batch.image_features = model().encode_images(ops, pixels_);
  EXPECT_LE(compare_values("logits", logits(ops, batch), whole_).rel_l2, kSequenceTolerance);
  batch.image_features = Tensor();
  EXPECT_THROW(model().logits(ops, batch), Error);
}

}  // namespace
}  // namespace hilum
