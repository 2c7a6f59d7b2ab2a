#include "base/log.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "phantom/write.h"

namespace hilum {

int run_phantom(const OptionValues& options) {
  set_up_from(options);
  WritePhantomsRequest request;
  request.config.seed = static_cast<uint64_t>(options.integer("--seed"));
  request.config.size_px = static_cast<int>(options.integer("--size"));
  request.count = static_cast<uint64_t>(options.integer("--count"));
  request.dicom = options.text("--format") == "dicom";
  request.with_lateral = options.flag("--lateral");
  request.with_prior = options.flag("--prior");
  request.folder = options.text("-o");
  request.threads = static_cast<int>(options.integer("--threads"));
  write_phantoms(request);
  log_info("wrote " + std::to_string(request.count) + " studies to " + (request.folder / "studies.jsonl").string());
  return 0;
}

}  // namespace hilum
