#include "engine/batch/embed_images.h"

#include <optional>

#include "engine/batch/image_encoder.h"
#include "engine/batch/prepared_rows.h"
#include "image/decode.h"

namespace hilum {
namespace {

struct ReadImage {
  size_t row = 0;
  Tensor pixels;  // host [1, C, H, W]; undefined: `error` says why
  std::vector<std::string> warnings;
  std::optional<Error> error;
  std::vector<float> embedding;
};

ReadImage read_image(const Embedder& embedder, const ImageItem& item, size_t row) {
  ReadImage read{.row = row};
  try {
    if (!item.trouble.empty()) throw Error(item.study_id, item.trouble);
    read.pixels = embedder_pixels(embedder, decode_image_file(item.path), item.path.string(), &read.warnings);
  } catch (const Error& error) {
    read.error = error;
  }
  return read;
}

// Those that could be read, in one pass; where that fails each has its own try, so that an error is one row's alone.
void embed_pass(Embedder& embedder, std::span<ReadImage> pass) {
  std::vector<ReadImage*> readable;
  std::vector<Tensor> pixels;
  for (ReadImage& read : pass) {
    if (!read.pixels.defined()) continue;
    readable.push_back(&read);
    pixels.push_back(std::move(read.pixels));
  }
  try {
    std::vector<std::vector<float>> embeddings = embed_together(embedder, pixels);
    for (size_t i = 0; i < readable.size(); ++i) readable[i]->embedding = std::move(embeddings[i]);
  } catch (const Error&) {
    for (size_t i = 0; i < readable.size(); ++i) try {
        readable[i]->embedding = std::move(embed_together(embedder, {&pixels[i], 1}).front());
      } catch (const Error& error) {
        readable[i]->error = error;
      }
  }
}

}  // namespace

void embed_images(Embedder& embedder, std::span<const ImageItem> items, std::span<const size_t> rows,
    const EmbedRunConfig& config, const std::function<void(size_t row, EmbeddedImage image)>& told,
    const std::function<void(size_t row, const Error& error)>& failed) {
  const size_t ahead = static_cast<size_t>(config.images > 0 ? config.images : kMostImagesOfAPass);
  PreparedRows<ReadImage> prepared(rows.size(), config.threads, ahead + static_cast<size_t>(config.threads),
      [&](size_t i) { return read_image(embedder, items[rows[i]], rows[i]); });
  std::vector<ReadImage> pass;
  size_t readable = 0, wanted = ahead;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Tensor& pixels = pass.emplace_back(prepared.next()).pixels;
    if (pixels.defined() && readable++ == 0 && config.images == 0)
      wanted = static_cast<size_t>(images_of_a_pass(pixels.dim(2), pixels.dim(3)));
    if (readable < wanted && pass.size() < ahead && i + 1 < rows.size()) continue;
    embed_pass(embedder, pass);
    for (ReadImage& read : pass) {
      try {
        if (read.error) throw Error(*read.error);
        check_embedding(read.embedding, items[read.row].path.string());
        told(read.row, {std::move(read.embedding), std::move(read.warnings)});
      } catch (const Error& error) {
        failed(read.row, error);
      }
    }
    pass.clear();
    readable = 0;
  }
}

}  // namespace hilum
