#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cli/bench.h"

namespace hilum {
namespace {

double mib(uint64_t bytes) { return static_cast<double>(bytes) / 1048576.0; }

}  // namespace

std::string bench_text(const BenchResult& r, const BenchMachine& m) {
  std::string out = fmt::format(
      "{} ({}) on {}, {} threads, {}; medians of {}\n", r.name, m.type, m.name, m.threads, r.kernels, m.repeat);
  out += fmt::format("  ready after {:.3f} s\n", r.load_s);
  if (r.images > 0)
    out += fmt::format("  image {:.3f} s ({} a pass; the first pass, which packs the weights, {:.3f} s)\n", r.image_s,
        r.images, r.image_first_s);
  if (r.prompt > 0) {
    out += fmt::format("  first few tokens, which pack the weights, {:.3f} s\n", r.text_first_s);
    out += fmt::format("  prefill {:.2f} tokens/s ({} x {} tokens)\n", r.prefill_tokens_per_s, r.batch, r.prompt);
    if (r.gen > 0)
      out += fmt::format("  decode {:.2f} tokens/s ({} x {} tokens)\n", r.decode_tokens_per_s, r.batch, r.gen);
  }
  if (r.weights_bytes > 0)
    out += fmt::format("  weights {:.0f} MiB + key/value cache {:.0f} MiB = {:.0f} MiB\n", mib(r.weights_bytes),
        mib(r.cache_bytes), mib(r.weights_bytes + r.cache_bytes));
  out += fmt::format("  memory {:.0f} MiB at its peak; now {:.0f} MiB of its own, {:.0f} MiB of mapped files\n",
      mib(r.memory.peak), mib(r.memory.anonymous), mib(r.memory.file));
  return out + fmt::format("  roofs in this run: F32 {:.0f} GFLOP/s, reads {:.1f} GB/s\n", m.f32_roof, m.read_roof);
}

std::string bench_json(const BenchResult& r, const BenchMachine& m) {
  Json json{{"machine", m.name}, {"kernels", r.kernels}, {"threads", m.threads}, {"shape", r.name}, {"type", m.type},
      {"repeat", m.repeat}};
  if (r.prompt > 0) {
    json.update(Json{
        {"prompt", r.prompt}, {"gen", r.gen}, {"batch", r.batch}, {"prefill_tokens_per_s", r.prefill_tokens_per_s}});
    if (r.gen > 0) json["decode_tokens_per_s"] = r.decode_tokens_per_s;
    json["text_first_s"] = r.text_first_s;
  }
  if (r.images > 0) json.update(Json{{"images", r.images}, {"image_s", r.image_s}, {"first_s", r.image_first_s}});
  if (r.weights_bytes > 0) json.update(Json{{"weights_bytes", r.weights_bytes}, {"kv_cache_bytes", r.cache_bytes}});
  json.update(Json{{"peak_rss_mb", mib(r.memory.peak)}, {"anonymous_mb", mib(r.memory.anonymous)},
      {"file_mb", mib(r.memory.file)}, {"load_s", r.load_s}, {"f32_roof_gflops", m.f32_roof},
      {"read_roof_gb_s", m.read_roof}});
  return json.dump(2) + "\n";
}

}  // namespace hilum
