// Rows of one sequence attend to the rows of another.
#pragma once

#include <string>

#include "nn/linear.h"

namespace hilum {

struct CrossAttentionConfig {
  std::string query, key, value, output;  // names of the four linear layers
  int64_t width = 0, memory_width = 0;    // D, C
  int num_heads = 0;                      // H
};

class CrossAttention {
 public:
  explicit CrossAttention(const CrossAttentionConfig& config);
  // x [N, Q, D], memory [N, P, C] -> [N, Q, D]: every row of x sees every row of its own memory
  Tensor forward(Ops& ops, const Tensor& x, const Tensor& memory) const;
  void params(ParamList& list) {
    query_.params(list);
    key_.params(list);
    value_.params(list);
    output_.params(list);
  }

 private:
  Linear query_, key_, value_, output_;
  int num_heads_;
};

}  // namespace hilum
