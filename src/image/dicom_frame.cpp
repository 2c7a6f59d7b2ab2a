#include "image/dicom_frame.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <optional>
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
#include "image/dicom_stream.h"
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

// `bytes`: as many as the form takes.
DicomFrame frame_from_bytes(std::span<const uint8_t> bytes, const FrameForm& form) {
  DicomFrame frame;
  frame.bits = form.bits;
  const size_t pixels = pixels_of(form);
  if (form.samples == 1) {
    frame.cells.resize(pixels);
    if (form.bits.allocated == 8) std::copy_n(bytes.begin(), pixels, frame.cells.begin());
    else
      for (size_t i = 0; i < pixels; ++i) frame.cells[i] = static_cast<uint16_t>(bytes[2 * i] | bytes[2 * i + 1] << 8);
    return frame;
  }
  frame.rgb = interleaved(bytes, form);
  if (form.photometric != "RGB") ybr_to_rgb(frame.rgb);
  return frame;
}

// Colour samples whose model nothing says (photometric is empty) are looked at.
void decide_by_samples(DicomFrame& frame, FrameForm& form, const std::string& said, DecodedImage& decoded) {
  const bool is_ycc = looks_like_grey_in_ycc(frame.rgb);
  form.photometric = is_ycc ? "YBR_FULL" : "RGB";
  if (is_ycc) ybr_to_rgb(frame.rgb);
  decoded.steps.push_back(is_ycc ? "read as YCbCr" : "read as RGB");
  decoded.warnings.push_back(
      fmt::format("the DICOM file says Photometric Interpretation (0028,0004) \"{}\", its pixel data are three full "
                  "components, which are not 4:2:2; they are read as {}, {}. Correct the attribute",
          said, is_ycc ? "YCbCr" : "RGB", is_ycc ? "as a grey film in YCbCr looks" : "as decoders write them"));
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
  if (items < 2)
    throw Error(where, "has no compressed pixel data: no fragment follows the offset table", "Export the file again.");
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

std::vector<uint8_t> compressed_frame(DcmPixelData& pixels, DcmDataset& data_set, int frames,
    const DicomTransferSyntax& syntax, const std::string& where) {
  DcmPixelSequence* sequence = nullptr;
  if (pixels.getEncapsulatedRepresentation(data_set.getOriginalXfer(), nullptr, sequence).bad() || !sequence)
    throw Error(where, fmt::format("says {}, but its pixel data are no fragments of a compressed stream", syntax.name),
        "Correct Transfer Syntax UID (0002,0010), or export the file again uncompressed.");
  return first_frame_fragments(*sequence, frames, where);
}

DicomFrame read_native(DcmPixelData& pixels, const FrameForm& header, DecodedImage& decoded, const std::string& where) {
  const size_t have = pixels.getLength();
  const FrameForm form = hold_length_against_header(have, header, decoded, where);
  Uint8* bytes = nullptr;  // words come in little endian
  if (pixels.getUint8Array(bytes).bad() || !bytes)
    throw Error(where, "has pixel data that cannot be read", "Export the file again.");
  DicomFrame frame = frame_from_bytes({bytes, have}, form);
  if (form.photometric != "RGB" && form.samples == 3) decoded.steps.push_back("colour to rgb");
  return frame;
}

// DCMTK's decoders size their cells by these attributes, and convert what is called YCbCr.
void tell_decoder(DcmDataset& data_set, const FrameForm& form, const std::string& model, const std::string& where) {
  const auto put = [&](const DcmTagKey& tag, int value) {
    return data_set.putAndInsertUint16(tag, static_cast<Uint16>(value)).good();
  };
  const bool good =
      put(DCM_BitsAllocated, form.bits.allocated) && put(DCM_BitsStored, form.bits.stored) &&
      put(DCM_HighBit, form.bits.high_bit) &&
      (data_set.tagExists(DCM_PlanarConfiguration) || put(DCM_PlanarConfiguration, form.planar)) &&
      (form.samples == 1 || data_set.putAndInsertString(DCM_PhotometricInterpretation, model.c_str()).good());
  if (!good) throw Error(where, "cannot be decoded: its attributes cannot be set for it", "Free some memory.");
}

DicomFrame read_with_codec(DcmPixelData& pixels, DcmDataset& data_set, const FrameForm& header,
    const DicomTransferSyntax& syntax, DecodedImage& decoded, const std::string& where) {
  register_codecs();
  const std::vector<uint8_t> bytes = compressed_frame(pixels, data_set, 1, syntax, where);
  const std::optional<PixelStream> stream = jpeg_stream(std::as_bytes(std::span(bytes)), syntax.name);
  FrameForm form = stream ? hold_against_header(*stream, header, decoded, where) : header;
  const std::string model = form.photometric.empty() ? "RGB" : form.photometric;
  tell_decoder(data_set, form, model, where);
  const size_t need =
      pixels_of(form) * static_cast<size_t>(form.samples) * static_cast<size_t>(form.bits.allocated / 8);
  std::vector<uint16_t> buffer(need / 2 + 1);  // words, because the codecs write words
  Uint32 fragment = 0;
  OFString decoded_model;
  const OFCondition status = pixels.getUncompressedFrame(
      &data_set, 0, fragment, buffer.data(), static_cast<Uint32>((need + 1) & ~size_t{1}), decoded_model);
  if (status.bad())
    throw Error(where, fmt::format("has {} pixel data that cannot be decoded ({})", syntax.name, status.text()),
        "The file is damaged or unusual; export it uncompressed.");
  DicomFrame frame;
  if (form.samples == 1) {
    if (form.bits.allocated == 16) {  // words in this machine's order
      buffer.resize(pixels_of(form));
      frame.cells = std::move(buffer);
    } else {
      frame = frame_from_bytes({reinterpret_cast<const uint8_t*>(buffer.data()), need}, form);
    }
    frame.bits = settle_bits(frame.cells, form.bits, stream ? &*stream : nullptr, decoded);
    return frame;
  }
  const bool undecided = form.photometric.empty();
  const bool converts = !undecided && form.photometric != "RGB";
  form.photometric = converts && decoded_model == "RGB" ? "RGB" : model;  // what is left to do
  frame = frame_from_bytes({reinterpret_cast<const uint8_t*>(buffer.data()), need}, form);
  if (undecided) decide_by_samples(frame, form, header.photometric, decoded);
  if (converts || (undecided && form.photometric != "RGB")) decoded.steps.push_back("colour to rgb");
  return frame;
}

// RLE planes: samples in turn, the high byte of each before the low one.
DicomFrame read_rle(
    std::span<const uint8_t> bytes, const FrameForm& header, DecodedImage& decoded, const std::string& where) {
  const size_t pixels = pixels_of(header), cell_bytes = static_cast<size_t>(header.bits.allocated / 8);
  PixelStream stream;
  stream.codec = "RLE";
  stream.may_be_subsampled = false;  // planes are whole
  FrameForm form = hold_against_header(stream, header, decoded, where);
  const std::vector<uint8_t> planes =
      decode_dicom_rle(bytes, static_cast<size_t>(form.samples) * cell_bytes, pixels, where);
  DicomFrame frame;
  if (form.samples == 3) {
    form.planar = true;
    const bool undecided = form.photometric.empty();
    if (undecided) form.photometric = "RGB";
    frame = frame_from_bytes(planes, form);
    if (undecided) decide_by_samples(frame, form, header.photometric, decoded);
    if (form.photometric != "RGB") decoded.steps.push_back("colour to rgb");
    return frame;
  }
  if (cell_bytes == 1) {
    frame = frame_from_bytes(planes, form);
  } else {
    frame.cells.resize(pixels);
    for (size_t i = 0; i < pixels; ++i) frame.cells[i] = static_cast<uint16_t>(planes[i] << 8 | planes[pixels + i]);
  }
  frame.bits = settle_bits(frame.cells, form.bits, nullptr, decoded);
  return frame;
}

// Does the stream say another sign than the header, where some value shows it? The header's holds, as two's complement,
// but for values below 0 under a header without sign.
void settle_sign(const std::vector<int32_t>& samples, bool stream_is_signed, StoredBits& bits, DecodedImage& decoded) {
  if (stream_is_signed == bits.is_signed) return;
  const auto [low, high] = std::minmax_element(samples.begin(), samples.end());
  if (stream_is_signed ? *low >= 0 : *high < 1 << (bits.stored - 1)) return;
  const bool was_signed = bits.is_signed;
  bits.is_signed = true;
  decoded.steps.push_back("read as signed values");
  decoded.warnings.push_back(fmt::format(
      "the DICOM file says Pixel Representation (0028,0103) {}, its JPEG 2000 data have {} values ({}..{}); "
      "they are read as signed. Correct the attribute if the picture looks wrong",
      was_signed ? "1 (signed)" : "0 (unsigned)", was_signed ? "unsigned" : "signed", *low, *high));
}

DicomFrame read_jpeg2000(
    std::span<const uint8_t> bytes, const FrameForm& header, DecodedImage& decoded, const std::string& where) {
  PixelStream stream;
  FrameForm form;
  const Jpeg2000Picture picture = decode_jpeg2000(bytes, where, [&](const Jpeg2000Picture& says) {
    stream.codec = "JPEG 2000";
    stream.width = says.width;
    stream.height = says.height;
    stream.components = says.components;
    stream.precision = says.precision;
    stream.is_signed = says.is_signed;
    stream.is_lossy = says.is_lossy;
    stream.may_be_subsampled = false;
    if (says.has_colour_transform) {
      stream.colour = StreamColour::kOwnTransform;
      stream.colour_by = "a colour transform of its own";
    }
    form = hold_against_header(stream, header, decoded, where);
  });
  const size_t count = pixels_of(form);
  DicomFrame frame;
  if (form.samples == 1) {
    form.bits.high_bit = form.bits.stored - 1;  // numbers, not cells
    frame.cells.resize(count);
    std::transform(picture.samples.begin(), picture.samples.end(), frame.cells.begin(),
        [](int32_t v) { return static_cast<uint16_t>(v); });
    settle_sign(picture.samples, picture.is_signed, form.bits, decoded);
    frame.bits = settle_bits(frame.cells, form.bits, &stream, decoded);
    return frame;
  }
  frame.rgb.resize(count * 3);
  for (size_t i = 0; i < count; ++i)
    for (size_t c = 0; c < 3; ++c)
      frame.rgb[3 * i + c] = static_cast<uint8_t>(std::clamp(picture.samples[c * count + i], 0, 255));
  if (form.photometric.empty()) decide_by_samples(frame, form, header.photometric, decoded);
  else if (form.photometric != "RGB") ybr_to_rgb(frame.rgb);
  const bool undone = picture.has_colour_transform && header.photometric.starts_with("YBR_");  // by the decoder
  if (undone || form.photometric != "RGB") decoded.steps.push_back("colour to rgb");
  return frame;
}

}  // namespace

const DicomTransferSyntax* find_transfer_syntax(const std::string& uid) {
  const auto* found =
      std::find_if(kSyntaxes.begin(), kSyntaxes.end(), [&](const DicomTransferSyntax& s) { return uid == s.uid; });
  return found == kSyntaxes.end() ? nullptr : found;
}

DicomFrame read_first_frame(DcmDataset& data_set, const FrameForm& form, const DicomTransferSyntax& syntax,
    DecodedImage& decoded, const std::string& where) {
  DcmElement* element = nullptr;
  DcmPixelData* pixels = nullptr;
  if (data_set.findAndGetElement(DCM_PixelData, element).good() && element)
    pixels = dynamic_cast<DcmPixelData*>(element);
  if (!pixels)
    throw Error(
        where, "has no pixel data: it is not a picture, or the file is truncated", "Give a CR, DX or SC image.");
  switch (syntax.packing) {
    case DicomPacking::kCodec: return read_with_codec(*pixels, data_set, form, syntax, decoded, where);
    case DicomPacking::kRle:
      return read_rle(compressed_frame(*pixels, data_set, form.frames, syntax, where), form, decoded, where);
    case DicomPacking::kJpeg2000:
      return read_jpeg2000(compressed_frame(*pixels, data_set, form.frames, syntax, where), form, decoded, where);
    case DicomPacking::kNative:
    case DicomPacking::kDeflated: break;
  }
  DicomFrame frame = read_native(*pixels, form, decoded, where);
  if (form.samples == 1) frame.bits = settle_bits(frame.cells, form.bits, nullptr, decoded);
  return frame;
}

}  // namespace hilum
