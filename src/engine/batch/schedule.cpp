#include "engine/batch/schedule.h"

#include <algorithm>

#include "base/error.h"

namespace hilum {

TurnSchedule::Request* TurnSchedule::find(uint64_t id) {
  const auto at =
      std::find_if(requests_.begin(), requests_.end(), [&](const Request& request) { return request.id == id; });
  return at == requests_.end() ? nullptr : &*at;
}

int TurnSchedule::waiting() const {
  return static_cast<int>(
      std::count_if(requests_.begin(), requests_.end(), [](const Request& r) { return r.stage < Stage::kPrompt; }));
}

int TurnSchedule::running() const { return static_cast<int>(requests_.size()) - waiting(); }

bool TurnSchedule::offer(uint64_t id, double deadline) {
  invariant(!find(id), "an id that is new");
  // what will find a free slot does not count against the queue
  if (waiting() >= config_.waiting + std::max(0, config_.slots - running())) return false;
  requests_.push_back({id, deadline});
  return true;
}

void TurnSchedule::encoded(uint64_t id) {
  if (Request* request = find(id); request && request->stage == Stage::kEncoding) request->stage = Stage::kReady;
}

void TurnSchedule::prompt_done(uint64_t id) {
  if (Request* request = find(id)) request->stage = Stage::kDecoding;
}

void TurnSchedule::remove(uint64_t id) {
  std::erase_if(requests_, [&](const Request& request) { return request.id == id; });
}

std::optional<double> TurnSchedule::next_deadline() const {
  std::optional<double> first;
  for (const Request& request : requests_)
    if (!first || request.deadline < *first) first = request.deadline;
  return first;
}

SchedulePlan TurnSchedule::next(double now) {
  SchedulePlan plan;
  for (const Request& request : requests_)
    if (request.deadline <= now) plan.expired.push_back(request.id);
  for (const uint64_t id : plan.expired) remove(id);

  for (Request& request : requests_) {
    if (running() >= config_.slots) break;
    if (request.stage != Stage::kReady) continue;  // one whose pictures take long does not hold up those behind it
    request.stage = Stage::kPrompt;
    plan.admitted.push_back(request.id);
  }

  // the next one, in order of arrival, after the one that had the last chunk
  const Request *first = nullptr, *after = nullptr;
  for (const Request& request : requests_) {
    plan.step |= request.stage == Stage::kDecoding;
    if (request.stage != Stage::kPrompt) continue;
    if (!first) first = &request;
    if (!after && request.id > last_prefilled_) after = &request;
  }
  if (config_.fill_first && (first || (waiting() > 0 && running() < config_.slots))) plan.step = false;
  if (const Request* chosen = after ? after : first) {
    plan.prefill = last_prefilled_ = chosen->id;
    plan.rows = plan.step ? config_.prefill_chunk : config_.prefill_chunk_idle;
  }
  return plan;
}

}  // namespace hilum
