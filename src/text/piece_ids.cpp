#include "text/piece_ids.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "base/error.h"

namespace hilum {
namespace {

size_t slots_for(size_t count) { return std::bit_ceil(std::max<size_t>(count * 2 + 1, 16)); }
uint32_t hash_of(std::string_view piece) { return static_cast<uint32_t>(std::hash<std::string_view>{}(piece)); }
uint64_t key_of(int32_t left, int32_t right) {
  return (static_cast<uint64_t>(left) << 32) | static_cast<uint32_t>(right);
}

}  // namespace

PieceIds::PieceIds(size_t expected) : slots_(slots_for(expected)) { entries_.reserve(expected); }

size_t PieceIds::slot_of(std::string_view piece, uint32_t hash) const {
  size_t at = hash & (slots_.size() - 1);
  for (; slots_[at].entry != 0; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash != hash) continue;
    const Entry& entry = entries_[slots_[at].entry - 1];
    if (std::string_view(bytes_).substr(entry.offset, entry.length) == piece) break;
  }
  return at;
}

void PieceIds::grow() {
  std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_for(entries_.size() * 2)));
  for (const Slot& slot : old) {
    if (slot.entry == 0) continue;
    size_t at = slot.hash & (slots_.size() - 1);
    while (slots_[at].entry != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
}

std::optional<int32_t> PieceIds::add(std::string_view piece, int32_t id) {
  if ((entries_.size() + 1) * 2 > slots_.size()) grow();
  const uint32_t hash = hash_of(piece);
  const size_t at = slot_of(piece, hash);
  if (slots_[at].entry != 0) return entries_[slots_[at].entry - 1].id;
  entries_.push_back({bytes_.size(), static_cast<uint32_t>(piece.size()), id});
  bytes_ += piece;
  slots_[at] = {hash, static_cast<uint32_t>(entries_.size())};
  return std::nullopt;
}

std::optional<int32_t> PieceIds::find(std::string_view piece) const {
  const size_t at = slot_of(piece, hash_of(piece));
  return slots_[at].entry == 0 ? std::nullopt : std::optional(entries_[slots_[at].entry - 1].id);
}

MergeTable::MergeTable(size_t expected) : slots_(slots_for(expected)) {}

size_t MergeTable::slot_of(uint64_t key) const {
  size_t at =
      (key * 0x9e3779b97f4a7c15ull) >> (64 - std::countr_zero(slots_.size()));  // Fibonacci hashing: the high bits
  while (slots_[at].key != kFree && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
  return at;
}

void MergeTable::set(int32_t left, int32_t right, Merge merge) {
  slots_[slot_of(key_of(left, right))] = {key_of(left, right), merge};
}

const MergeTable::Merge* MergeTable::find(int32_t left, int32_t right) const {
  const Slot& slot = slots_[slot_of(key_of(left, right))];
  return slot.key == kFree ? nullptr : &slot.merge;
}

}  // namespace hilum
