#include "generation/generate.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"

namespace hilum {

struct Generator::Sequence {
  int64_t handle;
  int32_t slot;
  GenerateRequest request;
  Generation result;
  Rng rng;
  std::vector<float> logits;     // [V] of the last row run: what comes next
  std::vector<int32_t> pending;  // tokens accepted but not yet run through the model
  int64_t prefilled = 0;         // of the prompt
  bool done = false;
};

void check_context(const Vlm& model, int64_t prompt_tokens, int max_new_tokens) {
  const int64_t context = model.config().language.context;
  check(prompt_tokens > 0, "generation", "the prompt is empty");
  check(
      max_new_tokens > 0, "generation", "max_new_tokens is " + std::to_string(max_new_tokens) + ", wanted at least 1");
  if (prompt_tokens + max_new_tokens <= context) return;
  const std::string sizes = "the prompt has " + std::to_string(prompt_tokens) +
                            " tokens (images included) and the answer may have " + std::to_string(max_new_tokens) +
                            ", the model's context holds " + std::to_string(context);
  throw Error("generation", sizes,
      prompt_tokens < context
          ? "Allow at most " + std::to_string(context - prompt_tokens) + " new tokens, or shorten the prompt."
          : "Shorten the prompt or leave out an image.");
}

Generator::Generator(Ops& ops, const Vlm& model, int64_t slots, int64_t capacity)
    : ops_(ops),
      model_(model),
      capacity_(capacity),
      cache_(model.decoder().make_cache(ops, slots, capacity)),
      taken_(static_cast<size_t>(slots), false),
      cached_(static_cast<size_t>(slots)),
      freed_(static_cast<size_t>(slots), 0) {}

Generator::~Generator() = default;

bool Generator::has_free_slot() const { return std::find(taken_.begin(), taken_.end(), false) != taken_.end(); }

int64_t Generator::add(GenerateRequest request) {
  const int64_t handle = begin(std::move(request));
  while (!prefill_some(handle, capacity_)) {
  }
  return handle;
}

int64_t Generator::begin(GenerateRequest request) {
  const auto prompt_tokens = static_cast<int64_t>(request.prompt.size());
  check_context(model_, prompt_tokens, request.max_new_tokens);
  check_sampling(request.sampling);
  check(prompt_tokens + request.max_new_tokens <= capacity_, "generation",
      "prompt (" + std::to_string(prompt_tokens) + ") and answer (" + std::to_string(request.max_new_tokens) +
          ") do not fit the cache of " + std::to_string(capacity_) + " positions");
  const auto [slot, reused] = take_slot(request);
  auto sequence = std::make_unique<Sequence>(Sequence{
      .handle = next_handle_++, .slot = slot, .request = std::move(request), .rng = Rng(0), .prefilled = reused});
  Sequence& s = *sequence;
  s.result.reused_tokens = reused;
  s.rng = Rng(s.request.sampling.seed);
  s.result.prompt_tokens = prompt_tokens;
  s.result.image_tokens = std::count(s.request.prompt.begin(), s.request.prompt.end(), model_.config().image_token);
  cached_[static_cast<size_t>(slot)] = {};
  taken_[static_cast<size_t>(slot)] = true;
  const int64_t handle = s.handle;
  running_.emplace(handle, std::move(sequence));
  return handle;
}

bool Generator::prefill_some(int64_t handle, int64_t rows) {
  const auto at = running_.find(handle);
  invariant(at != running_.end(), "the handle of a running sequence");
  Sequence& s = *at->second;
  const auto length = static_cast<int64_t>(s.request.prompt.size());
  if (s.prefilled == length) return true;
  const DecoderConfig& language = model_.config().language;
  const bool by_length = !language.long_factors.empty() && length > language.short_context;
  int64_t end = by_length ? length : std::min(length, s.prefilled + std::max<int64_t>(1, rows));
  const int32_t image = model_.config().image_token;
  int64_t images = std::count(s.request.prompt.begin(), s.request.prompt.begin() + end, image);
  for (; end < length && images % model_.image_tokens() != 0; ++end)
    images += s.request.prompt[static_cast<size_t>(end)] == image;
  try {
    const Tensor logits = prefill(s, s.request.prompt, s.prefilled, end);
    s.prefilled = end;
    if (end < length) return false;
    keep_logits(s, logits, 0);
  } catch (...) {  // its slot is free again, and holds nothing
    taken_[static_cast<size_t>(s.slot)] = false;
    running_.erase(at);
    throw;
  }
  s.request.pixel_values = Tensor();  // its memory is free again
  const bool may_turn_long = !language.long_factors.empty() && length <= language.short_context &&
                             length + s.request.max_new_tokens > language.short_context;
  if (!may_turn_long) s.request.image_features = Tensor();  // else needed twice
  return true;
}

Generator::CachedPrefix Generator::cached_by(const Sequence& s) const {
  CachedPrefix cached{s.request.prompt, s.request.image_key};
  cached.ids.insert(cached.ids.end(), s.result.ids.begin(), s.result.ids.end());
  cached.ids.resize(
      std::min(cached.ids.size(), static_cast<size_t>(cache_->length(s.slot))));  // the last ones may not have been run
  return cached;
}

// The slot that holds most of the prompt is gone on from where nothing else is lost by it; else what it holds is copied
// to the slot that has been free the longest.
std::pair<int32_t, int64_t> Generator::take_slot(const GenerateRequest& request) {
  size_t best = taken_.size(), oldest = taken_.size();
  int64_t most = -1, best_holds = 0;
  const auto look_at = [&](size_t slot, const CachedPrefix& cached) {
    const int64_t here = common_prefix(cached, request);
    if (here < most || (here == most && taken_[slot])) return;  // no copy where none is needed
    if (here == most && !taken_[best] && freed_[best] <= freed_[slot]) return;
    best = slot;
    most = here;
    best_holds = static_cast<int64_t>(cached.ids.size());
  };
  for (const auto& [handle, sequence] : running_) look_at(static_cast<size_t>(sequence->slot), cached_by(*sequence));
  for (size_t slot = 0; slot < taken_.size(); ++slot) {
    if (taken_[slot]) continue;
    look_at(slot, cached_[slot]);
    if (oldest == taken_.size() || freed_[slot] < freed_[oldest]) oldest = slot;
  }
  invariant(oldest != taken_.size(), "a free slot");
  const bool goes_on = !taken_[best] && most + 1 >= best_holds;
  const size_t slot = goes_on ? best : oldest;
  if (slot != best && most > 0) cache_->copy(static_cast<int32_t>(best), static_cast<int32_t>(slot), most);
  cache_->truncate(
      static_cast<int32_t>(slot), most);  // at once: what the last sequence left must not pass for this one's
  return {static_cast<int32_t>(slot), most};
}

// At least the last id is run: its logits are wanted. Pictures are shared whole or not at all, so that a batch holds
// whole pictures.
int64_t Generator::common_prefix(const CachedPrefix& cached, const GenerateRequest& request) const {
  const int32_t image = model_.config().image_token;
  const auto most = static_cast<int64_t>(std::min(cached.ids.size(), request.prompt.size() - 1));
  int64_t common = 0;
  while (common < most && cached.ids[static_cast<size_t>(common)] == request.prompt[static_cast<size_t>(common)])
    ++common;
  const auto first_image = std::find(request.prompt.begin(), request.prompt.end(), image) - request.prompt.begin();
  const auto end = request.prompt.begin() + common;
  const bool parts_pictures = common < static_cast<int64_t>(request.prompt.size()) &&
                              std::find(end, request.prompt.end(), image) != request.prompt.end();
  if (common > first_image && (parts_pictures || cached.image_key == 0 || cached.image_key != request.image_key))
    common = first_image;
  const DecoderConfig& language = model_.config().language;  // beyond this length positions turn otherwise
  const bool turns = !language.long_factors.empty() &&
                     static_cast<int64_t>(cached.ids.size()) <= language.short_context &&
                     static_cast<int64_t>(request.prompt.size()) > language.short_context;
  const bool was_long = !language.long_factors.empty() &&
                        static_cast<int64_t>(cached.ids.size()) > language.short_context &&
                        static_cast<int64_t>(request.prompt.size()) <= language.short_context;
  return turns || was_long ? 0 : common;
}

Tensor Generator::prefill(Sequence& s, const std::vector<int32_t>& ids, int64_t first, int64_t end) {
  cache_->truncate(s.slot, first);
  const int32_t image = model_.config().image_token;
  const auto begin = ids.begin() + first, stop = ids.begin() + end;
  const int64_t per_image = model_.image_tokens();
  const int64_t before = std::count(ids.begin(), begin, image) / per_image,
                here = std::count(begin, stop, image) / per_image;
  Tensor features;
  if (first == 0 || here > 0) {
    if (s.request.pixel_values.defined() && !s.request.image_features.defined())
      s.request.image_features = model_.encode_images(ops_, s.request.pixel_values);
    features = s.request.image_features;
    const bool last = end == static_cast<int64_t>(ids.size());
    if (features.defined() && !last) features = here > 0 ? ops_.slice(features, 0, before, here) : Tensor();
    else if (features.defined() && before > 0) features = ops_.slice(features, 0, before, features.dim(0) - before);
  }
  VlmBatch batch{.image_features = features,
      .ids = {begin, stop},
      .rows = RaggedBatch::single(end - first, static_cast<int32_t>(first), s.slot),
      .logit_rows = {static_cast<int32_t>(end - first - 1)},
      .prompt_rows = std::max<int64_t>(0, static_cast<int64_t>(s.request.prompt.size()) - first)};
  return ops_.to_host(model_.logits(ops_, batch, cache_.get()));
}

bool Generator::turns_long(const Sequence& s) const {
  const DecoderConfig& language = model_.config().language;
  const int64_t held = cache_->length(s.slot);
  return !language.long_factors.empty() && held <= language.short_context &&
         held + static_cast<int64_t>(s.pending.size()) > language.short_context;
}

void Generator::keep_logits(Sequence& s, const Tensor& host, int64_t row) {
  const float* from = host.f32() + row * host.dim(1);
  s.logits.assign(from, from + host.dim(1));
  for (const float x : s.logits)
    if (!std::isfinite(x)) [[unlikely]]
      throw Error("generation",
          "the model gave a value that is not finite after " + std::to_string(s.result.ids.size()) + " tokens",
          "Check the weights with `hilum verify`.");
}

void Generator::finish(Sequence& s, Finish how) {
  s.result.finish = how;
  s.done = true;
}

void Generator::accept(Sequence& s, int32_t token, double log_prob, bool forced) {
  s.result.ids.push_back(token);
  s.result.log_probs.push_back(static_cast<float>(log_prob));
  s.result.forced.push_back(forced);
  if (s.request.top_log_probs > 0) s.result.top.push_back(top_log_probs(s.logits, s.request.top_log_probs));
  if (s.request.on_token && s.request.on_token(s.result.ids)) finish(s, Finish::kStop);
}

void Generator::choose(Sequence& s) {
  const int64_t room = s.request.max_new_tokens - static_cast<int64_t>(s.result.ids.size());
  NextTokens next;
  if (s.request.constraint) next = s.request.constraint(s.result.ids);
  if (next.end) return finish(s, Finish::kStop);
  if (room <= 0) return finish(s, Finish::kLength);
  if (!next.forced.empty()) {
    if (static_cast<int64_t>(next.forced.size()) > room) return finish(s, Finish::kLength);
    s.pending = std::move(next.forced);  // the rows of step() give their log-probabilities, but for the first
    accept(s, s.pending[0], log_probability(s.logits, s.pending[0]), true);
    return;
  }
  int32_t token = choose_token(s.logits, s.request.sampling, next.allowed, s.rng);
  const auto& stops = s.request.stop_ids;
  if (std::find(stops.begin(), stops.end(), token) != stops.end()) {
    if (next.instead_of_stop < 0) return finish(s, Finish::kStop);
    token = next.instead_of_stop;
  }
  s.pending = {token};
  accept(s, token, log_probability(s.logits, token), false);
}

std::vector<int64_t> Generator::step() {
  VlmBatch batch{.prompt_rows = 0};  // nothing but what was written
  std::vector<Sequence*> active;
  for (auto& [handle, sequence] : running_) {
    Sequence& s = *sequence;
    if (s.prefilled < static_cast<int64_t>(s.request.prompt.size())) continue;
    choose(s);
    if (!s.done && s.request.max_new_tokens == static_cast<int64_t>(s.result.ids.size()) && !s.request.constraint)
      finish(s, Finish::kLength);  // nothing would be read from another pass
    if (s.done) continue;
    if (turns_long(
            s)) {  // what is cached was turned by the short factors: it is made anew, then the pending rows run as ever
      std::vector<int32_t> all = s.request.prompt;
      all.insert(
          all.end(), s.result.ids.begin(), s.result.ids.end() - 1);  // the last one written is the first one pending
      const auto held = static_cast<int64_t>(all.size());
      all.insert(all.end(), s.pending.begin(), s.pending.end());
      prefill(s, all, 0, static_cast<int64_t>(all.size()));
      cache_->truncate(s.slot, held);
      s.request.image_features = Tensor();
    }
    active.push_back(&s);
    auto position = static_cast<int32_t>(cache_->length(s.slot));
    for (const int32_t id : s.pending) {
      batch.logit_rows.push_back(static_cast<int32_t>(batch.ids.size()));
      batch.ids.push_back(id);
      batch.rows.slot.push_back(s.slot);
      batch.rows.position.push_back(position++);
    }
  }
  if (!active.empty()) {
    const Tensor logits = ops_.to_host(model_.logits(ops_, batch, cache_.get()));  // [rows, V]
    int64_t row = 0;
    for (Sequence* s : active)
      for (size_t i = 0; i < s->pending.size(); ++i, ++row) {
        if (i > 0 && !s->done) accept(*s, s->pending[i], log_probability(s->logits, s->pending[i]), true);
        keep_logits(*s, logits, row);
      }
  }
  std::vector<int64_t> ended;
  for (auto& [handle, sequence] : running_)
    if (sequence->done) ended.push_back(handle);
  for (const int64_t handle : ended) {
    Generation result = take(handle);
    finished_.emplace(handle, std::move(result));
  }
  return ended;
}

Generation Generator::take(int64_t handle) {
  if (const auto at = finished_.find(handle); at != finished_.end()) {
    Generation result = std::move(at->second);
    finished_.erase(at);
    return result;
  }
  const auto at = running_.find(handle);
  invariant(at != running_.end(), "the handle of a sequence not yet taken");
  Sequence& s = *at->second;
  const auto slot = static_cast<size_t>(s.slot);
  cached_[slot] = cached_by(s);
  freed_[slot] = static_cast<uint64_t>(next_handle_);
  Generation result = std::move(s.result);
  taken_[slot] = false;
  running_.erase(at);
  return result;
}

std::vector<Generation> generate(Ops& ops, const Vlm& model, std::vector<GenerateRequest> requests) {
  if (requests.empty()) return {};
  int64_t capacity = 0;
  for (const GenerateRequest& request : requests) {
    check_context(model, static_cast<int64_t>(request.prompt.size()), request.max_new_tokens);
    capacity = std::max(capacity, static_cast<int64_t>(request.prompt.size()) + request.max_new_tokens);
  }
  Generator generator(ops, model, static_cast<int64_t>(requests.size()), capacity);
  std::vector<int64_t> handles;
  for (GenerateRequest& request : requests) handles.push_back(generator.add(std::move(request)));
  while (generator.num_running() > 0) generator.step();
  std::vector<Generation> results;
  for (const int64_t handle : handles) results.push_back(generator.take(handle));
  return results;
}

}  // namespace hilum
