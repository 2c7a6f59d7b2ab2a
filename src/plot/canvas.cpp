#include "plot/canvas.h"

#include <memory>

#include <cairo.h>

#include "base/error.h"
#include "base/file.h"

namespace hilum {
namespace {

constexpr std::array<std::array<double, 3>, 6> kColours = {{{0.12, 0.35, 0.65}, {0.85, 0.37, 0.10}, {0.17, 0.55, 0.25},
    {0.55, 0.25, 0.60}, {0.50, 0.50, 0.50}, {0.75, 0.60, 0.10}}};

cairo_status_t append_bytes(void* to, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

const std::array<double, 3>& plot_colour(size_t i) { return kColours[i % kColours.size()]; }

void text_at(cairo_t* cr, double x, double y, const std::string& text, double align_x, double align_y) {
  cairo_text_extents_t extents;
  cairo_text_extents(cr, text.c_str(), &extents);
  cairo_move_to(cr, x - align_x * extents.width - extents.x_bearing, y - align_y * extents.height - extents.y_bearing);
  cairo_show_text(cr, text.c_str());
}

double text_width(cairo_t* cr, const std::string& text) {
  cairo_text_extents_t extents;
  cairo_text_extents(cr, text.c_str(), &extents);
  return extents.width;
}

void write_picture(
    int width_px, int height_px, const std::filesystem::path& path, const std::function<void(cairo_t*)>& draw) {
  const std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)> surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, width_px, height_px), cairo_surface_destroy);
  const std::unique_ptr<cairo_t, void (*)(cairo_t*)> cr(cairo_create(surface.get()), cairo_destroy);
  cairo_set_source_rgb(cr.get(), 1, 1, 1);
  cairo_paint(cr.get());
  cairo_select_font_face(cr.get(), "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  draw(cr.get());
  cairo_surface_flush(surface.get());
  std::string png;
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), append_bytes, &png);
  check(status == CAIRO_STATUS_SUCCESS, path.c_str(),
      std::string("the plot could not be drawn: ") + cairo_status_to_string(status));
  write_file(path, png);
}

}  // namespace hilum
