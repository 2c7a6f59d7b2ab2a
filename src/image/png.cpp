// PNG through libpng: 1 to 16 bit, grey, grey + alpha, RGB(A), palette, interlaced.
//
// libpng reports errors by longjmp. The functions that may be jumped out of (those with setjmp) hold plain values only;
// what needs a destructor belongs to their caller, which is never jumped over.
#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <vector>

#include <fmt/core.h>
#include <png.h>

#include "base/error.h"
#include "image/decoders.h"
#include "image/grey.h"
#include "image/orientation.h"

namespace hilum {
namespace {

constexpr png_alloc_size_t kMaxChunkBytes = 16 << 20;  // text and profile chunks, which are not used

struct PngSource {
  const std::byte* next = nullptr;
  size_t left = 0;
  char message[120] = "";
};

struct Header {
  png_uint_32 width = 0, height = 0;
  int depth = 0, color_type = 0;
};

void on_error(png_structp png, png_const_charp message) {
  auto* source = static_cast<PngSource*>(png_get_error_ptr(png));
  std::strncpy(source->message, message, sizeof source->message - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep out, png_size_t size) {
  auto* source = static_cast<PngSource*>(png_get_io_ptr(png));
  if (size > source->left) png_error(png, "the file ends too early");
  std::memcpy(out, source->next, size);
  source->next += size;
  source->left -= size;
}

struct Handle {
  png_structp png = nullptr;
  png_infop info = nullptr;
  explicit Handle(PngSource& source) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
    if (png) info = png_create_info_struct(png);
  }
  ~Handle() { png_destroy_read_struct(&png, &info, nullptr); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
};

// False: libpng gave up; source.message says why.
bool read_header(png_structp png, png_infop info, PngSource* source, Header* header) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_read_fn(png, source, on_read);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_dimensions() decides
  png_set_chunk_malloc_max(png, kMaxChunkBytes);
  png_read_info(png, info);
  png_get_IHDR(
      png, info, &header->width, &header->height, &header->depth, &header->color_type, nullptr, nullptr, nullptr);
  return true;
}

// An alpha channel that is kept: of 16 bits, and of transparent colours, it is not.
bool keeps_alpha(const Header& header) { return (header.color_type & PNG_COLOR_MASK_ALPHA) && header.depth == 8; }

// Asks for grey or RGB, 8 or 16 bit in this machine's byte order, with alpha behind where it is kept; gives bytes per
// row.
bool set_up_rows(png_structp png, png_infop info, const Header* header, size_t* row_bytes) {
  if (setjmp(png_jmpbuf(png))) return false;
  if (header->color_type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (header->color_type == PNG_COLOR_TYPE_GRAY && header->depth < 8) png_set_expand_gray_1_2_4_to_8(png);
  if (!keeps_alpha(*header)) png_set_strip_alpha(png);
  const uint16_t one = 1;
  if (header->depth == 16 && *reinterpret_cast<const uint8_t*>(&one) == 1) png_set_swap(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  *row_bytes = png_get_rowbytes(png, info);
  return true;
}

bool read_rows(png_structp png, png_infop info, png_bytep* rows) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_read_image(png, rows);
  png_read_end(png, info);
  return true;
}

std::vector<std::string> steps_for(const Header& header) {
  std::vector<std::string> steps;
  if (header.color_type == PNG_COLOR_TYPE_PALETTE) steps.push_back("palette to rgb");
  if (header.color_type == PNG_COLOR_TYPE_GRAY && header.depth < 8)
    steps.push_back(fmt::format("{} bit to 8 bit", header.depth));
  if (header.color_type & PNG_COLOR_MASK_ALPHA) steps.push_back("alpha ignored");
  return steps;
}

// Samples with alpha behind each pixel -> colours and, where not all is opaque, opacities.
void split_alpha(std::vector<uint8_t> mixed, Image& image) {
  const auto channels = static_cast<size_t>(image.channels), pixels = mixed.size() / (channels + 1);
  std::vector<uint8_t> alpha(pixels);
  for (size_t i = 0; i < pixels; ++i) {
    alpha[i] = mixed[i * (channels + 1) + channels];
    for (size_t c = 0; c < channels; ++c) mixed[i * channels + c] = mixed[i * (channels + 1) + c];
  }
  mixed.resize(pixels * channels);
  image.data8 = std::move(mixed);
  if (std::ranges::any_of(alpha, [](uint8_t a) { return a != 255; })) image.alpha8 = std::move(alpha);
}

// The eXIf chunk, wherever it stands: asked for behind the last row.
std::span<const std::byte> exif_of(const Handle& handle) {
  png_bytep bytes = nullptr;
  png_uint_32 count = 0;
  if (!png_get_eXIf_1(handle.png, handle.info, &count, &bytes) || !bytes) return {};
  return {reinterpret_cast<const std::byte*>(bytes), count};
}

}  // namespace

DecodedImage decode_png(std::span<const std::byte> bytes, const std::string& where, int64_t max_pixels) {
  PngSource source{bytes.data(), bytes.size()};
  const Handle handle(source);
  if (!handle.png || !handle.info) throw Error(where, "cannot be decoded: libpng could not start", "Free some memory.");
  const auto damaged = [&] {
    return Error(where, fmt::format("is a damaged or truncated PNG file ({})", source.message),
        "Export or copy the file again.");
  };

  Header header;
  if (!read_header(handle.png, handle.info, &source, &header)) throw damaged();
  check_dimensions(header.width, header.height, where, max_pixels);
  size_t row_bytes = 0;
  if (!set_up_rows(handle.png, handle.info, &header, &row_bytes)) throw damaged();

  const bool colour = header.color_type & PNG_COLOR_MASK_COLOR;  // a palette has this bit too
  DecodedImage decoded;
  decoded.metadata.format = "png";
  decoded.steps = steps_for(header);
  Image& image = decoded.pixels;
  image.width = static_cast<int>(header.width);
  image.height = static_cast<int>(header.height);
  image.channels = colour ? 3 : 1;
  image.bits = header.depth == 16 ? 16 : 8;
  const bool alpha = keeps_alpha(header);
  const size_t samples = size_t{header.width} * header.height * (static_cast<size_t>(image.channels) + (alpha ? 1 : 0));
  invariant(row_bytes * header.height == samples * static_cast<size_t>(image.bits / 8), "PNG rows as asked for");

  png_bytep base = nullptr;
  if (image.bits == 16) {
    image.data16.resize(samples);
    base = reinterpret_cast<png_bytep>(image.data16.data());
  } else {
    image.data8.resize(samples);
    base = image.data8.data();
  }
  std::vector<png_bytep> rows(header.height);
  for (size_t y = 0; y < rows.size(); ++y) rows[y] = base + y * row_bytes;
  if (!read_rows(handle.png, handle.info, rows.data())) throw damaged();
  if (alpha) split_alpha(std::move(image.data8), image);

  if (image.bits == 16 && image.channels == 3) {
    image = to_grey(image);
    decoded.steps.push_back("16 bit rgb to grey");
  }
  apply_exif_orientation(exif_of(handle), decoded);
  return decoded;
}

}  // namespace hilum
