#include "phantom/findings.h"

#include <algorithm>

namespace hilum::phantom {
namespace {

using K = FindingKind;

struct Weight {
  K kind;
  double weight;
};
constexpr Weight kPathology[] = {{K::kEffusion, 0.22}, {K::kConsolidation, 0.18}, {K::kAtelectasis, 0.13},
    {K::kPneumothorax, 0.14}, {K::kCardiomegaly, 0.20}, {K::kNodule, 0.13}, {K::kMass, 0.08}, {K::kEdema, 0.12},
    {K::kFracture, 0.11}};
constexpr Weight kDevices[] = {{K::kPacemaker, 0.26}, {K::kEndotrachealTube, 0.24}, {K::kCentralLine, 0.32},
    {K::kChestTube, 0.10}, {K::kNasogastric, 0.14}};

template <size_t N>
K draw_kind(Rng& rng, const Weight (&table)[N]) {
  double total = 0;
  for (const Weight& row : table) total += row.weight;
  double at = rng.uniform() * total;
  for (const Weight& row : table)
    if ((at -= row.weight) < 0) return row.kind;
  return table[N - 1].kind;
}

bool holds(const std::vector<FindingSpec>& specs, K kind) {
  return std::any_of(specs.begin(), specs.end(), [&](const FindingSpec& s) { return s.kind == kind; });
}

// Findings that would hide each other or could not be told apart are not drawn into one lung.
bool clash(const FindingSpec& a, const FindingSpec& b) {
  if (a.kind == b.kind) return true;
  const auto pair = [&](K x, K y) { return (a.kind == x && b.kind == y) || (a.kind == y && b.kind == x); };
  if (pair(K::kNodule, K::kMass) || pair(K::kEdema, K::kConsolidation) || pair(K::kEdema, K::kNodule) ||
      pair(K::kEdema, K::kPneumothorax))
    return true;
  const bool same_side = a.side == b.side || a.side == Side::kBilateral || b.side == Side::kBilateral;
  if (!same_side) return false;
  if (pair(K::kPneumothorax, K::kConsolidation) || pair(K::kPneumothorax, K::kNodule) ||
      pair(K::kPneumothorax, K::kMass) || pair(K::kPneumothorax, K::kEffusion))
    return true;
  if (pair(K::kEffusion, K::kAtelectasis)) return true;
  const auto low_in_effusion = [&](const FindingSpec& x, const FindingSpec& y) {
    return x.kind == K::kEffusion && (y.kind == K::kConsolidation || y.kind == K::kNodule || y.kind == K::kMass) &&
           (y.zone != Zone::kUpper);
  };
  if (low_in_effusion(a, b) || low_in_effusion(b, a)) return true;
  if (pair(K::kConsolidation, K::kAtelectasis) || pair(K::kConsolidation, K::kNodule) ||
      pair(K::kConsolidation, K::kMass))
    return true;
  return false;
}

Side draw_side(Rng& rng) { return rng.chance(0.5) ? Side::kRight : Side::kLeft; }

FindingSpec draw_one(Rng& rng, K kind, const Knobs& k) {
  FindingSpec s;
  s.kind = kind;
  s.seed = rng.next();
  s.subtle = rng.chance(k.subtle_rate) && !is_device(kind);
  s.severity = s.subtle ? rng.uniform(k.subtle_low, k.subtle_high) : rng.uniform(k.clear_low, k.clear_high);
  if (s.severity > 0.66 && s.severity < 0.78)
    s.severity += s.severity < 0.72 ? -0.1 : 0.1;  // between moderate and large nobody agrees
  switch (kind) {
    case K::kCardiomegaly:
    case K::kEndotrachealTube:
    case K::kNasogastric: s.side = Side::kNone; break;
    case K::kEdema: s.side = Side::kBilateral; break;
    case K::kEffusion: s.side = rng.chance(0.28) ? Side::kBilateral : draw_side(rng); break;
    case K::kPacemaker: s.side = rng.chance(0.88) ? Side::kLeft : Side::kRight; break;
    case K::kCentralLine: s.side = rng.chance(0.7) ? Side::kRight : Side::kLeft; break;
    default: s.side = draw_side(rng);
  }
  if (s.side == Side::kBilateral && kind == K::kEffusion) s.severity = std::min(s.severity, 0.7);
  if (kind == K::kConsolidation || kind == K::kNodule || kind == K::kMass) {
    const uint32_t third = rng.below(3);
    s.zone = third == 0 ? Zone::kUpper : third == 1 ? Zone::kMiddle : Zone::kLower;
    if (kind == K::kConsolidation && s.side == Side::kLeft && s.zone == Zone::kMiddle)
      s.zone = Zone::kLower;  // the left lung has two lobes
  }
  if (kind == K::kAtelectasis) s.zone = Zone::kLower;
  return s;
}

void try_add(std::vector<FindingSpec>& specs, const FindingSpec& s) {
  if (std::none_of(specs.begin(), specs.end(), [&](const FindingSpec& other) { return clash(s, other); }))
    specs.push_back(s);
}

}  // namespace

bool is_device(FindingKind kind) { return kind >= K::kPacemaker; }

std::vector<FindingSpec> draw_findings(Rng& rng, bool has_lateral, const Knobs& knobs) {
  std::vector<FindingSpec> specs;
  const bool normal = rng.chance(knobs.normal_rate);
  if (!normal) {
    const double many = rng.uniform();
    const int count = many < knobs.one_rate ? 1 : many < knobs.one_rate + knobs.two_rate ? 2 : 3;
    if (has_lateral && rng.chance(knobs.lateral_only_rate / (1 - knobs.normal_rate))) {
      FindingSpec hidden = draw_one(rng, rng.chance(0.5) ? K::kConsolidation : K::kEffusion, knobs);
      hidden.lateral_only = hidden.subtle = true;
      hidden.side = hidden.kind == K::kConsolidation ? Side::kLeft : draw_side(rng);
      hidden.zone = Zone::kLower;
      hidden.severity = rng.uniform(0.5, 0.9);
      specs.push_back(hidden);
    }
    for (int tries = 0; tries < 12 && static_cast<int>(specs.size()) < count; ++tries)
      try_add(specs, draw_one(rng, draw_kind(rng, kPathology), knobs));
  }
  if (rng.chance(normal ? knobs.device_rate / 3 : knobs.device_rate * 1.25)) {
    const int count = normal || rng.chance(0.6) ? 1 : 2;
    for (int k = 0; k < count; ++k) {
      FindingSpec device = draw_one(rng, draw_kind(rng, kDevices), knobs);
      if (device.kind == K::kChestTube) {  // where there is something to drain
        const auto drained = std::find_if(specs.begin(), specs.end(), [](const FindingSpec& s) {
          return (s.kind == K::kEffusion || s.kind == K::kPneumothorax) && !s.lateral_only;
        });
        if (drained == specs.end()) device = draw_one(rng, K::kCentralLine, knobs);
        else device.side = drained->side == Side::kBilateral ? Side::kRight : drained->side;
      }
      if (!holds(specs, device.kind)) specs.push_back(device);
    }
  }
  return specs;
}

std::vector<FindingSpec> draw_prior(Rng& rng, std::vector<FindingSpec>& today, const Knobs& knobs) {
  std::vector<FindingSpec> prior;
  for (FindingSpec& s : today) {
    FindingSpec before = s;
    before.lateral_only = false;
    if (s.lateral_only) {
      s.change = Change::kNew;
      continue;
    }
    const double at = rng.uniform();
    if (is_device(s.kind) || s.kind == K::kFracture) {
      s.change = at < 0.5 ? Change::kNew : Change::kUnchanged;
    } else if (at < 0.30) {
      s.change = Change::kNew;
    } else if (at < 0.55 && s.severity >= 0.42 && s.kind != K::kMass && s.kind != K::kAtelectasis) {
      s.change = Change::kLarger;
      before.severity = s.severity * 0.42;
    } else if (at < 0.78 && s.severity <= 0.6 && s.kind != K::kNodule && s.kind != K::kMass &&
               s.kind != K::kAtelectasis) {
      s.change = Change::kSmaller;
      before.severity = std::min(1.0, s.severity + 0.38);
    } else {
      s.change = Change::kUnchanged;
    }
    if (s.change != Change::kNew) prior.push_back(before);
  }
  if (rng.chance(0.3)) {
    constexpr K kCanGo[] = {K::kEffusion, K::kConsolidation, K::kPneumothorax, K::kEdema, K::kAtelectasis};
    FindingSpec gone = draw_one(rng, kCanGo[rng.below(5)], knobs);
    gone.subtle = false;
    gone.severity = rng.uniform(0.5, 0.9);
    if (gone.side == Side::kBilateral && gone.kind == K::kEffusion) gone.side = Side::kRight;
    const auto against = [&](const FindingSpec& other) { return clash(gone, other); };
    if (std::none_of(today.begin(), today.end(), against) && std::none_of(prior.begin(), prior.end(), against)) {
      prior.push_back(gone);
      gone.change = Change::kResolved;
      today.push_back(gone);
    }
  }
  return prior;
}

}  // namespace hilum::phantom
