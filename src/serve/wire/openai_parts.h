// Messages and their parts, as chat completions and embeddings share them.
#pragma once

#include <string>
#include <vector>

#include "serve/wire/data_uri.h"
#include "serve/wire/json_field.h"

namespace hilum {

struct ContentPart {
  std::string text;  // of a text part
  SentImage image;   // of a picture: bytes not empty
  bool is_image() const { return !image.bytes.empty(); }
};

struct ContentLimits {
  size_t max_images = 16;             // of one request
  size_t max_text = size_t{1} << 20;  // bytes, of one part
};

// A string, or a list of {"type":"text","text":...} and {"type":"image_url","image_url":{"url":...}} ("image_url" may
// be the string itself), in order; or the same as the responses API calls them: input_text, output_text, input_image. A
// list of strings is read too. Other types are refused by name. `num_images` counts over the whole request.
std::vector<ContentPart> read_content(const JsonField& content, const ContentLimits& limits, size_t& num_images);

}  // namespace hilum
