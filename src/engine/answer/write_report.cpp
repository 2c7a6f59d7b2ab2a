// How a report is made, top to bottom: decode -> preprocess -> prompt (ReportJob) -> encode, prefill, generate -> parse
// -> geometry (ReportJob).
#include "engine/answer/write_report.h"

#include <chrono>

#include "engine/answer/report_job.h"

namespace hilum {
namespace {

using Clock = std::chrono::steady_clock;
double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

}  // namespace

WrittenReport write_report(const Model& model, const StudyRequest& request, const ReportOptions& options) {
  ReportJob job(model, request, options);
  const auto image_start = Clock::now();
  const Tensor features = model.network().encode_images(model.ops(), job.pixels());  // [N, P, D]
  GenerateRequest generation = job.generation(features);
  job.report().image_ms = ms_since(image_start);

  const auto prefill_start = Clock::now();
  Generator generator(model.ops(), model.network(), /*slots=*/1, job.prompt_tokens() + job.max_new_tokens());
  const size_t cache_bytes = generator.cache_bytes();
  const int64_t sequence = generator.add(std::move(generation));
  job.report().prefill_ms = ms_since(prefill_start);
  const auto generate_start = Clock::now();
  while (generator.num_running() > 0) generator.step();
  Generation answer = generator.take(sequence);
  job.report().generate_ms = ms_since(generate_start);
  WrittenReport written = job.finish(std::move(answer));
  written.cache_bytes = cache_bytes;
  return written;
}

}  // namespace hilum
