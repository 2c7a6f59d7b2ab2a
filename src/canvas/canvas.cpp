#include "canvas/canvas.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <cairo.h>
#include <fmt/core.h>
#include <pango/pangocairo.h>

#include "base/error.h"

namespace hilum {
namespace {

using Layout = std::unique_ptr<PangoLayout, decltype(&g_object_unref)>;

Layout make_layout(cairo_t* cairo, const std::string& text, const TextStyle& style) {
  Layout layout(pango_cairo_create_layout(cairo), g_object_unref);
  const std::unique_ptr<PangoFontDescription, decltype(&pango_font_description_free)> font(
      pango_font_description_from_string("DejaVu Sans"), pango_font_description_free);
  pango_font_description_set_absolute_size(font.get(), style.size * PANGO_SCALE);
  if (style.bold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description(layout.get(), font.get());
  if (style.width >= 0) {
    pango_layout_set_width(layout.get(), static_cast<int>(style.width * PANGO_SCALE));
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_line_spacing(layout.get(), 1.18f);
  }
  if (style.centred) pango_layout_set_alignment(layout.get(), PANGO_ALIGN_CENTER);
  const std::unique_ptr<char, decltype(&g_free)> valid(
      g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())), g_free);
  pango_layout_set_text(layout.get(), valid.get(), -1);
  return layout;
}

void use(cairo_t* cairo, Colour c) { cairo_set_source_rgba(cairo, c.red, c.green, c.blue, c.alpha); }

void path(cairo_t* cairo, const Rect& r, double radius) {
  radius = std::min(radius, std::min(r.width, r.height) / 2);
  if (radius <= 0) {
    cairo_rectangle(cairo, r.x, r.y, r.width, r.height);
    return;
  }
  const double right = r.x + r.width, bottom = r.y + r.height;
  cairo_new_sub_path(cairo);
  cairo_arc(cairo, right - radius, r.y + radius, radius, -M_PI / 2, 0);
  cairo_arc(cairo, right - radius, bottom - radius, radius, 0, M_PI / 2);
  cairo_arc(cairo, r.x + radius, bottom - radius, radius, M_PI / 2, M_PI);
  cairo_arc(cairo, r.x + radius, r.y + radius, radius, M_PI, 3 * M_PI / 2);
  cairo_close_path(cairo);
}

std::shared_ptr<cairo_surface_t> make_surface(int width, int height, const std::string& where) {
  std::shared_ptr<cairo_surface_t> surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height), cairo_surface_destroy);
  check(cairo_surface_status(surface.get()) == CAIRO_STATUS_SUCCESS, where.c_str(),
      fmt::format("a picture of {} x {} px cannot be made", width, height));
  return surface;
}

void set_label_font(cairo_t* cairo, double size) {
  cairo_select_font_face(cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo, size);
}

cairo_status_t append_bytes(void* to, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

Canvas::Canvas(int width, int height, Colour background, std::string where)
    : width_(width),
      height_(height),
      where_(std::move(where)),
      surface_(make_surface(width, height, where_)),
      cairo_(cairo_create(surface_.get()), cairo_destroy) {
  fill({0, 0, static_cast<double>(width), static_cast<double>(height)}, background);
}

void Canvas::fill(const Rect& rect, Colour colour, double radius) {
  use(cairo_.get(), colour);
  path(cairo_.get(), rect, radius);
  cairo_fill(cairo_.get());
}

void Canvas::outline(const Rect& rect, Colour colour, const OutlineStyle& style) {
  use(cairo_.get(), colour);
  cairo_set_line_width(cairo_.get(), style.line_width);
  cairo_set_line_join(cairo_.get(), style.round_join ? CAIRO_LINE_JOIN_ROUND : CAIRO_LINE_JOIN_MITER);
  const double dashes[] = {style.line_width * 3.5, style.line_width * 2.5};
  cairo_set_dash(cairo_.get(), dashes, style.dashed ? 2 : 0, 0);
  path(cairo_.get(), rect, style.radius);
  cairo_stroke(cairo_.get());
  cairo_set_dash(cairo_.get(), nullptr, 0, 0);
}

void Canvas::disc(Point centre, double radius, Colour colour) {
  use(cairo_.get(), colour);
  cairo_arc(cairo_.get(), centre.x, centre.y, radius, 0, 2 * M_PI);
  cairo_fill(cairo_.get());
}

void Canvas::lines(std::span<const Point> ends, Colour colour, double line_width) {
  use(cairo_.get(), colour);
  cairo_set_line_width(cairo_.get(), line_width);
  for (size_t i = 0; i + 1 < ends.size(); i += 2) {
    cairo_move_to(cairo_.get(), ends[i].x, ends[i].y);
    cairo_line_to(cairo_.get(), ends[i + 1].x, ends[i + 1].y);
  }
  cairo_stroke(cairo_.get());
}

void Canvas::line(Point from, Point to, Colour colour, double line_width) {
  lines(std::array{from, to}, colour, line_width);
}

void Canvas::curve(std::span<const Point> points, Colour colour, double line_width) {
  use(cairo_.get(), colour);
  cairo_set_line_width(cairo_.get(), line_width);
  cairo_set_line_join(cairo_.get(), CAIRO_LINE_JOIN_ROUND);
  bool drawing = false;
  for (const Point& point : points) {
    const bool is_finite = std::isfinite(point.x) && std::isfinite(point.y);
    if (is_finite) (drawing ? cairo_line_to : cairo_move_to)(cairo_.get(), point.x, point.y);
    drawing = is_finite;
  }
  cairo_stroke(cairo_.get());
}

void Canvas::pixels(std::span<const uint32_t> rgb, int width, int height, const Rect& where) {
  invariant(rgb.size() == static_cast<size_t>(width) * static_cast<size_t>(height), "as many pixels as the size says");
  const auto source = make_surface(width, height, where_);
  cairo_surface_flush(source.get());
  const auto stride = static_cast<size_t>(cairo_image_surface_get_stride(source.get()));
  unsigned char* rows = cairo_image_surface_get_data(source.get());
  for (size_t y = 0; y < static_cast<size_t>(height); ++y) {
    const auto row = rgb.subspan(y * static_cast<size_t>(width), static_cast<size_t>(width));
    std::copy(row.begin(), row.end(), reinterpret_cast<uint32_t*>(rows + y * stride));
  }
  cairo_surface_mark_dirty(source.get());
  cairo_save(cairo_.get());
  cairo_rectangle(cairo_.get(), where.x, where.y, where.width, where.height);
  cairo_clip(cairo_.get());
  cairo_translate(cairo_.get(), where.x, where.y);
  cairo_scale(cairo_.get(), where.width / width, where.height / height);
  cairo_set_source_surface(cairo_.get(), source.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(cairo_.get()), CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend(
      cairo_get_source(cairo_.get()), CAIRO_EXTEND_PAD);  // no dark rim where a small picture is enlarged
  cairo_paint(cairo_.get());
  cairo_restore(cairo_.get());
}

double Canvas::text(const std::string& text, double x, double y, const TextStyle& style) {
  const Layout layout = make_layout(cairo_.get(), text, style);
  use(cairo_.get(), style.colour);
  cairo_move_to(cairo_.get(), x, y);
  pango_cairo_show_layout(cairo_.get(), layout.get());
  int width = 0, height = 0;
  pango_layout_get_pixel_size(layout.get(), &width, &height);
  return height;
}

Rect Canvas::measure(const std::string& text, const TextStyle& style) const {
  int width = 0, height = 0;
  pango_layout_get_pixel_size(make_layout(cairo_.get(), text, style).get(), &width, &height);
  return {0, 0, static_cast<double>(width), static_cast<double>(height)};
}

void Canvas::label(const std::string& text, Point at, const LabelStyle& style) {
  use(cairo_.get(), style.colour);
  set_label_font(cairo_.get(), style.size);
  cairo_save(cairo_.get());
  if (style.turned) {
    cairo_translate(cairo_.get(), at.x, at.y);
    cairo_rotate(cairo_.get(), -M_PI / 2);
    at = {0, 0};
  }
  cairo_text_extents_t extents;
  cairo_text_extents(cairo_.get(), text.c_str(), &extents);
  cairo_move_to(cairo_.get(), at.x - style.align_x * extents.width - extents.x_bearing,
      at.y - style.align_y * extents.height - extents.y_bearing);
  cairo_show_text(cairo_.get(), text.c_str());
  cairo_restore(cairo_.get());
}

double Canvas::label_width(const std::string& text, double size) const {
  set_label_font(cairo_.get(), size);
  cairo_text_extents_t extents;
  cairo_text_extents(cairo_.get(), text.c_str(), &extents);
  return extents.width;
}

void Canvas::move_to(double x, double y) {
  cairo_save(cairo_.get());
  cairo_translate(cairo_.get(), x, y);
}

void Canvas::clip_to(const Rect& rect) {
  cairo_save(cairo_.get());
  path(cairo_.get(), rect, 0);
  cairo_clip(cairo_.get());
}

void Canvas::leave() { cairo_restore(cairo_.get()); }

std::vector<uint8_t> Canvas::rgb() const {
  cairo_surface_flush(surface_.get());
  const int stride = cairo_image_surface_get_stride(surface_.get());
  const unsigned char* pixels = cairo_image_surface_get_data(surface_.get());
  std::vector<uint8_t> out;
  out.reserve(static_cast<size_t>(width_) * height_ * 3);
  for (int y = 0; y < height_; ++y) {
    const auto* row = reinterpret_cast<const uint32_t*>(pixels + static_cast<size_t>(y) * stride);
    for (int x = 0; x < width_; ++x)
      for (const int shift : {16, 8, 0}) out.push_back(static_cast<uint8_t>(row[x] >> shift));
  }
  return out;
}

std::string Canvas::png() const {
  cairo_surface_flush(surface_.get());
  std::string bytes;
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface_.get(), append_bytes, &bytes);
  check(status == CAIRO_STATUS_SUCCESS, where_.c_str(),
      std::string("the plot could not be drawn: ") + cairo_status_to_string(status));
  return bytes;
}

}  // namespace hilum
