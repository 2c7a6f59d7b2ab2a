// Embeddings and a manifest's labels -> what an adapter is trained and validated on. N studies, E embedding width, K
// labels.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/embed/adapter.h"
#include "train/adapter_recipe.h"

namespace hilum {

struct AdapterSet {
  std::vector<float> x;  // [N, E]
  std::vector<float> y;  // [N, K] 1, 0 or a value; not a number: not known
  int64_t count = 0;
  std::vector<std::string> ids;  // [N] of the studies, where they are known
};

struct AdapterData {
  std::vector<std::string> labels;  // K
  Adapter::Output output = Adapter::Output::kIndependent;
  int64_t width = 0;                  // E
  AdapterSet train, validate;         // no patient in both, where the manifest names patients
  std::string model, weights_sha256;  // from FILE.json beside the embeddings; empty where it is not there
  int64_t dropped = 0;                // studies without an embedding or without any known label
};

// Throws Error: files that do not fit together, a label that is always or never present among the training studies, an
// empty side.
AdapterData read_adapter_data(const AdapterRecipe& recipe);

// How well scores [N, K] fit y. A plain guess beside them: always the most common answer of the training studies (their
// median, for values).
struct AdapterMetrics {
  double loss = 0;   // mean cross entropy of the known cells (independent) or of the studies (exclusive); 0 for values
  double auroc = 0;  // mean over labels with both answers (labels and classes); not a number if none has
  double accuracy = 0,
         majority = 0;  // share of cells right (independent: at 0.5) or of studies (exclusive: the largest score)
  double mean_error = 0, median_error = 0;  // mean absolute error of values, and that of the training median
};
AdapterMetrics measure_adapter(std::span<const float> scores, const AdapterData& data, const AdapterSet& set);

// Area under the receiver operating characteristic by ranks, ties counted half (Mann and Whitney); not a number without
// both answers.
double auroc(std::span<const float> scores, std::span<const float> answers);

// Mean and standard deviation of each value over the studies; a deviation of nearly nothing becomes 1.
void fit_standardization(const AdapterSet& set, int64_t width, std::vector<float>& mean, std::vector<float>& scale);

}  // namespace hilum
