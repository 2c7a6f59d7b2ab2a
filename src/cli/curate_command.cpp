#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/stopwatch.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/rewrite_endpoint.h"
#include "datasets/curation/curation_files.h"
#include "datasets/readers/read_dataset.h"

namespace hilum {
namespace {

std::vector<Study> plain(const std::vector<SourceStudy>& studies) {
  std::vector<Study> out;
  for (const SourceStudy& s : studies) out.push_back(s.study);
  return out;
}

void set_splits(std::vector<SourceStudy>& studies, const OptionValues& options, uint64_t seed) {
  if (const auto shares = options.maybe("--split")) {
    double train = 0, validate = 0, test = 0;
    int read = 0;
    check(std::sscanf(shares->c_str(), "%lf,%lf,%lf%n", &train, &validate, &test, &read) == 3 &&
              read == static_cast<int>(shares->size()),
        "--split", "'" + *shares + "' is not three shares", "Write train, validate and test, as in 0.8,0.1,0.1.");
    split_by_patient(studies, train, validate, test, seed);
  }
  if (const int64_t count = options.integer("--test-draw"); count > 0)
    draw_test(studies, static_cast<size_t>(count), seed);
}

// Paths of both sides made comparable.
void absolute_paths(std::vector<Study>& studies) {
  for (Study& study : studies)
    for (StudyImage& image : study.images) image.path = fs::absolute(image.path);
}

}  // namespace

int run_curate(const OptionValues& options) {
  set_up_from(options);
  const Stopwatch watch;
  CurationRecord record{.dataset = options.text("--dataset"), .root = options.text("DATASET_ROOT")};
  record.options.rules = options.text("--rules");
  record.options.mode = options.text("--mode") == "strict" ? SummaryMode::kStrict : SummaryMode::kSoft;
  const std::string duplicates = options.text("--duplicates");
  record.options.duplicates = duplicates == "keep"   ? Duplicates::kKeep
                              : duplicates == "text" ? Duplicates::kSameText
                                                     : Duplicates::kExact;
  record.options.questions = static_cast<int>(options.integer("--questions"));
  record.options.seed = static_cast<uint64_t>(options.integer("--seed"));
  const fs::path folder = options.text("-o");
  record.options.rewrite = rewrite_hook_from(options);
  record.options.rewrite_record = folder / "rewrites.jsonl";
  check_options(record.options);  // a wrong name is told before an hour of reading

  Dataset set = read_dataset(record.dataset, record.root,
      {.keep_missing_images = options.flag("--keep-missing-images"),
          .reports = options.text("--reports"),
          .unpack_to = folder / "images"});
  record.source_counts = std::move(set.counts);
  record.problems = std::move(set.problems);
  Curation curation = curate(std::move(set.studies), record.options);
  record.problems.insert(record.problems.end(), curation.problems.begin(), curation.problems.end());
  set_splits(curation.studies, options, record.options.seed);
  if (options.flag("--equalise")) equalise_pictures(curation.studies, folder, record.problems);

  std::vector<Study> here = plain(curation.studies);
  absolute_paths(here);
  record.leaks = leaks_within(here);
  for (const std::string& other : options.all("--against")) {
    std::vector<Study> there = read_studies(other);
    absolute_paths(there);
    for (Leak& leak : leaks_between(here, there)) record.leaks.push_back(std::move(leak));
  }
  record.seconds = watch.seconds();
  write_curation(folder, curation, record);

  fmt::print("{}", counts_table(curation, record));
  if (record.options.rewrite)
    log_info(fmt::format("{} answers asked for, {} used again, {} studies not rewritten: {}", curation.rewrites.asked,
        curation.rewrites.used_again, curation.rewrites.failed, record.options.rewrite_record.string()));
  int64_t left_out = 0;
  for (const DatasetProblem& p : record.problems) left_out += !p.kept;
  if (!record.problems.empty())
    log_warning(fmt::format("{} rows left out and {} kept with a remark: {}", left_out,
        static_cast<int64_t>(record.problems.size()) - left_out, (folder / "problems.csv").string()));
  if (!record.leaks.empty())
    log_warning(
        fmt::format("{} leaks between splits or manifests: {}", record.leaks.size(), (folder / "leaks.csv").string()));
  check(!curation.studies.empty(), record.root.c_str(), "leaves no study",
      "See " + (folder / "problems.csv").string() + " and dropped.csv for the reasons.");
  return static_cast<int>(left_out > 0 || !record.leaks.empty() ? ExitCode::kSomeRowsFailed : ExitCode::kDone);
}

}  // namespace hilum
