// The first frame of a DICOM data set, decompressed: stored cells or colour samples, before any grey-level transform.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "image/dicom_grey.h"

class DcmDataset;

namespace hilum {

// How a transfer syntax packs its pixels.
enum class DicomPacking { kNative, kDeflated, kRle, kCodec, kJpeg2000 };

struct DicomTransferSyntax {
  const char* uid;
  const char* name;
  DicomPacking packing;
};

// Null for one that is not read.
const DicomTransferSyntax* find_transfer_syntax(const std::string& uid);

struct FrameForm {
  int width = 0, height = 0, samples = 1, frames = 1;
  bool planar = false;  // colour by plane
  StoredBits bits;
  std::string photometric;
};
inline size_t pixels_of(const FrameForm& form) {
  return static_cast<size_t>(form.width) * static_cast<size_t>(form.height);
}

struct DicomFrame {
  std::vector<uint16_t> cells;  // samples == 1: [height * width]
  StoredBits bits;              // of the cells
  std::vector<uint8_t> rgb;     // samples == 3: [height * width * 3]
};

// Decodes frame 0. Needs `form` checked (dimensions, bits). What the pixel data say otherwise than `form` is held
// against it (image/dicom_stream.h), with steps and warnings in `decoded`. Throws Error naming `where`: too few or far
// too many bytes, damaged compressed data, a stream of another size, a colour model that is not read.
DicomFrame read_first_frame(DcmDataset& data_set, const FrameForm& form, const DicomTransferSyntax& syntax,
    DecodedImage& decoded, const std::string& where);

struct StoredPicture {
  FrameForm form;
  DicomFrame frame;
};

// A DICOM file's first frame as stored, without any grey-level transform. Errors as decode_image().
StoredPicture read_dicom_stored(std::span<const std::byte> bytes, const std::string& where);

}  // namespace hilum
