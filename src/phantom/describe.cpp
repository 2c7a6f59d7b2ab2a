#include "phantom/describe.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/error.h"
#include "phantom/findings.h"

namespace hilum {
namespace {

double at_share(const std::vector<double>& sorted, double share) {
  return sorted.empty()
             ? 0
             : sorted[std::min(sorted.size() - 1, static_cast<size_t>(share * static_cast<double>(sorted.size())))];
}

void summarise(ContrastSpread& spread) {
  std::sort(spread.sorted.begin(), spread.sorted.end());
  spread.findings = static_cast<int64_t>(spread.sorted.size());
  spread.low = at_share(spread.sorted, 0.05);
  spread.median = at_share(spread.sorted, 0.5);
  spread.high = at_share(spread.sorted, 0.95);
}

std::string spread_text(const ContrastSpread& s) {
  return s.findings == 0 ? "" : fmt::format("{:.1f} ({:.1f}-{:.1f})", s.median, s.low, s.high);
}

}  // namespace

PhantomDescription describe_phantoms(const std::vector<StudyTruth>& truth) {
  check(!truth.empty(), "phantom", "there is no study to describe");
  PhantomDescription out;
  out.studies = static_cast<int64_t>(truth.size());
  const double each = 1 / static_cast<double>(truth.size());
  int64_t findings = 0, subtle = 0;
  std::map<std::string, std::vector<double>> areas;
  for (int k = 0; k < kFindingKinds; ++k) out.kinds.push_back({.kind = finding_name(static_cast<FindingKind>(k))});
  for (const StudyTruth& study : truth) {
    bool normal = true, hidden = false;
    for (int k = 0; k < kFindingKinds; ++k) {
      KindDescription& kind = out.kinds[static_cast<size_t>(k)];
      const bool device = phantom::is_device(static_cast<FindingKind>(k));
      bool shows = false;
      for (const TruthFinding& f : study.findings) {
        if (f.kind != kind.kind || !f.present()) continue;
        normal = normal && device;
        hidden = hidden || f.lateral_only;
        if (!device) {
          ++findings;
          subtle += f.subtle;
        }
        if (f.lateral_only) continue;
        shows = true;
        (f.subtle ? kind.subtle : kind.clear).sorted.push_back(f.contrast_to_noise);
        for (const BoxNorm& b : f.boxes) areas[f.kind].push_back((b.x_max - b.x_min) * (b.y_max - b.y_min));
      }
      kind.rate += shows ? each : 0;
    }
    out.normal += normal ? each : 0;
    out.prior += study.has_prior ? each : 0;
    out.lateral += study.has_lateral ? each : 0;
    out.lateral_only += hidden ? each : 0;
  }
  out.subtle = findings > 0 ? static_cast<double>(subtle) / static_cast<double>(findings) : 0;
  for (KindDescription& kind : out.kinds) {
    summarise(kind.subtle);
    summarise(kind.clear);
    std::vector<double>& boxes = areas[kind.kind];
    std::sort(boxes.begin(), boxes.end());
    kind.box_area = at_share(boxes, 0.5);
  }
  return out;
}

std::string description_table(const PhantomDescription& d) {
  std::string out = fmt::format("| Finding | % of studies | subtle | clear | box |\n| --- | --- | --- | --- | --- |\n");
  for (const KindDescription& k : d.kinds)
    out += fmt::format("| {} | {:.1f} | {} | {} | {:.1f} % |\n", k.kind, 100 * k.rate, spread_text(k.subtle),
        spread_text(k.clear), 100 * k.box_area);
  out += fmt::format(
      "\n{} studies: without a finding but devices {:.0f} %, with a prior {:.0f} %, with a lateral {:.0f} %, with "
      "something on the lateral alone {:.1f} %; "
      "{:.0f} % of findings (devices aside) subtle.\n",
      d.studies, 100 * d.normal, 100 * d.prior, 100 * d.lateral, 100 * d.lateral_only, 100 * d.subtle);
  return out;
}

}  // namespace hilum
