#include "serve/wire/openai_models.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/nearest.h"
#include "serve/wire/json_limits.h"

namespace hilum {
namespace {

Json model_json(const ServedModel& model) {
  const bool is_embedder = model.kind == "embeddings";
  Json inputs = Json::array();
  if (!is_embedder || model.has_text) inputs.push_back("text");
  inputs.push_back("image");
  Json json = {{"id", model.id}, {"object", "model"}, {"created", model.created}, {"owned_by", "local"}};
  json["architecture"] = {{"input_modalities", std::move(inputs)},
      {"output_modalities", Json::array({is_embedder ? "embedding" : "text"})}};
  json["hilum"] = {{"kind", model.kind}, {"tasks", model.tasks}, {"demo", model.demo}, {"notice", model.notice},
      {"views", model.views}, {"weights_sha256", model.weights_sha256}};
  return json;
}

}  // namespace

Reply models_reply(std::span<const ServedModel> models) {
  Json list = Json::array();
  for (const ServedModel& model : models) list.push_back(model_json(model));
  Reply reply;
  reply.body = json_line({{"object", "list"}, {"data", std::move(list)}});
  return reply;
}

Reply azure_info_reply(const ServedModel& model) {
  Reply reply;
  reply.body = json_line(
      {{"model_name", model.id}, {"model_type", model.kind == "embeddings" ? "image-embeddings" : "chat-completion"},
          {"model_provider_name", "hilum"}});
  return reply;
}

Reply model_reply(const ServedModel& model) {
  Reply reply;
  reply.body = json_line(model_json(model));
  return reply;
}

RequestError model_not_found(const std::string& id, std::span<const ServedModel> models) {
  std::vector<std::string> names;
  for (const ServedModel& model : models) names.push_back(model.id);
  const std::string nearest = nearest_name(id.substr(0, 256), names);
  return RequestError(404, "model", "\"" + id.substr(0, 256) + "\" is not served",
      nearest.empty() ? fmt::format("Served: {}.", fmt::join(names, ", ")) : "Did you mean \"" + nearest + "\"?",
      "model_not_found");
}

}  // namespace hilum
