// The activations published configs name ("hidden_act").
#pragma once

#include <string>

#include "ops/ops.h"

namespace hilum {

enum class Activation { kGelu, kQuickGelu, kSilu };

// "gelu" (exact), "quick_gelu", "silu" (also "swish"); any other name is an Error that lists them. `where` names the
// config.
Activation activation_from_name(const std::string& name, const std::string& where);

Tensor activate(Ops& ops, Activation activation, const Tensor& x);  // same shape

}  // namespace hilum
