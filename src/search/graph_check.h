// hnswlib reads its files without checking what they say. This checks all of it first: every link, level, label and
// size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace hilum {

inline constexpr size_t kGraphNodeBytes = 4;  // what a node of ours holds: its row

// A whole graph file (hnswlib 0.6's saveIndex) over `rows` rows. Throws Error(where, ...) when it is not one that can
// be searched safely.
void check_graph(std::span<const std::byte> file, int64_t rows, const std::string& where);

}  // namespace hilum
