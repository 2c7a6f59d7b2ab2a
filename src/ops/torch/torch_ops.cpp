#include "ops/torch/torch_ops.h"

#include <thread>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include "base/error.h"
#include "ops/torch/blas_check.h"

namespace hilum {
namespace {

constexpr std::pair<DType, at::ScalarType> kFloats[] = {
    {DType::kF32, at::kFloat}, {DType::kBF16, at::kBFloat16}, {DType::kF16, at::kHalf}, {DType::kF64, at::kDouble}};

DType dtype_of(at::ScalarType type) {
  for (const auto& [ours, theirs] : kFloats)
    if (theirs == type) return ours;
  invariant(false, "a tensor of floats");
  return DType::kF32;
}

// The data of a Param, in the memory it lies in.
at::Tensor wrap_data(const Param& p) {
  check(p.loaded(), p.name().c_str(), "the parameter has no data", "Load a checkpoint or initialise the model first.");
  for (const auto& [ours, theirs] : kFloats)
    if (ours == p.storage()) {
      invariant(p.data().shape().count() == p.shape().count(), "a parameter's data has its shape");
      return at::from_blob(p.data().bytes(), p.shape().dims(), at::TensorOptions().dtype(theirs));
    }
  throw Error(p.name(), fmt::format("stored as {}, which libtorch does not compute with", dtype_name(p.storage())),
      "Convert the weight to f32, f16 or bf16.");
}

}  // namespace

at::Tensor at_tensor(const Tensor& x) {
  const auto* storage = dynamic_cast<const AtStorage*>(x.storage().get());
  invariant(storage != nullptr && x.offset_bytes() == 0, "a tensor of the torch backend");
  const at::IntArrayRef shape = x.shape().dims();
  return storage->value.sizes() == shape ? storage->value : storage->value.reshape(shape);
}

Tensor from_at(at::Tensor value) {
  Shape shape(value.sizes().vec());
  const DType dtype = dtype_of(value.scalar_type());
  return {std::move(shape), dtype, std::make_shared<AtStorage>(std::move(value))};
}

void set_torch_threads(int threads) {
  at::set_num_threads(threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency()));
}

namespace {

at::Device device_named(const std::string& name) {
  if (name != "cpu" && name.rfind("cuda", 0) != 0)
    throw Error("--device", "\"" + name + "\" is no device", "Use cpu or cuda.");
  if (name != "cpu" && !at::hasCUDA())
    throw Error("--device", "this libtorch has no CUDA",
        "Use --device cpu, or build against a CUDA libtorch (CMAKE_PREFIX_PATH).");
  return at::Device(name);
}

at::Tensor wrap_host(const Tensor& host) {  // shares the memory of `host`
  return at::from_blob(host.f32(), host.shape().dims(), at::TensorOptions().dtype(at::kFloat));
}

at::Tensor wide(const Tensor& x) { return at_tensor(x).to(at::kFloat); }  // itself where it is F32

// Gradients are recorded only where the backend was made for it, whatever the caller's grad mode is.
struct Recording : c10::AutoGradMode {
  explicit Recording(const TorchOps& ops) : AutoGradMode(ops.gradients() && c10::GradMode::is_enabled()) {}
};

}  // namespace

TorchOps::TorchOps(const TorchOptions& options) : options_(options), device_(device_named(options.device)) {
  invariant(options.compute == DType::kF32 || (options.compute == DType::kBF16 && !options.gradients),
      "computes in F32, or in BF16 without gradients");
  set_torch_threads(options.threads);
  warn_if_reference_blas();
}

TorchOps::TorchOps(TorchOps& main) : options_(main.options_), device_(main.device_), main_(&main) {}

at::ScalarType TorchOps::computed_in() const { return options_.compute == DType::kBF16 ? at::kBFloat16 : at::kFloat; }

at::Tensor TorchOps::leaf(const Param& p) {
  Leaf& held = leaves_[&p];
  if (!held.value.defined() || held.from != p.data().storage()) {
    held.from = p.data().storage();
    if (main_) {
      held.value = main_->leaf(p).detach();
    } else {
      // Biases and the weights of norms are few, and are added to or multiply F32.
      const at::ScalarType kept = p.shape().rank() > 1 ? computed_in() : at::kFloat;
      held.value = wrap_data(p).to(device_, kept, /*non_blocking=*/false, /*copy=*/true);
    }
  }
  const bool learns = options_.gradients && !p.frozen;  // a later stage may freeze or thaw it
  if (held.value.requires_grad() != learns) held.value.requires_grad_(learns);
  return held.value;
}

void TorchOps::store(Param& p) {
  const auto found = leaves_.find(&p);
  if (found == leaves_.end() || found->second.from != p.data().storage()) return;  // no leaf, or newer data
  Tensor host = Tensor::host(p.shape());
  wrap_host(host).copy_(found->second.value.detach());
  p.set_data(std::move(host));
  found->second.from = p.data().storage();
}

Tensor TorchOps::do_from_host(const Tensor& host) {
  return from_at(wrap_host(host).to(device_, computed_in(), /*non_blocking=*/false, /*copy=*/true));
}

Tensor TorchOps::do_to_host(const Tensor& x) {
  Tensor host = Tensor::host(x.shape());
  wrap_host(host).copy_(at_tensor(x).detach());
  return host;
}

Tensor TorchOps::do_parameter(const Param& p) { return result(leaf(p)); }

at::Tensor TorchOps::product(const at::Tensor& rows, const at::Tensor& weight, const at::Tensor& bias) const {
  if (!options_.bf16_products) return at::linear(rows, weight, bias.defined() ? bias.to(computed_in()) : bias);
  return at::linear(rows.to(at::kBFloat16), weight.to(at::kBFloat16), bias.defined() ? bias.to(at::kBFloat16) : bias)
      .to(at::kFloat);
}

Tensor TorchOps::do_linear(const Tensor& x, const Param& weight, const Param* bias) {
  const Recording recording(*this);
  const at::Tensor rows = at_tensor(x).reshape({-1, x.dim(-1)});  // two dimensions: one fused call with the bias
  std::vector<int64_t> shape = x.shape().dims();
  shape.back() = weight.shape()[0];
  return from_at(product(rows, leaf(weight), bias ? leaf(*bias) : at::Tensor()).reshape(shape));
}

Tensor TorchOps::do_embedding(const Param& table, std::span<const int32_t> ids) {
  const Recording recording(*this);
  return from_at(at::embedding(leaf(table), upload_index(ids, device_)));
}

Tensor TorchOps::do_patch_embed(
    const Tensor& image, const Param& weight, const Param* bias, int64_t stride, int64_t padding) {
  const Recording recording(*this);
  if (stride != weight.shape()[2] || padding != 0) {  // patches that overlap
    const at::Tensor y = at::conv2d(wide(image), leaf(weight).to(at::kFloat), bias ? leaf(*bias) : at::Tensor(), stride,
        padding);  // [N, D, h', w']
    return result(y.flatten(2).transpose(1, 2));
  }
  const int64_t n = image.dim(0), c = image.dim(1), p = weight.shape()[2], d = weight.shape()[0];
  const int64_t rows = image.dim(2) / p, columns = image.dim(3) / p;
  const at::Tensor patches =
      at_tensor(image)
          .narrow(2, 0, rows * p)
          .narrow(3, 0, columns * p)
          .reshape({n, c, rows, p, columns, p})
          .permute({0, 2, 4, 1, 3, 5})
          .reshape({n * rows * columns, c * p * p});  // one row a patch, in the order of the weight
  const at::Tensor out = product(patches, leaf(weight).reshape({d, c * p * p}), bias ? leaf(*bias) : at::Tensor());
  return from_at(out.reshape({n, rows * columns, d}));
}

Tensor TorchOps::do_depthwise_conv3x3(const Tensor& x, const Param& weight, const Param& bias) {
  const Recording recording(*this);
  const at::Tensor y =
      at::conv2d(wide(x).permute({0, 3, 1, 2}), leaf(weight).to(at::kFloat), leaf(bias), 1, 1, 1, /*groups=*/x.dim(3));
  return result(y.permute({0, 2, 3, 1}));
}

Tensor TorchOps::do_layer_norm(const Tensor& x, const Param& weight, const Param& bias, float eps) {
  const Recording recording(*this);
  const at::Tensor value = wide(x);
  // Centred first: libtorch applies mean and scale as one shift, which loses digits where the mean is large.
  return result(at::layer_norm(value - value.mean(-1, /*keepdim=*/true), {x.dim(-1)}, leaf(weight), leaf(bias), eps));
}

Tensor TorchOps::do_rms_norm(const Tensor& x, const Param& weight, float eps) {
  const Recording recording(*this);
  const at::Tensor value = wide(x);
  return result(value * at::rsqrt(value.square().mean(-1, /*keepdim=*/true) + eps) * leaf(weight));
}

Tensor TorchOps::do_channel_scale(const Tensor& x, const Param& lambda) {
  const Recording recording(*this);
  return result(wide(x) * leaf(lambda));
}

Tensor TorchOps::do_add(const Tensor& a, const Tensor& b) {
  const Recording recording(*this);
  return from_at(at_tensor(a) + at_tensor(b));
}

Tensor TorchOps::do_mul(const Tensor& a, const Tensor& b) {
  const Recording recording(*this);
  return from_at(at_tensor(a) * at_tensor(b));
}

Tensor TorchOps::do_scale(const Tensor& x, float factor) {
  const Recording recording(*this);
  return from_at(at_tensor(x) * factor);
}

Tensor TorchOps::do_gelu(const Tensor& x) {
  const Recording recording(*this);
  return from_at(at::gelu(at_tensor(x)));
}

Tensor TorchOps::do_quick_gelu(const Tensor& x) {
  const Recording recording(*this);
  const at::Tensor value = at_tensor(x);
  return from_at(value * (value * 1.702).sigmoid());
}

Tensor TorchOps::do_silu(const Tensor& x) {
  const Recording recording(*this);
  return from_at(at::silu(at_tensor(x)));
}

Tensor TorchOps::do_tanh(const Tensor& x) {
  const Recording recording(*this);
  return from_at(at_tensor(x).tanh());
}

Tensor TorchOps::do_softmax(const Tensor& x) {
  const Recording recording(*this);
  return result(wide(x).softmax(-1));
}

Tensor TorchOps::do_l2_normalize(const Tensor& x) {
  const Recording recording(*this);
  const at::Tensor value = wide(x);
  return result(value / value.norm(2, {-1}, /*keepdim=*/true).clamp_min(1e-12));
}

Tensor TorchOps::do_matmul_nt(const Tensor& a, const Tensor& b) {
  const Recording recording(*this);
  return from_at(at_tensor(a).matmul(at_tensor(b).transpose(-1, -2)));
}

Tensor TorchOps::do_reshape(const Tensor& x, Shape shape) {
  const Recording recording(*this);
  return from_at(at_tensor(x).reshape(shape.dims()));
}

Tensor TorchOps::do_concat(std::span<const Tensor> parts, int dim) {
  const Recording recording(*this);
  std::vector<at::Tensor> values;
  for (const Tensor& part : parts) values.push_back(at_tensor(part));
  return from_at(at::cat(values, dim));
}

Tensor TorchOps::do_slice(const Tensor& x, int dim, int64_t first, int64_t count) {
  const Recording recording(*this);
  return from_at(at_tensor(x).narrow(dim, first, count));
}

Tensor TorchOps::do_transpose(const Tensor& x, int dim_a, int dim_b) {
  const Recording recording(*this);
  return from_at(at_tensor(x).transpose(dim_a, dim_b));
}

Tensor TorchOps::do_gather_rows(const Tensor& x, std::span<const int32_t> rows) {
  const Recording recording(*this);
  return from_at(at_tensor(x).index_select(0, upload_index(rows, device_)));
}

Tensor TorchOps::do_scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values) {
  const Recording recording(*this);
  return from_at(at_tensor(x).index_copy(0, upload_index(rows, device_), at_tensor(values)));
}

}  // namespace hilum
