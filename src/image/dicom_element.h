// The bytes of DICOM elements, read without any library: headers, how a data set is encoded, where its parts lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace hilum {

inline constexpr uint32_t kUndefinedLength = 0xffffffff;

struct DicomEncoding {
  bool implicit = false, big_endian = false;
  bool operator==(const DicomEncoding&) const = default;
};
const char* encoding_name(const DicomEncoding& encoding);  // "explicit little endian"

struct DicomElement {
  uint32_t group = 0, number = 0;
  size_t value = 0, length = 0;  // offset of the value; kUndefinedLength as it stands
  bool is_sequence = false;      // by its VR, or its value begins with an item
};

// The header of the element at `offset`. In an explicit data set what has no VR is taken as implicit (sequences under
// UN hold such). False: it does not fit into the bytes; its value may reach beyond them.
bool read_element_header(
    std::span<const std::byte> bytes, size_t offset, const DicomEncoding& encoding, DicomElement& element);

// How a data set is encoded, by its first elements; no value: it begins as none does.
std::optional<DicomEncoding> find_encoding(std::span<const std::byte> data_set);

struct DataSetLayout {
  size_t end = 0;             // of what is to be read: behind the pixel data only zeros or `left_out` bytes may follow
  size_t left_out = 0;        // bytes behind the pixel data that are no elements
  bool has_pixels = false;    // outside of all sequences
  bool in_fragments = false;  // the pixel data are encapsulated (PS3.5 A.4)
  bool lacks_delimiter = false;  // ... and end at `end` without their Sequence Delimitation Item
};

// Walks through all elements, nested ones too: refuses one that claims more bytes than are left, so that nothing is
// allocated on its word. Behind the pixel data no element matters to the picture: there a damaged one ends the data
// set. Throws Error naming `where`.
DataSetLayout lay_out(std::span<const std::byte> data_set, const DicomEncoding& encoding, const std::string& where);

}  // namespace hilum
