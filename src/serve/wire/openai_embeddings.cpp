#include "serve/wire/openai_embeddings.h"

#include <bit>
#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "serve/wire/float_text.h"

namespace hilum {
namespace {

[[noreturn]] void refuse_tokens(const JsonField& field) {
  field.refuse(400, "holds token ids, and which tokens they are depends on a tokenizer that the request does not name",
      "Send the text itself.", "token_ids_not_read");
}

ContentPart read_input(const JsonField& input, const ContentLimits& limits, size_t& num_images) {
  if (input.json().is_number() || input.is_array()) refuse_tokens(input);
  std::vector<ContentPart> parts;
  if (input.is_text() && is_data_uri_of_base64(input.text_in_place())) {
    if (++num_images > limits.max_images)
      input.fail(fmt::format("is one picture too many: {} are read", limits.max_images));
    ContentPart part;
    part.image = read_image_reference(input.text_in_place(), input.path());
    return part;
  }
  if (input.is_text()) parts = read_content(input, limits, num_images);
  else parts = read_content(input.need("content"), limits, num_images);
  if (parts.size() != 1)
    input.fail(
        fmt::format("has {} parts, not one text or one picture", parts.size()), "Each input gives one embedding.");
  if (!parts.front().is_image() && parts.front().text.empty()) input.fail("is empty");
  return std::move(parts.front());
}

std::string little_endian_bytes(std::span<const float> values) {
  std::string bytes(values.size() * 4, '\0');
  for (size_t i = 0; i < values.size(); ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(values[i]);
    for (int k = 0; k < 4; ++k) bytes[i * 4 + k] = static_cast<char>(bits >> 8 * k);
  }
  return bytes;
}

}  // namespace

namespace {

void read_options(const JsonField& root, EmbeddingsRequest& request) {
  if (const auto model = root.find("model")) request.model = model->text(256);
  if (const auto format = root.find("encoding_format")) {
    const std::string name = format->text(32);
    if (name != "float" && name != "base64") format->fail("is a form that is not known", "float and base64 are.");
    request.base64 = name == "base64";
  }
  if (const auto dimensions = root.find("dimensions"))
    request.dimensions = static_cast<int>(dimensions->whole(1, 1 << 20));
}

}  // namespace

EmbeddingsRequest read_image_embeddings(std::string_view body, const JsonLimits& limits, const ContentLimits& content) {
  const Json json = parse_body(body, limits);
  const JsonField root(json, "");
  EmbeddingsRequest request;
  const JsonField input = root.need_object().need("input");
  if (input.need_array().size() < 1 || input.size() > content.max_images)
    input.fail(fmt::format("holds {} inputs, not 1 to {}", input.size(), content.max_images));
  for (size_t i = 0; i < input.size(); ++i) {
    const JsonField image = input.at(i).need("image");
    if (const auto text = input.at(i).find("text"); text && !text->text().empty())
      text->refuse(400, "stands beside a picture, and the models embed one or the other",
          "Send texts to /v1/embeddings.", "unsupported_parameter");
    request.inputs.emplace_back().image = read_image_reference(image.text_in_place(), image.path());
  }
  read_options(root, request);
  return request;
}

EmbeddingsRequest read_embeddings(const JsonField& root, const ContentLimits& content) {
  EmbeddingsRequest request;
  const JsonField input = root.need("input");
  size_t num_images = 0;
  if (!input.is_array()) {
    request.inputs.push_back(read_input(input, content, num_images));
  } else {
    if (input.size() == 0) input.fail("holds nothing");
    if (input.at(0).json().is_number()) refuse_tokens(input);
    if (input.size() > kMaxEmbeddingInputs)
      input.fail(fmt::format("holds {} inputs; {} are read", input.size(), kMaxEmbeddingInputs));
    for (size_t i = 0; i < input.size(); ++i) request.inputs.push_back(read_input(input.at(i), content, num_images));
  }
  read_options(root, request);
  return request;
}

EmbeddingsRequest read_embeddings(std::string_view body, const JsonLimits& limits, const ContentLimits& content) {
  const Json json = parse_body(body, limits);
  const JsonField root(json, "");
  root.need_object();
  return read_embeddings(root, content);
}

void check_dimensions(const EmbeddingsRequest& request, int64_t width) {
  if (request.dimensions && *request.dimensions != width)
    throw RequestError(400, "dimensions",
        fmt::format("is {}, and this model's embeddings have {} numbers", *request.dimensions, width), "Leave it out.");
}

Reply embeddings_reply(
    const std::string& model, std::span<const std::vector<float>> embeddings, bool base64, int64_t tokens) {
  std::string body = "{\"object\":\"list\",\"model\":" + json_line(Json(model)) + ",\"data\":[";
  for (size_t i = 0; i < embeddings.size(); ++i) {
    body += fmt::format("{}{{\"object\":\"embedding\",\"index\":{},\"embedding\":", i ? "," : "", i);
    check_finite(embeddings[i]);
    if (base64) body.append("\"").append(base64_encode(little_endian_bytes(embeddings[i]))).append("\"");
    else append_float_list(body, embeddings[i]);
    body += '}';
  }
  Reply reply;
  reply.body = body + fmt::format("],\"usage\":{{\"prompt_tokens\":{0},\"total_tokens\":{0}}}}}", tokens);
  return reply;
}

}  // namespace hilum
