// A shape as a model directory with random weights and a made-up tokenizer: for measuring, and for trying what needs a
// model of full size.
#pragma once

#include <filesystem>

#include "models/shape.h"
#include "tensor/dtype.h"

namespace hilum {

struct RandomModelSize {
  int64_t params = 0;  // those no forward uses included
  uint64_t bytes = 0;
};

// Writes weights (as published: names, shards of 5 GB), config.json or hilum.toml, preprocessor_config.json, the
// tokenizer's files and a README.md that says what this is. Tensor by tensor: memory holds about the largest one.
// `type`: F32, F16 or BF16. Throws Error, before anything is written, for a folder that holds files and for a disk
// without room.
RandomModelSize write_random_model(const std::filesystem::path& folder, const ModelShape& shape, DType type);

}  // namespace hilum
