#include "serve/routes/embed_sent.h"

#include "engine/batch/image_encoder.h"
#include "serve/sent_image.h"

namespace hilum {

void embed_sent(Service& service, LiveModel& model, std::span<const SentPicture> pictures, const std::string& where,
    const std::function<void(size_t row, const std::function<void()>& act)>& at_row,
    const std::function<void(size_t row, std::vector<float> embedding)>& told) {
  std::vector<Tensor> pixels;
  size_t first = 0;  // picture of the pass
  const auto run_pass = [&](size_t end) {
    std::vector<std::vector<float>> embeddings;
    at_row(pictures[first].row, [&] { embeddings = service.embed(model, pixels); });
    for (size_t i = first; i < end; ++i) {
      at_row(pictures[i].row, [&] { check_embedding(embeddings[i - first], where); });
      told(pictures[i].row, std::move(embeddings[i - first]));
    }
    pixels.clear();
    first = end;
  };
  for (size_t i = 0; i < pictures.size(); ++i) {
    at_row(pictures[i].row, [&] {
      pixels.push_back(embedder_pixels(*model.embedder, decode_sent(service, *pictures[i].bytes, where), where));
    });
    const auto most = static_cast<size_t>(images_of_a_pass(pixels[0].dim(2), pixels[0].dim(3)));
    if (pixels.size() == most || i + 1 == pictures.size()) run_pass(i + 1);
  }
}

}  // namespace hilum
