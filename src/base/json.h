// JSON as Hilum reads and writes it. Headers include only this forward form; nlohmann's full header stays in .cpp
// files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace hilum {

using Json = nlohmann::ordered_json;  // keeps the order we write keys in

// Parses JSON from outside: at most `max_depth` levels, no duplicate keys, UTF-8. Throws Error(where, ...) naming the
// byte offset.
Json parse_json(std::string_view text, const std::string& where, int max_depth = 64);

// Reads and parses a file of at most `max_bytes`. Throws Error naming the path.
Json read_json_file(const std::filesystem::path& path, size_t max_bytes = 256u << 20);

}  // namespace hilum
