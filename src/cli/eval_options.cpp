#include "cli/eval_options.h"

#include "base/ascii.h"

namespace hilum {

Uncertain uncertain_policy(const OptionValues& options) {
  const std::string policy = options.text("--uncertain");
  return policy == "positive" ? Uncertain::kPositive : policy == "drop" ? Uncertain::kDrop : Uncertain::kNegative;
}

int bootstrap_rounds(const OptionValues& options) { return static_cast<int>(options.integer("--bootstrap")); }

std::vector<std::string> split_list(const std::string& list) { return split_list(list, ',', " "); }

}  // namespace hilum
