// Adapters that are made at once, without steps.
#pragma once

#include "engine/embed/adapter.h"
#include "train/adapter_data.h"

namespace hilum {

// Ridge regression of each target on the standardised values: weights (XᵀX + ridge · n · I)⁻¹ Xᵀ(y - mean y), in
// double. Throws Error for a target that fewer than two training studies know, and for weights that are not finite.
void fit_regression(const AdapterRecipe& recipe, const AdapterData& data, Adapter& adapter);

// The training studies' vectors, brought to length 1, and their answers.
void keep_neighbours(const AdapterRecipe& recipe, const AdapterData& data, Adapter& adapter);

}  // namespace hilum
