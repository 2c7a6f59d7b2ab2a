#include "image/dicom_frame.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <span>

#include <fmt/core.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>

#include "base/error.h"
#include "image/dicom_rle.h"
#include "image/jpeg2000.h"

namespace hilum {
namespace {

// PS3.5 section 10 and annex A.
constexpr std::array<DicomTransferSyntax, 15> kSyntaxes = {{
    {"1.2.840.10008.1.2", "implicit little endian", DicomPacking::kNative},
    {"1.2.840.10008.1.2.1", "explicit little endian", DicomPacking::kNative},
    {"1.2.840.10008.1.2.2", "explicit big endian", DicomPacking::kNative},
    {"1.2.840.10008.1.2.1.99", "deflated", DicomPacking::kDeflated},
    {"1.2.840.10008.1.2.5", "RLE", DicomPacking::kRle},
    {"1.2.840.10008.1.2.4.50", "JPEG baseline", DicomPacking::kCodec},
    {"1.2.840.10008.1.2.4.51", "JPEG extended", DicomPacking::kCodec},
    {"1.2.840.10008.1.2.4.53", "JPEG spectral selection", DicomPacking::kCodec},
    {"1.2.840.10008.1.2.4.55", "JPEG full progression", DicomPacking::kCodec},
    {"1.2.840.10008.1.2.4.57", "JPEG lossless", DicomPacking::kCodec},
    {"1.2.840.10008.1.2.4.70", "JPEG lossless first-order", DicomPacking::kCodec},
    {"1.2.840.10008.1.2.4.80", "JPEG-LS lossless", DicomPacking::kCodec},
    {"1.2.840.10008.1.2.4.81", "JPEG-LS near-lossless", DicomPacking::kCodec},
    {"1.2.840.10008.1.2.4.90", "JPEG 2000 lossless", DicomPacking::kJpeg2000},
    {"1.2.840.10008.1.2.4.91", "JPEG 2000", DicomPacking::kJpeg2000},
}};

void register_codecs() {
  static std::once_flag once;
  std::call_once(once, [] {
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
  });
}

size_t pixels_of(const FrameForm& form) { return static_cast<size_t>(form.width) * static_cast<size_t>(form.height); }
size_t bytes_of(const FrameForm& form) {
  if (form.photometric == "YBR_FULL_422") return pixels_of(form) * 2;
  return pixels_of(form) * static_cast<size_t>(form.samples) * static_cast<size_t>(form.bits.allocated / 8);
}

Error truncated(const std::string& where, size_t have, size_t need) {
  return Error(where, fmt::format("has {} bytes of pixel data, its header promises {}", have, need),
      "The file is truncated or damaged; copy or export it again.");
}

uint8_t rounded_byte(double v) { return static_cast<uint8_t>(std::clamp(std::floor(v + 0.5), 0.0, 255.0)); }

// YBR_FULL -> RGB (PS3.3 C.7.6.3.1.2), in place, interleaved.
void ybr_to_rgb(std::vector<uint8_t>& pixels) {
  for (size_t i = 0; i + 2 < pixels.size(); i += 3) {
    const double y = pixels[i], cb = pixels[i + 1] - 128.0, cr = pixels[i + 2] - 128.0;
    pixels[i] = rounded_byte(y + 1.402 * cr);
    pixels[i + 1] = rounded_byte(y - 0.344136 * cb - 0.714136 * cr);
    pixels[i + 2] = rounded_byte(y + 1.772 * cb);
  }
}

std::vector<uint8_t> interleaved(std::span<const uint8_t> in, const FrameForm& form) {
  const size_t pixels = pixels_of(form);
  std::vector<uint8_t> out(pixels * 3);
  if (form.photometric == "YBR_FULL_422") {  // Y0 Y1 Cb Cr for two neighbours
    for (size_t i = 0; i + 1 < pixels; i += 2)
      for (size_t k = 0; k < 2; ++k) {
        out[3 * (i + k)] = in[2 * i + k];
        out[3 * (i + k) + 1] = in[2 * i + 2];
        out[3 * (i + k) + 2] = in[2 * i + 3];
      }
  } else if (form.planar) {
    for (size_t i = 0; i < pixels; ++i)
      for (size_t c = 0; c < 3; ++c) out[3 * i + c] = in[c * pixels + i];
  } else {
    std::copy_n(in.begin(), out.size(), out.begin());
  }
  return out;
}

DicomFrame frame_from_bytes(std::span<const uint8_t> bytes, const FrameForm& form, const std::string& where) {
  DicomFrame frame;
  const size_t pixels = pixels_of(form);
  if (form.samples == 1) {
    frame.cells.resize(pixels);
    if (form.bits.allocated == 8) std::copy_n(bytes.begin(), pixels, frame.cells.begin());
    else
      for (size_t i = 0; i < pixels; ++i) frame.cells[i] = static_cast<uint16_t>(bytes[2 * i] | bytes[2 * i + 1] << 8);
    return frame;
  }
  const bool is_ybr = form.photometric == "YBR_FULL" || form.photometric == "YBR_FULL_422";
  if (form.photometric != "RGB" && !is_ybr)
    throw Error(where, "has colour pixels in a model that is not read", "Export it as MONOCHROME2 or RGB.");
  frame.rgb = interleaved(bytes, form);
  if (is_ybr) ybr_to_rgb(frame.rgb);
  return frame;
}

DicomFrame read_native(DcmPixelData& pixels, const FrameForm& form, const std::string& where) {
  const size_t need = bytes_of(form), have = pixels.getLength();
  if (have < need) throw truncated(where, have, need);
  Uint8* bytes = nullptr;  // words come in little endian
  if (pixels.getUint8Array(bytes).bad() || !bytes) throw truncated(where, 0, need);
  return frame_from_bytes({bytes, need}, form, where);
}

DicomFrame read_with_codec(DcmPixelData& pixels, DcmDataset& data_set, FrameForm form,
    const DicomTransferSyntax& syntax, const std::string& where) {
  register_codecs();
  if (form.photometric == "YBR_FULL_422") form.photometric = "YBR_FULL";  // a decoder gives whole pixels
  const size_t need = bytes_of(form);
  std::vector<uint16_t> buffer(need / 2 + 1);  // words, because the codecs write words
  Uint32 fragment = 0;
  OFString model;
  const OFCondition status = pixels.getUncompressedFrame(
      &data_set, 0, fragment, buffer.data(), static_cast<Uint32>((need + 1) & ~size_t{1}), model);
  if (status.bad())
    throw Error(where, fmt::format("has {} pixel data that cannot be decoded ({})", syntax.name, status.text()),
        "The file is damaged or unusual; export it uncompressed.");
  if (form.samples == 3 && !model.empty()) form.photometric = model.c_str();
  const auto* bytes = reinterpret_cast<const uint8_t*>(buffer.data());
  DicomFrame frame;
  if (form.samples == 1 && form.bits.allocated == 16) {  // words in this machine's order
    buffer.resize(pixels_of(form));
    frame.cells = std::move(buffer);
    return frame;
  }
  return frame_from_bytes({bytes, need}, form, where);
}

// The bytes of frame 0 in an encapsulated sequence (PS3.5 A.4): item 0 is the offset table, the rest are fragments.
std::vector<uint8_t> first_frame_fragments(DcmPixelSequence& sequence, int frames, const std::string& where) {
  const unsigned long items = sequence.card();
  const auto item_bytes = [&](unsigned long index) -> std::span<const uint8_t> {
    DcmPixelItem* item = nullptr;
    Uint8* bytes = nullptr;
    if (sequence.getItem(item, index).bad() || !item) return {};
    const size_t length = item->getLength();
    if (length == 0 || item->getUint8Array(bytes).bad() || !bytes) return {};
    return {bytes, length};
  };
  if (items < 2) throw Error(where, "has no compressed pixel data", "The file is truncated or damaged; copy it again.");
  size_t end = SIZE_MAX;  // offset of frame 1 from the first fragment's item
  if (frames > 1) {
    const std::span<const uint8_t> table = item_bytes(0);
    if (table.size() >= 8) end = table[4] | size_t{table[5]} << 8 | size_t{table[6]} << 16 | size_t{table[7]} << 24;
    else if (items - 1 == static_cast<unsigned long>(frames)) end = 1;
    else throw Error(where, "has several frames and does not say where the first ends", "Give a single-frame file.");
  }
  std::vector<uint8_t> all;
  size_t offset = 0;
  for (unsigned long i = 1; i < items && offset < end; ++i) {
    const std::span<const uint8_t> fragment = item_bytes(i);
    all.insert(all.end(), fragment.begin(), fragment.end());
    offset += fragment.size() + 8;  // each with an 8-byte item header
  }
  return all;
}

std::vector<uint8_t> compressed_frame(
    DcmPixelData& pixels, DcmDataset& data_set, int frames, const std::string& where) {
  DcmPixelSequence* sequence = nullptr;
  if (pixels.getEncapsulatedRepresentation(data_set.getOriginalXfer(), nullptr, sequence).bad() || !sequence)
    throw Error(where, "has no compressed pixel data", "The file is truncated or damaged; copy it again.");
  return first_frame_fragments(*sequence, frames, where);
}

// RLE planes: samples in turn, the high byte of each before the low one.
DicomFrame frame_from_rle(std::span<const uint8_t> stream, FrameForm form, const std::string& where) {
  const size_t pixels = pixels_of(form), bytes = static_cast<size_t>(form.bits.allocated / 8);
  if (form.photometric == "YBR_FULL_422") form.photometric = "YBR_FULL";  // planes are whole
  const std::vector<uint8_t> planes =
      decode_dicom_rle(stream, static_cast<size_t>(form.samples) * bytes, pixels, where);
  if (bytes == 1) {
    form.planar = true;
    return frame_from_bytes(planes, form, where);
  }
  DicomFrame frame;
  frame.cells.resize(pixels);
  for (size_t i = 0; i < pixels; ++i) frame.cells[i] = static_cast<uint16_t>(planes[i] << 8 | planes[pixels + i]);
  return frame;
}

DicomFrame frame_from_jpeg2000(std::span<const uint8_t> stream, const FrameForm& form, const std::string& where) {
  const Jpeg2000Picture picture = decode_jpeg2000(stream, form.width, form.height, form.samples, where);
  const size_t count = pixels_of(form);
  DicomFrame frame;
  if (form.samples == 1) {
    frame.cells.resize(count);
    std::transform(picture.samples.begin(), picture.samples.end(), frame.cells.begin(),
        [&](int32_t v) { return form.bits.cell(v); });
    return frame;
  }
  frame.rgb.resize(count * 3);
  for (size_t i = 0; i < count; ++i)
    for (size_t c = 0; c < 3; ++c)
      frame.rgb[3 * i + c] = static_cast<uint8_t>(std::clamp(picture.samples[c * count + i], 0, 255));
  // YBR_RCT and YBR_ICT name the code stream's own colour transform, which the decoder has undone.
  if (form.photometric == "YBR_FULL" || form.photometric == "YBR_FULL_422") ybr_to_rgb(frame.rgb);
  return frame;
}

}  // namespace

const DicomTransferSyntax* find_transfer_syntax(const std::string& uid) {
  const auto* found =
      std::find_if(kSyntaxes.begin(), kSyntaxes.end(), [&](const DicomTransferSyntax& s) { return uid == s.uid; });
  return found == kSyntaxes.end() ? nullptr : found;
}

DicomFrame read_first_frame(
    DcmDataset& data_set, const FrameForm& form, const DicomTransferSyntax& syntax, const std::string& where) {
  DcmElement* element = nullptr;
  DcmPixelData* pixels = nullptr;
  if (data_set.findAndGetElement(DCM_PixelData, element).good() && element)
    pixels = dynamic_cast<DcmPixelData*>(element);
  if (!pixels)
    throw Error(
        where, "has no pixel data: it is not a picture, or the file is truncated", "Give a CR, DX or SC image.");
  switch (syntax.packing) {
    case DicomPacking::kCodec: return read_with_codec(*pixels, data_set, form, syntax, where);
    case DicomPacking::kRle:
      return frame_from_rle(compressed_frame(*pixels, data_set, form.frames, where), form, where);
    case DicomPacking::kJpeg2000:
      return frame_from_jpeg2000(compressed_frame(*pixels, data_set, form.frames, where), form, where);
    case DicomPacking::kNative:
    case DicomPacking::kDeflated: break;
  }
  return read_native(*pixels, form, where);
}

}  // namespace hilum
