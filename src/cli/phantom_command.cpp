#include <fmt/format.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "phantom/describe.h"
#include "phantom/write.h"
#include "plot/line_plot.h"

namespace hilum {
namespace {

// A panel a kind: the share of its findings up to a contrast, subtle and clear ones.
std::vector<LinePlot> contrast_panels(const PhantomDescription& description) {
  std::vector<LinePlot> panels;
  for (const KindDescription& kind : description.kinds) {
    LinePlot panel{.title = kind.kind,
        .x_label = "contrast to noise",
        .y_label = "",
        .lines = {},
        .width_px = 380,
        .height_px = 300,
        .y_range = {{0, 1}}};
    const auto add = [&](const char* name, const std::vector<double>& sorted) {
      PlotLine line{name, sorted, {}};
      for (size_t i = 0; i < sorted.size(); ++i)
        line.y.push_back(static_cast<double>(i + 1) / static_cast<double>(sorted.size()));
      panel.lines.push_back(std::move(line));
    };
    add("subtle", kind.subtle.sorted);
    add("clear", kind.clear.sorted);
    if (kind.subtle.findings + kind.clear.findings > 0) panels.push_back(std::move(panel));
  }
  return panels;
}

}  // namespace

int run_phantom(const OptionValues& options) {
  set_up_from(options);
  const PhantomConfig config{
      .seed = static_cast<uint64_t>(options.integer("--seed")), .size_px = static_cast<int>(options.integer("--size"))};
  const int64_t count = options.integer("--count");
  const std::filesystem::path folder = options.text("-o");
  write_phantoms(config, count, options.text("--format") == "dicom" ? PhantomFormat::kDicom : PhantomFormat::kPng,
      options.flag("--lateral"), options.flag("--prior"), folder, static_cast<int>(options.integer("--threads")));
  log_info("wrote " + std::to_string(count) + " studies to " + (folder / "studies.jsonl").string());
  const auto plot = options.maybe("--plot");
  if (!options.flag("--describe") && !plot) return 0;
  const PhantomDescription description = describe_phantoms(read_truth(folder / "truth.jsonl"));
  if (plot) write_line_plots(contrast_panels(description), 4, *plot);
  if (options.flag("--describe")) fmt::print("{}", description_table(description));
  return 0;
}

}  // namespace hilum
