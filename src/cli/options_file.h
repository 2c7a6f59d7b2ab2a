// Options from a TOML file: the names of the table without their dashes.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cli/options.h"

namespace hilum {

// model = ["a=models/a", "models/b"], port = 8080, quiet = true. By option name, with its dashes. Throws Error naming
// file and key: unknown ones with the nearest known name, tables, lists where one value is wanted.
std::map<std::string, std::vector<std::string>> read_options_file(
    const std::filesystem::path& path, const Command& command);

}  // namespace hilum
