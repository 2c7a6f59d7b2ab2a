// What a server serves: models by name, each with its workers, and what all routes share.
#pragma once

#include <atomic>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/batch/model_worker.h"
#include "engine/batch/task_thread.h"
#include "engine/embed/adapter.h"
#include "engine/embed/embedder.h"
#include "search/image_index.h"
#include "serve/metrics.h"
#include "serve/token_constraint.h"
#include "serve/wire/azure.h"

namespace hilum {

struct ModelSource {
  std::string name;  // "": the preset's
  std::filesystem::path path;
};

struct ServiceConfig {
  std::vector<ModelSource> models;
  std::filesystem::path lora;            // merged into the first model; empty: none
  std::filesystem::path index, adapter;  // of the first model that embeds; empty: none
  WorkerConfig worker;
  uint64_t cache_bytes = 0;  // of keys and values, all slots of a model together; 0: a quarter of the machine's memory
  ScoreForm score_form = ScoreForm::kWire;
  bool allow_demo = false;
  int64_t max_pixels = 36'000'000;  // of a picture: the largest detectors have some 20 million
};

struct LiveModel {
  std::string name;
  std::unique_ptr<Model> reports;  // null: it embeds only
  std::unique_ptr<WorkerObserver> observer;
  std::unique_ptr<ModelWorker> worker;  // of `reports`
  std::unique_ptr<Embedder> embedder;   // used on `embedding` alone; of a model that writes, on the worker's encoder
  std::unique_ptr<TaskThread> embedding;
  std::shared_future<std::string> weights_sha256;  // gigabytes are read beside the first requests
  std::shared_future<std::shared_ptr<const TokenTexts>> token_texts;
  int slots = 0;
  int64_t created = 0;  // seconds since 1970

  bool demo() const;
  bool writes() const { return reports != nullptr; }
};

enum class Need { kReports, kEmbeddings, kTexts };  // kTexts: embeddings of texts too

class Service {
 public:
  // Loads every model. Throws Error naming the model at fault.
  explicit Service(const ServiceConfig& config);
  ~Service();

  // The model of this name, or, without one, the first that can do what is needed. Throws RequestError 404 naming the
  // models there are.
  LiveModel& model(const std::string& name, Need need);
  const std::vector<std::unique_ptr<LiveModel>>& models() const { return models_; }
  bool is_ready() const;  // a new request would be taken

  // Pictures (embedder_pixels) in one pass -> [E] each; one picture; one text. Throws BatchError kQueueFull, Error.
  std::vector<std::vector<float>> embed(LiveModel& model, std::span<const Tensor> pixels);
  std::vector<float> embed(LiveModel& model, const DecodedImage& picture, const std::string& where);
  std::vector<float> embed(LiveModel& model, const std::string& text);

  // Zero-shot scores of an embedding; the label texts are embedded once and kept for the next time.
  LabelScoresRow label_scores(LiveModel& model, const std::vector<std::string>& labels,
      const std::string& label_template, const std::string& negative, std::span<const float> embedding);

  const ServiceConfig& config() const { return config_; }
  const std::optional<Adapter>& adapter() const { return adapter_; }
  const ImageIndex* index() const { return index_.get(); }
  LiveModel* search_model() const { return search_model_; }
  Metrics& metrics() { return metrics_; }
  void drain() { draining_ = true; }

 private:
  std::unique_ptr<LiveModel> load(const ModelSource& source, bool first);
  template <typename Result>
  Result on_embedder(LiveModel& model, const std::function<Result()>& task);

  ServiceConfig config_;
  Metrics metrics_;
  std::vector<std::unique_ptr<LiveModel>> models_;
  std::optional<Adapter> adapter_;
  std::unique_ptr<ImageIndex> index_;
  LiveModel* search_model_ = nullptr;  // whose index and adapter these are
  std::atomic<bool> draining_ = false;
  std::mutex heads_mutex_;
  std::map<std::string, std::shared_ptr<const LabelHead>> heads_;  // by model, labels and templates
};

}  // namespace hilum
