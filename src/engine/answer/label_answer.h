// An answer of the task output "labels": the 14 CheXpert findings and their states as a JSON object.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace hilum {

// The object in `text`, whatever stands around it. States are 1 present, 0 absent, -1 uncertain (as numbers, or in
// words: "present", "absent", "uncertain", true, false); null and "not mentioned" are none. What is no such object, no
// name of the 14 or no state is added to `warnings` and left out of the result; so is a finding that is missing.
std::map<std::string, int> labels_in_answer(const std::string& text, std::vector<std::string>& warnings);

}  // namespace hilum
