#include "nn/activation.h"

#include "base/error.h"

namespace hilum {

Activation activation_from_name(const std::string& name, const std::string& where) {
  if (name == "gelu") return Activation::kGelu;
  if (name == "quick_gelu") return Activation::kQuickGelu;
  if (name == "silu" || name == "swish") return Activation::kSilu;
  throw Error(where, "activation \"" + name + "\" is not known", "Known are gelu, quick_gelu and silu.");
}

Tensor activate(Ops& ops, Activation activation, const Tensor& x) {
  switch (activation) {
    case Activation::kGelu: return ops.gelu(x);
    case Activation::kQuickGelu: return ops.quick_gelu(x);
    case Activation::kSilu: return ops.silu(x);
  }
  invariant(false, "every activation has a call");
  return x;
}

}  // namespace hilum
