// Many images through an embedder: read, decoded and preprocessed on other threads, embedded several at a time, and
// told in row order. Each embedding is bit for bit what the image gives alone.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/embed/embedder.h"
#include "engine/image_items.h"

namespace hilum {

struct EmbedRunConfig {
  int images = 0;   // in one pass (--batch); 0: by their size
  int threads = 1;  // that read and decode beside
};

struct EmbeddedImage {
  std::vector<float> embedding;       // [E]
  std::vector<std::string> warnings;  // of the decoder
};

// For each of `rows` of `items`, in order, told() or, where its image cannot be read or its embedding is not finite,
// failed(), both on the caller's thread. An Error that told() throws goes to failed() too.
void embed_images(Embedder& embedder, std::span<const ImageItem> items, std::span<const size_t> rows,
    const EmbedRunConfig& config, const std::function<void(size_t row, EmbeddedImage image)>& told,
    const std::function<void(size_t row, const Error& error)>& failed);

}  // namespace hilum
