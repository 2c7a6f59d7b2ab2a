// Cairo and Pango as the overlay needs them: an RGB surface, filled shapes, wrapped text.
#pragma once

#include <memory>
#include <string>

#include "image/image.h"

struct _cairo;
struct _cairo_surface;

namespace hilum {

struct Colour {
  double red, green, blue, alpha = 1;  // 0..1
};

struct Rect {
  double x = 0, y = 0, width = 0, height = 0;  // px
  bool overlaps(const Rect& other) const {
    return x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height;
  }
};

struct TextStyle {
  double size = 15;  // px
  bool bold = false;
  Colour colour{0, 0, 0};
  double width = -1;     // px to wrap at; < 0: one line
  bool centred = false;  // within width
};

class Canvas {
 public:
  Canvas(int width, int height, Colour background);

  void fill(const Rect& rect, Colour colour, double radius = 0);
  void outline(const Rect& rect, Colour colour, double line_width, bool dashed, double radius = 0);
  void picture(const Image& image, const Rect& where);

  // Draws with the top left at x, y and returns the height used. Text that is not UTF-8 is mended.
  double text(const std::string& text, double x, double y, const TextStyle& style);
  // Width and height that text() would use.
  Rect measure(const std::string& text, const TextStyle& style) const;

  Image image() const;  // 8-bit RGB

 private:
  int width_, height_;
  std::shared_ptr<_cairo_surface> surface_;
  std::shared_ptr<_cairo> cairo_;
};

}  // namespace hilum
