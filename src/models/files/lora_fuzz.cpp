// An adapter: two bytes that say how long adapter_config.json is, that file, then adapter_model.safetensors. Held
// against a small model and merged.
#include <cstdint>
#include <cstring>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/files/lora.h"
#include "tensor/safetensors.h"

namespace {

using namespace hilum;

class FileInMemory final : public WeightFile {
 public:
  explicit FileInMemory(std::span<const std::byte> bytes)
      : bytes_(bytes), header_(parse_safetensors_header(bytes, "fuzz")) {}
  const std::filesystem::path& path() const override { return path_; }
  const std::vector<WeightEntry>& entries() const override { return header_.entries; }
  Tensor tensor(const WeightEntry& entry) const override {
    Tensor copy = Tensor::host(entry.shape, entry.dtype);
    std::memcpy(copy.bytes(), bytes_.data() + header_.data_offset + entry.begin, entry.end - entry.begin);
    return copy;
  }

 private:
  std::span<const std::byte> bytes_;
  SafetensorsHeader header_;
  std::filesystem::path path_ = "fuzz";
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t length = std::min<size_t>(data[0] | data[1] << 8, size - 2);
  try {
    const LoraConfig config =
        lora_config_from_json(parse_json({reinterpret_cast<const char*>(data) + 2, length}, "fuzz"), "fuzz");
    std::vector<std::unique_ptr<WeightFile>> files;
    files.push_back(std::make_unique<FileInMemory>(std::as_bytes(std::span(data + 2 + length, size - 2 - length))));
    Param up("ours.up.weight", {4, 3}), bias("ours.up.bias", {4}), patch("ours.patch.weight", {4, 1, 2, 2});
    const ParamList params = {&up, &bias, &patch};
    for (Param* p : params) {
      p->set_data(Tensor::host(p->shape()));
      std::memset(p->data().bytes(), 0, p->data().size_bytes());
    }
    Preset preset;
    preset.keys = {{"net.", "ours."}};
    preset.ignore = {"ours.spare.*"};
    merge_lora(LoraAdapter("fuzz", config, std::move(files)),
        {.params = params, .preset = preset, .where = "fuzz", .tied = "ours.patch.weight"});
  } catch (const Error&) {
  }
  return 0;
}
