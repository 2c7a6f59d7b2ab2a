// Hilum's own routes: reports, grounding, classification, search, and pictures for the viewer.
#include <chrono>

#include <fmt/format.h>

#include "base/error.h"
#include "base/unix_time.h"
#include "base/utf8.h"
#include "engine/annotate/stated_finding.h"
#include "engine/embed/label_head.h"
#include "engine/study_references.h"
#include "report/dicom_sr.h"
#include "report/fhir.h"
#include "report/json.h"
#include "report/report.h"
#include "serve/request_error.h"
#include "serve/routes/demo_header.h"
#include "serve/routes/piece_queue.h"
#include "serve/routes/routes.h"
#include "serve/sent_image.h"
#include "serve/sent_study.h"
#include "serve/wire/native_context.h"
#include "serve/wire/native_reply.h"
#include "serve/wire/openai_errors.h"
#include "serve/wire/sse.h"

namespace hilum {
namespace {

std::string context_of(const HttpRequest& request) {
  const HttpPart* part = request.part("context");
  return part ? std::string(part->bytes) : "{}";
}

// A file part; empty where it was not sent.
std::string file_part(const HttpRequest& request, const char* name, bool needed) {
  const HttpPart* part = request.part(name);
  if (part && !part->bytes.empty()) return std::string(part->bytes);
  if (part) throw RequestError(400, name, "is an empty file", "Send a PNG, JPEG or DICOM file.");
  if (needed)
    throw RequestError(400, name, "is missing", fmt::format("Send multipart/form-data with a file part \"{}\".", name));
  return "";
}

ReportOptions options_of(const SamplingContext& sampling, const std::string& task, bool allow_mismatch) {
  ReportOptions options{
      .task = task, .max_new_tokens = sampling.max_new_tokens.value_or(0), .allow_mismatch = allow_mismatch};
  options.sampling = {.temperature = static_cast<float>(sampling.temperature.value_or(0)),
      .top_p = static_cast<float>(sampling.top_p.value_or(1)),
      .top_k = sampling.top_k.value_or(0),
      .seed = sampling.seed.value_or(0)};
  return options;
}

// A finished report in the form that was asked for.
struct Wanted {
  ReportForm form;
  bool allow_demo = false, sr_text = false;
};

Reply in_form(const Service& service, const Report& report, const Wanted& wanted, const SentStudy& study) {
  const ReportForm form = wanted.form;
  if (form == ReportForm::kJson || form == ReportForm::kEvents) return report_reply(report);
  if (report.demo && !wanted.allow_demo)
    throw RequestError(409, "allow_demo", "the demo model knows phantoms only and does not write clinical forms",
        "Set \"allow_demo\": true in the context to try the form.", "demo_model");
  const StudyReferences references = read_study_references(study_request(service, study));
  Reply reply;
  if (form == ReportForm::kFhir) {
    reply.content_type = kFhirMediaType;
    reply.body = to_fhir_text(report, references, {.issued_s = unix_seconds(), .coder = stated_finding}, -1);
  } else {
    try {
      check_sr_references(references);
    } catch (const Error& e) {
      throw RequestError(422, "frontal", e.problem(), e.mend(), "no_dicom_identifiers");
    }
    reply.content_type = kDicomMediaType;
    const SrOptions options{.time_s = unix_seconds(), .coder = stated_finding};
    reply.body = wanted.sr_text ? to_dicom_text_sr(report, references, options)
                                : to_dicom_srs(report, references, options).first;
  }
  if (report.demo) add_header(reply, "X-Hilum-Demo", "true");
  return reply;
}

// One report on its way to the client as a stream.
struct ReportStream {
  LiveModel& model;
  SentStudy study;
  PieceQueue pieces;
  Utf8Pieces characters;
  std::atomic<bool> gone = false;  // a write failed
  std::function<bool()> left;      // the client closed its side
  size_t findings = 0;
  std::unique_ptr<ReportJob> job;
  std::optional<ModelWorker::Place> place;  // last: given back before what its work uses goes

  ReportStream(const Service& service, LiveModel& which, SentStudy sent, const ReportOptions& options,
      const HttpRequest& request)
      : model(which), study(std::move(sent)), left(request.gone) {
    place.emplace(*which.worker, request.seconds_allowed());  // before any work
    ReportListener listener;
    listener.text = [this](std::string_view text) {
      if (const std::string whole = characters.push(text); !whole.empty()) pieces.push(piece_event(whole));
    };
    listener.finding = [this](const Finding& finding) { pieces.push(finding_event(findings++, finding)); };
    listener.gone = [this] { return gone.load() || left(); };
    job = std::make_unique<ReportJob>(*model.reports, study_request(service, study), options, std::move(listener));
  }

  void send(const HttpAnswer::Write& write) {
    try {
      model.worker->submit(*place, work_of(*job, [this] { return gone.load() || left(); }, [this] { pieces.close(); }));
      pieces.pump(kPingEvery, [&](const std::string& piece) {
        if (!write(piece.empty() ? sse_comment("ping") : piece)) gone = true;  // the worker sees it and ends
      });
      const GenerationOutcome outcome = model.worker->wait(*place);
      const WrittenReport written = finished(model, *job, outcome);
      pieces.pump({}, write);  // what was held back
      write(report_event(written.report));
    } catch (const BatchError& e) {
      write(native_error_event(request_error(e)));
    } catch (const Error& e) {
      write(native_error_event(e));
    } catch (const std::exception&) {
      write(native_error_event(RequestError(500, "", "an error inside the server")));
    }
  }
};

HttpAnswer reports(Service& service, const HttpRequest& request) {
  const auto form = report_form(request.header("accept"));
  if (!form)
    throw RequestError(406, "", "none of the forms in Accept is there",
        "Ask for application/json, application/fhir+json, application/dicom or text/event-stream.");
  const ReportContext context = read_report_context(context_of(request));
  const bool allow_demo = context.allow_demo || service.config().allow_demo;
  SentStudy study{.study_id = context.study_id,
      .frontal = file_part(request, "frontal", !context.report),
      .lateral = file_part(request, "lateral", false),
      .prior = file_part(request, "prior", false),
      .indication = context.indication,
      .technique = context.technique,
      .comparison = context.comparison,
      .prior_report = context.prior_report};
  const Wanted wanted{*form, allow_demo, context.sr_text};
  if (context.report) return in_form(service, *context.report, wanted, study);
  LiveModel& model = service.model(context.model, Need::kReports);
  const Preset& preset = model.reports->preset();
  if (model.demo() && !allow_demo && (*form == ReportForm::kFhir || *form == ReportForm::kDicom))
    return in_form(service, {.demo = true}, wanted, study);  // before any work
  const ReportOptions options =
      options_of(context.sampling, context.task.empty() ? preset.default_task : context.task, context.allow_mismatch);
  if (*form == ReportForm::kEvents) {
    auto stream = std::make_shared<ReportStream>(service, model, std::move(study), options, request);
    HttpAnswer answer;
    answer.reply.content_type = kEventStream;
    add_demo_header(answer.reply, model, false);
    answer.stream = [stream](const HttpAnswer::Write& write) { stream->send(write); };
    return answer;
  }
  ModelWorker::Place place(*model.worker, request.seconds_allowed());
  return in_form(
      service, run_report(service, model, place, study, options, {.gone = request.gone}).report, wanted, study);
}

HttpAnswer grounding(Service& service, const HttpRequest& request) {
  const GroundingContext context = read_grounding_context(context_of(request));
  const SentStudy study{.study_id = context.study_id, .frontal = file_part(request, "frontal", true)};
  LiveModel& model = service.model(context.model, Need::kReports);
  ReportOptions options = options_of(context.sampling, "phrase", context.allow_mismatch);
  options.phrase = context.phrase;
  ModelWorker::Place place(*model.worker, request.seconds_allowed());
  return report_reply(run_report(service, model, place, study, options, {.gone = request.gone}).report);
}

HttpAnswer classify(Service& service, const HttpRequest& request) {
  const ClassifyContext context = read_classify_context(context_of(request));
  const DecodedImage picture = decode_sent(service, file_part(request, "image", true), "image");
  LiveModel& model = service.model(context.model, context.labels.empty() ? Need::kEmbeddings : Need::kTexts);
  LabelScoresRow scores;
  std::vector<float> embedding;
  if (context.labels.empty()) {
    if (!service.adapter() || &model != service.search_model())
      throw RequestError(400, "labels", "are missing, and the server has no adapter",
          "Name labels for a model with a text tower, or start the server with --adapter.");
    embedding = service.embed(model, picture, "image");
    scores = service.adapter()->scores(embedding);
  } else {
    embedding = service.embed(model, picture, "image");
    scores = service.label_scores(model, context.labels, context.label_template, context.negative, embedding);
  }
  Reply reply = classify_reply(model.name, scores);
  add_demo_header(reply, model, model.embedder->far_from_training(embedding));
  return reply;
}

HttpAnswer search(Service& service, const HttpRequest& request) {
  const SearchContext context = read_search_context(context_of(request));
  if (!service.index())
    throw RequestError(
        501, "", "the server has no index", "Start it with --index DB, made by `hilum search index`.", "no_index");
  LiveModel& model = *service.search_model();
  if (!context.model.empty() && context.model != model.name)
    throw RequestError(400, "model", "the index was made with " + model.name, "Leave the model out, or name that one.");
  if (context.text.has_value() == (request.part("image") != nullptr))
    throw RequestError(400, "text", "a search needs a picture or a text, one of them");
  std::vector<float> query;
  if (context.text) {
    if (!model.embedder->info().has_text)
      throw RequestError(400, "text", model.name + " has no text tower", "Search with a picture.");
    query = service.embed(model, *context.text);
  } else {
    query = service.embed(model, decode_sent(service, file_part(request, "image", true), "image"), "image");
  }
  const bool far = !context.text && model.embedder->far_from_training(query);
  std::vector<SearchHit> hits;
  for (const Hit& hit : service.index()->search(
           std::move(query), context.top, backend_threads(service.config().worker.backend.threads))) {
    const IndexedImage found = service.index()->image(hit.row);
    hits.push_back({hit.score, found.path, found.study_id});
  }
  Reply reply = search_reply(hits, model.demo(), model.demo() && far ? kDemoWarning : "");
  add_demo_header(reply, model, far);
  return reply;
}

HttpAnswer image(Service& service, const HttpRequest& request) {
  return image_reply(decode_sent(service, file_part(request, "image", true), "image", /*dicom_grey_bits=*/16));
}

}  // namespace

void add_native_routes(std::vector<Route>& routes, Service& service) {
  const auto add = [&](const char* path, HttpAnswer (*handle)(Service&, const HttpRequest&)) {
    routes.push_back({"POST", path, [&service, handle](const HttpRequest& request) { return handle(service, request); },
        openai_error});
  };
  add("/v1/reports", reports);
  add("/v1/grounding", grounding);
  add("/v1/classify", classify);
  add("/v1/search", search);
  add("/v1/images", image);
}

}  // namespace hilum
