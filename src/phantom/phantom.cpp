#include "phantom/phantom.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "phantom/film.h"
#include "phantom/findings.h"
#include "phantom/fmath.h"
#include "phantom/report_grammar.h"

namespace hilum {
namespace {

using namespace phantom;

constexpr float kFieldMm = 370;  // across a film, for a patient of scale 1

Exposure draw_exposure(Rng& rng, bool lateral) {
  Exposure e;
  e.photons_per_mm2 = static_cast<float>(rng.uniform(5000, 16000));
  e.scatter = static_cast<float>(rng.uniform(0.045, 0.10));
  e.blur = static_cast<float>(rng.uniform(0.06, 0.16));
  e.gamma = static_cast<float>(rng.uniform(0.82, 1.22));
  e.low = static_cast<float>(rng.uniform(0.004, 0.02));
  e.high = static_cast<float>(rng.uniform(0.985, 0.999));
  e.toe = static_cast<float>(rng.uniform(0.0, 0.09));
  e.noise_seed = static_cast<uint32_t>(rng.next());
  e.equalise = static_cast<float>(rng.uniform(0.2, 0.6));
  const bool collimated = rng.chance(0.35);
  for (float& edge : e.collimation) {
    const double drawn = rng.uniform(0, 0.045);
    if (collimated && rng.chance(0.6)) edge = static_cast<float>(drawn);
  }
  const bool right = rng.chance(0.5) && !lateral;
  const double inset = rng.uniform(0.05, 0.1), down = rng.uniform(0.05, 0.22);
  e.marker = {rng.chance(0.75) ? (right ? 'R' : 'L') : '\0', static_cast<float>(right ? inset : 0.95 - inset),
      static_cast<float>(down), static_cast<float>(rng.uniform(10, 17)), static_cast<float>(rng.uniform(0.6, 1))};
  return e;
}

struct Shot {
  Image film;
  Projection projection;
  Exposure exposure;
  float field_mm = kFieldMm;
};

Shot shoot(const Scene& scene, const Patient& patient, const Pose& pose, bool lateral, int size, Rng& rng) {
  Shot shot;
  View view;
  view.size = size;
  view.field_mm = shot.field_mm = kFieldMm / patient.scale;
  view.turn = (lateral ? static_cast<float>(-kPi / 2) : 0.0f) + pose.turn;
  view.lean = pose.lean;
  view.shift_u = pose.shift_u;
  view.shift_v = pose.shift_v;
  view.texture_seed = static_cast<uint32_t>(patient.seed) + (lateral ? 17u : 0u);
  shot.exposure = draw_exposure(rng, lateral);
  if (lateral) {
    shot.exposure.photons_per_mm2 *= 6;
    shot.exposure.scatter *= 0.25f;  // a thicker way through: more exposure
  }
  shot.projection = project(scene, view);
  shot.film = expose(shot.projection, view.field_mm, shot.exposure);
  return shot;
}

// Mean contrast over the pixels of a mark, against quantum noise and the clutter of the anatomy there (what a pixel
// differs from its four neighbours 5 mm away once the mark's own share is taken off).
double contrast_to_noise(const Shot& shot, const std::vector<float>& mark, float threshold) {
  const int size = shot.projection.size;
  const float mm = shot.field_mm / static_cast<float>(size);
  const int reach = std::max(1, static_cast<int>(5 / mm));
  const auto bare = [&](int row, int i) {
    const size_t at = static_cast<size_t>(std::clamp(row, 0, size - 1)) * static_cast<size_t>(size) +
                      static_cast<size_t>(std::clamp(i, 0, size - 1));
    return std::min(12.0f, shot.projection.attenuation[at]) - mark[at];
  };
  double contrast = 0, variance = 0;
  int64_t count = 0;
  const int step = size >= 384 ? 2 : 1;  // small films have thin marks of few pixels
  for (int row = 0; row < size; row += step)
    for (int i = 0; i < size; i += step) {
      const float own = std::abs(mark[static_cast<size_t>(row) * static_cast<size_t>(size) + static_cast<size_t>(i)]);
      if (own <= threshold) continue;
      const float here = bare(row, i), off = here - 0.25f * (bare(row - reach, i) + bare(row + reach, i) +
                                                                bare(row, i - reach) + bare(row, i + reach));
      const float quantum = quantum_noise(here, mm, shot.exposure);
      contrast += own;
      variance += off * off / 1.25f + quantum * quantum;
      ++count;
    }
  return count == 0
             ? 0
             : contrast / static_cast<double>(count) / std::sqrt(std::max(1e-9, variance / static_cast<double>(count)));
}

// What a pixel's share must exceed to count as part of the finding.
float box_threshold(const std::vector<float>& mark, FindingKind kind) {
  float peak = 0.01f;
  for (const float value : mark) peak = std::max(peak, std::abs(value));
  const float cap = is_device(kind) ? kKnobs.device_box_cap : kKnobs.box_cap;
  return (kind == FindingKind::kPneumothorax ? kKnobs.air_box_fraction : kKnobs.box_fraction) * std::min(peak, cap);
}

Pose settle(Pose pose, Rng& rng) {  // the same patient stands a little differently another day
  const Pose other = draw_pose(rng);
  pose.breath_mm = 0.6f * pose.breath_mm + 0.4f * other.breath_mm;
  pose.turn = 0.4f * pose.turn + 0.6f * other.turn;
  pose.lean = other.lean;
  pose.shift_u = other.shift_u;
  pose.shift_v = other.shift_v;
  return pose;
}

void check_config(const PhantomConfig& config) {
  check(config.size_px >= 64 && config.size_px <= 4096, "phantom",
      fmt::format("size {} px is out of range", config.size_px), "Use 64 to 4096.");
  for (const double rate : {config.prior_rate, config.lateral_rate})
    check(rate >= 0 && rate <= 1, "phantom", fmt::format("a rate of {} is not within 0 and 1", rate));
}

// Streams of their own, so that wording does not depend on pixels nor the scene on the rates of priors and laterals.
Rng stream(const PhantomConfig& config, uint64_t index, uint64_t part) { return Rng(config.seed, index * 8 + part); }

struct Drawn {  // what a study holds, before anything is rendered
  bool has_lateral = false, has_prior = false;
  std::vector<FindingSpec> specs, prior_specs;  // now (the resolved last), and on the earlier film
};

Drawn draw_study(const PhantomConfig& config, uint64_t index) {
  Rng choice = stream(config, index, 1), finding_rng = stream(config, index, 2), prior_rng = stream(config, index, 4);
  Drawn out;
  out.has_lateral = choice.uniform() < config.lateral_rate;
  out.has_prior = choice.uniform() < config.prior_rate;
  out.specs = draw_findings(finding_rng, out.has_lateral, config.crowded ? kCrowdedKnobs : kKnobs);
  if (out.has_prior) out.prior_specs = draw_prior(prior_rng, out.specs);
  return out;
}

}  // namespace

const char* finding_name(FindingKind kind) {
  constexpr const char* kNames[kFindingKinds] = {"effusion", "consolidation", "atelectasis", "pneumothorax",
      "cardiomegaly", "nodule", "mass", "edema", "fracture", "pacemaker", "endotracheal tube", "central line",
      "chest tube", "nasogastric tube"};
  return kNames[static_cast<int>(kind)];
}

const char* finding_label(FindingKind kind) {
  constexpr const char* kLabels[kFindingKinds] = {"Pleural Effusion", "Consolidation", "Atelectasis", "Pneumothorax",
      "Cardiomegaly", "Lung Lesion", "Lung Lesion", "Edema", "Fracture", "Support Devices", "Support Devices",
      "Support Devices", "Support Devices", "Support Devices"};
  return kLabels[static_cast<int>(kind)];
}

std::vector<PhantomOutline> outline_phantom(const PhantomConfig& config, uint64_t index) {
  check_config(config);
  const Drawn drawn = draw_study(config, index);
  std::vector<PhantomOutline> findings;
  for (const FindingSpec& s : drawn.specs) findings.push_back({s.kind, s.lateral_only, s.change});
  return findings;
}

PhantomStudy make_phantom(const PhantomConfig& config, uint64_t index) {
  check_config(config);
  Rng body = stream(config, index, 0), film = stream(config, index, 3), words = stream(config, index, 5);
  const Patient patient = draw_patient(body);
  const Pose pose = draw_pose(body);
  const auto [has_lateral, has_prior, specs, prior_specs] = draw_study(config, index);

  PhantomStudy out;
  std::vector<FindingSpec> now;  // what is in the scene: all but the resolved, which draw_prior puts last
  for (const FindingSpec& s : specs)
    if (s.change != Change::kResolved) now.push_back(s);

  const FilledScene filled = build_scene(patient, pose, now);
  const Shot frontal = shoot(filled.scene, patient, pose, false, config.size_px, film);
  out.frontal = frontal.film;

  ReportInput input{specs, std::vector<std::vector<BoxNorm>>(specs.size()), has_prior};
  std::vector<double> ratio(specs.size(), 0);
  for (size_t m = 0; m < filled.owner.size(); ++m) {
    const std::vector<float>& mark = frontal.projection.marks[m];
    if (mark.empty()) continue;
    const float threshold = box_threshold(mark, now[filled.owner[m]].kind);
    const BoxNorm box = mark_box(mark, config.size_px, threshold);
    if (box == BoxNorm{}) continue;
    input.boxes[filled.owner[m]].push_back(box);
    ratio[filled.owner[m]] = std::max(ratio[filled.owner[m]], contrast_to_noise(frontal, mark, threshold));
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    const FindingSpec& s = specs[i];
    out.truth.push_back({s.kind, s.side, input.boxes[i], ratio[i], s.subtle, s.lateral_only, s.change});
  }

  Study& study = out.study;
  study.study_id = fmt::format("p{:06}", index);
  study.patient_id = fmt::format("p{}", index);
  study.split = "train";
  study.sex = patient.female ? "F" : "M";
  study.age_months = patient.age_years * 12 + static_cast<int>(words.below(12));
  study.images.push_back({fmt::format("images/{}_f.png", study.study_id), "frontal"});
  if (has_lateral) {
    Rng other = stream(config, index, 6);
    Pose side = settle(pose, other);
    side.turn *= 0.6f;
    side.lean = 0;
    const FilledScene turned = build_scene(patient, side, now);
    out.lateral = shoot(turned.scene, patient, side, true, config.size_px, other).film;
    study.images.push_back({fmt::format("images/{}_l.png", study.study_id), "lateral"});
  }
  if (has_prior) {
    Rng other = stream(config, index, 7);
    const Pose earlier = settle(pose, other);
    const FilledScene before = build_scene(patient, earlier, prior_specs);
    out.prior_frontal = shoot(before.scene, patient, earlier, false, config.size_px, other).film;
    study.images.push_back({fmt::format("images/{}_pf.png", study.study_id), "prior_frontal"});
    ReportInput then{prior_specs, std::vector<std::vector<BoxNorm>>(prior_specs.size()), false};
    study.prior_report = join_findings(write_report(then, other).findings);
  }

  constexpr const char* kIndications[] = {"Cough.", "Shortness of breath.", "Chest pain.", "Fever.", "Weakness.",
      "Fall.", "Routine examination.", "Follow up."};
  study.indication = kIndications[words.below(has_prior ? 8 : 7)];
  study.technique = has_lateral ? "PA and lateral views of the chest." : "PA view of the chest.";
  study.comparison = has_prior ? "Prior chest radiograph." : "None.";
  WrittenReport report = write_report(input, words);
  study.findings = std::move(report.findings);
  study.impression = std::move(report.impression);
  study.labels = std::move(report.labels);
  study.dialogues = std::move(report.dialogues);
  return out;
}

}  // namespace hilum
