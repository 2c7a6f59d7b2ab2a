#include "data/mixture.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "base/draw_key.h"
#include "base/error.h"
#include "data/permutation.h"

namespace hilum {
namespace {

// A block holds two rows of the rarest set at least, and is walked at each call.
constexpr double kSmallestShare = 1e-4;
constexpr uint64_t kSmallestBlock = 64;

}  // namespace

Mixture::Mixture(std::vector<MixtureSet> sets, const MixtureConfig& config) : sets_(std::move(sets)), config_(config) {
  const char* where = "mixture";
  if (sets_.empty()) throw Error(where, "names no set", "Name at least one set of studies.");
  double sum = 0, rarest = INFINITY;
  for (const MixtureSet& set : sets_) {
    if (set.rows == 0) throw Error(where, fmt::format("set \"{}\" has no rows", set.name), "Leave it out.");
    if (!(set.rate > 0) || !std::isfinite(set.rate))
      throw Error(where, fmt::format("the rate of set \"{}\" is {:g}", set.name, set.rate),
          "Give a number above 0, or leave the set out.");
    sum += set.rate;
  }
  double end = 0;
  for (const MixtureSet& set : sets_) {
    const double share = set.rate / sum;
    if (share < kSmallestShare)
      throw Error(where, fmt::format("set \"{}\" has {:.2g} of the rates' sum", set.name, share),
          fmt::format("Give each set {:g} of it at least.", kSmallestShare));
    rarest = std::min(rarest, share);
    ends_.push_back(end += share);
  }
  ends_.back() = 1;
  if (sets_.size() > 1) block_ = std::max(kSmallestBlock, static_cast<uint64_t>(std::ceil(2 / rarest)));
  if (config_.step_rows == 0) throw Error(where, "a step has no rows", "Give at least 1.");
  if (config_.epoch_end == EpochEnd::kDropLast) {
    if (sets_.size() > 1)
      throw Error(where, "leaving out the last rows of an epoch is for one set; a step holds rows of several here",
          "Let epochs wrap.");
    if (sets_[0].rows < config_.step_rows)
      throw Error(where,
          fmt::format(
              "set \"{}\" has {} rows, fewer than the {} of a step", sets_[0].name, sets_[0].rows, config_.step_rows),
          "Let epochs wrap, or take fewer rows a step.");
  }
}

uint64_t Mixture::epoch_rows(uint64_t set) const {
  const uint64_t rows = sets_[set].rows;
  return config_.epoch_end == EpochEnd::kWrap ? rows : rows - rows % config_.step_rows;
}

// Differences of floors: the sets' counts add up to the places, and none is more than 1 off its share.
uint64_t Mixture::rows_before_block(uint64_t block, uint64_t set) const {
  const auto places = static_cast<double>(block * block_);
  const auto until = [&](size_t s) { return static_cast<uint64_t>(std::floor(places * ends_[s])); };
  return until(set) - (set == 0 ? 0 : until(set - 1));
}

std::vector<uint32_t> Mixture::block_sets(uint64_t block) const {
  std::vector<uint32_t> sets;
  sets.reserve(block_);
  for (uint32_t set = 0; set < sets_.size(); ++set)
    sets.insert(sets.end(), rows_before_block(block + 1, set) - rows_before_block(block, set), set);
  invariant(sets.size() == block_, "a block's rows are its sets'");
  Rng rng = rng_for({.seed = config_.seed, .step = block}, DrawPurpose::kMixture);
  for (size_t i = sets.size(); i > 1; --i) std::swap(sets[i - 1], sets[rng.below(static_cast<uint32_t>(i))]);
  return sets;
}

uint64_t Mixture::rows_before(uint64_t count, uint64_t set) const {
  const uint64_t block = count / block_, rest = count % block_;
  uint64_t rows = rows_before_block(block, set);
  if (rest > 0) {
    const std::vector<uint32_t> sets = block_sets(block);
    rows += static_cast<uint64_t>(std::count(sets.begin(), sets.begin() + static_cast<ptrdiff_t>(rest), set));
  }
  return rows;
}

MixturePlace Mixture::at(uint64_t index) const {
  invariant(index >> 48 == 0, "an index below 2^48");
  MixturePlace place;
  uint64_t nth = index;  // of its set's rows, over all epochs
  if (sets_.size() > 1) {
    const uint64_t block = index / block_, rest = index % block_;
    const std::vector<uint32_t> sets = block_sets(block);
    place.set = sets[rest];
    nth = rows_before_block(block, place.set) +
          static_cast<uint64_t>(std::count(sets.begin(), sets.begin() + static_cast<ptrdiff_t>(rest), place.set));
  }
  const uint64_t rows = epoch_rows(place.set);
  place.epoch = nth / rows;
  place.row = nth % rows;
  if (config_.shuffle) {
    const uint64_t order = combine_bits(static_cast<uint64_t>(DrawPurpose::kOrder), config_.seed);
    const uint64_t key = combine_bits(combine_bits(order, place.set), place.epoch);
    place.row = permuted(place.row, sets_[place.set].rows, key);
  }
  return place;
}

}  // namespace hilum
