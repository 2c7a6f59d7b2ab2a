// Writing tokens: prefill of each prompt, then decoding of all running sequences together over one key/value cache.
// Sequences join and leave between steps; what one of them gets does not depend on the others.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "generation/sampling.h"
#include "models/vlm.h"
#include "report/form/finish.h"

namespace hilum {

// What may come next. Nothing set: any token.
struct NextTokens {
  std::vector<int32_t> forced;   // these follow, whatever the model would write; run through it in one pass
  std::vector<int32_t> allowed;  // else: one of these
  bool end = false;              // else: the answer is complete (Finish::kStop)
  int32_t instead_of_stop = -1;  // not -1: where the model chooses a stop id among `allowed`, this is written for it
};

// Holds an answer to a form: asked before each step with the tokens written so far, forces or limits what follows
// (grammar, box completion).
using Constraint = std::function<NextTokens(std::span<const int32_t> written)>;

struct GenerateRequest {
  std::vector<int32_t> prompt;  // each <image> expanded
  Tensor pixel_values;          // host [N, C, H, W]; undefined: none
  Tensor image_features;        // or encoded before [N, P, encoder width]
  // What another sequence, running or finished, has left in the cache is not run again where this prompt begins with
  // it: an earlier turn of a dialogue, a system prompt. Prompts with pictures share a beginning only under the same
  // key, which the caller gives to one set of pictures; 0 is shared with nothing.
  uint64_t image_key = 0;
  int max_new_tokens = 256;  // forced ones count
  Sampling sampling;
  std::vector<int32_t> stop_ids;  // end the answer and are not part of it
  int top_log_probs = 0;          // of the likeliest tokens, kept at each place
  Constraint constraint;          // may be empty
  // Told after each token; returning true ends the answer with it (stop strings, a client that went away).
  std::function<bool(std::span<const int32_t>)> on_token;
};

struct Generation {
  std::vector<int32_t> ids;      // written, without the stop id
  std::vector<float> log_probs;  // of each, natural logarithm, under the model at temperature 1, forced or not
  std::vector<bool> forced;      // whether the constraint forced it
  std::vector<std::vector<TokenLogProb>> top;  // the likeliest at each place, falling; empty unless asked for
  Finish finish = Finish::kStop;               // or kLength: max_new_tokens reached, the answer is incomplete
  int64_t prompt_tokens = 0, image_tokens = 0;
  int64_t reused_tokens = 0;  // of the prompt: they were in the cache
};

class Generator {
 public:
  // At most `slots` sequences at once, prompt and answer together at most `capacity` positions each.
  // `ops` and `model` must outlive this; one thread at a time.
  Generator(Ops& ops, const Vlm& model, int64_t slots, int64_t capacity);
  ~Generator();

  // Throws Error, before any work, when prompt + max_new_tokens exceed the model's context or the capacity, the prompt
  // is empty, or its image tokens do not fit the images. Invariant: a slot is free. Runs the prefill and returns the
  // sequence's handle.
  int64_t add(GenerateRequest request);
  // The same without the prefill, which prefill_some() then runs between the steps of others. True once the prompt is
  // done: step() goes on with it. About `rows` of the prompt are run: pictures are never parted, nor are prompts whose
  // length decides how positions turn.
  int64_t begin(GenerateRequest request);
  bool prefill_some(int64_t handle, int64_t rows);
  bool has_free_slot() const;
  int64_t num_running() const { return static_cast<int64_t>(running_.size()); }

  // One pass over all running sequences whose prompt is done. Returns the handles of those that finished in it.
  std::vector<int64_t> step();
  // The result of a finished sequence, or, for a running one, what it has written (it is stopped and its slot freed).
  Generation take(int64_t handle);

  size_t cache_bytes() const { return cache_->bytes(); }

 private:
  struct Sequence;
  void choose(Sequence& sequence);  // from its logits: sets pending, or finishes it
  void accept(Sequence& sequence, int32_t token, double log_prob, bool forced);
  void finish(Sequence& sequence, Finish how);
  void keep_logits(Sequence& sequence, const Tensor& host, int64_t row);
  // Rows first .. end-1 of ids, whose beginning the cache holds -> logits of the last one, host [1, V]. The last
  // prefill chunk of a prompt takes all images left.
  Tensor prefill(Sequence& sequence, const std::vector<int32_t>& ids, int64_t first, int64_t end);
  struct CachedPrefix {
    std::vector<int32_t> ids;  // what the slot's cache holds
    uint64_t image_key = 0;
  };
  CachedPrefix cached_by(const Sequence& sequence) const;  // a running one
  // How many of the prompt's first ids the slot holds already.
  int64_t common_prefix(const CachedPrefix& cached, const GenerateRequest& request) const;
  std::pair<int32_t, int64_t> take_slot(
      const GenerateRequest& request);  // a free one, and how many of the first ids it now holds
  bool turns_long(
      const Sequence& sequence) const;  // its pending tokens reach past the positions that short factors hold for

  Ops& ops_;
  const Vlm& model_;
  int64_t capacity_;
  std::unique_ptr<KvCache> cache_;
  std::vector<bool> taken_;           // slots
  std::vector<CachedPrefix> cached_;  // of each free slot
  std::vector<uint64_t> freed_;       // when each slot was, in sequences
  std::map<int64_t, std::unique_ptr<Sequence>> running_;
  std::map<int64_t, Generation> finished_;
  int64_t next_handle_ = 0;
};

// Throws Error naming the sizes when prompt and answer do not fit the context.
void check_context(const Vlm& model, int64_t prompt_tokens, int max_new_tokens);

// All requests at once, results in their order.
std::vector<Generation> generate(Ops& ops, const Vlm& model, std::vector<GenerateRequest> requests);

}  // namespace hilum
