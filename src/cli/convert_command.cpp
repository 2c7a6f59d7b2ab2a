#include <fmt/format.h>

#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "models/files/convert.h"

namespace hilum {

int run_convert(const OptionValues& options) {
  set_up_from(options);
  const std::filesystem::path out = options.text("-o");
  check(out.extension() != ".gguf", "-o", "\"" + out.string() + "\": writing GGUF is not in this version",
      "Name a folder.");
  ConvertConfig config;
  const std::string type = options.text("--type");
  config.type = type == "f32" ? DType::kF32 : type == "bf16" ? DType::kBF16 : DType::kF16;
  constexpr uint64_t kMegabyte = 1'000'000;
  std::optional<Progress> bar;  // its total is known at the first step
  config.progress = [&](uint64_t done, uint64_t all) {
    if (!bar) bar.emplace("converting", static_cast<int64_t>(all / kMegabyte), "MB");
    bar->update(static_cast<int64_t>(done / kMegabyte));
  };
  const ConvertResult result = convert_checkpoint(options.text("PATH"), out, config);
  bar.reset();
  for (const std::string& note : result.notes) log_info(note);
  fmt::print("{}: {} tensors, {} bytes as {}{} in {} file{}\n", out.string(), result.tensors, result.bytes,
      dtype_name(config.type), result.kept > 0 ? fmt::format(" ({} of whole numbers kept)", result.kept) : "",
      result.shards, result.shards == 1 ? "" : "s");
  if (result.copied.empty())
    log_warning("no config.json or tokenizer stood beside the weights: put those of the model into " + out.string());
  else fmt::print("copied: {}\n", fmt::join(result.copied, ", "));
  return 0;
}

}  // namespace hilum
