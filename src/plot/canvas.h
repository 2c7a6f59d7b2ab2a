// What the plots share: colours of series, aligned text, and a picture written whole or not at all.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <string>

typedef struct _cairo cairo_t;  // of <cairo.h>

namespace hilum {

// Red, green and blue in 0..1 of series i; they repeat after six.
const std::array<double, 3>& plot_colour(size_t i);

// `align`: 0 the text begins (is topmost) at the point, 1 it ends there, 0.5 it is centred.
void text_at(cairo_t* cr, double x, double y, const std::string& text, double align_x, double align_y);
double text_width(cairo_t* cr, const std::string& text);  // px

// A white picture in DejaVu Sans that `draw` draws on. Throws Error naming the path.
void write_picture(
    int width_px, int height_px, const std::filesystem::path& path, const std::function<void(cairo_t*)>& draw);

}  // namespace hilum
