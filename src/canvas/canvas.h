// Cairo and Pango as overlays and plots need them: an RGB surface, shapes, lines, and text of two kinds, wrapped
// paragraphs and short labels that are aligned to a point. Lengths are pixels, x to the right, y downwards.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct _cairo;
struct _cairo_surface;

namespace hilum {

struct Colour {
  double red, green, blue, alpha = 1;  // 0..1
};

struct Rect {
  double x = 0, y = 0, width = 0, height = 0;
  bool overlaps(const Rect& other) const {
    return x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height;
  }
};

struct Point {
  double x = 0, y = 0;
};

struct OutlineStyle {
  double line_width = 1;
  bool dashed = false;
  double radius = 0;        // of its corners
  bool round_join = false;  // the line's own corners
};

struct TextStyle {
  double size = 15;
  bool bold = false;
  Colour colour{0, 0, 0};
  double width = -1;     // to wrap at; < 0: one line
  bool centred = false;  // within width
};

struct LabelStyle {
  double size = 13;
  Colour colour{0, 0, 0};
  double align_x = 0, align_y = 0;  // 0: it begins (is topmost) at the point, 1: it ends there, 0.5: it is centred
  bool turned = false;              // runs upwards
};

class Canvas {
 public:
  // `where` names what is drawn in the Error for a size that cannot be had.
  Canvas(int width, int height, Colour background, std::string where);

  void fill(const Rect& rect, Colour colour, double radius = 0);
  void outline(const Rect& rect, Colour colour, const OutlineStyle& style = {});
  void disc(Point centre, double radius, Colour colour);
  // Each pair of points is a line; together they are one stroke.
  void lines(std::span<const Point> ends, Colour colour, double line_width);
  void line(Point from, Point to, Colour colour, double line_width);
  // Through the points, with round corners; those that are not finite break it.
  void curve(std::span<const Point> points, Colour colour, double line_width);

  // Draws with the top left at x, y and returns the height used. Text that is not UTF-8 is mended.
  double text(const std::string& text, double x, double y, const TextStyle& style);
  // Width and height that text() would use.
  Rect measure(const std::string& text, const TextStyle& style) const;

  void label(const std::string& text, Point at, const LabelStyle& style);
  double label_width(const std::string& text, double size) const;

  // 0xRRGGBB, row by row, of width * height: scaled into `where`.
  void pixels(std::span<const uint32_t> rgb, int width, int height, const Rect& where);

  // Until the matching leave(): drawing is moved by x, y; or cut at the rectangle.
  void move_to(double x, double y);
  void clip_to(const Rect& rect);
  void leave();

  int width() const { return width_; }
  int height() const { return height_; }
  std::vector<uint8_t> rgb() const;  // red, green, blue of each pixel, row by row
  std::string png() const;           // the bytes of a file

 private:
  int width_, height_;
  std::string where_;
  std::shared_ptr<_cairo_surface> surface_;
  std::shared_ptr<_cairo> cairo_;
};

}  // namespace hilum
