// OpenAI's routes.
#include "base/error.h"
#include "report/json.h"
#include "serve/routes/chat.h"
#include "serve/routes/embeddings.h"
#include "serve/routes/responses.h"
#include "serve/routes/routes.h"
#include "serve/wire/openai_errors.h"
#include "serve/wire/openai_models.h"
#include "serve/wire/openai_responses.h"

namespace hilum {
namespace {

std::vector<ServedModel> described(const Service& service) {
  std::vector<ServedModel> all;
  for (const auto& model : service.models()) {
    ServedModel one{.id = model->name,
        .kind = model->writes() ? "reports" : "embeddings",
        .created = model->created,
        .has_text = model->embedder->info().has_text,
        .demo = model->demo(),
        .notice = kNotice,
        .weights_sha256 = model->weights_sha256.get()};
    if (model->writes()) {
      const Preset& preset = model->reports->preset();
      for (const PresetTask& task : preset.tasks) one.tasks.push_back(task.name);
      one.views.push_back("frontal");
      for (const char* view : {"lateral", "prior"})
        for (const auto& [present, text] : preset.prompt.images)
          if (present.find(view) != std::string::npos) {
            one.views.push_back(view == std::string("prior") ? "prior_frontal" : view);
            break;
          }
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

void add_openai_routes(std::vector<Route>& routes, Service& service) {
  const auto chat = [&service](
                        const HttpRequest& request) { return answer_chat(service, read_chat(request.body), request); };
  const auto responses = [&service](const HttpRequest& request) {
    return answer_responses(service, read_responses(request.body), request);
  };
  const auto embeddings = [&service](const HttpRequest& request) {
    return answer_embeddings(service, read_embeddings(request.body));
  };
  routes.push_back({"POST", "/v1/chat/completions", chat, openai_error});
  routes.push_back({"POST", "/v1/responses", responses, openai_error});
  routes.push_back({"POST", "/v1/embeddings", embeddings, openai_error});
  // AzureOpenAI's clients: a deployment's name is the model's.
  const auto deployment = [](const HttpRequest& request) {
    const std::string path = request.path.substr(std::string("/openai/deployments/").size());
    return path.substr(0, path.find('/'));
  };
  routes.push_back({"POST", "/openai/deployments/*/chat/completions",
      [&service, deployment](const HttpRequest& request) {
        ChatRequest asked = read_chat(request.body);
        asked.model = deployment(request);
        return answer_chat(service, asked, request);
      },
      openai_error});
  routes.push_back({"POST", "/openai/deployments/*/embeddings",
      [&service, deployment](const HttpRequest& request) {
        EmbeddingsRequest asked = read_embeddings(request.body);
        asked.model = deployment(request);
        return answer_embeddings(service, asked);
      },
      openai_error});
  routes.push_back({"POST", "/openai/responses", responses, openai_error});
  routes.push_back({"POST", "/openai/v1/responses", responses, openai_error});
  routes.push_back({"POST", "/openai/v1/chat/completions", chat, openai_error});
  routes.push_back({"POST", "/openai/v1/embeddings", embeddings, openai_error});
  // Azure AI's model inference: an endpoint is one model, and the paths have no version.
  routes.push_back({"POST", "/chat/completions", chat, openai_error});
  routes.push_back({"POST", "/embeddings", embeddings, openai_error});
  routes.push_back({"POST", "/images/embeddings",
      [&service](
          const HttpRequest& request) { return answer_embeddings(service, read_image_embeddings(request.body)); },
      openai_error});
  routes.push_back({"GET", "/info",
      [&service](const HttpRequest&) -> HttpAnswer { return azure_info_reply(described(service).front()); },
      openai_error});
  routes.push_back({"GET", "/v1/models",
      [&service](const HttpRequest&) -> HttpAnswer { return models_reply(described(service)); }, openai_error});
  routes.push_back({"GET", "/v1/models/*",
      [&service](const HttpRequest& request) -> HttpAnswer {
        const std::string id = request.path.substr(std::string("/v1/models/").size());
        const std::vector<ServedModel> all = described(service);
        for (const ServedModel& model : all)
          if (model.id == id) return model_reply(model);
        throw model_not_found(id, all);
      },
      openai_error});
}

}  // namespace hilum
