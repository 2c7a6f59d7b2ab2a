// POST /score, as an Azure ML online endpoint answers it: reports and embeddings, told apart by the columns.
#include <algorithm>

#include "base/error.h"
#include "serve/routes/demo_header.h"
#include "serve/routes/routes.h"
#include "serve/routes/score.h"

namespace hilum {
void add_azure_routes(std::vector<Route>& routes, Service& service) {
  const auto score = [&service](const HttpRequest& request) -> HttpAnswer {
    const ScoreRequest asked = read_score(request.body);
    const std::string deployment = request.header("azureml-model-deployment");
    const ScoreForm form = service.config().score_form;
    if (asked.kind == ScoreKind::kReports) {
      LiveModel& model = service.model(deployment, Need::kReports);
      const ScoredReports scored = score_reports(service, model, asked, request);
      Reply reply = score_reply(std::span<const std::vector<CropFinding>>(scored.findings_in_crop), form);
      add_demo_header(reply, model, scored.far_from_phantoms);
      return reply;
    }
    LiveModel& model = service.model(deployment, Need::kEmbeddings);
    const bool only_pictures =
        std::all_of(asked.rows.begin(), asked.rows.end(), [](const ScoreRow& row) { return !row.text; });
    const ScoredEmbeddings scored = score_embeddings(service, model, asked);
    Reply reply = service.adapter() && only_pictures && &model == service.search_model()
                      ? score_reply(classified(*service.adapter(), scored))
                      : score_reply(std::span<const EmbeddingRow>(scored.rows),
                            asked.params.get_scaling_factor ? scored.log_scale : std::nullopt, form);
    add_demo_header(reply, model, scored.far_from_phantoms);
    return reply;
  };
  routes.push_back({"POST", "/score", score, azure_error});
}

}  // namespace hilum
