#include "tensor/weight_file.h"

#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "tensor/safetensors.h"
#include "tensor/torch_file.h"

namespace hilum {
namespace {

// What stands where weights were expected, for the message.
std::string guess(std::string_view head) {
  if (head.starts_with("GGUF")) return "is a GGUF file, which is not read here";
  if (head.starts_with("\x1f\x8b")) return "is packed (gzip)";
  if (head.starts_with("<")) return "is a document (XML), not weights";
  if (head.starts_with("\x89HDF")) return "is an HDF5 file (Keras), which is not read here";
  return "is neither a safetensors nor a PyTorch file";
}

}  // namespace

Tensor tensor_of_mapping(const Shape& shape, DType dtype, std::span<const std::byte> bytes,
    std::span<const std::byte> all, const std::shared_ptr<const void>& owner) {
  const size_t element = static_cast<size_t>(dtype_bits(dtype) + 7) / 8;
  // Kernels may read one cache line past the end of a tensor (HostStorage): what lies past the last page of the mapping
  // must not be touched.
  const size_t page = 4096, end = static_cast<size_t>(bytes.data() - all.data()) + bytes.size();
  const bool room = end + 64 <= (all.size() + page - 1) / page * page;
  if (owner && room && reinterpret_cast<uintptr_t>(bytes.data()) % element == 0) {
    auto* data = const_cast<std::byte*>(bytes.data());  // mapped read-only; parameters are never written through
    return {shape, dtype, std::make_shared<HostStorage>(data, bytes.size(), owner, /*from_file=*/true)};
  }
  auto storage = std::make_shared<HostStorage>(bytes.size());
  if (!bytes.empty()) std::memcpy(storage->data(), bytes.data(), bytes.size());
  return {shape, dtype, std::move(storage)};
}

WeightFormat weight_format(std::span<const std::byte> head) {
  const std::string_view text = as_text(head);
  if (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")) return WeightFormat::kTorchZip;
  if (text.starts_with(kTorchLegacyMagic)) return WeightFormat::kTorchLegacy;
  if (head.size() < 9 || text[8] != '{') return WeightFormat::kNone;
  uint64_t length = 0;
  for (size_t i = 0; i < 8; ++i) length |= std::to_integer<uint64_t>(head[i]) << (8 * i);
  return length <= kMaxSafetensorsHeader ? WeightFormat::kSafetensors : WeightFormat::kNone;
}

std::unique_ptr<WeightFile> open_weight_file(const fs::path& path) {
  char head[64] = {};
  std::ifstream in(path, std::ios::binary);
  in.read(head, sizeof head);
  const std::string_view text(head, in ? sizeof head : static_cast<size_t>(in.gcount()));
  switch (weight_format(std::as_bytes(std::span(text.data(), text.size())))) {
    case WeightFormat::kTorchZip:
    case WeightFormat::kTorchLegacy: return std::make_unique<TorchFile>(path);
    case WeightFormat::kSafetensors: return std::make_unique<SafetensorsFile>(path);
    case WeightFormat::kNone: break;
  }
  if (path.extension() == ".safetensors" || text.empty())
    return std::make_unique<SafetensorsFile>(path);  // its own words on what is wrong
  const MappedFile whole(path);                      // refuses what a failed download leaves
  if (text.starts_with("\x80"))
    throw Error(
        path.string(), "is a Python pickle without PyTorch's marks", "Save it with torch.save, or as safetensors.");
  throw Error(path.string(), guess(text),
      "Name a .safetensors file, or what torch.save wrote (.bin, .pt, .pth, .th), completely fetched.");
}

}  // namespace hilum
