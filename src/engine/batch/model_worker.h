// One vision-language model at work for many requests: pictures are encoded on a thread of their own while the others'
// tokens go through the decoder together, in the order that TurnSchedule plans. What a request gets does not depend on
// the others: it is bit for bit what it gets alone.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "engine/batch/batch_error.h"
#include "engine/batch/image_encoder.h"
#include "engine/batch/schedule.h"
#include "engine/model.h"
#include "generation/generate.h"

namespace hilum {

struct WorkerConfig {
  ScheduleConfig schedule;
  int64_t context = 0;                       // positions of a sequence, prompt and answer; 0: the model's
  size_t feature_bytes = size_t{256} << 20;  // of encoded pictures kept; 0: none
  int64_t images_together = 0;               // encoded in one pass at most; 0: by their size
  double timeout_s = 300;                    // from the offer to the last token
  BackendConfig backend;
};

// Bytes of keys and values that `positions` of one sequence need.
uint64_t sequence_bytes(const DecoderConfig& language, int64_t positions);

struct GenerationWork {
  Tensor pixels;  // host [N, C, H, W]
  // features [N, P, D]; called once, on the worker's thread
  std::function<GenerateRequest(const Tensor& features)> request;
  int64_t prompt_tokens = 0;  // these two: what cannot fit is refused before its pictures are encoded; 0: not known
  int max_new_tokens = 0;
  std::function<bool()> gone;  // whether anyone still waits; may be empty
  std::function<void()> done;  // told, on another thread, that wait() will not wait any more; may be empty
};

// The work of a job (engine/answer), which must outlive it.
template <typename Job>
GenerationWork work_of(Job& job, std::function<bool()> gone = {}, std::function<void()> done = {}) {
  return {.pixels = job.pixels(),
      .request = [&job](const Tensor& features) { return job.generation(features); },
      .prompt_tokens = job.prompt_tokens(),
      .max_new_tokens = job.max_new_tokens(),
      .gone = std::move(gone),
      .done = std::move(done)};
}

struct GenerationOutcome {
  Generation generation;
  bool pictures_known = false;  // they had been encoded before
  double queue_ms = 0, image_ms = 0, prefill_ms = 0, generate_ms = 0, first_token_ms = 0;  // the last from the offer on
};

// What a model did, for metrics. Called on the worker's threads.
struct WorkerObserver {
  virtual ~WorkerObserver() = default;
  virtual void queue(int /*waiting*/, int /*running*/) {}
  virtual void finished(const GenerationOutcome&) {}
};

class ModelWorker {
 public:
  // `model` must outlive this. Reserves the key/value cache for all slots.
  ModelWorker(const Model& model, const WorkerConfig& config, WorkerObserver* observer = nullptr);
  ~ModelWorker();  // waits for what is accepted

  // A place in the queue, taken before anything is done for a request. `seconds` until it is given up, if sooner than
  // the worker's own. Throws BatchError kQueueFull where there is none.
  class Place {
   public:
    explicit Place(ModelWorker& worker, double seconds = std::numeric_limits<double>::infinity());
    ~Place();  // what was submitted and has no result yet is cancelled
    Place(const Place&) = delete;

   private:
    friend class ModelWorker;
    ModelWorker& worker_;
    uint64_t id_;
  };

  // Throws Error where prompt and answer do not fit the model's context, BatchError kDoesNotFit where they do not fit
  // the positions that a sequence has here.
  void submit(Place& place, GenerationWork work);
  // The result of what was submitted, as soon as there is one. Throws BatchError kTimedOut when the time is up,
  // kCancelled when nobody waits any more, and what the model throws.
  GenerationOutcome wait(Place& place);
  GenerationOutcome run(Place& place, GenerationWork work);  // both

  // act() on the worker's thread between two turns, when nothing else uses the model's backend; waits for it. Throws
  // what it throws.
  void between_turns(std::function<void()> act);

  size_t cache_bytes() const { return generator_.cache_bytes(); }
  int64_t context() const { return context_; }
  int waiting() const;
  int running() const;
  bool is_full() const;                         // the next request would be refused
  ImageEncoder& encoder() { return encoder_; }  // for embeddings of the same model

 private:
  using Clock = std::chrono::steady_clock;
  struct Request;
  double now() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }
  void encoded(Request& request, EncodedImages images);  // on the encoder's thread
  void work();
  void turn(std::unique_lock<std::mutex>& lock, const SchedulePlan& plan);
  // The parts of a turn. The network runs without the lock.
  void expire(uint64_t id);
  void admit(std::unique_lock<std::mutex>& lock, uint64_t id);
  void prefill(std::unique_lock<std::mutex>& lock, uint64_t id, int64_t rows);
  void step(std::unique_lock<std::mutex>& lock);
  void apart(std::unique_lock<std::mutex>& lock, uint64_t id, const std::function<void(Request&)>& act);
  void fail(uint64_t id, std::exception_ptr error);
  void forget(uint64_t id);
  void finish(Request& request);
  void drop_those_gone();

  const Model& model_;
  WorkerConfig config_;
  WorkerObserver* observer_;
  Clock::time_point started_ = Clock::now();
  int64_t context_;
  Generator generator_;  // of the worker's thread

  mutable std::mutex mutex_;  // of all below
  std::condition_variable wake_, done_;
  TurnSchedule schedule_;
  std::map<uint64_t, std::shared_ptr<Request>> requests_;
  std::deque<std::packaged_task<void()>> calls_;  // of between_turns()
  uint64_t next_id_ = 1;
  bool ended_ = false;
  ImageEncoder encoder_;  // these two last: their threads use all the others
  std::thread thread_;
};

}  // namespace hilum
