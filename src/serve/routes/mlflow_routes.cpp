// MLflow's scoring server: /invocations, /ping, /version.
#include "base/error.h"
#include "report/json.h"
#include "serve/routes/chat.h"
#include "serve/routes/demo_header.h"
#include "serve/routes/embeddings.h"
#include "serve/routes/routes.h"
#include "serve/routes/score.h"
#include "serve/wire/mlflow.h"

namespace hilum {
namespace {

HttpAnswer table(Service& service, const ScoreRequest& asked, const HttpRequest& request) {
  const std::string deployment = request.header("azureml-model-deployment");
  Reply reply;
  if (asked.kind == ScoreKind::kReports) {
    LiveModel& model = service.model(deployment, Need::kReports);
    const ScoredReports scored = score_reports(service, model, asked, request);
    reply = predictions_reply(report_rows_json(scored.findings_in_crop));
    add_header(reply, "X-Hilum-Box-Frame", "crop");
    add_demo_header(reply, model, scored.far_from_phantoms);
  } else {
    LiveModel& model = service.model(deployment, Need::kEmbeddings);
    const ScoredEmbeddings scored = score_embeddings(service, model, asked);
    reply = predictions_reply(
        embedding_rows_json(scored.rows, asked.params.get_scaling_factor ? scored.log_scale : std::nullopt));
    add_demo_header(reply, model, scored.far_from_phantoms);
  }
  return reply;
}

}  // namespace

void add_mlflow_routes(std::vector<Route>& routes, Service& service) {
  const auto invoke = [&service](const HttpRequest& request) -> HttpAnswer {
    Invocation asked = read_invocation(request.header("content-type"), request.body);
    switch (asked.kind) {
      case InvocationKind::kTable: return table(service, asked.table, request);
      case InvocationKind::kEmbeddings: return answer_embeddings(service, asked.embeddings);
      case InvocationKind::kChat: return answer_chat(service, asked.chat, request);
      case InvocationKind::kPrompt: return answer_prompt(service, asked.chat, request);
    }
    throw std::logic_error("a kind of invocation");
  };
  routes.push_back({"POST", "/invocations", invoke, mlflow_error});
  routes.push_back({"GET", "/ping",
      [&service](const HttpRequest&) -> HttpAnswer { return mlflow_ping(service.is_ready()); }, mlflow_error, true});
  routes.push_back(
      {"GET", "/version", [](const HttpRequest&) -> HttpAnswer { return mlflow_version(); }, mlflow_error, true});
}

}  // namespace hilum
