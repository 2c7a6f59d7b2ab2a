#include "eval/studies/ratings.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/error.h"
#include "eval/labels/label_table.h"
#include "eval/stats/undefined.h"

namespace hilum {
namespace {

// Fields of the named columns, in the order of the names.
class Columns {
 public:
  Columns(const CsvLine& header, const std::vector<std::string>& names, const std::string& file) {
    for (const std::string& name : names) {
      const auto found = std::find(header.fields.begin(), header.fields.end(), name);
      check(found != header.fields.end(), file.c_str(), fmt::format("has no column \"{}\"", name),
          fmt::format("The first line is {}.", fmt::join(names, ",")));
      at_.push_back(static_cast<size_t>(found - header.fields.begin()));
    }
  }
  std::string of(const CsvLine& line, size_t column) const {
    return at_[column] < line.fields.size() ? line.fields[at_[column]] : std::string();
  }

 private:
  std::vector<size_t> at_;
};

using Key = std::map<std::string, std::pair<std::string, std::string>>;  // code: study, source

Key parse_key(std::string_view text, std::vector<Problem>& problems) {
  const std::vector<CsvLine> lines = parse_csv_lines(text, "key", problems);
  check(!lines.empty(), "key", "is empty");
  const Columns columns(lines[0], {"pair", "study", "source"}, "key");
  Key key;
  for (size_t i = 1; i < lines.size(); ++i)
    if (!key.emplace(columns.of(lines[i], 0), std::pair{columns.of(lines[i], 1), columns.of(lines[i], 2)}).second)
      problems.push_back({"key", columns.of(lines[i], 0), "pair given twice, the first is used", lines[i].line});
  return key;
}

// Distinct values in order of their names.
std::vector<std::string> names_of(const std::vector<Rating>& ratings, std::string Rating::* field) {
  std::set<std::string> names;
  for (const Rating& one : ratings) names.insert(one.*field);
  return {names.begin(), names.end()};
}

size_t index_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

MatchedTest matched_test(const std::vector<Rating>& ratings, std::string Rating::* treatment,
    std::string Rating::* other, std::string blocks_are, int accept) {
  MatchedTest test{std::move(blocks_are), names_of(ratings, treatment)};
  std::map<std::pair<std::string, std::string>, std::vector<int>> answers;  // grade of each treatment, 0: none
  for (const Rating& one : ratings) {
    std::vector<int>& block = answers[{one.study, one.*other}];
    block.resize(test.treatments.size());
    block[index_of(test.treatments, one.*treatment)] = one.grade;
  }
  std::vector<Block> blocks;
  for (const auto& [of, grades] : answers) {
    if (std::count(grades.begin(), grades.end(), 0) > 0) {
      ++test.incomplete;
      continue;
    }
    blocks.emplace_back();
    for (const int grade : grades) blocks.back().push_back(grade <= accept);
  }
  test.q.q = test.q.p = kUndefined;
  if (blocks.empty() || test.treatments.size() < 2) return test;
  test.q = cochran_q(blocks);
  std::vector<double> exact;
  for (size_t a = 0; a < test.treatments.size(); ++a)
    for (size_t b = a + 1; b < test.treatments.size(); ++b) {
      test.pairs.push_back({a, b, mcnemar(blocks, a, b)});
      exact.push_back(test.pairs.back().test.exact_p);
    }
  const std::vector<double> adjusted = holm(exact);
  for (size_t i = 0; i < adjusted.size(); ++i) test.pairs[i].holm_p = adjusted[i];
  return test;
}

// Successes and grades of each study under each name.
struct Tally {
  std::vector<std::vector<int64_t>> good, all;  // [name][study]
  double share(size_t name, std::span<const uint32_t> which) const {
    int64_t part = 0, whole = 0;
    for (const uint32_t study : which) {
      part += good[name][study];
      whole += all[name][study];
    }
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : kUndefined;
  }
};

}  // namespace

std::vector<Rating> parse_ratings(
    std::string_view text, const std::string& name, std::string_view key_text, std::vector<Problem>& problems) {
  const std::vector<CsvLine> lines = parse_csv_lines(text, name, problems);
  check(!lines.empty(), name.c_str(), "is empty", "The first line is study,source,rater,grade.");
  const Columns columns(lines[0], {"study", "source", "rater", "grade"}, name);
  const Key key = key_text.empty() ? Key() : parse_key(key_text, problems);
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  std::vector<Rating> ratings;
  for (size_t i = 1; i < lines.size(); ++i) {
    Rating one{columns.of(lines[i], 0), columns.of(lines[i], 1), columns.of(lines[i], 2), 0, lines[i].line};
    const std::string grade = columns.of(lines[i], 3), code = one.study;
    const auto complain = [&](const std::string& problem) { problems.push_back({name, code, problem, one.line}); };
    if (!key_text.empty() && one.source.empty()) {  // a row that names its source is not blinded
      const auto found = key.find(code);
      if (found == key.end()) {
        complain("a pair that the key does not name, left out");
        continue;
      }
      std::tie(one.study, one.source) = found->second;
    }
    if (grade.size() == 1 && grade[0] >= '1' && grade[0] <= '4') one.grade = grade[0] - '0';
    if (one.study.empty()) complain("no study, left out");
    else if (one.source.empty())
      complain(key_text.empty() ? "no source, left out (blinded ratings need --key KEY.csv)" : "no source, left out");
    else if (one.rater.empty()) complain("no rater, left out");
    else if (grade.empty()) complain("no grade, left out");
    else if (one.grade == 0) complain(fmt::format("grade is \"{}\", not 1 to 4, left out", grade));
    else if (!seen.insert({one.study, one.source, one.rater}).second)
      complain(fmt::format("rated twice by rater \"{}\", the first is used", one.rater));
    else ratings.push_back(std::move(one));
  }
  return ratings;
}

RatingsResult evaluate_ratings(
    const std::vector<Rating>& ratings, const RatingsOptions& options, std::vector<Problem> problems) {
  check(options.accept >= 1 && options.accept <= 3, "--accept", fmt::format("{}", options.accept),
      "Grades up to 1 or up to 2 are a success.");
  if (options.strict) refuse(problems);
  check(!ratings.empty(), "ratings", "hold no grade",
      problems.empty() ? "A row is study,source,rater,grade with a grade of 1 to 4."
                       : fmt::format("The first problem: {}.", problem_text(problems[0])));
  RatingsResult result{options};
  result.problems = std::move(problems);
  result.num_ratings = static_cast<int64_t>(ratings.size());
  const auto studies = names_of(ratings, &Rating::study), sources = names_of(ratings, &Rating::source),
             raters = names_of(ratings, &Rating::rater);
  check(sources.size() >= 2, "ratings", fmt::format("are all of one source, \"{}\"", sources[0]),
      "Two sources are compared, e.g. model and reference.");
  result.num_studies = static_cast<int64_t>(studies.size());

  const auto tally = [&](const std::vector<std::string>& names, std::string Rating::* field,
                         std::vector<GroupGrades>& groups) {
    Tally made{std::vector(names.size(), std::vector<int64_t>(studies.size())),
        std::vector(names.size(), std::vector<int64_t>(studies.size()))};
    for (const std::string& name : names) groups.push_back({name});
    for (const Rating& one : ratings) {
      const size_t group = index_of(names, one.*field), study = index_of(studies, one.study);
      ++groups[group].grades[static_cast<size_t>(one.grade - 1)];
      made.good[group][study] += one.grade <= options.accept;
      ++made.all[group][study];
    }
    return made;
  };
  const Tally by_source = tally(sources, &Rating::source, result.sources),
              by_rater = tally(raters, &Rating::rater, result.raters);
  const size_t ns = sources.size(), nr = raters.size();
  const Metrics compute = [&](std::span<const uint32_t> which, std::span<double> values) {
    for (size_t s = 0; s < ns; ++s) values[s] = by_source.share(s, which);
    for (size_t s = 1; s < ns; ++s) values[ns + s - 1] = values[0] - values[s];
    for (size_t r = 0; r < nr; ++r) values[2 * ns - 1 + r] = by_rater.share(r, which);
  };
  const std::vector<Interval> intervals = bootstrap(static_cast<uint32_t>(studies.size()),
      static_cast<int>(2 * ns - 1 + nr), compute, {.rounds = options.rounds, .seed = options.seed});
  for (size_t s = 0; s < ns; ++s) result.sources[s].success = intervals[s];
  for (size_t s = 1; s < ns; ++s) result.differences.push_back(intervals[ns + s - 1]);
  for (size_t r = 0; r < nr; ++r) result.raters[r].success = intervals[2 * ns - 1 + r];
  result.between_sources = matched_test(ratings, &Rating::source, &Rating::rater, "study and rater", options.accept);
  result.between_raters = matched_test(ratings, &Rating::rater, &Rating::source, "study and source", options.accept);
  return result;
}

}  // namespace hilum
