#include <algorithm>

#include "base/error.h"
#include "engine/embed/embedder.h"
#include "engine/preprocessor_config.h"
#include "models/dual_encoder_config.h"
#include "text/clean_text.h"
#include "text/tokenizer_folder.h"

namespace hilum {

DualEmbedder::DualEmbedder(const std::filesystem::path& path, const BackendConfig& backend, const std::string& mode)
    : DualEmbedder(load_dual_encoder(path), path, backend, mode) {}

DualEmbedder::DualEmbedder(const Model& reports, const BackendConfig& backend)
    : DualEmbedder(load_dual_encoder(reports.path(), reports.encoder_params()), reports.path(), backend, "") {
  adapter_ = reports.adapter();
}

DualEmbedder::DualEmbedder(
    LoadedDualEncoder loaded, const std::filesystem::path& path, const BackendConfig& backend, const std::string& mode)
    : path_(path) {
  network_ = std::move(loaded.model);
  const Preset& preset = loaded.preset;
  info_ = {.name = preset.name + (mode.empty() ? "" : "+" + mode),
      .demo = preset.demo,
      .width = network_->width(),
      .has_text = network_->has_text(),
      .scale = network_->similarity_scale(),
      .bias = network_->similarity_bias()};
  preprocessing_ =
      read_preprocess_config(loaded.folder, preset, network_->image().image_px(), network_->image().channels(), mode);
  if (info_.has_text) {
    const std::filesystem::path published = loaded.folder / preset.embedding->tokenizer.folder;
    const std::filesystem::path folder = std::filesystem::is_directory(published) ? published : loaded.folder;
    tokenizer_ = load_tokenizer_folder(folder);
    check_fits(*tokenizer_, static_cast<int>(network_->text().vocab()), folder.string());
  }
  ops_ = make_backend(backend);
}

std::string DualEmbedder::weights_sha256() const {
  if (sha256_.empty()) sha256_ = weights_sha256_of(path_, adapter_, {});
  return sha256_;
}

Tensor DualEmbedder::embed_pixels(const Tensor& pixels) { return ops_->to_host(network_->embed_image(*ops_, pixels)); }

std::vector<float> DualEmbedder::embed_text(const std::string& text) {
  if (!tokenizer_)
    throw Error(path_.string(), info_.name + " has no text tower: it embeds images alone",
        "Name a system that embeds texts with --model; for images, train an adapter.");
  const auto& published = network_->preset().tokenizer;
  const std::string cleaned = clean_text(text, text_cleaning_from_name(published.clean));
  const std::vector<std::vector<int32_t>> ids = {tokenizer_
          ->encode_text({.text = cleaned, .allow_added = false}, {.max_length = static_cast<int>(published.length)})
          .ids};
  const Tensor embedding = ops_->to_host(network_->embed_text(*ops_, TextBatch::of(ids)));  // [1, E]
  return {embedding.values().begin(), embedding.values().end()};
}

}  // namespace hilum
