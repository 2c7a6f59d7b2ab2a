// Names in torch pickles and what a storage reference says. Shared by torch_storage.cpp and torch_object.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "archive/pickle.h"
#include "tensor/dtype.h"

namespace hilum {

inline constexpr std::string_view kRebuildV1 = "torch._utils._rebuild_tensor",
                                  kRebuildV2 = "torch._utils._rebuild_tensor_v2",
                                  kRebuildV3 = "torch._utils._rebuild_tensor_v3",
                                  kRebuildParameter = "torch._utils._rebuild_parameter", kTorchSize = "torch.Size",
                                  kTorchDevice = "torch.device", kUntypedStorage = "torch.storage.UntypedStorage";

// The name of a kGlobal or kCall node.
std::string_view torch_name(const PickleNode& node);
// The dtype of a global that is a storage type or a dtype.
std::optional<DType> torch_dtype(const PickleNode& node);

struct TorchStorageRef {
  std::string_view key;
  bool untyped = false;  // counts bytes; the tensor names the dtype
  DType dtype = DType::kF32;
  uint64_t count = 0;                       // elements of the whole storage
  uint64_t view_first = 0, view_count = 0;  // the part that is meant
};
TorchStorageRef torch_storage_ref(const Pickle& pickle, const PickleNode& node, const std::string& where);

}  // namespace hilum
