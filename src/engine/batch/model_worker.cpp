#include "engine/batch/model_worker.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"

namespace hilum {
namespace {

double ms_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

}  // namespace

uint64_t sequence_bytes(const DecoderConfig& language, int64_t positions) {
  return static_cast<uint64_t>(int64_t{2} * language.depth * language.num_kv_heads * language.head_dim * positions) *
         sizeof(float);
}

struct ModelWorker::Request {
  uint64_t id = 0;
  double seconds = 0;                        // it may take
  bool submitted = false, finished = false;  // `work` is there; `outcome` or `error` is
  bool given_up = false;                     // its place is given back
  Clock::time_point asked_gone;              // when its client was last asked for
  GenerationWork work;
  uint64_t image_key = 0;
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
      generator_(model.ops(), model.network(), config.schedule.slots, context_),
      schedule_(config.schedule),
      encoder_(model, {.backend = config.backend,
                          .feature_bytes = config.feature_bytes,
                          .images_together = config.images_together}),
      thread_([this] { work(); }) {}

ModelWorker::~ModelWorker() {
  {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return requests_.empty(); });
    ended_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

ModelWorker::Place::Place(ModelWorker& worker, double seconds) : worker_(worker) {
  const std::lock_guard lock(worker.mutex_);
  id_ = worker.next_id_++;
  auto request = std::make_shared<Request>();
  request->id = id_;
  request->seconds = std::min(seconds, worker.config_.timeout_s);
  if (!worker.schedule_.offer(id_, worker.now() + request->seconds))
    throw BatchError(BatchError::Kind::kQueueFull, "request",
        "too many requests are waiting (" + std::to_string(worker.schedule_.waiting()) + ")", "Try again in a moment.");
  worker.requests_.emplace(id_, std::move(request));
}

ModelWorker::Place::~Place() {
  std::unique_lock lock(worker_.mutex_);
  const std::shared_ptr<Request> request = worker_.requests_.at(id_);
  if (request->submitted && !request->finished) {
    request->given_up = true;
    worker_.wake_.notify_all();
    worker_.done_.wait(lock, [&] { return request->finished; });
  }
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
  if (work.prompt_tokens > 0) {
    check_context(model_.network(), work.prompt_tokens, work.max_new_tokens);
    if (work.prompt_tokens + work.max_new_tokens > context_)
      throw BatchError(BatchError::Kind::kDoesNotFit, "generation",
          fmt::format("prompt ({}) and answer ({}) do not fit the cache of {} positions", work.prompt_tokens,
              work.max_new_tokens, context_));
  }
  Tensor pixels = std::move(work.pixels);
  std::shared_ptr<Request> request;
  {
    const std::lock_guard lock(mutex_);
    request = requests_.at(place.id_);
    request->work = std::move(work);
    request->submitted = true;
  }
  encoder_.post(
      std::move(pixels), [this, request](EncodedImages images) { encoded(*request, std::move(images)); },
      [this, request] {
        const std::lock_guard lock(mutex_);
        return !request->finished;
      });
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

void ModelWorker::between_turns(std::function<void()> act) {
  std::packaged_task<void()> call(std::move(act));
  std::future<void> done = call.get_future();
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
  }
  wake_.notify_all();
  done.get();
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

void ModelWorker::encoded(Request& request, EncodedImages images) {
  {
    const std::lock_guard lock(mutex_);
    if (images.error) {
      fail(request.id, images.error);
    } else {
      request.image_key = images.key;
      request.features = std::move(images.features);
      request.outcome.pictures_known = images.known;
      request.outcome.image_ms = images.ms;
      schedule_.encoded(request.id);
    }
  }
  wake_.notify_all();
}

void ModelWorker::drop_those_gone() {
  constexpr auto kEvery =
      std::chrono::milliseconds(20);  // each socket is asked, which costs as much as a small step of decoding
  const auto time = Clock::now();
  std::vector<uint64_t> gone;
  for (const auto& [id, request] : requests_) {
    if (!request->submitted || request->finished) continue;
    if (request->given_up) gone.push_back(id);
    if (request->given_up || !request->work.gone || time - request->asked_gone < kEvery) continue;
    request->asked_gone = time;  // first as soon as it came: an answer may be over in less than those milliseconds
    if (request->work.gone()) gone.push_back(id);
  }
  for (const uint64_t id : gone)
    fail(id, std::make_exception_ptr(BatchError(BatchError::Kind::kCancelled, "request", "the client has left")));
}

void ModelWorker::work() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    if (!calls_.empty()) {
      std::packaged_task<void()> call = std::move(calls_.front());
      calls_.pop_front();
      lock.unlock();
      call();
      lock.lock();
      continue;
    }
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
  for (const uint64_t id : plan.expired) expire(id);
  for (const uint64_t id : plan.admitted) admit(lock, id);
  if (plan.prefill) prefill(lock, *plan.prefill, plan.rows);
  if (plan.step) step(lock);
}

void ModelWorker::expire(uint64_t id) {
  const auto at = requests_.find(id);
  if (at == requests_.end()) return;
  fail(id, std::make_exception_ptr(BatchError(BatchError::Kind::kTimedOut, "request",
               fmt::format("the request took longer than {:g} s", at->second->seconds),
               "Ask for fewer tokens, or raise X-Request-Timeout and --request-timeout.")));
}

// Without the lock; what it throws is the request's alone.
void ModelWorker::apart(std::unique_lock<std::mutex>& lock, uint64_t id, const std::function<void(Request&)>& act) {
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
  if (!error) return;
  request->handle = -1;  // the generator has forgotten it
  fail(id, error);
}

void ModelWorker::admit(std::unique_lock<std::mutex>& lock, uint64_t id) {
  apart(lock, id, [&](Request& request) {
    request.admitted_at = Clock::now();
    request.outcome.queue_ms = ms_between(request.offered, request.admitted_at) - request.outcome.image_ms;
    GenerateRequest generation = request.work.request(request.features);
    generation.image_key = request.image_key;
    request.features = Tensor();
    request.handle = generator_.begin(std::move(generation));
  });
}

void ModelWorker::prefill(std::unique_lock<std::mutex>& lock, uint64_t id, int64_t rows) {
  bool complete = false;
  apart(lock, id, [&](Request& request) {
    if (request.handle < 0) return;
    const auto start = Clock::now();
    complete = generator_.prefill_some(request.handle, rows);
    request.decoding_at = Clock::now();
    request.outcome.prefill_ms += ms_between(start, request.decoding_at);
  });
  if (complete) schedule_.prompt_done(id);
}

// One token, or what is forced, of every sequence that decodes.
void ModelWorker::step(std::unique_lock<std::mutex>& lock) {
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
