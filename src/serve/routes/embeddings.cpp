#include "serve/routes/embeddings.h"

#include <algorithm>
#include <cmath>

#include "serve/routes/demo_header.h"
#include "serve/routes/embed_sent.h"

namespace hilum {
namespace {

void normalize(std::vector<float>& embedding) {  // to length 1, as OpenAI's are
  double square = 0;
  for (const float x : embedding) square += double{x} * x;
  if (square == 0) return;
  for (float& x : embedding) x = static_cast<float>(x / std::sqrt(square));
}

}  // namespace

HttpAnswer answer_embeddings(Service& service, const EmbeddingsRequest& asked) {
  const bool has_text =
      std::any_of(asked.inputs.begin(), asked.inputs.end(), [](const ContentPart& part) { return !part.is_image(); });
  LiveModel& model = service.model(asked.model, has_text ? Need::kTexts : Need::kEmbeddings);
  check_dimensions(asked, model.embedder->info().width);
  std::vector<std::vector<float>> embeddings(asked.inputs.size());
  bool far = false;
  std::vector<SentPicture> pictures;
  for (size_t i = 0; i < asked.inputs.size(); ++i)
    if (asked.inputs[i].is_image()) pictures.push_back({i, &asked.inputs[i].image.bytes});
  embed_sent(
      service, model, pictures, "input", [](size_t, const std::function<void()>& act) { act(); },
      [&](size_t i, std::vector<float> embedding) {
        far |= model.embedder->far_from_training(embedding);
        embeddings[i] = std::move(embedding);
      });
  for (size_t i = 0; i < asked.inputs.size(); ++i)
    if (!asked.inputs[i].is_image()) embeddings[i] = service.embed(model, asked.inputs[i].text);
  for (std::vector<float>& embedding : embeddings) normalize(embedding);
  Reply reply = embeddings_reply(model.name, embeddings, asked.base64, 0);
  add_demo_header(reply, model, far);
  return reply;
}

}  // namespace hilum
