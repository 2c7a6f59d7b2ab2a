// Options that several `hilum eval` commands share.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"
#include "eval/labels/label_scores.h"

namespace hilum {

Uncertain uncertain_policy(const OptionValues& options);       // --uncertain
int bootstrap_rounds(const OptionValues& options);             // --bootstrap
std::vector<std::string> split_list(const std::string& list);  // "A, B": "A", "B"; empty parts are left out

}  // namespace hilum
