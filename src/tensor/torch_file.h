// Files of torch.save (.bin, .pt, .pth, .th), read without running anything: a restricted pickle (archive/pickle.h)
// says which tensors there are, their values stay in the file.
//   zip (torch >= 1.6): NAME/data.pkl, NAME/data/KEY a storage each, NAME/byteorder; entries stored, not compressed.
//   legacy: four pickles (magic, protocol 1001, sys_info, the object), one of the storage keys in file order, then for
//   each
//           its element count (u64) and elements.
// Source: torch/serialization.py of PyTorch 1.4 to 2.14 (legacy_save, _save).
//
// Which tensors of the object count, and their names:
//   1. The object is a dict. Where it holds one of the wrappers "state_dict", "model_state_dict", "model", "module",
//   "net", "network"
//      (looked for in this order) and that is a dict, only this one is read, and again inside it; what stands beside it
//      (optimizer, epoch, config) is left out and noted.
//   2. Dicts and lists within give dotted names: {"visual": {"proj": T}} is "visual.proj", {"heads": [T]} is "heads.0".
//   3. Where every name begins with "module." (DataParallel), that is cut off.
// Values that are no tensors are left out and noted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/weight_file.h"

namespace hilum {

// First bytes of the legacy form: PROTO 2, then the number 0x1950a86a20f9469cfc6c.
inline constexpr std::string_view kTorchLegacyMagic{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 14};

// How a tensor lies in its storage.
struct TorchView {
  uint64_t storage_begin = 0, storage_bytes = 0;  // in the file
  int64_t offset = 0;                             // elements
  std::vector<int64_t> strides;                   // elements, one a dimension, none negative
};

struct TorchContents {
  std::vector<WeightEntry> entries;  // begin: file offset of the first element
  std::vector<TorchView> views;      // one an entry
  std::vector<std::string> notes;
};

// Reads and checks all but the values. Throws Error(where[: byte N], ...) for: what zip.h and pickle.h refuse; an
// archive without data.pkl or with other byte order; storages of unknown type, of another size than said, missing;
// views outside their storage, negative or overflowing; tensors that unfold to far more than they hold; names given
// twice; objects that are no dict or hold no tensor.
TorchContents parse_torch_file(std::span<const std::byte> file, const std::string& where);

// The dense values of entry i; shares the file where it can and `owner` is given.
Tensor torch_tensor(
    const TorchContents& contents, size_t i, std::span<const std::byte> file, const std::shared_ptr<const void>& owner);

class TorchFile final : public WeightFile {
 public:
  explicit TorchFile(const std::filesystem::path& path);  // throws Error naming the path
  const std::filesystem::path& path() const override;
  const std::vector<WeightEntry>& entries() const override { return contents_.entries; }
  Tensor tensor(const WeightEntry& entry) const override;
  std::vector<std::string> notes() const override { return contents_.notes; }

 private:
  std::shared_ptr<const class MappedFile> mapping_;
  TorchContents contents_;
};

}  // namespace hilum
