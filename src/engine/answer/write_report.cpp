// How a report is made, top to bottom: decode -> preprocess -> prompt (ReportJob) -> encode, prefill, generate -> parse
// -> geometry (ReportJob).
#include "engine/answer/write_report.h"

#include "base/stopwatch.h"
#include "engine/answer/report_job.h"

namespace hilum {

WrittenReport write_report(const Model& model, const StudyRequest& request, const ReportOptions& options) {
  ReportJob job(model, request, options);
  const Stopwatch image_watch;
  const Tensor features = model.network().encode_images(model.ops(), job.pixels());  // [N, P, D]
  GenerateRequest generation = job.generation(features);
  job.report().image_ms = image_watch.ms();

  const Stopwatch prefill_watch;
  Generator generator(model.ops(), model.network(), /*slots=*/1, job.prompt_tokens() + job.max_new_tokens());
  const size_t cache_bytes = generator.cache_bytes();
  const int64_t sequence = generator.add(std::move(generation));
  job.report().prefill_ms = prefill_watch.ms();
  const Stopwatch generate_watch;
  while (generator.num_running() > 0) generator.step();
  Generation answer = generator.take(sequence);
  job.report().generate_ms = generate_watch.ms();
  WrittenReport written = job.finish(std::move(answer));
  written.cache_bytes = cache_bytes;
  return written;
}

}  // namespace hilum
