// The two tables of a BPE vocabulary, flat so that loading 100,000 entries costs milliseconds and a lookup two or three
// cache lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hilum {

// Piece -> id. Open addressing with linear probing; the pieces' bytes lie in one string.
class PieceIds {
 public:
  explicit PieceIds(size_t expected = 0);

  // Adds the piece and returns no value, or returns the id that it already has and changes nothing.
  std::optional<int32_t> add(std::string_view piece, int32_t id);
  std::optional<int32_t> find(std::string_view piece) const;
  size_t size() const { return entries_.size(); }

 private:
  struct Slot {
    uint32_t hash = 0, entry = 0;
  };  // entry: index + 1, 0 where free
  struct Entry {
    uint64_t offset;
    uint32_t length;
    int32_t id;
  };
  size_t slot_of(std::string_view piece, uint32_t hash) const;
  void grow();

  std::string bytes_;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // a power of two, at most half full
};

// Pair of ids -> what it merges into.
class MergeTable {
 public:
  struct Merge {
    uint32_t rank;
    int32_t id;
  };
  explicit MergeTable(size_t expected = 0);
  void set(int32_t left, int32_t right, Merge merge);  // the last one counts
  const Merge* find(int32_t left, int32_t right) const;

 private:
  struct Slot {
    uint64_t key = kFree;
    Merge merge{};
  };
  static constexpr uint64_t kFree = UINT64_MAX;  // no pair of ids: ids are below 2^22
  size_t slot_of(uint64_t key) const;
  std::vector<Slot> slots_;  // a power of two, at most half full: `expected` is never exceeded
};

}  // namespace hilum
