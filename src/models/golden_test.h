// What the golden tests share: the fixtures' place, and one CPU backend per kernel table this machine runs.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "kernels/select.h"
#include "models/verify.h"
#include "models/vlm_config.h"
#include "ops/cpu/cpu_ops.h"

namespace hilum {

inline std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(HILUM_TESTDATA) / "models" / name;
}

struct Backend {
  std::string name;
  std::unique_ptr<Ops> ops;
};

inline std::vector<Backend> cpu_backends() {
  std::vector<Backend> all;
  for (const KernelTable* table : runnable_kernel_tables()) {
    all.push_back({"", make_cpu_ops({.table = table, .threads = 1})});
    all.back().name = all.back().ops->name();
  }
  return all;
}

inline Ops& any_cpu() {
  static const std::unique_ptr<Ops> ops =
      make_cpu_ops({.threads = 1});  // tiny shapes: threads would only wait for each other
  return *ops;
}

// Every row within `tolerance` (relative L2).
inline void expect_close(const std::vector<CompareRow>& rows, double tolerance, const std::string& where) {
  for (const CompareRow& row : rows)
    EXPECT_LE(row.rel_l2, tolerance) << where << ": " << row.name << " " << row.shape.text();
}

inline std::vector<int32_t> ids_of(const Tensor& stored) {
  return {stored.i64(), stored.i64() + stored.shape().count()};
}

}  // namespace hilum
