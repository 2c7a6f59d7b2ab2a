#include "serve/wire/openai_parts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "serve/wire/reply.h"

namespace hilum {
namespace {

ContentPart read_part(const JsonField& part, const ContentLimits& limits, size_t& num_images) {
  ContentPart read;
  if (part.is_text()) {
    read.text = part.text(limits.max_text);
    return read;
  }
  const JsonField type = part.need("type");
  const std::string name = type.text(64);
  if (name == "text" || name == "input_text" || name == "output_text") {
    read.text = part.need("text").text(limits.max_text);
  } else if (name == "image_url" || name == "input_image") {
    if (++num_images > limits.max_images)
      part.fail(fmt::format("is one picture too many: {} are read", limits.max_images));
    const JsonField image = part.need("image_url");
    const JsonField url = image.is_text() ? image : image.need("url");
    read.image = read_image_reference(url.text_in_place(), url.path());
  } else {
    type.refuse(400, "is a kind of part that is not read", "text and image_url are.", "unsupported_part");
  }
  return read;
}

}  // namespace

std::vector<ContentPart> read_content(const JsonField& content, const ContentLimits& limits, size_t& num_images) {
  if (content.is_text()) {
    ContentPart part;
    part.text = content.text(limits.max_text);
    return {part};
  }
  if (!content.is_array()) content.fail("is " + content.type() + ", not a string or a list of parts");
  std::vector<ContentPart> parts;
  for (size_t i = 0; i < content.size(); ++i) parts.push_back(read_part(content.at(i), limits, num_images));
  return parts;
}

}  // namespace hilum
