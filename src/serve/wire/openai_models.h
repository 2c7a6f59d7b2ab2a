// GET /v1/models: what is served, in OpenAI's form with llama-server's `architecture` and our own `hilum` beside it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "serve/wire/reply.h"

namespace hilum {

struct ServedModel {
  std::string id;
  std::string kind;                // "reports" or "embeddings"
  int64_t created = 0;             // seconds since 1970; 0: not said
  bool has_text = true;            // an embedder with a text tower
  std::vector<std::string> tasks;  // "grounded", "findings", "phrase", "question" ...
  std::vector<std::string> views;  // "frontal", "lateral", "prior_frontal"
  bool demo = false;
  std::string notice, weights_sha256;
};

Reply models_reply(std::span<const ServedModel> models);
// Of GET /v1/models/{id}.
Reply model_reply(const ServedModel& model);
// Of GET /info of Azure AI's model inference, where an endpoint is one model.
Reply azure_info_reply(const ServedModel& model);
// 404 with the nearest name that is served.
RequestError model_not_found(const std::string& id, std::span<const ServedModel> models);

}  // namespace hilum
