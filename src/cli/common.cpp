#include "cli/common.h"

#include <cstdio>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"

namespace hilum {

void set_up_from(const OptionValues& options) {
  set_up_log({.quiet = options.flag("--quiet"), .json = options.flag("--log-json")});
}

fs::path model_path(const OptionValues& options) {
  if (const auto named = options.maybe("--model")) return *named;
  return demo_model_path();
}

fs::path demo_model_path() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  // beside an installed program, in the source tree above a build, and where it was built
  for (const fs::path& candidate :
      {program / "../share/hilum/demo", program / "../../models/demo", fs::path(HILUM_BUILT_FROM) / "models/demo"})
    if (fs::exists(candidate / "config.json")) return candidate;
  throw Error("--model", "no model was named and the demo model is not beside the program",
      "Name a model directory with --model or HILUM_MODEL.");
}

fs::path lora_path(const OptionValues& options) {
  const auto named = options.maybe("--adapter");
  check(
      !named || !named->empty(), "--adapter", "names no folder", "Name the folder of a LoRA adapter, or leave it out.");
  return named.value_or("");
}

void write_result(const OptionValues& options, const std::string& text) {
  if (const auto file = options.maybe("-o")) {
    write_file(*file, text);
  } else {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }
}

}  // namespace hilum
