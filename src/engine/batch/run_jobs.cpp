#include "engine/batch/run_jobs.h"

#include <fmt/format.h>

#include "base/process.h"

namespace hilum {

int sequences_for(const Model& model, int asked, size_t rows, int64_t positions) {
  constexpr uint64_t kMost = 8;  // more gain little: the products are no longer bound by reading the weights
  const DecoderConfig& language = model.network().config().language;
  const uint64_t memory = physical_memory(), whole = sequence_bytes(language, language.context);
  if (asked > 0) {
    check(static_cast<uint64_t>(asked) * whole <= memory, "--batch",
        fmt::format("{} sequences of {} positions take {} MiB of keys and values, this machine has {} MiB", asked,
            language.context, (static_cast<uint64_t>(asked) * whole) >> 20, memory >> 20),
        "Name fewer, or leave the option out.");
    return asked;
  }
  const uint64_t needed = sequence_bytes(language, std::min(positions, language.context));
  // What no position reaches costs no memory, but the system must be willing to promise it.
  const uint64_t fit = std::min(memory / 4 / needed, memory / 4 * 3 / whole);
  return static_cast<int>(std::clamp<uint64_t>(std::min<uint64_t>(fit, rows), 1, kMost));
}

int preparing_threads(const BackendConfig& backend) { return std::clamp(backend_threads(backend.threads), 1, 8); }

WorkerConfig worker_config(const RunConfig& config) {
  constexpr int64_t kWhole = int64_t{1} << 30;  // prompts are run whole: nobody waits for a step meanwhile
  WorkerConfig made;
  made.schedule = {.slots = config.sequences,
      .waiting = static_cast<int>(rows_ahead(config)) + 1,
      .prefill_chunk = kWhole,
      .prefill_chunk_idle = kWhole,
      .fill_first = true};
  made.feature_bytes = 0;
  made.timeout_s = std::numeric_limits<double>::infinity();
  made.backend = config.backend;
  return made;
}

}  // namespace hilum
