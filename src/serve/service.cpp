#include "serve/service.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "base/log.h"
#include "base/process.h"
#include "base/stopwatch.h"
#include "base/unix_time.h"
#include "kernels/select.h"
#include "models/files/lora.h"
#include "serve/wire/reply.h"

namespace hilum {
namespace {

constexpr size_t kMaxHeads = 64;

}  // namespace

bool LiveModel::demo() const { return reports ? reports->preset().demo : embedder->info().demo; }

Service::Service(const ServiceConfig& config) : config_(config) {
  check(!config.models.empty(), "--model", "no model is named");
  for (size_t i = 0; i < config.models.size(); ++i) {
    models_.push_back(load(config.models[i], i == 0));
    for (size_t j = 0; j < i; ++j)
      check(models_[j]->name != models_[i]->name, "--model", "two models are called " + models_[i]->name,
          "Give one another name: --model NAME=PATH.");
  }
  if (config.index.empty() && config.adapter.empty()) return;
  search_model_ = &model("", Need::kEmbeddings);
  if (!config.adapter.empty()) {
    adapter_ = load_adapter(config.adapter);
    check_adapter(*adapter_, *search_model_->embedder, config.adapter.string());
  }
  if (config.index.empty()) return;
  index_ = std::make_unique<ImageIndex>(config.index, select_kernel_table());
  const IndexModel made = index_->model();
  const std::string sha256 = search_model_->embedder->weights_sha256();
  check(made.weights_sha256 == sha256 && made.name == search_model_->embedder->info().name, config.index.c_str(),
      fmt::format("was made with {} (weights {}), the model is {} (weights {})", made.name,
          made.weights_sha256.substr(0, 12), search_model_->embedder->info().name, sha256.substr(0, 12)),
      "Serve that model, or build the index again.");
}

Service::~Service() = default;

std::unique_ptr<LiveModel> Service::load(const ModelSource& source, bool first) {
  auto served = std::make_unique<LiveModel>();
  const Preset preset = preset_of_files(source.path);
  served->name = source.name.empty() ? preset.name : source.name;
  const BackendConfig& backend = config_.worker.backend;
  if (!preset.embedding) {
    served->reports = Model::load(source.path, backend, first ? config_.lora : std::filesystem::path());
    WorkerConfig worker = config_.worker;
    const int64_t context = served->reports->network().config().language.context;
    worker.context = worker.context > 0 ? std::min(worker.context, context) : context;
    const uint64_t budget = config_.cache_bytes > 0 ? config_.cache_bytes : physical_memory() / 4,
                   each = sequence_bytes(served->reports->network().config().language, worker.context);
    check(budget >= each, "--cache-mib",
        fmt::format("{} MiB do not hold one sequence of {} positions, which takes {} MiB", budget >> 20, worker.context,
            each >> 20),
        "Allow more memory, or fewer positions with --context.");
    worker.schedule.slots =
        static_cast<int>(std::min<uint64_t>(static_cast<uint64_t>(worker.schedule.slots), budget / each));
    served->slots = worker.schedule.slots;
    served->observer = metrics_.observer(served->name);
    served->worker = std::make_unique<ModelWorker>(*served->reports, worker, served->observer.get());
    log_info(fmt::format("{}: {} at once, {} positions each, {} MiB of keys and values", served->name, served->slots,
        worker.context, (each * static_cast<uint64_t>(served->slots)) >> 20));
  }
  // Embeddings come from the reports' own encoder, its packed weights and its adapter: the model is opened once. A
  // system with a published embedding form of its own (CXR-LLaVA's encoder) shares the weights and the adapter; that
  // form needs what the reports' pass leaves out (the class token), so its encoder packs them a second time when it is
  // first asked.
  if (served->reports && !preset_of_files(source.path, PresetUse::kEmbedding).embedding) {
    served->embedder = std::make_unique<EncoderEmbedder>(
        *served->reports, [raw = served->worker.get()](const Tensor& pixels) { return raw->encoder().encode(pixels); });
  } else {
    if (first && !served->reports) check_takes_no_adapter(source.path, config_.lora);
    served->embedder = served->reports ? std::make_unique<DualEmbedder>(*served->reports, backend)
                                       : load_embedder(source.path, backend);
  }
  served->embedding = std::make_unique<TaskThread>(static_cast<size_t>(config_.worker.schedule.waiting));
  served->weights_sha256 = std::async(std::launch::async, [raw = served.get()] {
    return raw->reports ? raw->reports->weights_sha256() : raw->embedder->weights_sha256();
  }).share();
  if (served->reports)
    served->token_texts = std::async(std::launch::deferred, [raw = served.get()] {
      return std::shared_ptr<const TokenTexts>(
          std::make_shared<TokenTexts>(raw->reports->tokenizer(), raw->reports->preset().grammar));
    }).share();
  served->created = unix_seconds();
  return served;
}

LiveModel& Service::model(const std::string& name, Need need) {
  const auto can = [&](const LiveModel& model) {
    return need == Need::kReports ? model.writes() : need == Need::kTexts ? model.embedder->info().has_text : true;
  };
  std::string known;
  for (const auto& model : models_) {
    known += (known.empty() ? "" : ", ") + model->name;
    if (name.empty() ? can(*model) : model->name == name) {
      if (can(*model)) return *model;
      throw RequestError(400, "model",
          model->name + (need == Need::kReports ? " writes no reports: it embeds images"
                                                : " has no text tower: it embeds images alone"),
          "GET /v1/models says what each can do.");
    }
  }
  if (name.empty())
    throw RequestError(404, "model",
        need == Need::kReports ? "no model here writes reports" : "no model here embeds texts",
        "Models: " + known + ".");
  throw RequestError(404, "model", "there is no model of that name", "Models: " + known + ".", "model_not_found");
}

bool Service::is_ready() const {
  if (draining_) return false;
  return std::none_of(
      models_.begin(), models_.end(), [](const auto& model) { return model->worker && model->worker->is_full(); });
}

template <typename Result>
Result Service::on_embedder(LiveModel& model, const std::function<Result()>& task) {
  Result result;
  if (!model.embedding->run(task, result))
    throw BatchError(
        BatchError::Kind::kQueueFull, "request", "too many requests are waiting", "Try again in a moment.");
  return result;
}

std::vector<std::vector<float>> Service::embed(LiveModel& model, std::span<const Tensor> pixels) {
  using Embeddings = std::vector<std::vector<float>>;
  return on_embedder<Embeddings>(model, [&] {
    const Stopwatch watch;
    Embeddings embeddings = embed_together(*model.embedder, pixels);
    metrics_.embedded(model.name, static_cast<int64_t>(pixels.size()), 0, watch.seconds());
    return embeddings;
  });
}

std::vector<float> Service::embed(LiveModel& model, const DecodedImage& picture, const std::string& where) {
  const Tensor pixels = embedder_pixels(*model.embedder, picture, where);
  std::vector<float> embedding = std::move(embed(model, {&pixels, 1}).front());
  check_embedding(embedding, where);
  return embedding;
}

std::vector<float> Service::embed(LiveModel& model, const std::string& text) {
  return on_embedder<std::vector<float>>(model, [&] {
    const Stopwatch watch;
    std::vector<float> embedding = model.embedder->embed_text(text);
    metrics_.embedded(model.name, 0, 1, watch.seconds());
    return embedding;
  });
}

LabelScoresRow Service::label_scores(LiveModel& model, const std::vector<std::string>& labels,
    const std::string& label_template, const std::string& negative, std::span<const float> embedding) {
  std::string key = model.name + '\0' + label_template + '\0' + negative;
  for (const std::string& label : labels) key += '\0' + label;
  std::shared_ptr<const LabelHead> head;
  {
    const std::lock_guard lock(heads_mutex_);
    if (const auto found = heads_.find(key); found != heads_.end()) head = found->second;
  }
  if (!head) {
    using List = std::vector<std::string>;
    head = on_embedder<std::shared_ptr<const LabelHead>>(model, [&] {
      return std::make_shared<const LabelHead>(build_label_head(*model.embedder, labels,
          label_template.empty() ? List{} : List{label_template}, negative.empty() ? List{} : List{negative}));
    });
    const std::lock_guard lock(heads_mutex_);
    if (heads_.size() >= kMaxHeads) heads_.clear();
    heads_[key] = head;
  }
  return head->scores(embedding);
}

}  // namespace hilum
