// A weight of a model: it knows its published name, its shape, and how it is stored. Models never ask for the dtype.
#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace hilum {

class Param {
 public:
  Param() = default;
  // Declared by a model from its config; the data comes when a checkpoint is loaded, or from an initialiser in
  // training.
  Param(std::string name, Shape shape) : name_(std::move(name)), shape_(std::move(shape)) {}
  Param(const Param&) = delete;  // a backend keeps packed or device forms under a Param's address
  Param& operator=(const Param&) = delete;
  Param(Param&&) = delete;

  void declare(std::string name, Shape shape) {
    name_ = std::move(name);
    shape_ = std::move(shape);
  }

  // Dotted name inside the model, e.g. "encoder.layer.3.norm1.weight"; how a checkpoint spells it is the preset's key
  // table.
  const std::string& name() const { return name_; }
  const Shape& shape() const { return shape_; }     // [out, in] for a linear weight, as in PyTorch
  bool declared() const { return !name_.empty(); }  // a scalar has no dimensions, so the name tells

  // How the values are stored: F32, F16 or BF16, dense. Host memory, often a mapped file.
  DType storage() const { return data_.dtype(); }
  const Tensor& data() const { return data_; }
  bool loaded() const { return data_.defined(); }
  void set_data(Tensor data) { data_ = std::move(data); }

  bool frozen = false;  // training leaves it as it is

 private:
  std::string name_;
  Shape shape_;
  Tensor data_;
};

// All parameters of a model in declaration order; built by each module's `params()`.
using ParamList = std::vector<Param*>;

}  // namespace hilum
