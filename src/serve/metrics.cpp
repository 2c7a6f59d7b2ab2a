#include "serve/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "base/process.h"

namespace hilum {
namespace {

using prometheus::BuildCounter, prometheus::BuildGauge, prometheus::BuildHistogram;

// Edges in seconds, wide enough for a processor without an accelerator (those of vLLM, sheet ecosystem 2.6).
const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320};

}  // namespace

struct Metrics::Parts {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      BuildCounter().Name("hilum_requests_total").Help("Requests answered, by route and status.").Register(registry);
  prometheus::Family<prometheus::Histogram>& request_seconds =
      BuildHistogram()
          .Name("hilum_request_seconds")
          .Help("From the end of a request's header to the end of its answer.")
          .Register(registry);
  prometheus::Family<prometheus::Gauge>& queue =
      BuildGauge().Name("hilum_queue_depth").Help("Requests that wait for a place in the cache.").Register(registry);
  prometheus::Family<prometheus::Gauge>& running =
      BuildGauge().Name("hilum_running").Help("Requests with a place in the cache.").Register(registry);
  prometheus::Family<prometheus::Histogram>& queue_seconds =
      BuildHistogram().Name("hilum_queue_seconds").Help("Waited for a place in the cache.").Register(registry);
  prometheus::Family<prometheus::Histogram>& image_seconds =
      BuildHistogram().Name("hilum_image_encode_seconds").Help("Encoding of a request's pictures.").Register(registry);
  prometheus::Family<prometheus::Histogram>& first_token_seconds =
      BuildHistogram()
          .Name("hilum_time_to_first_token_seconds")
          .Help("From the offer of a request to its first token.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& prompt_tokens =
      BuildCounter().Name("hilum_prompt_tokens_total").Help("Tokens of prompts, pictures included.").Register(registry);
  prometheus::Family<prometheus::Counter>& reused_tokens = BuildCounter()
                                                               .Name("hilum_prompt_tokens_reused_total")
                                                               .Help("Of these, taken over from the cache.")
                                                               .Register(registry);
  prometheus::Family<prometheus::Counter>& generated_tokens =
      BuildCounter().Name("hilum_generated_tokens_total").Help("Tokens written.").Register(registry);
  prometheus::Family<prometheus::Counter>& known_pictures = BuildCounter()
                                                                .Name("hilum_pictures_known_total")
                                                                .Help("Requests whose pictures were encoded before.")
                                                                .Register(registry);
  prometheus::Family<prometheus::Counter>& embeddings =
      BuildCounter().Name("hilum_embeddings_total").Help("Pictures and texts embedded.").Register(registry);
  prometheus::Family<prometheus::Histogram>& embedding_seconds =
      BuildHistogram().Name("hilum_embedding_seconds").Help("Embedding of one request's rows.").Register(registry);
  prometheus::Counter& refused = BuildCounter()
                                     .Name("hilum_connections_refused_total")
                                     .Help("Connections refused past --max-connections, or while going down.")
                                     .Register(registry)
                                     .Add({});
  prometheus::Gauge& memory = BuildGauge()
                                  .Name("hilum_memory_bytes")
                                  .Help("The process's own memory, without mapped files.")
                                  .Register(registry)
                                  .Add({});
};

namespace {

struct ModelObserver final : WorkerObserver {
  prometheus::Gauge *waiting, *busy;
  prometheus::Histogram *queue_seconds, *image_seconds, *first_token_seconds;
  prometheus::Counter *prompt_tokens, *reused_tokens, *generated_tokens, *known_pictures;

  void queue(int now_waiting, int now_running) override {
    waiting->Set(now_waiting);
    busy->Set(now_running);
  }
  void finished(const GenerationOutcome& outcome) override {
    queue_seconds->Observe(outcome.queue_ms / 1000);
    if (outcome.pictures_known) known_pictures->Increment();
    else image_seconds->Observe(outcome.image_ms / 1000);
    first_token_seconds->Observe(outcome.first_token_ms / 1000);
    prompt_tokens->Increment(static_cast<double>(outcome.generation.prompt_tokens));
    reused_tokens->Increment(static_cast<double>(outcome.generation.reused_tokens));
    generated_tokens->Increment(static_cast<double>(outcome.generation.ids.size()));
  }
};

}  // namespace

Metrics::Metrics() : parts_(std::make_unique<Parts>()) {}
Metrics::~Metrics() = default;

void Metrics::request(const RequestRecord& record) {
  const std::string route = record.route.empty() ? "none" : record.route;
  parts_->requests.Add({{"route", route}, {"code", std::to_string(record.status)}}).Increment();
  parts_->request_seconds.Add({{"route", route}}, kSeconds).Observe(record.seconds);
}

void Metrics::embedded(const std::string& model, int64_t pictures, int64_t texts, double seconds) {
  parts_->embeddings.Add({{"model", model}, {"kind", "image"}}).Increment(static_cast<double>(pictures));
  parts_->embeddings.Add({{"model", model}, {"kind", "text"}}).Increment(static_cast<double>(texts));
  parts_->embedding_seconds.Add({{"model", model}}, kSeconds).Observe(seconds);
}

void Metrics::refused_connection() { parts_->refused.Increment(); }

std::unique_ptr<WorkerObserver> Metrics::observer(const std::string& model) {
  const std::map<std::string, std::string> labels{{"model", model}};
  auto observer = std::make_unique<ModelObserver>();
  observer->waiting = &parts_->queue.Add(labels);
  observer->busy = &parts_->running.Add(labels);
  observer->queue_seconds = &parts_->queue_seconds.Add(labels, kSeconds);
  observer->image_seconds = &parts_->image_seconds.Add(labels, kSeconds);
  observer->first_token_seconds = &parts_->first_token_seconds.Add(labels, kSeconds);
  observer->prompt_tokens = &parts_->prompt_tokens.Add(labels);
  observer->reused_tokens = &parts_->reused_tokens.Add(labels);
  observer->generated_tokens = &parts_->generated_tokens.Add(labels);
  observer->known_pictures = &parts_->known_pictures.Add(labels);
  return observer;
}

std::string Metrics::text() const {
  parts_->memory.Set(static_cast<double>(process_memory().anonymous));
  return prometheus::TextSerializer().Serialize(parts_->registry.Collect());
}

}  // namespace hilum
