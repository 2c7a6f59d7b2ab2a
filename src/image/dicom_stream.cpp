#include "image/dicom_stream.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include "base/error.h"
#include "image/dicom_values.h"
#include "image/jpeg_header.h"

namespace hilum {
namespace {

constexpr const char* kPhotometric = "Photometric Interpretation (0028,0004)";
constexpr const char* kReexport = "Correct the attribute, or export the file again uncompressed.";

// Says that the header was not followed.
void overrule(DecodedImage& decoded, const std::string& said, const std::string& is, const std::string& read_as,
    const char* attribute) {
  decoded.steps.push_back(fmt::format("read as {}", read_as));
  decoded.warnings.push_back(fmt::format(
      "the DICOM file says {}, its pixel data are {}; they are read as {}. Correct {}", said, is, read_as, attribute));
}

Error unread_model(const FrameForm& form, const std::string& where) {
  return Error(where,
      fmt::format(
          "has colour pixels in a model that is not read ({} is {})", kPhotometric, quoted_value(form.photometric)),
      "Export it as MONOCHROME2 or RGB.");
}

// The model of the decoded samples, by the stream where it says one.
std::string colour_model(
    const PixelStream& stream, const FrameForm& header, DecodedImage& decoded, const std::string& where) {
  const std::string& said = header.photometric;
  const bool says_full = said == "YBR_FULL", says_422 = said == "YBR_FULL_422";
  const bool says_transform = said == "YBR_RCT" || said == "YBR_ICT";
  const auto overruled = [&](const std::string& model) {
    overrule(decoded, fmt::format("{} {}", kPhotometric, quoted_value(said)),
        fmt::format("{} with {}", stream.codec, stream.colour_by), model, kPhotometric);
  };
  switch (stream.colour) {
    case StreamColour::kOwnTransform:
      if (said != "RGB" && !says_transform) overruled("RGB, as the decoder gives them");
      return "RGB";
    case StreamColour::kRgb:
      if (said != "RGB") overruled("RGB");
      return "RGB";
    case StreamColour::kYcc:
      if (!says_full && !says_422) overruled("YCbCr");
      return "YBR_FULL";
    case StreamColour::kNothing: break;
  }
  if (said == "RGB") {
    if (stream.is_subsampled)
      decoded.warnings.push_back(fmt::format(
          "the DICOM file says {} \"RGB\", and its {} data have subsampled components, as YCbCr has; they are read as "
          "RGB. If the colours look wrong, correct the attribute",
          kPhotometric, stream.codec));
    return "RGB";
  }
  if (says_full || (says_422 && stream.may_be_subsampled)) return "YBR_FULL";
  if (says_422) return "";  // decided by the samples
  if (says_transform && stream.codec.starts_with("JPEG 2000")) {
    overrule(decoded, fmt::format("{} \"{}\"", kPhotometric, said), "JPEG 2000 without a colour transform", "RGB",
        kPhotometric);
    return "RGB";
  }
  throw unread_model(header, where);
}

StoredBits cells_by_precision(
    const PixelStream& stream, const StoredBits& header, DecodedImage& decoded, const std::string& where) {
  const int allocated = stream.precision <= 8 ? 8 : 16;
  if (allocated == header.allocated) return header;
  const std::string said =
      fmt::format("Bits Allocated (0028,0100) {}, Bits Stored (0028,0101) {}", header.allocated, header.stored);
  if (header.is_signed && stream.precision < header.stored)
    throw Error(where,
        fmt::format("says {} and signed pixels, its {} data have {} bits: where their sign is cannot be told", said,
            stream.codec, stream.precision),
        kReexport);
  overrule(decoded, said, fmt::format("{} of {} bits", stream.codec, stream.precision),
      fmt::format("{} bits", stream.precision), "Bits Allocated, Bits Stored and High Bit");
  return {allocated, stream.precision, stream.precision - 1, header.is_signed};
}

}  // namespace

std::optional<PixelStream> jpeg_stream(std::span<const std::byte> bytes, const char* codec) {
  const JpegHeader header = read_jpeg_header(bytes);
  if (!header.frame) return std::nullopt;
  const JpegFrame& frame = *header.frame;
  PixelStream stream;
  stream.codec = codec;
  stream.width = frame.width;
  stream.height = frame.height;
  stream.components = frame.components;
  stream.precision = frame.precision;
  stream.is_lossy = frame.process == JpegProcess::kDct || stream.codec.ends_with("near-lossless");
  stream.may_be_subsampled = frame.process == JpegProcess::kDct;
  stream.is_subsampled = frame.subsampled;
  stream.has_cells = true;
  if (frame.process != JpegProcess::kDct || frame.components != 3) return stream;
  if (header.jfif) {
    stream.colour = StreamColour::kYcc;
    stream.colour_by = "a JFIF marker (YCbCr)";
  } else if (header.adobe_transform == 0 || header.adobe_transform == 1) {
    stream.colour = *header.adobe_transform == 0 ? StreamColour::kRgb : StreamColour::kYcc;
    stream.colour_by = fmt::format("an Adobe marker that says {}", *header.adobe_transform == 0 ? "RGB" : "YCbCr");
  }
  return stream;
}

size_t promised_bytes(const FrameForm& form) {
  const size_t frames = static_cast<size_t>(form.frames);
  if (form.photometric == "YBR_FULL_422") return pixels_of(form) * 2 * frames;
  return pixels_of(form) * static_cast<size_t>(form.samples) * static_cast<size_t>(form.bits.allocated / 8) * frames;
}

FrameForm hold_against_header(
    const PixelStream& stream, const FrameForm& header, DecodedImage& decoded, const std::string& where) {
  if ((stream.width && stream.width != header.width) || (stream.height && stream.height != header.height))
    throw Error(where,
        fmt::format("says {} x {} pixels (Columns, Rows), but its {} data have {} x {}", header.width, header.height,
            stream.codec, stream.width, stream.height),
        "Correct Rows (0028,0010) and Columns (0028,0011), or export the file again uncompressed.");
  if (stream.components && stream.components != header.samples)
    throw Error(where,
        fmt::format("says {} samples a pixel ({}), but its {} data have {} components", header.samples,
            header.photometric.empty() ? "grey" : header.photometric, stream.codec, stream.components),
        "Correct Samples per Pixel (0028,0002) and Photometric Interpretation (0028,0004), or export the file again "
        "uncompressed.");
  FrameForm form = header;
  if (form.samples == 1) {
    if (stream.precision && stream.has_cells) form.bits = cells_by_precision(stream, header.bits, decoded, where);
    else if (stream.precision > header.bits.allocated)
      form.bits = cells_by_precision(stream, header.bits, decoded, where);
    return form;
  }
  if (stream.precision > 8)
    throw Error(where,
        fmt::format("says colour of {} bits (Bits Stored), but its {} data have {} bits", header.bits.stored,
            stream.codec, stream.precision),
        "Export it as 8-bit RGB.");
  form.photometric = colour_model(stream, header, decoded, where);
  return form;
}

FrameForm hold_length_against_header(
    size_t bytes, const FrameForm& header, DecodedImage& decoded, const std::string& where) {
  FrameForm form = header;
  const size_t full = pixels_of(form) * 3 * static_cast<size_t>(form.frames);
  const size_t row = static_cast<size_t>(form.width) * static_cast<size_t>(form.samples) *
                     static_cast<size_t>(form.bits.allocated / 8);
  if (form.photometric == "YBR_FULL_422" && bytes >= full && bytes < full + row) {
    overrule(decoded, fmt::format("{} \"YBR_FULL_422\"", kPhotometric),
        fmt::format("{} bytes for {} x {} pixels, three a pixel", bytes, form.width, form.height), "YBR_FULL",
        kPhotometric);
    form.photometric = "YBR_FULL";
  }
  if (form.samples == 3 && form.photometric != "RGB" && !form.photometric.starts_with("YBR_FULL"))
    throw unread_model(header, where);
  const size_t promised = promised_bytes(form);
  const std::string both =
      fmt::format("has {} bytes of pixel data, its header promises {} ({} x {} pixels of {} x {} bits{})", bytes,
          promised, form.width, form.height, form.samples, form.bits.allocated,
          form.frames > 1 ? fmt::format(", {} frames", form.frames) : "");
  if (bytes < promised / static_cast<size_t>(form.frames) || bytes >= 2 * promised)
    throw Error(where, both,
        "Correct Rows, Columns, Samples per Pixel (0028,0002), Bits Allocated (0028,0100) or Number of Frames "
        "(0028,0008), or export the file again.");
  if (bytes < promised) decoded.warnings.push_back(fmt::format("the DICOM file {}; later frames are missing", both));
  else if (bytes - promised >= row && bytes - promised > 1)
    decoded.warnings.push_back(
        fmt::format("the DICOM file {}; the rest is left out. Correct the header if the picture looks sheared", both));
  return form;
}

bool looks_like_grey_in_ycc(std::span<const uint8_t> pixels) {
  constexpr uint64_t kClose = 4, kFar = 16;  // grey levels, on average
  uint64_t from_middle = 0, from_first = 0;
  for (size_t i = 0; i + 2 < pixels.size(); i += 3)
    for (size_t c = 1; c < 3; ++c) {
      from_middle += static_cast<uint64_t>(std::abs(pixels[i + c] - 128));
      from_first += static_cast<uint64_t>(std::abs(pixels[i + c] - pixels[i]));
    }
  const uint64_t samples = pixels.size() / 3 * 2;
  return from_middle < kClose * samples && from_first > kFar * samples;
}

StoredBits settle_bits(
    const std::vector<uint16_t>& cells, StoredBits bits, const PixelStream* stream, DecodedImage& decoded) {
  const uint32_t above = (bits.allocated == 8 ? 0xffu : 0xffffu) & ~((1u << bits.stored) - 1);
  const uint32_t below = (1u << (bits.high_bit - bits.stored + 1)) - 1;
  uint32_t used = 0, largest = 0;
  bool fits = true;  // every cell is a value in the low bits: nothing above, or the sign repeated
  for (const uint16_t cell : cells) {
    const bool repeats_sign = bits.is_signed && (cell >> (bits.stored - 1) & 1) && (cell & above) == above;
    fits = fits && ((cell & above) == 0 || repeats_sign);
    used |= cell;
    largest = std::max<uint32_t>(largest, cell);
  }
  if (bits.high_bit != bits.stored - 1) {
    if (!(used & below)) return bits;  // the values do lie at the top, as files before 2014 may have them
    const std::string said =
        fmt::format("High Bit (0028,0102) {} over Bits Stored (0028,0101) {}", bits.high_bit, bits.stored);
    if (!fits) {
      decoded.warnings.push_back(fmt::format(
          "the DICOM file says {}, and its pixels use bits below those too; they are read by High Bit. Check the "
          "attribute if the picture looks wrong",
          said));
      return bits;
    }
    bits.high_bit = bits.stored - 1;
    overrule(
        decoded, said, "values in the low bits", fmt::format("values with high bit {}", bits.high_bit), "High Bit");
    return bits;
  }
  if (!stream || fits || stream->precision <= bits.stored) return bits;
  // A lossy stream may overshoot by a little, which must not wrap round to a small value.
  const bool overshoot = stream->is_lossy && !bits.is_signed && largest < (9u << bits.stored) / 8;
  const int said = bits.stored;
  bits.stored = stream->precision;
  bits.high_bit = bits.stored - 1;
  if (!overshoot)
    overrule(decoded, fmt::format("Bits Stored (0028,0101) {}", said),
        fmt::format("{} of {} bits with values up to {}", stream->codec, stream->precision, largest),
        fmt::format("{} bits", stream->precision), "Bits Stored and High Bit");
  return bits;
}

}  // namespace hilum
