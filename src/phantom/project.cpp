#include "phantom/project.h"

#include <algorithm>
#include <cmath>

#include "phantom/fmath.h"
#include "phantom/texture.h"

namespace hilum::phantom {
namespace {

// A slice seen along the rays: at column offset du the interval is middle +- sqrt(max(0, h0 - k du^2)), middle = cw -
// slope du.
struct Chord {
  float cu = 0, cw = 0, slope = 0, h0 = 0, k = 0;
  int first = 0, last = -1;  // columns it may touch
};

class Projector {
 public:
  Projector(const Scene& scene, const View& view)
      : scene_(scene),
        view_(view),
        size_(view.size),
        mm_(view.field_mm / static_cast<float>(view.size)),
        cos_(static_cast<float>(det_cos(view.turn))),
        sin_(static_cast<float>(det_sin(view.turn))) {
    const auto count = static_cast<size_t>(size_);
    out_.size = size_;
    out_.attenuation.assign(count * count, 0);
    out_.marks.resize(static_cast<size_t>(scene.num_marks));
    airy_.assign(count * count, 0);
    scratch_.assign(count * count, 0);
    column_u_.resize(count);
    for (int i = 0; i < size_; ++i) column_u_[static_cast<size_t>(i)] = column(i);
    for (Lung& lung : lungs_)
      for (std::vector<float>* row : {&lung.low, &lung.high, &lung.length, &lung.left, &lung.pocket})
        row->resize(count);
    body_.resize(count);
    body_middle_.resize(count);
  }

  Projection run() {
    Texture coarse(hash32(view_.texture_seed + 1), 34, size_, mm_),
        middle(hash32(view_.texture_seed + 2), 11, size_, mm_), fine(hash32(view_.texture_seed + 3), 4.5f, size_, mm_);
    for (int row = 0; row < size_; ++row) {
      const float y = height(row);
      coarse.set_row(row);
      middle.set_row(row);
      fine.set_row(row);
      trace_body(y);
      trace_lungs(y);
      for (const Occluder& occluder : scene_.occluders) trace_occluder(occluder, row, y, middle.row(), fine.row());
      for (const Rim& rim : scene_.rims) trace_rim(rim, row, y);
      finish_row(row, coarse.row(), middle.row(), fine.row());
      for (const Insert& insert : scene_.inserts) trace_insert(insert, row, y);
    }
    for (const Tube& tube : scene_.tubes) draw_tube(tube);
    return std::move(out_);
  }

 private:
  struct Lung {
    std::vector<float> low, high, length, left, pocket;  // mm; left: share of air not taken; pocket: free air, mm
    int first = 0, last = -1;
  };

  float column(int i) const { return (static_cast<float>(i) + 0.5f) * mm_ - view_.field_mm / 2 + view_.shift_u; }
  bool frontal() const { return cos_ > 0.7f; }
  float height(int row) const { return (static_cast<float>(row) + 0.5f) * mm_ - view_.field_mm / 2 + view_.shift_v; }

  bool chord(const Solid& solid, float y, Chord& c) const {
    Slice s;
    if (y < solid.y0 || y > solid.y1 || !solid.at(y, s)) return false;
    // R = [cos sin; -sin cos] takes (x, z) to (u, w).
    const float uu = cos_ * cos_ * s.xx + 2 * cos_ * sin_ * s.xz + sin_ * sin_ * s.zz;
    const float ww = sin_ * sin_ * s.xx - 2 * cos_ * sin_ * s.xz + cos_ * cos_ * s.zz;
    const float uw = cos_ * sin_ * (s.zz - s.xx) + (cos_ * cos_ - sin_ * sin_) * s.xz;
    const float determinant = uu * ww - uw * uw;
    c.cu = cos_ * s.cx + sin_ * s.cz + view_.lean * y;
    c.cw = -sin_ * s.cx + cos_ * s.cz;
    c.slope = uw / ww;
    c.h0 = 1 / ww;
    c.k = determinant / (ww * ww);
    const float reach = std::sqrt(ww / determinant);
    const float origin = column_u_.front();
    c.first = std::max(0, static_cast<int>((c.cu - reach - origin) / mm_));
    c.last = std::min(size_ - 1, static_cast<int>((c.cu + reach - origin) / mm_) + 1);
    return c.first <= c.last && c.cu + reach > origin;
  }

  std::vector<float>& mark(int index) {
    std::vector<float>& plane = out_.marks[static_cast<size_t>(index)];
    if (plane.empty()) plane.assign(out_.attenuation.size(), 0);
    return plane;
  }

  void trace_body(float y) {
    std::fill(body_.begin(), body_.end(), 0.0f);
    std::fill(body_middle_.begin(), body_middle_.end(), 0.0f);
    Chord c;
    if (!chord(scene_.body, y, c)) return;
    for (int i = c.first; i <= c.last; ++i) {
      const float du = column_u_[i] - c.cu;
      body_[i] = 2 * __builtin_sqrtf(std::max(0.0f, c.h0 - c.k * du * du));
      body_middle_[i] = c.cw - c.slope * du;
    }
  }

  void trace_lungs(float y) {
    for (int side = 0; side < 2; ++side) {
      Lung& lung = lungs_[side];
      lung.first = 0;
      lung.last = -1;
      Chord c;
      if (!chord(scene_.lungs[side], y, c)) continue;
      lung.first = c.first;
      lung.last = c.last;
      for (int i = c.first; i <= c.last; ++i) {
        const float du = column_u_[i] - c.cu, half = __builtin_sqrtf(std::max(0.0f, c.h0 - c.k * du * du)),
                    centre = c.cw - c.slope * du;
        lung.low[i] = centre - half;
        lung.high[i] = centre + half;
        lung.length[i] = 2 * half;
        lung.left[i] = 1;
        lung.pocket[i] = 0;
      }
    }
  }

  void trace_occluder(const Occluder& occluder, int row, float y, const float* middle, const float* fine) {
    Chord c;
    if (!chord(occluder.solid, y, c)) return;
    float peak = c.h0;
    if (occluder.fuzzy) {
      Chord central;
      if (chord(occluder.solid, (occluder.solid.y0 + occluder.solid.y1) / 2, central)) peak = central.h0;
    }
    const float fuzz = occluder.fuzzy ? 1 / peak : 0, sharp = occluder.fuzzy ? 0.0f : 1.0f;
    for (int side = 0; side < 2; ++side) {
      if (occluder.lung >= 0 && occluder.lung != side) continue;
      Lung& lung = lungs_[side];
      const int first = std::max(c.first, lung.first), last = std::min(c.last, lung.last);
      float* own = occluder.mark == kNoMark || first > last
                       ? nullptr
                       : mark(occluder.mark).data() + static_cast<size_t>(row) * size_;
      for (int i = first; i <= last; ++i) {
        const float du = column_u_[i] - c.cu, squared = std::max(0.0f, c.h0 - c.k * du * du);
        const float half = __builtin_sqrtf(squared), centre = c.cw - c.slope * du;
        const float overlap =
            std::max(0.0f, std::min(lung.high[i], centre + half) - std::max(lung.low[i], centre - half));
        const float weight = sharp + std::min(1.0f, 1.6f * squared * fuzz);
        const float texture = std::min(1.5f, std::max(0.0f, 1 + occluder.grain * (0.9f * middle[i] + 0.5f * fine[i])));
        const float taken =
            std::min(1.0f, occluder.density * weight * texture) * overlap / std::max(lung.length[i], 1.0f);
        if (own && !occluder.whole_mark) own[i] += (kMuSoft - kMuLung) * lung.length[i] * lung.left[i] * taken;
        lung.left[i] *= 1 - std::min(1.0f, taken);
      }
    }
    if (occluder.whole_mark && occluder.mark != kNoMark) {
      float* own = mark(occluder.mark).data() + static_cast<size_t>(row) * size_;
      for (int i = c.first; i <= c.last; ++i) {
        const float du = column_u_[i] - c.cu;
        own[i] = std::max(own[i], 2 * kMuSoft * __builtin_sqrtf(std::max(0.0f, c.h0 - c.k * du * du)));
      }
    }
  }

  void trace_rim(const Rim& rim, int row, float y) {
    if (y < rim.inner.y0 && !rim.is_air) return;  // fluid lies below its level only; free air may fill the whole apex
    Lung& lung = lungs_[rim.lung];
    if (lung.first > lung.last) return;
    Chord c;
    if (!chord(rim.inner, y, c)) c = Chord{};
    float* own = rim.mark == kNoMark ? nullptr : mark(rim.mark).data() + static_cast<size_t>(row) * size_;
    for (int i = lung.first; i <= lung.last; ++i) {
      const float du = column_u_[i] - c.cu, half = __builtin_sqrtf(std::max(0.0f, c.h0 - c.k * du * du)),
                  centre = c.cw - c.slope * du;
      const float inside = std::max(0.0f, std::min(lung.high[i], centre + half) - std::max(lung.low[i], centre - half));
      const float space = std::max(0.0f, lung.length[i] - inside), share = space / std::max(lung.length[i], 1.0f);
      if (rim.is_air) {
        lung.pocket[i] = space;
        if (own) own[i] += -kMuLung * space * lung.left[i];
      } else {
        if (own) own[i] += (kMuSoft - kMuLung) * lung.length[i] * lung.left[i] * share;
        lung.left[i] *= 1 - share;
      }
    }
  }

  void finish_row(int row, const float* coarse, const float* middle, const float* fine) {
    float* out = out_.attenuation.data() + static_cast<size_t>(row) * size_;
    float* airy = airy_.data() + static_cast<size_t>(row) * size_;
    for (int i = 0; i < size_; ++i) out[i] = kMuSoft * body_[i] * (1 + 0.018f * coarse[i] + 0.008f * middle[i]);
    for (const Lung& lung : lungs_)
      for (int i = lung.first; i <= lung.last; ++i) {
        const float air = lung.length[i] * lung.left[i],
                    breathing = std::max(0.0f, lung.length[i] - lung.pocket[i]) * lung.left[i];
        out[i] -= (kMuSoft - kMuLung) * air + kMuLung * (air - breathing);
        out[i] += kMuLung * breathing * (0.05f * coarse[i] + 0.06f * middle[i] + 0.08f * fine[i]);
        airy[i] = std::max(airy[i], breathing / std::max(lung.length[i], 1.0f));
      }
    for (int i = 0; i < size_; ++i) out[i] = std::max(0.0f, out[i]);
  }

  void trace_insert(const Insert& insert, int row, float y) {
    if (insert.front_only && !frontal()) return;
    Chord c;
    if (!chord(insert.solid, y, c)) return;
    const float outside = insert.outside ? 1.0f : 0.0f, mu = frontal() ? insert.mu : insert.mu * insert.side_gain;
    float* out = out_.attenuation.data() + static_cast<size_t>(row) * size_;
    float* own = insert.mark == kNoMark ? nullptr : mark(insert.mark).data() + static_cast<size_t>(row) * size_;
    for (int i = c.first; i <= c.last; ++i) {
      const float du = column_u_[i] - c.cu, half = __builtin_sqrtf(std::max(0.0f, c.h0 - c.k * du * du)),
                  centre = c.cw - c.slope * du;
      const float low = body_middle_[i] - 0.5f * body_[i], high = body_middle_[i] + 0.5f * body_[i];
      const float inside = outside * std::max(0.0f, std::min(high, centre + half) - std::max(low, centre - half));
      const float added = mu * (2 * half - inside);
      out[i] = std::max(0.0f, out[i] + added);
      if (own) own[i] += added;
    }
  }

  void draw_tube(const Tube& tube) {
    if (tube.front_only && !frontal()) return;
    int box[4] = {size_, size_, -1, -1};
    const std::vector<Vec3>& points = tube.path.points;
    const auto spans = static_cast<float>(points.size() - 1);
    for (size_t k = 0; k + 1 < points.size(); ++k) {
      const float r = tube.path.r0 + (tube.path.r1 - tube.path.r0) * (static_cast<float>(k) + 0.5f) / spans;
      draw_span(points[k], points[k + 1], r, tube.wall, box);
    }
    float* own = tube.mark == kNoMark ? nullptr : mark(tube.mark).data();
    for (int row = box[1]; row <= box[3]; ++row) {
      const size_t start = static_cast<size_t>(row) * size_;
      for (int i = box[0]; i <= box[2]; ++i) {
        const float seen = tube.in_lung ? airy_[start + i] : 1.0f;
        const float added = tube.mu * seen * scratch_[start + i];
        out_.attenuation[start + i] = std::max(0.0f, out_.attenuation[start + i] + added);
        if (own) own[start + i] += added;
        scratch_[start + i] = 0;
      }
    }
  }

  // The longest way through the tube, per pixel, into scratch_ (mm). Tubes thinner than a pixel are widened and thinned
  // out alike.
  void draw_span(Vec3 from, Vec3 to, float r, float wall, int box[4]) {
    const float u0 = cos_ * from.x + sin_ * from.z + view_.lean * from.y,
                u1 = cos_ * to.x + sin_ * to.z + view_.lean * to.y;
    const float du = u1 - u0, dv = to.y - from.y, flat = du * du + dv * dv;
    const float stretch = std::min(2.6f, length(to - from) / std::max(1e-3f, __builtin_sqrtf(flat)));
    const float least = 0.75f * mm_, wide = std::max(r, least), thin = stretch * (r * r) / (wide * wide);
    const float inner = wall > 0 ? std::max(0.0f, wide - wall) : 0.0f;
    const float outer2 = wide * wide, inner2 = inner * inner, inverse = 1 / std::max(flat, 1e-6f);
    const float left = view_.shift_u - view_.field_mm / 2, top = view_.shift_v - view_.field_mm / 2;
    const int first = std::max(0, static_cast<int>((std::min(u0, u1) - wide - left) / mm_ - 1)),
              last = std::min(size_ - 1, static_cast<int>((std::max(u0, u1) + wide - left) / mm_ + 1)),
              first_row = std::max(0, static_cast<int>((std::min(from.y, to.y) - wide - top) / mm_ - 1)),
              last_row = std::min(size_ - 1, static_cast<int>((std::max(from.y, to.y) + wide - top) / mm_ + 1));
    if (first > last || first_row > last_row) return;
    box[0] = std::min(box[0], first);
    box[1] = std::min(box[1], first_row);
    box[2] = std::max(box[2], last);
    box[3] = std::max(box[3], last_row);
    for (int row = first_row; row <= last_row; ++row) {
      const float pv = height(row) - from.y;
      float* line = scratch_.data() + static_cast<size_t>(row) * size_;
      for (int i = first; i <= last; ++i) {
        const float pu = column_u_[i] - u0, t = std::min(1.0f, std::max(0.0f, (pu * du + pv * dv) * inverse));
        const float eu = pu - t * du, ev = pv - t * dv, d2 = eu * eu + ev * ev;
        const float through =
            __builtin_sqrtf(std::max(0.0f, outer2 - d2)) - 0.75f * __builtin_sqrtf(std::max(0.0f, inner2 - d2));
        line[i] = std::max(line[i], 2 * thin * through);
      }
    }
  }

  const Scene& scene_;
  const View& view_;
  int size_;
  float mm_, cos_, sin_;
  Projection out_;
  std::vector<float> airy_, scratch_, column_u_, body_, body_middle_;
  Lung lungs_[2];
};

}  // namespace

Projection project(const Scene& scene, const View& view) { return Projector(scene, view).run(); }

BoxNorm mark_box(const std::vector<float>& mark, int size, float threshold) {
  int x0 = size, y0 = size, x1 = -1, y1 = -1;
  for (int row = 0; row < size; ++row)
    for (int i = 0; i < size; ++i)
      if (std::abs(mark[static_cast<size_t>(row) * size + i]) > threshold) {
        x0 = std::min(x0, i);
        x1 = std::max(x1, i);
        y0 = std::min(y0, row);
        y1 = row;
      }
  if (x1 < 0) return {};
  const double side = size;
  return {x0 / side, y0 / side, (x1 + 1) / side, (y1 + 1) / side};
}

}  // namespace hilum::phantom
