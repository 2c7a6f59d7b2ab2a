#include "eval/studies/phantom_scores.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/error.h"
#include "eval/boxes/box_scores.h"
#include "eval/report_text.h"
#include "eval/studies/phantom_sentences.h"

namespace hilum {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kFindingsPerBin = 20;
constexpr int kMostBins = 5;

double ratio(double part, double whole) { return whole > 0 ? part / whole : kNaN; }
double harmonic(double a, double b) { return a + b > 0 ? 2 * a * b / (a + b) : a == 0 && b == 0 ? 0 : kNaN; }

struct Stated {
  PhantomStatement what;
  std::vector<BoxNorm> boxes;
};

std::vector<Stated> statements_of(const Report& report) {
  std::vector<Stated> all;
  for (const Finding& finding : report.findings)
    if (PhantomStatement what = read_phantom_sentence(finding.text); !what.kind.empty())
      all.push_back({std::move(what), boxes_of({finding}).boxes});
  return all;
}

bool sides_agree(const std::string& said, const std::string& true_side) {
  return said.empty() || true_side.empty() || said == true_side || said == "bilateral" || true_side == "bilateral";
}

// Does a boxed sentence's side word agree with where its boxes are? The patient's left is on the image's right.
bool on_its_side(const Stated& s) {
  const auto left_of = [](const BoxNorm& b) { return (b.x_min + b.x_max) / 2 > 0.5; };
  if (s.what.side == "left") return std::all_of(s.boxes.begin(), s.boxes.end(), left_of);
  if (s.what.side == "right") return std::none_of(s.boxes.begin(), s.boxes.end(), left_of);
  return s.boxes.size() >= 2 && std::any_of(s.boxes.begin(), s.boxes.end(), left_of) &&
         !std::all_of(s.boxes.begin(), s.boxes.end(), left_of);
}

bool keeps_to_a_side(const std::string& kind) {
  static const std::vector<std::string> kinds = {
      "effusion", "consolidation", "atelectasis", "pneumothorax", "nodule", "mass", "fracture"};
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

struct Seen {  // one finding of a scene that shows on the frontal film
  double contrast;
  bool stated;
  BoxOverlap boxes;
};

// What one study adds to the figures that intervals are drawn for.
struct StudyCounts {
  double priors = 0, priors_right = 0, changes = 0, changes_found = 0, sides = 0, sides_right = 0, lateral = 0,
         lateral_found = 0;
};

struct KindTally {
  int64_t stated = 0, right = 0;
  BoxOverlap boxes;
  std::vector<Seen> seen;
};

void tally_kinds(const StudyTruth& truth, const std::vector<Stated>& stated, std::map<std::string, KindTally>& kinds) {
  for (const std::string& kind : phantom_kinds()) {
    KindTally& tally = kinds[kind];
    std::vector<BoxNorm> said_boxes, true_boxes;
    for (const Stated& s : stated) {
      if (s.what.kind != kind || !s.what.present()) continue;
      ++tally.stated;
      tally.right += std::any_of(truth.findings.begin(), truth.findings.end(),
          [&](const TruthFinding& f) { return f.kind == kind && f.present() && sides_agree(s.what.side, f.side); });
      said_boxes.insert(said_boxes.end(), s.boxes.begin(), s.boxes.end());
    }
    for (const TruthFinding& f : truth.findings) {
      if (f.kind != kind || !f.present() || f.lateral_only) continue;
      const bool found = std::any_of(stated.begin(), stated.end(),
          [&](const Stated& s) { return s.what.kind == kind && s.what.present() && sides_agree(s.what.side, f.side); });
      tally.seen.push_back({f.contrast_to_noise, found, box_overlap(said_boxes, f.boxes)});
      true_boxes.insert(true_boxes.end(), f.boxes.begin(), f.boxes.end());
    }
    tally.boxes += box_overlap(said_boxes, true_boxes);
  }
}

StudyCounts count_study(const StudyTruth& truth, const std::vector<Stated>& stated, std::vector<ChangeRow>& changes) {
  StudyCounts c;
  const auto said_of = [&](const TruthFinding& f) -> const Stated* {
    for (const Stated& s : stated)
      if (s.what.kind == f.kind && sides_agree(s.what.side, f.side)) return &s;
    return nullptr;
  };
  if (truth.has_prior) {
    bool right = true;
    for (const TruthFinding& f : truth.findings) {
      const Stated* said = said_of(f);
      ++c.changes;
      const auto row =
          std::find_if(changes.begin(), changes.end(), [&](const ChangeRow& r) { return r.change == f.change; });
      check(row != changes.end(), truth.study_id.c_str(),
          "has a prior, and a finding whose change is \"" + f.change + "\"",
          "Write new, larger, smaller, unchanged or resolved.");
      ++row->findings;
      if (said) ++row->stated[said->what.change];
      c.changes_found += said && said->what.change == f.change;
      right = right && (!said || f.lateral_only || said->what.change == f.change);
    }
    for (const Stated& s : stated)
      right = right && (s.what.change.empty() || std::any_of(truth.findings.begin(), truth.findings.end(),
                                                     [&](const TruthFinding& f) { return f.kind == s.what.kind; }));
    c.priors = 1;
    c.priors_right = right;
  }
  for (const Stated& s : stated)
    if (!s.boxes.empty() && !s.what.side.empty() && keeps_to_a_side(s.what.kind)) {
      ++c.sides;
      c.sides_right += on_its_side(s);
    }
  for (const TruthFinding& f : truth.findings)
    if (f.lateral_only && f.present()) {
      const Stated* said = said_of(f);
      ++c.lateral;
      c.lateral_found += said && said->what.present();
    }
  return c;
}

KindScore score_kind(const std::string& kind, KindTally& tally) {
  KindScore out{
      .kind = kind, .positives = static_cast<int64_t>(tally.seen.size()), .stated = tally.stated, .right = tally.right};
  int64_t found = 0;
  for (const Seen& s : tally.seen) found += s.stated;
  out.precision = ratio(static_cast<double>(out.right), static_cast<double>(out.stated));
  out.recall = ratio(static_cast<double>(found), static_cast<double>(out.positives));
  out.f1 = out.stated == 0 && out.positives > 0 ? 0 : harmonic(out.precision, out.recall);
  out.box_precision = tally.boxes.precision().value_or(kNaN);
  out.box_recall = tally.boxes.recall().value_or(kNaN);
  std::sort(tally.seen.begin(), tally.seen.end(), [](const Seen& a, const Seen& b) { return a.contrast < b.contrast; });
  const int64_t bins = out.positives == 0 ? 0 : std::clamp<int64_t>(out.positives / kFindingsPerBin, 1, kMostBins);
  for (int64_t b = 0; b < bins; ++b) {
    ContrastBin bin;
    BoxOverlap boxes;
    double contrast = 0, stated = 0;
    for (int64_t i = b * out.positives / bins; i < (b + 1) * out.positives / bins; ++i) {
      const Seen& s = tally.seen[static_cast<size_t>(i)];
      ++bin.findings;
      contrast += s.contrast;
      stated += s.stated;
      boxes += s.boxes;
    }
    bin.contrast = contrast / static_cast<double>(bin.findings);
    bin.recall = stated / static_cast<double>(bin.findings);
    bin.f1 = out.stated == 0 ? 0 : harmonic(out.precision, bin.recall);
    bin.box_recall = boxes.recall().value_or(kNaN);
    out.bins.push_back(bin);
  }
  return out;
}

}  // namespace

PhantomScores score_phantoms(
    const std::vector<StudyTruth>& truth, const std::vector<Report>& reports, const BootstrapOptions& options) {
  check(!truth.empty(), "evaluation", "the truth holds no study");
  std::unordered_map<std::string, const Report*> by_id;
  for (const Report& report : reports) by_id.emplace(report.study_id, &report);
  PhantomScores out;
  out.studies = static_cast<int64_t>(truth.size());
  for (const char* change : {"new", "larger", "smaller", "unchanged", "resolved"})
    out.changes.push_back({.change = change});
  std::map<std::string, KindTally> kinds;
  std::vector<StudyCounts> counts;
  for (const StudyTruth& study : truth) {
    const auto found = by_id.find(study.study_id);
    out.missing += found == by_id.end();
    const std::vector<Stated> stated = found == by_id.end() ? std::vector<Stated>{} : statements_of(*found->second);
    tally_kinds(study, stated, kinds);
    counts.push_back(count_study(study, stated, out.changes));
    out.with_prior += study.has_prior;
    out.side_sentences += static_cast<int64_t>(counts.back().sides);
    out.lateral_only += static_cast<int64_t>(counts.back().lateral);
    if (!study.has_prior)
      for (const Stated& s : stated) out.change_words_without_prior += !s.what.change.empty();
  }
  check(out.missing < out.studies, "evaluation", "no report is about a study of the truth",
      "Give the reports and the truth of one set of phantoms.");
  for (const std::string& kind : phantom_kinds()) out.kinds.push_back(score_kind(kind, kinds[kind]));

  const auto metrics = [&](std::span<const uint32_t> which, std::span<double> values) {
    StudyCounts sum;
    for (const uint32_t i : which) {
      const StudyCounts& c = counts[i];
      sum.priors += c.priors;
      sum.priors_right += c.priors_right;
      sum.changes += c.changes;
      sum.changes_found += c.changes_found;
      sum.sides += c.sides;
      sum.sides_right += c.sides_right;
      sum.lateral += c.lateral;
      sum.lateral_found += c.lateral_found;
    }
    values[0] = ratio(sum.priors_right, sum.priors);
    values[1] = ratio(sum.changes_found, sum.changes);
    values[2] = ratio(sum.sides_right, sum.sides);
    values[3] = ratio(sum.lateral_found, sum.lateral);
  };
  const std::vector<Interval> intervals = bootstrap(static_cast<uint32_t>(truth.size()), 4, metrics, options);
  out.change_right = intervals[0];
  out.change_found = intervals[1];
  out.side_right = intervals[2];
  out.lateral_only_found = intervals[3];
  return out;
}

}  // namespace hilum
