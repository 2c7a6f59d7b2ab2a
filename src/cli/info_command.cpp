#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/common.h"
#include "models/info.h"

namespace hilum {

int run_info(const OptionValues& options) {
  set_up_from(options);
  const auto named = options.maybe("MODEL");
  fmt::print(
      "{}", info_text(model_info(named ? std::filesystem::path(*named) : model_path(options), lora_path(options))));
  return 0;
}

}  // namespace hilum
