// Who is served next: the plan of one model's work, decided turn by turn from what is waiting, without a clock or a
// thread of its own.
//
// A request is offered, waits for its pictures to be encoded, gets a slot of the key/value cache in order of arrival,
// has its prompt run in chunks (chunked prefill), and then decodes with all others until it is finished. Chunks of
// different prompts take turns, so that a short prompt is not held up by a long one, and every running sequence makes a
// step between two chunks.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace hilum {

struct ScheduleConfig {
  int slots = 4;                      // sequences with a place in the cache
  int waiting = 64;                   // requests without one; more are refused
  int64_t prefill_chunk = 256;        // rows of a prompt between two steps of the others
  int64_t prefill_chunk_idle = 2048;  // the same while nobody else decodes
  // For runs over many rows, where tokens a second count and nobody waits for the first: no step is made while a slot
  // can still be filled by a request that is on its way, so that the weights are read once for as many as can be.
  bool fill_first = false;
};

struct SchedulePlan {
  std::vector<uint64_t> expired;    // their time is up: tell them and forget them
  std::vector<uint64_t> admitted;   // get a slot now
  std::optional<uint64_t> prefill;  // then a chunk of this one's prompt is run
  int64_t rows = 0;
  bool step = false;  // then all that decode make a step
  bool idle() const { return expired.empty() && admitted.empty() && !prefill && !step; }
};

class TurnSchedule {
 public:
  explicit TurnSchedule(const ScheduleConfig& config) : config_(config) {}

  bool offer(
      uint64_t id, double deadline);  // s on the caller's clock; false: the queue is full, and the request is not taken
  void encoded(uint64_t id);          // its pictures are ready
  void prompt_done(uint64_t id);      // it decodes from now on
  void remove(uint64_t id);           // finished, failed or its client has left; wherever it stands

  SchedulePlan next(double now);
  int waiting() const;
  int running() const;  // have a slot
  // When something runs out while nothing else happens; no value: never.
  std::optional<double> next_deadline() const;

 private:
  enum class Stage { kEncoding, kReady, kPrompt, kDecoding };
  struct Request {
    uint64_t id;
    double deadline;
    Stage stage = Stage::kEncoding;
  };
  Request* find(uint64_t id);

  ScheduleConfig config_;
  std::vector<Request> requests_;  // in order of arrival
  uint64_t last_prefilled_ = 0;    // whose chunk was run last
};

}  // namespace hilum
