// Several sets of rows as one endless sequence: which row of which set stands at an index is a pure function of seed
// and index. So threads, workers and ranks may ask in any order, and a resumed run goes on where it was.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hilum {

struct MixtureSet {
  std::string name;  // for errors
  uint64_t rows = 0;
  double rate = 1;  // its share of the sequence is rate / the sum of all rates
};

enum class EpochEnd {
  kWrap,      // the next epoch follows in the same step: every row once an epoch
  kDropLast,  // an epoch is as many whole steps as its rows fill; the rest of its shuffle is left out (one set alone)
};

struct MixtureConfig {
  uint64_t seed = 0;
  bool shuffle = true;  // false: each set's rows in their order, every epoch
  EpochEnd epoch_end = EpochEnd::kWrap;
  uint64_t step_rows = 1;  // rows a step over all workers and ranks, for kDropLast
};

struct MixturePlace {
  uint64_t set = 0, row = 0;
  uint64_t epoch = 0;  // of that set, from 0
  bool operator==(const MixturePlace&) const = default;
};

class Mixture {
 public:
  // Throws Error: no sets, a set without rows, a rate that is not above 0 or below a ten-thousandth of the sum,
  // kDropLast with several sets or with fewer rows than a step.
  Mixture(std::vector<MixtureSet> sets, const MixtureConfig& config);

  // Any index from 0 to 2^48. Costs some microseconds at most; const and without locks.
  MixturePlace at(uint64_t index) const;

  // How many of the first `count` places are of the set: within 1 of its share at multiples of block_rows(), within a
  // block's share between.
  uint64_t rows_before(uint64_t count, uint64_t set) const;
  // Places in a block; each block holds its share of every set, shuffled.
  uint64_t block_rows() const { return block_; }
  // Rows of the set that an epoch goes through.
  uint64_t epoch_rows(uint64_t set) const;

 private:
  uint64_t rows_before_block(uint64_t block, uint64_t set) const;
  std::vector<uint32_t> block_sets(uint64_t block) const;  // the set at each place of the block

  std::vector<MixtureSet> sets_;
  MixtureConfig config_;
  std::vector<double> ends_;  // shares of the sets up to each, added up: the last is 1
  uint64_t block_ = 1;
};

}  // namespace hilum
