#include "train/adapter_fit.h"

#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_solve.h>

#include "base/error.h"
#include "search/top_k.h"

namespace hilum {

void fit_regression(const AdapterRecipe& recipe, const AdapterData& data, Adapter& adapter) {
  fit_standardization(data.train, data.width, adapter.mean, adapter.scale);
  const auto k = static_cast<int64_t>(data.labels.size());
  Adapter::Layer layer{Tensor::host({k, data.width}), Tensor::host({k})};
  for (int64_t i = 0; i < k; ++i) {
    std::vector<double> x, y;
    for (int64_t n = 0; n < data.train.count; ++n) {
      const float target = data.train.y[static_cast<size_t>(n * k + i)];
      if (std::isnan(target)) continue;
      y.push_back(target);
      for (int64_t j = 0; j < data.width; ++j) {
        const auto column = static_cast<size_t>(j);
        x.push_back((double{data.train.x[static_cast<size_t>(n * data.width + j)]} - adapter.mean[column]) /
                    adapter.scale[column]);
      }
    }
    if (y.size() < 2)
      throw Error("data.names", "\"" + data.labels[static_cast<size_t>(i)] + "\" is known of " +
                                    std::to_string(y.size()) + " training studies");
    const auto count = static_cast<int64_t>(y.size());
    const at::Tensor rows = at::from_blob(x.data(), {count, data.width}, at::kDouble),
                     values = at::from_blob(y.data(), {count, 1}, at::kDouble);
    const at::Tensor row_mean = rows.mean(0, true),
                     centred = rows -
                               row_mean;  // the standardisation's mean is of all studies, not of those with this target
    const double middle = values.mean().item<double>();
    const at::Tensor gram = centred.t().mm(centred) +
                            at::eye(data.width, at::kDouble) * (recipe.adapter.ridge * static_cast<double>(count));
    const at::Tensor weights = at::linalg_solve(gram, centred.t().mm(values - middle));  // [E, 1]
    check(std::isfinite(weights.sum().item<double>()), "adapter.ridge",
        "is too small for these embeddings: the weights are not finite", "Give it a larger value.");
    for (int64_t j = 0; j < data.width; ++j) layer.weight.f32()[i * data.width + j] = weights[j][0].item<float>();
    layer.bias.f32()[i] = static_cast<float>(middle - row_mean.mm(weights).item<double>());
  }
  adapter.layers = {std::move(layer)};
}

void keep_neighbours(const AdapterRecipe& recipe, const AdapterData& data, Adapter& adapter) {
  adapter.vectors = data.train.x;
  adapter.targets = data.train.y;
  const auto width = static_cast<size_t>(data.width);
  for (size_t n = 0; n < static_cast<size_t>(data.train.count); ++n)
    normalize_vector({adapter.vectors.data() + n * width, width});
  adapter.neighbours = static_cast<int>(std::min<int64_t>(recipe.adapter.neighbours, data.train.count));
  adapter.weighted = recipe.adapter.weighting == "distance";
}

}  // namespace hilum
