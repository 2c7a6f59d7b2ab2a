// Decoded pictures and the way back from model space to the original.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hilum {

// Rows top to bottom, channels interleaved. 8-bit samples use 0..255, 16-bit 0..65535.
struct Image {
  int width = 0, height = 0;     // px
  int channels = 1;              // 1 grey, 3 RGB
  int bits = 8;                  // 8 or 16
  std::vector<uint8_t> data8;    // width * height * channels when bits == 8
  std::vector<uint16_t> data16;  // when bits == 16
  std::vector<uint8_t> alpha8;   // opacity, width * height, of an 8-bit picture that is partly transparent; else empty.
                                 // `channels` does not count it, and only preprocessing that asks for it looks at it
};

// A box in 0..1 of an original image, origin top left: [x_min, y_min, x_max, y_max]. A box of a model's crop is a
// CropBox (image/geometry.h).
struct BoxNorm {
  double x_min = 0, y_min = 0, x_max = 0, y_max = 0;
  bool operator==(const BoxNorm&) const = default;
};

// What a file said about itself beside its pixels. Empty where it said nothing. Never logged.
struct ImageMetadata {
  std::string format;  // "png", "jpeg", "dicom"
  std::string patient_id, study_instance_uid, study_date, view_position, patient_orientation, body_part;
  bool burned_in_annotation = false;
  double spacing_mm = 0;  // between pixel centres; 0 when absent or nonsense
};

// A file as the pipeline takes it: display-ready pixels (MONOCHROME2, window applied) and what was done to get them.
struct DecodedImage {
  Image pixels;
  ImageMetadata metadata;
  std::vector<std::string> steps;     // "monochrome1 inverted", "window 15000/30000", ... in order; goes to image.steps
  std::vector<std::string> warnings;  // for the reader of the report
};

}  // namespace hilum
