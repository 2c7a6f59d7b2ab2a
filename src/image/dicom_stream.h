// The pixel data against the header: every codec says here what its stream holds, and what of the two counts is decided
// in this place alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "image/dicom_frame.h"

namespace hilum {

// What a stream says of its three components.
enum class StreamColour { kNothing, kRgb, kYcc, kOwnTransform };

// What compressed pixel data say of themselves. A size, count or precision of 0: the codec does not say.
struct PixelStream {
  std::string codec;  // "JPEG lossless"
  int width = 0, height = 0, components = 0;
  int precision = 0;  // bits of a sample
  std::optional<bool> is_signed;
  StreamColour colour = StreamColour::kNothing;
  std::string colour_by;          // "a JFIF marker"
  bool is_lossy = false;          // values may lie a little above what was stored
  bool may_be_subsampled = true;  // 4:2:2 is a form of this codec
  bool is_subsampled = false;
  bool has_cells = false;  // samples come out in cells of 8 or 16 bits by the precision, not as numbers
};

// A JPEG or JPEG-LS stream's own header; no value: it has none, and the decoder is to say what is wrong.
std::optional<PixelStream> jpeg_stream(std::span<const std::byte> bytes, const char* codec);

// The form to decode by: the header's, where the stream says what the header cannot mean, the stream's, with a step and
// a warning. photometric is "RGB" or "YBR_FULL" then (of colour), the model of the decoded samples. Throws Error naming
// `where`, both values and the attribute where the two cannot be of one picture.
FrameForm hold_against_header(
    const PixelStream& stream, const FrameForm& header, DecodedImage& decoded, const std::string& where);

// The same for uncompressed pixels, which say nothing but how many bytes they are. photometric may be "YBR_FULL_422".
FrameForm hold_length_against_header(
    size_t bytes, const FrameForm& header, DecodedImage& decoded, const std::string& where);

// Three full components called 4:2:2 are RGB or YCbCr, and nothing says which: are they a grey film in YCbCr? (Cb and
// Cr close to 128 all over, and not the luminance.)
bool looks_like_grey_in_ycc(std::span<const uint8_t> interleaved);

// How the cells of one sample a pixel are really used: a high bit above stored - 1 over values that lie in the low
// bits; values of a stream above the bits that the header calls stored. `stream`: null for uncompressed pixels.
StoredBits settle_bits(
    const std::vector<uint16_t>& cells, StoredBits bits, const PixelStream* stream, DecodedImage& decoded);

// Bytes that `form` takes, all frames.
size_t promised_bytes(const FrameForm& form);

}  // namespace hilum
