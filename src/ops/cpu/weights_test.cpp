#include "ops/cpu/weights.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "kernels/select.h"

namespace hilum {
namespace {

Tensor filled(float value) { return Tensor::host({40, 24}, std::vector<float>(40 * 24, value)); }

float first_of(const PackedWeight& packed) { return *reinterpret_cast<const float*>(packed.panels.get()); }

// A served model that also embeds holds its encoder's panels once, however many networks and backends it has.
TEST(Weights, ParametersOfTheSameValuesShareTheirPanels) {
  for (const KernelTable* table : runnable_kernel_tables()) {
    Weights reports(*table, 1), embeddings(*table, 1);
    Param one("one", {40, 24}), other("other", {40, 24}), same("of another network", {40, 24}),
        narrow("flat", {20, 48});
    one.set_data(filled(3));
    other.set_data(filled(3));
    same.set_data(one.data());
    narrow.set_data(one.data());
    const PackedWeight& packed = reports.packed(one);
    EXPECT_EQ(embeddings.packed(same).panels, packed.panels) << table->name;
    EXPECT_NE(embeddings.packed(narrow).panels, packed.panels) << table->name;  // the same bytes as another matrix
    EXPECT_NE(embeddings.packed(other).panels, packed.panels) << table->name;   // equal, but values of their own
  }
}

TEST(Weights, PanelsThatNoOneHoldsAreMadeAgain) {
  const KernelTable& table = *runnable_kernel_tables().front();
  Param param("w", {40, 24});
  param.set_data(filled(3));
  EXPECT_EQ(first_of(Weights(table, 1).packed(param)), 3);
  std::fill_n(param.data().f32(), 40 * 24, 5.0f);
  EXPECT_EQ(first_of(Weights(table, 1).packed(param)), 5);
}

}  // namespace
}  // namespace hilum
