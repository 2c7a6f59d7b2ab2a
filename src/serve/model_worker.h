// One vision-language model at work for many requests: pictures are encoded on a thread of their own while the others'
// tokens go through the decoder together, in the order that TurnSchedule plans.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "engine/model.h"
#include "generation/generate.h"
#include "serve/feature_cache.h"
#include "serve/schedule.h"
#include "serve/task_thread.h"

namespace hilum {

struct WorkerConfig {
  ScheduleConfig schedule;
  int64_t context = 0;                       // positions of a sequence, prompt and answer; 0: the model's
  size_t feature_bytes = size_t{256} << 20;  // of encoded pictures kept
  double timeout_s = 300;                    // from the offer to the last token
  BackendConfig backend;
};

struct GenerationWork {
  Tensor pixels;  // host [N, C, H, W]
  std::function<GenerateRequest(const Tensor& features)>
      request;                 // features [N, P, D]; called once, on the worker's thread
  std::function<bool()> gone;  // whether anyone still waits; may be empty
  std::function<void()> done;  // told, on another thread, that wait() will not wait any more; may be empty
};

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

  // A place in the queue, taken before anything is done for a request. Throws RequestError 429 where there is none.
  class Place {
   public:
    explicit Place(ModelWorker& worker,
        double seconds =
            std::numeric_limits<double>::infinity());  // until it is given up, if sooner than the worker's own
    ~Place();
    Place(const Place&) = delete;

   private:
    friend class ModelWorker;
    ModelWorker& worker_;
    uint64_t id_;
  };

  void submit(Place& place, GenerationWork work);
  // The result of what was submitted, as soon as there is one. Throws RequestError 408 when the time is up, 499 when
  // nobody waits any more, and what the model throws.
  GenerationOutcome wait(Place& place);
  GenerationOutcome run(Place& place, GenerationWork work);  // both

  size_t cache_bytes() const { return generator_.cache_bytes(); }
  int64_t context() const { return context_; }
  int waiting() const;
  int running() const;
  bool is_full() const;  // the next request would be refused

 private:
  using Clock = std::chrono::steady_clock;
  struct Request;
  double now() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }
  void encode(const std::shared_ptr<Request>& request);
  void work();
  void turn(std::unique_lock<std::mutex>& lock, const SchedulePlan& plan);
  void fail(uint64_t id, std::exception_ptr error);
  void forget(uint64_t id);
  void finish(Request& request);
  void drop_those_gone();

  const Model& model_;
  WorkerConfig config_;
  WorkerObserver* observer_;
  Clock::time_point started_ = Clock::now();
  int64_t context_;
  std::unique_ptr<Ops> encoder_ops_;  // its own, so that both threads may work at once
  FeatureCache features_;             // of the encoder's thread
  Generator generator_;               // of the worker's thread

  mutable std::mutex mutex_;  // of all below
  std::condition_variable wake_, done_;
  TurnSchedule schedule_;
  std::map<uint64_t, std::shared_ptr<Request>> requests_;
  uint64_t next_id_ = 1;
  bool ended_ = false;
  std::unique_ptr<TaskThread> encoder_;
  std::thread thread_;
};

}  // namespace hilum
