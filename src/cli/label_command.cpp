#include <fmt/format.h>

#include "base/ascii.h"
#include "base/file.h"
#include "base/log.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/report_run.h"
#include "data/csv.h"
#include "data/study.h"
#include "engine/annotate/chexbert_labeler.h"
#include "eval/labels/chexpert_rules.h"
#include "eval/labels/report_texts.h"

namespace hilum {
int run_label(const OptionValues& options) {
  set_up_from(options);
  const std::string file = options.text("REPORTS");
  const ReportTexts read = report_texts_of_file(read_file(file), file);
  const std::vector<std::string>& reports = read.texts;
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
    const Labels labels = is_blank(reports[i]) ? Labels() : chexbert ? all[i] : label_report(reports[i]);
    out += csv_field(reports[i]);
    for (const std::string& name : kChexpertLabels) {
      const auto label = labels.find(name);
      out += label == labels.end() ? "," : fmt::format(",{:.1f}", static_cast<double>(label->second));
    }
    out += "\n";
    if (!chexbert) progress.update(static_cast<int64_t>(i) + 1);
  }
  if (read.num_empty > 0)
    log_warning(fmt::format("{} of {} reports are empty: their labels are left blank", read.num_empty, reports.size()));
  log_info(
      std::string("labels by ") + (chexbert ? "CheXbert" : std::string(kRulesName) + ", not by the CheXpert labeler"));
  write_result(options, out);
  return 0;
}

}  // namespace hilum
