// `hilum eval ratings`: grades that readers gave reports, compared between sources (a model, the reference) and between
// readers. The protocol of the CXR-LLaVA study (sheet 6.2): 1 acceptable without revision, 2 with minor revision, 3
// with major revision, 4 unacceptable; a grade up to `accept` is a success; Cochran's Q, then McNemar's test on pairs
// with Holm's adjustment.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "eval/problems.h"
#include "eval/stats/bootstrap.h"
#include "eval/stats/cochran.h"

namespace hilum {

struct Rating {
  std::string study, source, rater;
  int grade = 0;  // 1..4
  int64_t line = 0;
};

// Columns study, source, rater, grade, by name, in any order. `key` (empty: none) is KEY.csv of a draw, columns pair,
// study, source: it tells what the codes in the column "study" of rows without a source stand for. Rows without a
// grade, with one outside 1..4, with an unknown code, or of a study, source and rater already seen are problems. Throws
// Error for missing columns.
std::vector<Rating> parse_ratings(
    std::string_view text, const std::string& name, std::string_view key, std::vector<Problem>& problems);

// The same blocks answered under several treatments.
struct MatchedTest {
  std::string blocks;                   // what a block is, e.g. "study and rater"
  std::vector<std::string> treatments;  // names
  int64_t incomplete = 0;               // blocks left out because an answer is missing
  CochranQ q;                           // NaN where not defined
  struct Pair {
    size_t first = 0, second = 0;
    McNemar test;
    double holm_p = 1;  // of the exact p
  };
  std::vector<Pair> pairs;
};

struct GroupGrades {
  std::string name;
  std::array<int64_t, 4> grades{};  // how many of 1, 2, 3, 4
  Interval success;                 // share of grades up to `accept`; studies are drawn
};

struct RatingsOptions {
  int accept = 2;
  int rounds = 1000;
  uint64_t seed = 0;
  bool strict = false;
};

struct RatingsResult {
  RatingsOptions options;
  int64_t num_ratings = 0, num_studies = 0;
  std::vector<GroupGrades> sources, raters;  // raters: over all sources
  std::vector<Interval> differences;         // success of the first source minus each other's, from the same draws
  MatchedTest between_sources;  // blocks: study and rater. Readers of one study are not independent; the published
                                // study does not say how its blocks were formed
  MatchedTest between_raters;   // blocks: study and source
  std::vector<Problem> problems;
};

// Throws Error for no rating, one source alone, accept other than 1 to 3, and when strict for any problem.
RatingsResult evaluate_ratings(
    const std::vector<Rating>& ratings, const RatingsOptions& options = {}, std::vector<Problem> problems = {});

std::string ratings_table(const RatingsResult& result);
Json ratings_json(const RatingsResult& result);  // schema "hilum.eval.ratings/1"

}  // namespace hilum
