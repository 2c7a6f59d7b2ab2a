// Findings become objects: which, where and how large. The numbers are in mm in the patient's frame.
#include <algorithm>

#include "phantom/bones.h"
#include "phantom/findings.h"
#include "phantom/fmath.h"

namespace hilum::phantom {
namespace {

using K = FindingKind;

float mix(double low, double high, double t) { return static_cast<float>(low + (high - low) * t); }
class Placer {
 public:
  Placer(FilledScene& out, const Patient& patient, const Knobs& knobs)
      : out_(out), scene_(out.scene), marks_(out.landmarks), p_(patient), k_(knobs) {}

  void place(const FindingSpec& s, size_t index) {
    index_ = index;
    Rng rng(s.seed, 77);
    const bool right = s.side == Side::kRight || s.side == Side::kBilateral,
               left = s.side == Side::kLeft || s.side == Side::kBilateral;
    for (int side = 0; side < 2; ++side) {
      if (side == 0 ? !right : !left) continue;
      switch (s.kind) {
        case K::kEffusion: effusion(s, side, rng); break;
        case K::kConsolidation: consolidation(s, side, rng); break;
        case K::kAtelectasis: atelectasis(s, side, rng); break;
        case K::kPneumothorax: pneumothorax(s, side, rng); break;
        case K::kNodule:
        case K::kMass: lesion(s, side, rng); break;
        case K::kEdema: edema(s, side, rng); break;
        case K::kFracture: fracture(s, side, rng); break;
        case K::kPacemaker: pacemaker(side, rng); break;
        case K::kCentralLine: line(side, rng); break;
        case K::kChestTube: chest_tube(side, rng); break;
        default: break;
      }
    }
    if (s.kind == K::kEndotrachealTube) endotracheal(rng);
    if (s.kind == K::kNasogastric) nasogastric(rng);
  }

 private:
  int new_mark() {
    out_.owner.push_back(index_);
    return scene_.num_marks++;
  }
  static float sign(int side) { return side == 0 ? -1.0f : 1.0f; }
  const std::vector<Knot>& outline(int side) const { return scene_.lung_knots[static_cast<size_t>(side)]; }
  float lateral(int side, float y) const {
    const Knot k = knot_at(outline(side), y);
    return std::max(std::abs(k.left), std::abs(k.right));
  }

  // A lung made smaller from its side wall, its front and back: `in(y)` mm from the side, `thin(y)` from front and
  // back.
  template <typename In, typename Thin>
  std::vector<Knot> shrunk(int side, float y0, float y1, float step, In in, Thin thin) const {
    std::vector<Knot> knots;
    for (float y = y0; y <= y1 + 0.5f * step; y += step) {
      Knot k = knot_at(outline(side), y);
      (side == 0 ? k.left : k.right) -= sign(side) * in(y);
      k.depth -= thin(y);
      knots.push_back(k);
    }
    return knots;
  }

  void effusion(const FindingSpec& s, int side, Rng& rng) {
    const float bottom = outline(side).back().y, angle = marks_.dome_top[side].y + 44;
    if (s.lateral_only) {  // fills the deep gutter behind the dome, hidden below it from the front
      Occluder pool{
          ellipsoid({{sign(side) * 78 * p_.width, angle + 4, -74 * p_.depth}, {62, mix(30, 42, s.severity), 32}})};
      pool.lung = side;
      scene_.occluders.push_back(pool);
      return;
    }
    const float height = mix(k_.effusion_low_mm, k_.effusion_high_mm, s.severity) * (1 + jitter(rng, 0.06f)),
                top = std::max(-128.0f, angle - height);
    const float full = bottom - top, curve_at = std::min(0.8f * full, 26 + 0.55f * height);
    const auto rise = [=](float y) {
      const float t = std::max(0.0f, (y - top) / curve_at);
      return t * t * (0.35f + 0.65f * t);
    };
    Rim rim;
    rim.lung = side;
    rim.inner = pile(shrunk(
        side, top, bottom, 5, [&](float y) { return 118 * rise(y); }, [&](float y) { return 0.5f * 90 * rise(y); }));
    rim.mark = new_mark();
    scene_.rims.push_back(rim);
  }

  void pneumothorax(const FindingSpec& s, int side, Rng& rng) {
    const float drop = mix(k_.apex_low_mm, k_.apex_high_mm, s.severity) * (1 + jitter(rng, 0.08f));
    const float rim_mm = mix(k_.rim_low_mm, k_.rim_high_mm, s.severity), top = outline(side).front().y,
                bottom = outline(side).back().y;
    // The lung that is left keeps its shape and hangs from the hilum: its apex lies `drop` lower.
    std::vector<Knot> knots;
    for (float y = top; y <= bottom; y += 5) {
      const float t = (y - top) / (bottom - top), fade = (1 - t) * (1 - t);
      Knot k = knot_at(outline(side), y);
      const float in = rim_mm * ((0.05f + 0.35f * static_cast<float>(s.severity)) * std::min(1.0f, 3 * (1 - t)) +
                                    (0.95f - 0.35f * static_cast<float>(s.severity)) * fade);
      (side == 0 ? k.left : k.right) -= sign(side) * in;
      k.depth = std::max(1.0f, k.depth - 0.15f * in);
      k.y = y + drop * (1 - t) * (1 - 0.6f * t);
      knots.push_back(k);
    }
    Rim rim;
    rim.lung = side;
    rim.is_air = true;
    rim.inner = pile(knots);
    rim.mark = new_mark();
    // The visceral pleura: a shell towards the side wall, a line where it is seen edge on.
    std::vector<Knot> outer = knots;
    for (Knot& k : outer) {
      (side == 0 ? k.left : k.right) += sign(side) * 1.6f;
      k.depth += 0.8f;
      k.y -= 1.2f;
    }
    const auto skin = [&](std::vector<Knot> shape, float mu) {
      scene_.inserts.push_back({cut(pile(std::move(shape)), top, marks_.dome_top[side].y - 4), mu});
    };
    skin(outer, 0.8f * kMuSoft);
    skin(knots, -0.8f * kMuSoft);
    scene_.rims.push_back(rim);
  }

  void consolidation(const FindingSpec& s, int side, Rng& rng) {
    const float size = mix(k_.lobe_low, k_.lobe_high, s.severity),
                density = s.lateral_only ? 1.0f : mix(k_.consolidation_low, k_.consolidation_high, s.severity),
                sg = sign(side);
    Vec3 at, radii;
    float y0 = -1000, y1 = 1000;
    if (s.lateral_only) {
      at = {38, marks_.dome_top[1].y - 32, -52 * p_.depth};
      radii = {34, 38, 36};
    } else if (s.zone == Zone::kUpper) {
      at = {sg * 74 * p_.width, -72, 8};
      radii = {46, 44, 62};
      if (side == 0 && rng.chance(0.6)) {
        y1 = -20 + jitter(rng, 4);
        at.y = -52;  // sharp above the minor fissure
      }
    } else if (s.zone == Zone::kMiddle) {
      at = {sg * 70 * p_.width, 24, 42};
      radii = {44, 36, 48};
      if (rng.chance(0.6)) {
        y0 = -14 + jitter(rng, 4);
        at.y = 12;
      }
    } else {
      at = {sg * 84 * p_.width, marks_.dome_top[side].y - 24, -30};
      radii = {46, 42, 52};
    }
    at = at + Vec3{jitter(rng, 9), jitter(rng, 7), jitter(rng, 8)};
    const int mark = s.lateral_only ? kNoMark : new_mark();
    const auto blob = [&](Vec3 centre, float scale, float dense) {
      Occluder o{cut(ellipsoid({centre, scale * size * radii, jitter(rng, 0.5f), jitter(rng, 0.4f)}), y0, y1), dense,
          0.35f, true, side, mark};
      scene_.occluders.push_back(o);
    };
    blob(at, 1.0f, density);
    for (int i = 0; i < 3; ++i)
      blob(at + size * Vec3{jitter(rng, 0.45f) * radii.x, jitter(rng, 0.45f) * radii.y, jitter(rng, 0.45f) * radii.z},
          0.5f, 0.8f * density);
  }

  void atelectasis(const FindingSpec& s, int side, Rng& rng) {
    const float thick = mix(k_.plate_low_mm, k_.plate_high_mm, s.severity) / 2;
    const int mark = new_mark(), count = s.severity > 0.42 ? 2 : 1;
    for (int i = 0; i < count; ++i) {
      const Vec3 at{sign(side) * (82 + jitter(rng, 10)) * p_.width,
          marks_.dome_top[side].y - 13 - 17 * static_cast<float>(i) + jitter(rng, 3), 6 + jitter(rng, 15)};
      Occluder plate{ellipsoid({at, {mix(30, 42, s.severity) * (1 - 0.25f * static_cast<float>(i)), thick, 48},
                         sign(side) * (0.12f + jitter(rng, 0.25f)), jitter(rng, 0.04f)}),
          1.0f};
      plate.lung = side;
      plate.mark = mark;
      scene_.occluders.push_back(plate);
    }
  }

  void lesion(const FindingSpec& s, int side, Rng& rng) {
    const bool mass = s.kind == K::kMass;
    const float r = 0.5f * (mass ? mix(k_.mass_low_mm, k_.mass_high_mm, s.severity)
                                 : mix(k_.nodule_low_mm, k_.nodule_high_mm, s.severity));
    // Position before size is used, so that a growing nodule stays where it is.
    const double across = rng.uniform(), down = rng.uniform(), deep = rng.uniform(-0.45, 0.45);
    const float low_end = marks_.dome_top[side].y - (mass ? 40.0f : 24.0f);
    const float y = s.zone == Zone::kUpper    ? mix(-102, -52, down)
                    : s.zone == Zone::kMiddle ? mix(-28, 14, down)
                                              : mix(36, std::max(40.0f, low_end), down);
    const float out = lateral(side, y) - (mass ? 30.0f : 18.0f),
                inner = side == 1 && s.zone != Zone::kUpper ? 72.0f + (s.zone == Zone::kLower ? 14.0f : 0.0f) : 52.0f;
    const Vec3 at{sign(side) * mix(std::min(inner * p_.width, out), out, across), y,
        static_cast<float>(deep) * knot_at(outline(side), y).depth};
    const float density = mix(k_.lesion_density_low, k_.lesion_density_high, s.severity);
    const int mark = new_mark();
    const auto part = [&](Vec3 offset, float scale, float stretch) {
      Occluder o{
          ellipsoid({at + r * offset, {scale * r * stretch, scale * r, scale * r}, jitter(rng, 1.5f), 0}), density};
      o.lung = side;
      o.mark = mark;
      o.grain = 0.12f;
      scene_.occluders.push_back(o);
      if (!mass && scale > 0.9f)
        scene_.inserts.push_back(
            {o.solid, mix(k_.calcium_small, k_.calcium_large, std::min(1.0, (2.0 * r - 13) / 30)), mark});
    };
    part({0, 0, 0}, 0.96f, 1.06f);
    const int lobes = mass ? 4 : 2;
    for (int i = 0; i < lobes; ++i) part({jitter(rng, 0.42f), jitter(rng, 0.42f), jitter(rng, 0.42f)}, 0.64f, 1.1f);
  }

  void edema(const FindingSpec& s, int side, Rng& rng) {
    const float density = mix(k_.edema_low, k_.edema_high, s.severity), sg = sign(side);
    const int mark = new_mark();
    const auto haze = [&](Vec3 at, Vec3 radii, float dense) {
      Occluder o{ellipsoid({at, radii, sg * 0.2f, 0}), dense, 0.4f, true, side, mark};
      scene_.occluders.push_back(o);
    };
    const float wide = mix(0.9, 1.15, s.severity);
    haze({sg * 58 * p_.width, 4, 0}, {wide * 60, wide * 78, 84}, density);
    haze({sg * 66 * p_.width, 50, -6}, {wide * 54, wide * 44, 80}, 0.75f * density);
    const int lines = 5 + static_cast<int>(6 * s.severity);
    for (int i = 0; i < lines; ++i) {  // septal lines reach the pleura low at the side
      const float y = static_cast<float>(rng.uniform(40, 105)), x = lateral(side, y) - 3;
      Tube septum;
      septum.path = {{{sg * x, y, jitter(rng, 20)},
                         {sg * (x - static_cast<float>(rng.uniform(10, 18))), y + jitter(rng, 2), jitter(rng, 20)}},
          0.8f, 0.8f};
      septum.mu = 2.2f * kMuSoft;
      septum.in_lung = true;
      scene_.tubes.push_back(septum);
    }
  }

  void fracture(const FindingSpec& s, int side, Rng& rng) {
    const size_t rib = 3 + rng.below(5), at = 5 + rng.below(6);
    const float step = mix(k_.step_low_mm, k_.step_high_mm, s.severity),
                size = mix(k_.callus_low_mm, k_.callus_high_mm, s.severity);
    Tube& tube = scene_.tubes[marks_.rib_tubes[side][rib]];
    const std::vector<Vec3> points = tube.path.points;
    const float r = tube.path.r0;
    tube.path.points.assign(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    std::vector<Vec3> rest(points.begin() + static_cast<std::ptrdiff_t>(at), points.end());
    for (size_t i = 0; i < rest.size(); ++i) {
      rest[i].y += step * std::max(0.0f, 1 - static_cast<float>(i) / 7);
      rest[i].x -= sign(side) * 2 * std::max(0.0f, 1 - static_cast<float>(i) / 5);
    }
    scene_.tubes.push_back(rib_tube(rest, r, p_.bone));
    const Vec3 break_at = points[at] + Vec3{0, 0.5f * step, 0};
    // Callus along the rib, longer than thick, so that it is no nodule; the gap between the ends stays dark.
    const Vec3 along = points[at + 1] - points[at - 1];
    const float tangent = std::clamp(along.y / (std::abs(along.x) > 1 ? along.x : 1.0f), -1.2f, 1.2f),
                roll = tangent / (1 + 0.28f * tangent * tangent);
    const int mark = new_mark();
    for (const float end : {-1.0f, 1.0f}) {
      const Vec3 centre = break_at + end * Vec3{0.75f * size, 0.75f * size * tangent + sign(side) * 0.5f * step, 0};
      scene_.inserts.push_back(
          {ellipsoid({centre, {size, 0.62f * size, 0.7f * size}, roll, 0}), 1.1f * kMuCortex, mark});
    }
    scene_.inserts.push_back(
        {ellipsoid({break_at, {1.5f, 0.9f * size, 0.8f * size}, roll + 0.25f, 0}), -0.75f * kMuCortex});
  }

  Tube wire(std::vector<Vec3> knots, float r, float mu, int mark) const {
    Tube tube;
    tube.path = {curve(knots, 8), r, r};
    tube.mu = mu;
    tube.mark = mark;
    return tube;
  }

  void pacemaker(int side, Rng& rng) {
    const float sg = sign(side), x = sg * (92 + jitter(rng, 8)) * p_.width, y = -78 + jitter(rng, 7),
                front = 96 * p_.depth;
    const int mark = new_mark();
    for (const float turn : {-0.3f, 0.5f})
      scene_.inserts.push_back({ellipsoid({{x, y, front}, {25, 20, 4}, turn, 0}), 0.5f * kMuMetal, mark});
    const Vec3 heart = marks_.heart_centre;
    const auto lead = [&](Vec3 tip, float bow) {
      scene_.tubes.push_back(wire({{x - sg * 8, y - 14, front}, {x - sg * 30, y - 34, 70}, {sg * 34, -98, 40},
                                      {-14, -72, 20}, {-20, -30, 10}, {-20 + bow, 0.5f * heart.y, 15}, tip},
          1.15f, 0.16f, mark));
    };
    lead({heart.x + 34, heart.y + 28, 40}, -6);
    if (rng.chance(0.65)) lead({heart.x - 38, heart.y - 4, 30}, 0);
  }

  void endotracheal(Rng& rng) {
    const float above = static_cast<float>(rng.uniform(22, 58));
    const Vec3 tip{marks_.carina.x + jitter(rng, 2), marks_.carina.y - above, -18};
    const int mark = new_mark();
    const std::vector<Vec3> way{{2, -230, 8}, {0.5f * tip.x, -150, -6}, tip};
    Tube wall = wire(way, 5, 0.026f, mark);
    wall.wall = 1.4f;
    scene_.tubes.push_back(wall);
    std::vector<Vec3> side_way = way;
    for (Vec3& v : side_way) v.x += 3;
    scene_.tubes.push_back(wire(side_way, 0.9f, 0.17f, mark));
  }

  void nasogastric(Rng& rng) {
    const Vec3 dome = marks_.dome_top[1];
    scene_.tubes.push_back(
        wire({{-2, -230, 0}, {2 + jitter(rng, 3), -120, -30}, {4, -20, -40}, {9 + jitter(rng, 3), 60, -38},
                 {22, dome.y + 4, -14}, {46, dome.y + 24, 0}, {60 + jitter(rng, 10), dome.y + 44, 10}},
            1.6f, 0.13f, new_mark()));
  }

  void line(int side, Rng& rng) {
    const float tip = static_cast<float>(rng.uniform(-34, 12));
    const int mark = new_mark();
    if (side == 0 && rng.chance(0.6)) {  // internal jugular
      scene_.tubes.push_back(
          wire({{-34 + jitter(rng, 4), -230, 10}, {-30, -160, 14}, {-22, -100, 18}, {-19, -60, 16}, {-21, tip, 14}},
              1.3f, 0.17f, mark));
    } else {  // subclavian
      const float sg = sign(side);
      scene_.tubes.push_back(wire({{sg * 150 * p_.width, -78, 70}, {sg * 92 * p_.width, -96, 50}, {sg * 40, -104, 30},
                                      {side == 0 ? -20.0f : 2.0f, -84, 22}, {-19, -50, 16}, {-21, tip + 4, 14}},
          1.3f, 0.17f, mark));
    }
  }

  void chest_tube(int side, Rng& rng) {
    const float sg = sign(side), y = 58 + jitter(rng, 18), out = lateral(side, y);
    const int mark = new_mark();
    const std::vector<Vec3> way{{sg * (out + 46), y + 22, 10}, {sg * (out + 4), y, 6}, {sg * (out - 14), y - 40, -10},
        {sg * (lateral(side, -30) - 22), -30, -24}, {sg * (lateral(side, -84) - 34), -84 + jitter(rng, 10), -20}};
    Tube wall = wire(way, 4.2f, 0.03f, mark);
    wall.wall = 1.3f;
    scene_.tubes.push_back(wall);
    scene_.tubes.push_back(wire(way, 0.9f, 0.17f, mark));
  }

  FilledScene& out_;
  Scene& scene_;
  Landmarks& marks_;
  const Patient& p_;
  const Knobs& k_;
  size_t index_ = 0;
};

}  // namespace

FilledScene build_scene(
    const Patient& patient, const Pose& pose, const std::vector<FindingSpec>& specs, const Knobs& knobs) {
  FilledScene out;
  Alterations a;
  for (size_t i = 0; i < specs.size(); ++i) {
    const FindingSpec& s = specs[i];
    if (s.kind == K::kCardiomegaly) {
      a.heart_ratio = mix(knobs.heart_low, knobs.heart_high, s.severity);
      a.heart_mark = static_cast<int>(out.owner.size());
      out.owner.push_back(i);
    }
    if (s.kind == K::kEdema) a.vessel_gain = mix(1.2, 1.55, s.severity);
    if (s.kind == K::kAtelectasis) a.dome_rise_mm[s.side == Side::kRight ? 0 : 1] = mix(2, 12, s.severity);
    if (s.kind == K::kPneumothorax && s.severity > 0.75) a.mediastinum_shift_mm = s.side == Side::kRight ? 7.0f : -7.0f;
    if (s.kind == K::kEffusion && s.side != Side::kBilateral && s.severity > 0.8)
      a.mediastinum_shift_mm = s.side == Side::kRight ? 8.0f : -8.0f;
  }
  out.scene = build_anatomy(patient, pose, a, out.landmarks);
  out.scene.num_marks = static_cast<int>(out.owner.size());
  Placer placer(out, patient, knobs);
  for (size_t i = 0; i < specs.size(); ++i) placer.place(specs[i], i);
  return out;
}

}  // namespace hilum::phantom
