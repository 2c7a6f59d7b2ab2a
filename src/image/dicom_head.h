// The front of a DICOM file, read without any library: where the data set begins and in which transfer syntax.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace hilum {

struct DicomHead {
  size_t data_set = 0;          // offset of the data set
  std::string transfer_syntax;  // empty: the file does not say (a bare data set)
};

// Reads the file meta group (PS3.10 section 7.1), behind the preamble where there is one.
// Throws Error naming `where` when the group is cut off.
DicomHead read_dicom_head(std::span<const std::byte> bytes, const std::string& where);

// The data set of a file in the deflated transfer syntax (PS3.5 A.5), inflated to at most 1 GiB. Throws Error naming
// `where`.
std::vector<std::byte> inflate_data_set(std::span<const std::byte> deflated, const std::string& where);

// Sequences inside sequences are read by recursion: refuses a data set with so many items that it could exhaust the
// stack. Each level of nesting needs an item, so their number bounds the depth.
void check_item_count(std::span<const std::byte> data_set, const std::string& where);

}  // namespace hilum
