// Types of storages and tensors by the names that pickles give them.
#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "tensor/torch_names.h"
#include "tensor/torch_object.h"

namespace hilum {
namespace {

struct TypeName {
  std::string_view name;
  DType dtype;
};
// A storage of a type, and the dtype that a tensor rebuilt by _rebuild_tensor_v3 names beside an untyped storage.
constexpr std::array kTypes{
    TypeName{"torch.FloatStorage", DType::kF32},
    TypeName{"torch.DoubleStorage", DType::kF64},
    TypeName{"torch.HalfStorage", DType::kF16},
    TypeName{"torch.BFloat16Storage", DType::kBF16},
    TypeName{"torch.LongStorage", DType::kI64},
    TypeName{"torch.IntStorage", DType::kI32},
    TypeName{"torch.ShortStorage", DType::kI16},
    TypeName{"torch.CharStorage", DType::kI8},
    TypeName{"torch.ByteStorage", DType::kU8},
    TypeName{"torch.BoolStorage", DType::kBool},
    TypeName{"torch.ComplexFloatStorage", DType::kC64},
    TypeName{"torch.storage.UntypedStorage", DType::kU8},
    TypeName{"torch.float32", DType::kF32},
    TypeName{"torch.float64", DType::kF64},
    TypeName{"torch.float16", DType::kF16},
    TypeName{"torch.bfloat16", DType::kBF16},
    TypeName{"torch.int64", DType::kI64},
    TypeName{"torch.int32", DType::kI32},
    TypeName{"torch.int16", DType::kI16},
    TypeName{"torch.int8", DType::kI8},
    TypeName{"torch.uint8", DType::kU8},
    TypeName{"torch.uint16", DType::kU16},
    TypeName{"torch.uint32", DType::kU32},
    TypeName{"torch.uint64", DType::kU64},
    TypeName{"torch.bool", DType::kBool},
    TypeName{"torch.complex64", DType::kC64},
    TypeName{"torch.float8_e4m3fn", DType::kF8E4M3},
    TypeName{"torch.float8_e5m2", DType::kF8E5M2},
    TypeName{"torch.float8_e4m3fnuz", DType::kF8E4M3Fnuz},
    TypeName{"torch.float8_e5m2fnuz", DType::kF8E5M2Fnuz},
    TypeName{"torch.float8_e8m0fnu", DType::kF8E8M0},
};
constexpr std::array<std::string_view, 7> kCalls{
    kOrderedDict, kRebuildV1, kRebuildV2, kRebuildV3, kRebuildParameter, kTorchSize, kTorchDevice};

constexpr auto kAllowed = [] {
  std::array<std::string_view, kCalls.size() + kTypes.size()> all{};
  for (size_t i = 0; i < kCalls.size(); ++i) all[i] = kCalls[i];
  for (size_t i = 0; i < kTypes.size(); ++i) all[kCalls.size() + i] = kTypes[i].name;
  return all;
}();

}  // namespace

std::span<const std::string_view> torch_allowed_names() { return kAllowed; }

std::string_view torch_name(const PickleNode& node) { return kAllowed[static_cast<size_t>(node.integer)]; }

std::optional<DType> torch_dtype(const PickleNode& node) {
  if (node.kind != PickleKind::kGlobal) return std::nullopt;
  for (const TypeName& row : kTypes)
    if (row.name == torch_name(node)) return row.dtype;
  return std::nullopt;
}

// ("storage", type, key, location, element count[, None or (view key, first element, element count)])
TorchStorageRef torch_storage_ref(const Pickle& pickle, const PickleNode& node, const std::string& where) {
  const auto demand = [&](bool holds, const char* what) {
    if (!holds)
      throw Error(where + ": byte " + std::to_string(node.at), what,
          "Nothing of the file was run. Is it weights that torch.save wrote?");
  };
  demand(node.kind == PickleKind::kPersistent, "a tensor has no storage");
  const PickleNode& id = pickle[node.items[0]];
  demand(id.kind == PickleKind::kTuple && (id.items.size() == 5 || id.items.size() == 6),
      "a persistent id is no storage of PyTorch's");
  const PickleNode &tag = pickle[id.items[0]], &type = pickle[id.items[1]], &key = pickle[id.items[2]],
                   &count = pickle[id.items[4]];
  demand(tag.kind == PickleKind::kText && tag.text == "storage", "a persistent id is no storage of PyTorch's");
  const std::optional<DType> dtype = torch_dtype(type);
  demand(dtype.has_value() && torch_name(type).ends_with("Storage"), "a storage has no type of PyTorch's");
  demand(key.kind == PickleKind::kText && !key.text.empty() && key.text.size() <= 256,
      "a storage's key is no text, or is too long");
  demand(count.kind == PickleKind::kInt && count.integer >= 0, "a storage's element count is negative or no number");
  TorchStorageRef ref{.key = key.text,
      .untyped = torch_name(type) == kUntypedStorage,
      .dtype = *dtype,
      .count = static_cast<uint64_t>(count.integer)};
  ref.view_count = ref.count;
  if (id.items.size() == 6 && pickle[id.items[5]].kind != PickleKind::kNone) {
    const PickleNode& view = pickle[id.items[5]];
    demand(view.kind == PickleKind::kTuple && view.items.size() == 3, "a storage's view is not as PyTorch writes it");
    const PickleNode &first = pickle[view.items[1]], &size = pickle[view.items[2]];
    demand(first.kind == PickleKind::kInt && size.kind == PickleKind::kInt && first.integer >= 0 && size.integer >= 0 &&
               static_cast<uint64_t>(first.integer) <= ref.count &&
               static_cast<uint64_t>(size.integer) <= ref.count - static_cast<uint64_t>(first.integer),
        "a view leads out of its storage");
    ref.view_first = static_cast<uint64_t>(first.integer);
    ref.view_count = static_cast<uint64_t>(size.integer);
  }
  return ref;
}

TorchStorages torch_storages(const Pickle& pickle, const std::string& where) {
  TorchStorages storages;
  for (const PickleNode& node : pickle.nodes) {
    if (node.kind != PickleKind::kPersistent) continue;
    const TorchStorageRef ref = torch_storage_ref(pickle, node, where);
    const auto bytes = static_cast<uint64_t>(dtype_bits(ref.dtype)) / 8;
    const auto [at, is_new] =
        storages.emplace(ref.key, TorchStorage{.count = ref.count, .element_bytes = bytes, .at = node.at});
    if (!is_new && (at->second.count != ref.count || at->second.element_bytes != bytes))
      throw Error(where + ": byte " + std::to_string(node.at),
          "storage \"" + std::string(ref.key) + "\" is given two sizes", "Do not use this file.");
  }
  return storages;
}

}  // namespace hilum
