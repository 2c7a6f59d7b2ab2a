#include "serve/model_worker.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "serve/wire/reply.h"

namespace hilum {
namespace {

double ms_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

}  // namespace

struct ModelWorker::Request {
  uint64_t id = 0;
  double seconds = 0;                        // it may take
  bool submitted = false, finished = false;  // `work` is there; `outcome` or `error` is
  Clock::time_point asked_gone;              // when its client was last asked for
  GenerationWork work;
  PixelKey key;
  Tensor features;
  int64_t handle = -1;  // of the generator
  GenerationOutcome outcome;
  std::exception_ptr error;
  Clock::time_point offered = Clock::now(), admitted_at, decoding_at;
};

ModelWorker::ModelWorker(const Model& model, const WorkerConfig& config, WorkerObserver* observer)
    : model_(model),
      config_(config),
      observer_(observer),
      context_(config.context > 0 ? std::min(config.context, model.network().config().language.context)
                                  : model.network().config().language.context),
      encoder_ops_(make_backend(config.backend)),
      features_(config.feature_bytes),
      generator_(model.ops(), model.network(), config.schedule.slots, context_),
      schedule_(config.schedule),
      encoder_(std::make_unique<TaskThread>()),
      thread_([this] { work(); }) {}

ModelWorker::~ModelWorker() {
  {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return requests_.empty(); });
    ended_ = true;
  }
  wake_.notify_all();
  thread_.join();
  encoder_.reset();
}

ModelWorker::Place::Place(ModelWorker& worker, double seconds) : worker_(worker) {
  const std::lock_guard lock(worker.mutex_);
  id_ = worker.next_id_++;
  auto request = std::make_shared<Request>();
  request->id = id_;
  request->seconds = std::min(seconds, worker.config_.timeout_s);
  if (!worker.schedule_.offer(id_, worker.now() + request->seconds))
    throw RequestError(429, "", "too many requests are waiting (" + std::to_string(worker.schedule_.waiting()) + ")",
        "Try again in a moment.", "queue_full");
  worker.requests_.emplace(id_, std::move(request));
}

ModelWorker::Place::~Place() {
  const std::lock_guard lock(worker_.mutex_);
  worker_.forget(id_);
}

void ModelWorker::forget(uint64_t id) {
  schedule_.remove(id);
  requests_.erase(id);
  done_.notify_all();
  wake_.notify_all();
}

int ModelWorker::waiting() const {
  const std::lock_guard lock(mutex_);
  return schedule_.waiting();
}

int ModelWorker::running() const {
  const std::lock_guard lock(mutex_);
  return schedule_.running();
}

bool ModelWorker::is_full() const {
  const std::lock_guard lock(mutex_);
  return schedule_.waiting() >= config_.schedule.waiting + std::max(0, config_.schedule.slots - schedule_.running());
}

void ModelWorker::submit(Place& place, GenerationWork work) {
  std::shared_ptr<Request> request;
  {
    const std::lock_guard lock(mutex_);
    request = requests_.at(place.id_);
    request->work = std::move(work);
    request->submitted = true;
  }
  encoder_->post([this, request] { encode(request); });
}

GenerationOutcome ModelWorker::wait(Place& place) {
  std::unique_lock lock(mutex_);
  const std::shared_ptr<Request> request = requests_.at(place.id_);
  done_.wait(lock, [&] { return request->finished; });
  if (request->error) std::rethrow_exception(request->error);
  return std::move(request->outcome);
}

GenerationOutcome ModelWorker::run(Place& place, GenerationWork work) {
  submit(place, std::move(work));
  return wait(place);
}

void ModelWorker::finish(Request& request) {
  request.finished = true;
  schedule_.remove(request.id);
  if (request.work.done) request.work.done();
  done_.notify_all();
}

void ModelWorker::fail(uint64_t id, std::exception_ptr error) {
  const auto at = requests_.find(id);
  if (at == requests_.end() || at->second->finished) return;
  Request& request = *at->second;
  if (request.handle >= 0) static_cast<void>(generator_.take(request.handle));
  request.handle = -1;
  request.error = std::move(error);
  finish(request);
}

// On the encoder's thread.
void ModelWorker::encode(const std::shared_ptr<Request>& request) {
  {
    const std::lock_guard lock(mutex_);
    if (request->finished) return;
  }
  try {
    const auto start = Clock::now();
    request->key = pixel_key(request->work.pixels);
    Tensor features = features_.find(request->key.sha256);
    request->outcome.pictures_known = features.defined();
    if (!features.defined()) {
      features = model_.network().encode_images(*encoder_ops_, request->work.pixels);  // [N, P, D]
      features_.put(request->key.sha256, features);
    }
    request->features = features;
    request->outcome.image_ms = ms_between(start, Clock::now());
    const std::lock_guard lock(mutex_);
    schedule_.encoded(request->id);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    fail(request->id, std::current_exception());
  }
  wake_.notify_all();
}

void ModelWorker::drop_those_gone() {
  constexpr auto kEvery =
      std::chrono::milliseconds(20);  // each socket is asked, which costs as much as a small step of decoding
  const auto time = Clock::now();
  std::vector<uint64_t> gone;
  for (const auto& [id, request] : requests_) {
    if (!request->submitted || request->finished || !request->work.gone || time - request->asked_gone < kEvery)
      continue;
    request->asked_gone = time;  // first as soon as it came: an answer may be over in less than those milliseconds
    if (request->work.gone()) gone.push_back(id);
  }
  for (const uint64_t id : gone) fail(id, std::make_exception_ptr(RequestError(499, "", "the client has left")));
}

void ModelWorker::work() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    drop_those_gone();
    const SchedulePlan plan = schedule_.next(now());
    if (observer_) observer_->queue(schedule_.waiting(), schedule_.running());
    if (plan.idle()) {
      wake_.wait_for(
          lock, std::chrono::milliseconds(
                    requests_.empty() ? 1000 : 50));  // whether clients are still there is asked now and then
      continue;
    }
    turn(lock, plan);
  }
}

void ModelWorker::turn(std::unique_lock<std::mutex>& lock, const SchedulePlan& plan) {
  for (const uint64_t id : plan.expired)
    if (const auto at = requests_.find(id); at != requests_.end())
      fail(id, std::make_exception_ptr(
                   RequestError(408, "", fmt::format("the request took longer than {:g} s", at->second->seconds),
                       "Ask for fewer tokens, or raise X-Request-Timeout and --request-timeout.")));
  const auto guarded = [&](uint64_t id,
                           const std::function<void(Request&)>& act) {  // the network runs without the lock
    const auto at = requests_.find(id);
    if (at == requests_.end()) return;
    const std::shared_ptr<Request> request = at->second;
    lock.unlock();
    std::exception_ptr error;
    try {
      act(*request);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (error) {
      request->handle = -1;  // the generator has forgotten it
      fail(id, error);
    }
  };
  for (const uint64_t id : plan.admitted)
    guarded(id, [&](Request& request) {
      request.admitted_at = Clock::now();
      request.outcome.queue_ms = ms_between(request.offered, request.admitted_at) - request.outcome.image_ms;
      GenerateRequest generation = request.work.request(request.features);
      generation.image_key = request.key.number;
      request.features = Tensor();
      request.work.pixels = Tensor();
      request.handle = generator_.begin(std::move(generation));
    });
  if (plan.prefill) {
    bool complete = false;
    guarded(*plan.prefill, [&](Request& request) {
      if (request.handle < 0) return;
      const auto start = Clock::now();
      complete = generator_.prefill_some(request.handle, plan.rows);
      request.decoding_at = Clock::now();
      request.outcome.prefill_ms += ms_between(start, request.decoding_at);
    });
    if (complete) schedule_.prompt_done(*plan.prefill);
  }
  if (!plan.step) return;
  lock.unlock();
  std::vector<int64_t> ended;
  std::exception_ptr error;
  try {
    ended = generator_.step();
  } catch (...) {
    error = std::current_exception();
  }
  const auto stepped = Clock::now();
  lock.lock();
  std::vector<uint64_t> failed;
  for (const auto& [id, request] : requests_) {
    if (request->handle < 0 || request->finished) continue;
    if (error) {
      failed.push_back(id);
      continue;
    }
    if (request->outcome.first_token_ms == 0 && request->decoding_at != Clock::time_point{})
      request->outcome.first_token_ms = ms_between(request->offered, stepped);
    if (std::find(ended.begin(), ended.end(), request->handle) == ended.end()) continue;
    request->outcome.generation = generator_.take(request->handle);
    request->handle = -1;
    request->outcome.generate_ms = ms_between(request->decoding_at, stepped);
    if (observer_) observer_->finished(request->outcome);
    finish(*request);
  }
  for (const uint64_t id : failed) fail(id, error);
}

}  // namespace hilum
