// Files of one JSON value a line, as evaluation takes them: a line that cannot be read is a problem, the rest goes on.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "eval/problems.h"

namespace hilum {

// Calls read(line, where) for every line of `text` with something in it; `path` names the file. An Error of it, or
// bytes that are not UTF-8, are a problem of that line, with the study's id as far as the line tells it; without
// `problems` the Error is passed on.
void for_json_lines(std::string_view text, const std::string& path, std::vector<Problem>* problems,
    const std::function<void(const std::string& line, const std::string& where)>& read);

}  // namespace hilum
