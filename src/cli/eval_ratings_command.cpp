#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/eval_options.h"
#include "data/study.h"
#include "eval/compare/read_system.h"
#include "eval/studies/draw_pairs.h"
#include "eval/studies/ratings.h"

namespace hilum {
namespace {

int run_draw(const OptionValues& options) {
  const auto folder = options.maybe("-o");
  check(folder.has_value(), "--draw", "writes several files", "Name a folder with -o DIR.");
  const std::vector<Study> studies = read_studies(options.text("--draw"));
  System model;
  if (const auto file = options.maybe("--pred")) model = read_system(*file);
  else log_warning("no --pred PRED.jsonl: the model's reports in PAIRS.jsonl are empty");
  const ReaderDraw draw = draw_pairs(studies, options.maybe("--pred") ? &model : nullptr,
      static_cast<uint64_t>(options.integer("--seed")), static_cast<int>(options.integer("--each")));
  if (options.flag("--strict")) refuse(draw.problems);
  const fs::path out = *folder;
  for (const char* name : {"PAIRS.jsonl", "RATINGS.csv", "KEY.csv"})  // grades already given are not written over
    check(!fs::exists(out / name), (out / name).c_str(), "is already there", "Name another folder.");
  write_file(out / "PAIRS.jsonl", pairs_jsonl(draw));
  write_file(out / "RATINGS.csv", empty_ratings_csv(draw, static_cast<int>(options.integer("--raters"))));
  write_file(out / "KEY.csv", key_csv(draw));
  fmt::print(
      "{} pairs of {} studies, out of {} normal and {} abnormal by {}\n"
      "readers get PAIRS.jsonl and RATINGS.csv (grades 1 to 4); keep KEY.csv from them: it tells study and source of "
      "each pair\n{}",
      draw.pairs.size(), draw.pairs.size() / 2, draw.num_normal, draw.num_abnormal, draw.normal_by,
      problems_text(draw.problems));
  return 0;
}

}  // namespace

int run_eval_ratings(const OptionValues& options) {
  set_up_from(options);
  const auto file = options.maybe("RATINGS");
  check(file.has_value() != options.maybe("--draw").has_value(), "hilum eval ratings",
      "takes a ratings file, or --draw STUDIES.jsonl");
  if (!file) return run_draw(options);
  std::vector<Problem> problems;
  // The key of a draw lies beside its ratings.
  const fs::path beside = fs::path(*file).parent_path() / "KEY.csv";
  const std::string key = options.maybe("--key") ? read_file(*options.maybe("--key"))
                          : fs::exists(beside)   ? read_file(beside)
                                                 : "";
  const std::vector<Rating> ratings =
      parse_ratings(read_file(*file), fs::path(*file).filename().string(), key, problems);
  RatingsOptions how;
  how.accept = static_cast<int>(options.integer("--accept"));
  how.rounds = bootstrap_rounds(options);
  how.seed = static_cast<uint64_t>(options.integer("--seed"));
  how.strict = options.flag("--strict");
  const RatingsResult result = evaluate_ratings(ratings, how, std::move(problems));
  if (const auto to = options.maybe("--json")) write_file(*to, ratings_json(result).dump(1) + "\n");
  fmt::print("{}", ratings_table(result));
  return 0;
}

}  // namespace hilum
