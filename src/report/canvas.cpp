#include "report/canvas.h"

#include <algorithm>
#include <cmath>

#include <cairo.h>
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

std::shared_ptr<cairo_surface_t> make_surface(int width, int height) {
  std::shared_ptr<cairo_surface_t> surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height), cairo_surface_destroy);
  check(cairo_surface_status(surface.get()) == CAIRO_STATUS_SUCCESS, "overlay",
      "a picture of " + std::to_string(width) + " x " + std::to_string(height) + " px cannot be made");
  return surface;
}

}  // namespace

Canvas::Canvas(int width, int height, Colour background)
    : width_(width),
      height_(height),
      surface_(make_surface(width, height)),
      cairo_(cairo_create(surface_.get()), cairo_destroy) {
  fill({0, 0, static_cast<double>(width), static_cast<double>(height)}, background);
}

void Canvas::fill(const Rect& rect, Colour colour, double radius) {
  use(cairo_.get(), colour);
  path(cairo_.get(), rect, radius);
  cairo_fill(cairo_.get());
}

void Canvas::outline(const Rect& rect, Colour colour, double line_width, bool dashed, double radius) {
  use(cairo_.get(), colour);
  cairo_set_line_width(cairo_.get(), line_width);
  const double dashes[] = {line_width * 3.5, line_width * 2.5};
  cairo_set_dash(cairo_.get(), dashes, dashed ? 2 : 0, 0);
  path(cairo_.get(), rect, radius);
  cairo_stroke(cairo_.get());
}

void Canvas::picture(const Image& image, const Rect& where) {
  const auto source = make_surface(image.width, image.height);
  cairo_surface_flush(source.get());
  const int stride = cairo_image_surface_get_stride(source.get());
  unsigned char* pixels = cairo_image_surface_get_data(source.get());
  const auto sample = [&](size_t i) -> uint32_t { return image.bits == 16 ? image.data16[i] >> 8 : image.data8[i]; };
  for (int y = 0; y < image.height; ++y) {
    auto* row = reinterpret_cast<uint32_t*>(pixels + static_cast<size_t>(y) * stride);
    for (int x = 0; x < image.width; ++x) {
      const size_t at = (static_cast<size_t>(y) * image.width + x) * image.channels;
      const bool rgb = image.channels == 3;
      row[x] = sample(at) << 16 | sample(at + rgb) << 8 | sample(at + 2 * rgb);
    }
  }
  cairo_surface_mark_dirty(source.get());
  cairo_save(cairo_.get());
  cairo_rectangle(cairo_.get(), where.x, where.y, where.width, where.height);
  cairo_clip(cairo_.get());
  cairo_translate(cairo_.get(), where.x, where.y);
  cairo_scale(cairo_.get(), where.width / image.width, where.height / image.height);
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

Image Canvas::image() const {
  cairo_surface_flush(surface_.get());
  const int stride = cairo_image_surface_get_stride(surface_.get());
  const unsigned char* pixels = cairo_image_surface_get_data(surface_.get());
  Image out{.width = width_, .height = height_, .channels = 3, .bits = 8};
  out.data8.reserve(static_cast<size_t>(width_) * height_ * 3);
  for (int y = 0; y < height_; ++y) {
    const auto* row = reinterpret_cast<const uint32_t*>(pixels + static_cast<size_t>(y) * stride);
    for (int x = 0; x < width_; ++x)
      for (const int shift : {16, 8, 0}) out.data8.push_back(static_cast<uint8_t>(row[x] >> shift));
  }
  return out;
}

}  // namespace hilum
