#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/report_run.h"
#include "data/csv.h"
#include "data/study.h"
#include "engine/annotate/chexbert_labeler.h"
#include "eval/labels/chexpert_rules.h"

namespace hilum {
namespace {

// The text of a .jsonl line: a study's or report's findings joined, or its plain report, or its impression.
std::string text_of_line(const std::string& line, const std::string& where) {
  const Json row = parse_json(line, where);
  std::string text;
  if (row.contains("findings") && row["findings"].is_array())
    for (const Json& finding : row["findings"])
      if (finding.is_object() && finding.contains("text") && finding["text"].is_string())
        text += (text.empty() ? "" : " ") + finding["text"].get<std::string>();
  for (const char* name : {"report", "impression"})
    if (text.empty() && row.contains(name) && row[name].is_string()) text = row[name].get<std::string>();
  return text;
}

std::vector<std::string> read_reports(const fs::path& path) {
  const std::string text = read_file(path);
  std::vector<std::string> reports;
  if (path.extension() != ".jsonl") {
    for (const CsvRow& row : parse_csv(text, path.string())) reports.push_back(row[0]);
    return reports;
  }
  size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    if (!is_blank(line, " \r"))
      reports.push_back(text_of_line(std::string(line), path.string() + ": line " + std::to_string(number)));
  }
  return reports;
}

}  // namespace

int run_label(const OptionValues& options) {
  set_up_from(options);
  const std::vector<std::string> reports = read_reports(options.text("REPORTS"));
  check(!reports.empty(), "REPORTS", "holds no report");
  std::string out = "Reports";
  for (const std::string& name : kChexpertLabels) out += "," + name;
  out += "\n";
  Progress progress("label", static_cast<int64_t>(reports.size()), "reports");
  const auto chexbert = options.maybe("--chexbert");
  std::vector<Labels> all;
  if (chexbert)
    all = CheXbertLabeler(*chexbert, backend_config(options)).label(reports, [&](int64_t done) {
      progress.update(done);
    });
  for (size_t i = 0; i < reports.size(); ++i) {
    const Labels labels = chexbert ? all[i] : label_report(reports[i]);
    out += csv_field(reports[i]);
    for (const std::string& name : kChexpertLabels) {
      const auto label = labels.find(name);
      out += label == labels.end() ? "," : fmt::format(",{:.1f}", static_cast<double>(label->second));
    }
    out += "\n";
    if (!chexbert) progress.update(static_cast<int64_t>(i) + 1);
  }
  log_info(
      std::string("labels by ") + (chexbert ? "CheXbert" : std::string(kRulesName) + ", not by the CheXpert labeler"));
  write_result(options, out);
  return 0;
}

}  // namespace hilum
