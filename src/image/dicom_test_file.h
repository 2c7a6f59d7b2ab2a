// Builds small DICOM files for tests: explicit VR little endian, elements in the order in which they are added.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hilum {

class DicomTestFile {
 public:
  std::string transfer_syntax = "1.2.840.10008.1.2.1";
  bool preamble = true;

  DicomTestFile& add(uint16_t group, uint16_t element, const std::string& vr, std::string value) {
    if (value.size() % 2) value.push_back(vr == "UI" || vr == "OB" ? '\0' : ' ');
    u16(group);
    u16(element);
    const std::string written = unknown_ == std::pair{group, element} ? "UN" : vr;
    body_ += written;
    if (written == "UN" || vr == "OB" || vr == "OW" || vr == "SQ" || vr == "UN") {
      u16(0);
      u32(static_cast<uint32_t>(value.size()));
    } else {
      u16(static_cast<uint32_t>(value.size()));
    }
    body_ += value;
    return *this;
  }
  DicomTestFile& add_us(uint16_t group, uint16_t element, std::vector<int> values, const std::string& vr = "US") {
    return add(group, element, vr, words(values));
  }
  // A sequence of one item that holds the elements of `item`.
  DicomTestFile& add_sequence(uint16_t group, uint16_t element, const DicomTestFile& item) {
    std::string value("\xfe\xff\x00\xe0", 4);
    for (int shift = 0; shift < 32; shift += 8) value.push_back(static_cast<char>(item.body_.size() >> shift));
    return add(group, element, "SQ", value + item.body_);
  }
  // The attributes every picture has, SOP class CR.
  DicomTestFile& add_picture(int width, int height, int allocated, int stored,
      const std::string& photometric = "MONOCHROME2", bool is_signed = false) {
    return add(0x0028, 0x0002, "US", words({photometric == "RGB" ? 3 : 1}))
        .add(0x0028, 0x0004, "CS", photometric)
        .add_us(0x0028, 0x0010, {height})
        .add_us(0x0028, 0x0011, {width})
        .add_us(0x0028, 0x0100, {allocated})
        .add_us(0x0028, 0x0101, {stored})
        .add_us(0x0028, 0x0102, {stored - 1})
        .add_us(0x0028, 0x0103, {is_signed ? 1 : 0});
  }
  DicomTestFile& add_pixels(const std::vector<int>& values, int allocated = 16) {
    if (allocated == 16) return add(0x7fe0, 0x0010, "OW", words(values));
    return add(0x7fe0, 0x0010, "OB", std::string(values.begin(), values.end()));
  }

  // One fragment behind an empty offset table (PS3.5 A.4), with or without the item that ends them.
  DicomTestFile& add_fragment(std::string stream, bool delimiter = true) {
    if (stream.size() % 2) stream.push_back('\0');
    body_ += std::string("\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0", 24);
    u32(static_cast<uint32_t>(stream.size()));
    body_ += stream;
    if (delimiter) body_ += std::string("\xfe\xff\xdd\xe0\0\0\0\0", 8);
    return *this;
  }
  // This tag's element gets VR UN, its value as it would stand in little endian.
  DicomTestFile& as_unknown(uint16_t group, uint16_t element) {
    unknown_ = {group, element};
    return *this;
  }

  std::string bytes() const {
    if (!preamble) return body_;
    DicomTestFile meta;
    meta.add(0x0002, 0x0010, "UI", transfer_syntax);
    return std::string(128, '\0') + "DICM" + meta.body_ + body_;
  }

 private:
  void u16(uint32_t v) {
    body_ += static_cast<char>(v & 255);
    body_ += static_cast<char>(v >> 8 & 255);
  }
  void u32(uint32_t v) {
    u16(v & 0xffff);
    u16(v >> 16);
  }
  static std::string words(const std::vector<int>& values) {
    DicomTestFile scratch;
    for (const int v : values) scratch.u16(static_cast<uint32_t>(v) & 0xffff);
    return scratch.body_;
  }

  std::string body_;
  std::pair<uint16_t, uint16_t> unknown_{0, 0};
};

// The bytes of an explicit little endian file, with another value in the one element of that tag (outside of sequences
// and with 16 bits of length).
inline std::string with_value(std::string file, uint16_t group, uint16_t element, std::string value) {
  if (value.size() % 2) value.push_back(' ');
  const std::string tag = {static_cast<char>(group & 255), static_cast<char>(group >> 8),
      static_cast<char>(element & 255), static_cast<char>(element >> 8)};
  const size_t at = file.find(tag, 132);
  if (at == std::string::npos) throw std::out_of_range("no such element");
  const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(file[i])); };
  const size_t length = byte(at + 6) | byte(at + 7) << 8;
  file.replace(at + 8, length, value);
  file[at + 6] = static_cast<char>(value.size() & 255);
  file[at + 7] = static_cast<char>(value.size() >> 8);
  return file;
}
inline std::string with_us(std::string file, uint16_t group, uint16_t element, int value) {
  return with_value(std::move(file), group, element, {static_cast<char>(value & 255), static_cast<char>(value >> 8)});
}

}  // namespace hilum
