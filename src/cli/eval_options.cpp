#include "cli/eval_options.h"

namespace hilum {

Uncertain uncertain_policy(const OptionValues& options) {
  const std::string policy = options.text("--uncertain");
  return policy == "positive" ? Uncertain::kPositive : policy == "drop" ? Uncertain::kDrop : Uncertain::kNegative;
}

int bootstrap_rounds(const OptionValues& options) { return static_cast<int>(options.integer("--bootstrap")); }

std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    const size_t first = list.find_first_not_of(' ', at), last = list.find_last_not_of(' ', end - 1);
    if (end > at && first < end) parts.push_back(list.substr(first, last - first + 1));
    at = end + 1;
  }
  return parts;
}

}  // namespace hilum
