// A loaded system: preset, tokenizer, preprocessing, network and the backend it runs on.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/feature_distance.h"
#include "image/preprocess.h"
#include "models/files/preset.h"
#include "models/vlm.h"
#include "ops/ops.h"
#include "text/tokenizer.h"

namespace hilum {

inline constexpr const char* kFeatureStatsFile = "feature_stats.safetensors";

struct BackendConfig {
  int threads = 0;              // 0: all cores
  std::string device = "cpu";   // "cuda" loads libhilum_torch.so
  bool torch = false;           // libtorch on the CPU too (hilum verify --backend torch)
  DType compute = DType::kF32;  // of libtorch, which may compute in BF16
};

// The kernels this machine (or HILUM_KERNELS) calls for, or libtorch.
std::unique_ptr<Ops> make_backend(const BackendConfig& config);
int backend_threads(int asked);  // 0 -> the number of cores

// SHA-256 of the weight file at `path` or of the folder's; of several files, of their names and sums, a line each.
// With `parts`, of the files they name.
std::string weights_sha256_of(const std::filesystem::path& path, std::span<const FilePart> parts = {});
// That of a model with a LoRA adapter: of the model's sum and of the adapter's files' names and sums, a line each.
// Without one, the model's.
std::string weights_sha256_of(
    const std::filesystem::path& path, const std::filesystem::path& adapter, std::span<const FilePart> parts);

class Model {
 public:
  // Loads a model directory: preset by its config (or hilum.toml), weights mapped, tokenizer and preprocessing read.
  // `adapter`: folder of a LoRA adapter to merge into the weights. Throws Error naming file and field for everything
  // that does not fit together.
  static std::unique_ptr<Model> load(
      const std::filesystem::path& path, const BackendConfig& backend, const std::filesystem::path& adapter = {});

  const Preset& preset() const { return preset_; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  const PreprocessConfig& preprocessing() const { return preprocessing_; }
  const Vlm& network() const { return *network_; }
  Ops& ops() const { return *ops_; }
  const std::filesystem::path& folder() const { return folder_; }
  // What ends an answer: the preset's stop token and every id that the checkpoint names as its eos_token_id.
  const std::vector<int32_t>& stop_ids() const { return stop_ids_; }
  int32_t token_id(const std::string& token) const;  // throws Error naming the token and the file

  std::string weights_sha256() const;                          // read once, when first asked for, by whichever thread
  const std::filesystem::path& path() const { return path_; }  // as named
  const std::filesystem::path& adapter() const { return adapter_; }  // as named; empty: none
  // Of the image encoder, with the adapter's changes.
  std::vector<const Param*> encoder_params() const;
  double load_ms() const { return load_ms_; }              // that load() took
  uint64_t weight_bytes() const { return weight_bytes_; }  // as stored
  // Of the demo model: how far an image's features may be from the phantoms' (DESIGN section 1).
  const std::optional<FeatureStats>& feature_stats() const { return feature_stats_; }

 private:
  Model() = default;

  std::filesystem::path path_, adapter_, folder_;  // as named; where config and tokenizer lie
  Preset preset_;
  std::optional<Tokenizer> tokenizer_;
  PreprocessConfig preprocessing_;
  std::vector<int32_t> stop_ids_;
  std::unique_ptr<Vlm> network_;
  std::unique_ptr<Ops> ops_;
  std::optional<FeatureStats> feature_stats_;
  mutable std::once_flag sha256_read_;
  mutable std::string sha256_;
  double load_ms_ = 0;
  uint64_t weight_bytes_ = 0;
};

}  // namespace hilum
