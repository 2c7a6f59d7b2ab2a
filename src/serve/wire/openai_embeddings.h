// POST /v1/embeddings. Sheet: ecosystem 2.4.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "serve/wire/json_limits.h"
#include "serve/wire/openai_parts.h"
#include "serve/wire/reply.h"

namespace hilum {

struct EmbeddingsRequest {
  std::string model;                // "" where none is named
  std::vector<ContentPart> inputs;  // each one text (not empty) or one picture
  bool base64 = false;              // encoding_format; the official Python client asks for it by itself
  std::optional<int> dimensions;    // for check_dimensions
};

inline constexpr size_t kMaxEmbeddingInputs = 2048;

// `input` is a string, a list of strings, or a list of {"content":...} of one part each (as llama-server takes them). A
// string that is a data URI is a picture.
// Throws RequestError naming the field; lists of token ids are refused with the reason.
EmbeddingsRequest read_embeddings(
    std::string_view body, const JsonLimits& limits = {}, const ContentLimits& content = {.max_images = 256});
EmbeddingsRequest read_embeddings(const JsonField& root, const ContentLimits& content = {.max_images = 256});

// POST /images/embeddings of Azure AI's model inference: `input` is a list of {"image": data URI or base64}.
EmbeddingsRequest read_image_embeddings(
    std::string_view body, const JsonLimits& limits = {}, const ContentLimits& content = {.max_images = 256});

// A model's vectors have one length and are not cut: any other is refused. width: numbers of one embedding.
void check_dimensions(const EmbeddingsRequest& request, int64_t width);

// embeddings [N][E], in the inputs' order, as lists of numbers or as base64 of little-endian F32. `tokens` of the
// texts.
Reply embeddings_reply(
    const std::string& model, std::span<const std::vector<float>> embeddings, bool base64, int64_t tokens);

}  // namespace hilum
