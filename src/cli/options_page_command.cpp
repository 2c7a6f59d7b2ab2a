#include <cstdio>

#include "cli/commands.h"

namespace hilum {

int run_options_page(const OptionValues&) {
  std::fputs(options_page(all_commands()).c_str(), stdout);
  return 0;
}

}  // namespace hilum
