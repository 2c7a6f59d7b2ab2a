#include "models/vision/projector.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/rng.h"
#include "ops/cpu/cpu_ops.h"

namespace hilum {
namespace {

Tensor counted(const Shape& shape) {  // 0, 1, 2, ...
  Tensor host = Tensor::host(shape);
  for (int64_t i = 0; i < shape.count(); ++i) host.f32()[i] = static_cast<float>(i);
  return host;
}

// A projector whose single layer is the identity shows what the merge hands it.
TEST(Projector, MergingPutsTheFourPatchesOfASquareSideBySide) {
  const std::unique_ptr<Ops> cpu = make_cpu_ops();
  Ops& ops = *cpu;
  Projector projector({.in = 1, .out = 4, .num_layers = 1, .has_bias = false, .merge = 2}, "projector.");
  ParamList params;
  projector.params(params);
  ASSERT_EQ(params.size(), 1u);
  EXPECT_EQ(params[0]->shape(), (Shape{4, 4}));
  Tensor identity = Tensor::host({4, 4});
  for (int64_t i = 0; i < 16; ++i) identity.f32()[i] = i % 5 == 0 ? 1.0f : 0.0f;
  params[0]->set_data(std::move(identity));

  const Tensor out =
      ops.to_host(projector.forward(ops, ops.from_host(counted({2, 16, 1}))));  // two images of 4 x 4 patches
  ASSERT_EQ(out.shape(), (Shape{2, 4, 4}));
  const std::vector<float> first = {0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15};
  for (int64_t i = 0; i < 32; ++i)
    EXPECT_EQ(out.f32()[i], first[static_cast<size_t>(i % 16)] + (i < 16 ? 0.0f : 16.0f)) << i;
}

TEST(Projector, UnreasonableLayersAndMergesAreRefused) {
  EXPECT_THROW(Projector({.num_layers = 0}, "p."), Error);
  EXPECT_THROW(Projector({.merge = 0}, "p."), Error);
  EXPECT_THROW(Projector({.merge = 9}, "p."), Error);
}

}  // namespace
}  // namespace hilum
