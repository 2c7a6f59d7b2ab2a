#include "base/log.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "phantom/write.h"

namespace hilum {

int run_phantom(const OptionValues& options) {
  set_up_from(options);
  const PhantomConfig config{.seed = static_cast<uint64_t>(options.integer("--seed")), .size_px = static_cast<int>(options.integer("--size"))};
  const int64_t count = options.integer("--count");
  const std::filesystem::path folder = options.text("-o");
  write_phantoms(config, count, options.text("--format") == "dicom" ? PhantomFormat::kDicom : PhantomFormat::kPng, options.flag("--lateral"),
                 options.flag("--prior"), folder, static_cast<int>(options.integer("--threads")));
  log_info("wrote " + std::to_string(count) + " studies to " + (folder / "studies.jsonl").string());
  return 0;
}

}  // namespace hilum
