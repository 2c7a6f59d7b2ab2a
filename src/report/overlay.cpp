#include "report/overlay.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "base/error.h"
#include "canvas/canvas.h"
#include "report/json.h"

namespace hilum {
namespace {

// Okabe and Ito's palette, told apart with every kind of colour vision; the dashes tell the two apart without colour
// too.
constexpr Colour kModel{0.902, 0.624, 0.000};
constexpr Colour kTruth{0.337, 0.706, 0.914};
constexpr Colour kAlarm{0.835, 0.369, 0.000};
constexpr Colour kBackground{0.075, 0.086, 0.098};
constexpr Colour kPanel{0.110, 0.125, 0.141};
constexpr Colour kInk{0.914, 0.925, 0.937};
constexpr Colour kFaint{0.616, 0.647, 0.678};
constexpr Colour kLine{0.216, 0.239, 0.263};
constexpr Colour kDark{0.06, 0.06, 0.06};
constexpr Colour kWhite{1, 1, 1};

constexpr const char* kOverlay = "overlay";  // in errors
constexpr double kMargin = 24, kPanelWidth = 470, kPadding = 22;
constexpr double kTagHeight = 22, kTagSize = 14;
constexpr double kFooter = 44, kWarningBar = 46;

struct Series {
  const std::vector<Finding>* findings;
  Colour colour;
  bool dashed;
  std::string (*name)(size_t);
};

std::string number_name(size_t i) { return std::to_string(i + 1); }
std::string letter_name(size_t i) {  // A..Z, AA, AB, ...
  std::string name;
  for (++i; i > 0; i = (i - 1) / 26) name.insert(name.begin(), static_cast<char>('A' + (i - 1) % 26));
  return name;
}

// At most `limit` bytes, cut between characters.
std::string shortened(const std::string& text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + " …";
}

// 0xRRGGBB of each pixel; 16-bit images by their upper byte.
std::vector<uint32_t> rgb_of(const Image& image) {
  const auto sample = [&](size_t i) -> uint32_t { return image.bits == 16 ? image.data16[i] >> 8 : image.data8[i]; };
  std::vector<uint32_t> out(static_cast<size_t>(image.width) * static_cast<size_t>(image.height));
  const bool is_rgb = image.channels == 3;
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t at = i * static_cast<size_t>(image.channels);
    out[i] = sample(at) << 16 | sample(at + is_rgb) << 8 | sample(at + 2 * is_rgb);
  }
  return out;
}

Rect tag_size(const Canvas& canvas, const std::string& name) {
  return {0, 0, std::max(kTagHeight, canvas.measure(name, {.size = kTagSize, .bold = true}).width + 12), kTagHeight};
}

// A small plate with a name; hollow where the finding has no box.
void draw_tag(Canvas& canvas, const Rect& at, const std::string& name, Colour colour, bool filled) {
  if (filled) canvas.fill(at, colour, 4);
  else
    canvas.outline(
        {at.x + 0.75, at.y + 0.75, at.width - 1.5, at.height - 1.5}, colour, {.line_width = 1.5, .radius = 4});
  const TextStyle style{.size = kTagSize, .bold = true, .colour = filled ? kDark : colour};
  const Rect text = canvas.measure(name, style);
  canvas.text(name, at.x + (at.width - text.width) / 2, at.y + (at.height - text.height) / 2, style);
}

std::optional<Rect> box_rect(const BoxNorm& box, const Rect& picture) {
  for (const double value : {box.x_min, box.y_min, box.x_max, box.y_max})
    if (!std::isfinite(value)) return std::nullopt;
  const auto x = [&](double v) { return picture.x + std::clamp(v, 0.0, 1.0) * picture.width; };
  const auto y = [&](double v) { return picture.y + std::clamp(v, 0.0, 1.0) * picture.height; };
  const double left = std::min(x(box.x_min), x(box.x_max)), top = std::min(y(box.y_min), y(box.y_max));
  return Rect{left, top, std::max(2.0, std::abs(x(box.x_max) - x(box.x_min))),
      std::max(2.0, std::abs(y(box.y_max) - y(box.y_min)))};
}

// Where a box's tag stands: the first of these places that lies in the picture and on no other tag.
Rect place_tag(const Rect& box, const Rect& size, const Rect& picture, const std::vector<Rect>& taken) {
  const double w = size.width, h = size.height, right = box.x + box.width - w, bottom = box.y + box.height;
  std::vector<std::pair<double, double>> places = {{box.x - 1, box.y - h - 2}, {right + 1, box.y - h - 2},
      {box.x - 1, bottom + 2}, {right + 1, bottom + 2}, {box.x + 4, box.y + 4}, {right - 4, box.y + 4},
      {box.x + 4, bottom - h - 4}, {right - 4, bottom - h - 4}};
  for (double slide = w + 4; slide < box.width; slide += w + 4) places.emplace_back(box.x + slide, box.y - h - 2);
  for (double slide = h + 4; slide < picture.height; slide += h + 4) places.emplace_back(box.x + 4, box.y + 4 + slide);
  const auto clamped = [&](std::pair<double, double> place) {
    return Rect{std::clamp(place.first, picture.x, std::max(picture.x, picture.x + picture.width - w)),
        std::clamp(place.second, picture.y, std::max(picture.y, picture.y + picture.height - h)), w, h};
  };
  for (const auto& place : places) {
    const Rect tag = clamped(place);
    if (std::none_of(taken.begin(), taken.end(), [&](const Rect& other) { return tag.overlaps(other); })) return tag;
  }
  return clamped(places.front());
}

void draw_boxes(Canvas& canvas, const std::vector<Series>& all, const Rect& picture) {
  std::vector<std::pair<Rect, std::pair<const Series*, size_t>>> boxes;
  for (const Series& series : all)
    for (size_t i = 0; i < series.findings->size(); ++i)
      if (const auto& list = (*series.findings)[i].boxes)
        for (const BoxNorm& box : *list)
          if (const auto rect = box_rect(box, picture)) boxes.push_back({*rect, {&series, i}});
  for (const auto& [rect, owner] : boxes)
    canvas.outline(rect, {0, 0, 0, 0.55}, {.line_width = 4.5, .radius = 2});  // a dark rim for bright films
  for (const auto& [rect, owner] : boxes)
    canvas.outline(rect, owner.first->colour, {.line_width = 2.5, .dashed = owner.first->dashed, .radius = 2});
  std::vector<Rect> taken;
  for (const auto& [rect, owner] : boxes) {
    const std::string name = owner.first->name(owner.second);
    taken.push_back(place_tag(rect, tag_size(canvas, name), picture, taken));
    draw_tag(canvas, taken.back(), name, owner.first->colour, true);
  }
}

bool shades_something(const Report& report) {
  const auto& [x0, y0, x1, y1] = report.used;
  return report.image_width > 0 && report.image_height > 0 && x1 > x0 && y1 > y0 &&
         (x0 > 0 || y0 > 0 || x1 < report.image_width || y1 < report.image_height);
}

// The area outside `used` (px of the original) is dimmed.
void dim_unused(Canvas& canvas, const Report& report, const Rect& picture) {
  if (!shades_something(report)) return;
  const auto& [x0, y0, x1, y1] = report.used;
  const double sx = picture.width / report.image_width, sy = picture.height / report.image_height;
  const double left = std::clamp(x0 * sx, 0.0, picture.width), right = std::clamp(x1 * sx, left, picture.width);
  const double top = std::clamp(y0 * sy, 0.0, picture.height), bottom = std::clamp(y1 * sy, top, picture.height);
  const Colour shade{0.04, 0.05, 0.06, 0.5};
  const double x = picture.x, y = picture.y, w = picture.width, h = picture.height;
  for (const Rect& side : {Rect{x, y, w, top}, Rect{x, y + bottom, w, h - bottom}, Rect{x, y + top, left, bottom - top},
           Rect{x + right, y + top, w - right, bottom - top}})
    if (side.width > 0.5 && side.height > 0.5) canvas.fill(side, shade);
}

// Writes the panel from the top; every call moves `y` down. With `draw` off it only measures.
class PanelWriter {
 public:
  PanelWriter(Canvas& canvas, double x, double y, double limit, bool draw)
      : canvas_(canvas), x_(x), y_(y), limit_(limit), draw_(draw) {}
  double y() const { return y_; }
  void gap(double height) { y_ += height; }

  void line(const std::string& text, const TextStyle& style) {
    TextStyle wrapped = style;
    wrapped.width = kPanelWidth - 2 * kPadding;
    put(wrapped, text, x_);
  }
  void rule() {
    if (draw_) canvas_.fill({x_, y_, kPanelWidth - 2 * kPadding, 1}, kLine);
    y_ += 1;
  }
  void legend(Colour colour, bool dashed, const std::string& text) {
    if (draw_)
      canvas_.outline({x_ + 1.5, y_ + 2.5, 27, 14}, colour, {.line_width = 2.5, .dashed = dashed, .radius = 2});
    put({.size = 14, .colour = kInk, .width = kPanelWidth - 2 * kPadding - 42}, text, x_ + 42);
    y_ += 7;
  }
  // Returns false, and draws nothing, where the finding no longer fits.
  bool finding(const Series& series, size_t i) {
    const Finding& finding = (*series.findings)[i];
    const Rect tag = tag_size(canvas_, series.name(i));
    const double indent = std::max(34.0, tag.width + 12);
    const TextStyle style{
        .size = 15, .colour = finding.boxes ? kInk : kFaint, .width = kPanelWidth - 2 * kPadding - indent};
    const std::string text = shortened(finding.text, 420);
    const double height = std::max(kTagHeight, canvas_.measure(text, style).height + 2);
    if (y_ + height > limit_) return false;
    if (draw_) {
      draw_tag(canvas_, {x_, y_, tag.width, tag.height}, series.name(i), series.colour, finding.boxes.has_value());
      canvas_.text(text, x_ + indent, y_ + 2, style);
    }
    y_ += height + 10;
    return true;
  }
  // The findings, as many as fit above `keep_free` px for what follows, and a line that says how many do not.
  void list(const Series& series, double keep_free) {
    const double whole = limit_;
    const size_t count = series.findings->size();
    for (size_t i = 0; i < count; ++i) {
      limit_ = whole - keep_free - (i + 1 < count ? 30 : 0);
      if (finding(series, i)) continue;
      line(fmt::format("… and {} more, see the report", count - i), {.size = 14, .colour = kFaint});
      break;
    }
    limit_ = whole;
  }
  // Running text, cut where it would not fit.
  void paragraph(const std::string& text, double keep_free) {
    TextStyle style{.size = 15, .colour = kInk, .width = kPanelWidth - 2 * kPadding};
    size_t length = text.size();
    while (length > 40 && y_ + canvas_.measure(shortened(text, length), style).height > limit_ - keep_free)
      length = length * 9 / 10;
    put(style, shortened(text, length), x_);
  }

 private:
  void put(const TextStyle& style, const std::string& text, double x) {
    y_ += draw_ ? canvas_.text(text, x, y_, style) : canvas_.measure(text, style).height;
  }
  Canvas& canvas_;
  double x_, y_, limit_;
  bool draw_;
};

// What one series takes: its head and its list.
void write_series(PanelWriter& panel, const Series& series, const std::string& title,
    const std::optional<std::string>& plain, double keep_free) {
  panel.line(title, {.size = 15, .bold = true, .colour = series.colour});
  panel.gap(10);
  if (!series.findings->empty()) panel.list(series, keep_free);
  else if (plain) panel.paragraph(*plain, keep_free);
  else panel.line("None were written.", {.size = 15, .colour = kFaint});
  panel.gap(14);
}

double write_panel(Canvas& canvas, double x, double y, double limit, bool draw, const Report& ours,
    const std::vector<Series>& all, const OverlayOptions& options) {
  PanelWriter panel(canvas, x, y, limit, draw);
  panel.line("Hilum report", {.size = 21, .bold = true, .colour = kInk});
  if (!ours.study_id.empty()) {
    panel.gap(3);
    panel.line("Study " + shortened(ours.study_id, 80), {.size = 14, .colour = kFaint});
  }
  panel.gap(15);
  panel.legend(kModel, false, "Model: " + (ours.model_name.empty() ? "unnamed" : shortened(ours.model_name, 60)));
  if (all.size() > 1) panel.legend(kTruth, true, options.truth_title);
  if (options.show_used && shades_something(ours)) {
    panel.line("Shaded: outside what the model saw", {.size = 13, .colour = kFaint});
    panel.gap(5);
  }
  panel.gap(8);
  panel.rule();
  panel.gap(16);
  double for_truth = 0;  // the model's list leaves the truth's its place, or 40 % of the room where both are long
  if (all.size() > 1) {
    PanelWriter measured(canvas, x, 0, 1e9, false);
    write_series(measured, all[1], options.truth_title, std::nullopt, 0);
    for_truth = std::min(measured.y(), 0.4 * (limit - panel.y()));
  }
  write_series(panel, all[0], "Findings of the model", ours.report, for_truth + 14);
  if (all.size() > 1) write_series(panel, all[1], options.truth_title, std::nullopt, 0);
  return panel.y();
}

}  // namespace

Image draw_overlay(
    const Image& frontal, const Report& ours, const std::vector<Finding>* truth, const OverlayOptions& options) {
  const size_t samples =
      static_cast<size_t>(std::max(frontal.width, 0)) * std::max(frontal.height, 0) * frontal.channels;
  check(samples > 0 && (frontal.channels == 1 || frontal.channels == 3) && (frontal.bits == 8 || frontal.bits == 16) &&
            (frontal.bits == 16 ? frontal.data16.size() : frontal.data8.size()) == samples,
      "overlay", "the frontal picture has no pixels, or not as many as its size says");
  check(options.max_height >= 400, "overlay", "max_height " + std::to_string(options.max_height) + " px is too small",
      "Give 400 or more.");

  std::vector<Series> all = {{&ours.findings, kModel, false, number_name}};
  if (truth) all.push_back({truth, kTruth, true, letter_name});

  const double top = kMargin + (ours.far_from_phantoms ? kWarningBar : 0);
  const double room = options.max_height - top - kFooter;  // for radiograph and panel
  Canvas ruler(8, 8, kBackground, kOverlay);
  const double needed = write_panel(ruler, 0, 0, 1e9, false, ours, all, options) + 1.5 * kPadding;
  // Small films are enlarged to a readable size and to the height of the list, large ones reduced; very wide ones are
  // bounded by their width.
  const double target = std::clamp(std::max<double>(frontal.height, needed), std::min(860.0, room), room);
  const double scale = std::min(target / frontal.height, 1.4 * room / frontal.width);
  const Rect picture{kMargin, top, std::max(1.0, std::round(frontal.width * scale)),
      std::max(1.0, std::round(frontal.height * scale))};

  const double panel_x = picture.x + picture.width + kMargin;
  const double body = std::min(room, std::max({picture.height, needed, 360.0}));
  const int width = static_cast<int>(panel_x + kPanelWidth + kMargin), height = static_cast<int>(top + body + kFooter);

  Canvas canvas(width, height, kBackground, kOverlay);
  if (ours.far_from_phantoms) {
    canvas.fill({0, 0, static_cast<double>(width), kWarningBar}, kAlarm);
    canvas.text(kDemoWarning, 0, 11,
        {.size = 19, .bold = true, .colour = kWhite, .width = static_cast<double>(width), .centred = true});
  }
  canvas.pixels(rgb_of(frontal), frontal.width, frontal.height, picture);
  if (options.show_used) dim_unused(canvas, ours, picture);
  draw_boxes(canvas, all, picture);
  canvas.fill({panel_x, top, kPanelWidth, body}, kPanel, 8);
  write_panel(canvas, panel_x + kPadding, top + kPadding, top + body - kPadding / 2, true, ours, all, options);

  const std::string notice = (ours.demo ? std::string(kDemoNotice) + ".  " : "") + kNotice;
  const TextStyle small{.size = 14, .bold = true, .colour = kInk};
  canvas.text(notice, kMargin, top + body + (kFooter - canvas.measure(notice, small).height) / 2, small);
  return {.width = width, .height = height, .channels = 3, .bits = 8, .data8 = canvas.rgb()};
}

}  // namespace hilum
