// The .npy file format, version 1.0: "\x93NUMPY", 1, 0, u16 header length, a Python dict literal padded with blanks,
// then the values. Source: numpy/lib/format.py ("Format Version 1.0"). Written: float32, C order. Read: float32 and
// float64 of any byte order, C order, from outside, so every number is checked first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "tensor/tensor.h"

namespace hilum {

struct NpyHeader {
  Shape shape;
  int item_bytes = 4;  // 4: float32, 8: float64
  bool big_endian = false;
  size_t data_offset = 0;  // of the first value
};

// Reads and checks the header of a whole file held in memory. Throws Error(where, ...) for: another magic or version
// (2.0 and 3.0 with the same dict are read too), a header past the end, a dict without descr, fortran_order and shape
// or with other keys, a dtype other than f4 and f8, Fortran order of more than one dimension, a negative or overflowing
// shape, more or fewer bytes than the shape says.
NpyHeader parse_npy_header(std::span<const std::byte> file, const std::string& where);

// The file's values as F32, row by row. Throws Error naming the path.
Tensor read_npy(const std::filesystem::path& path);

// What a float32 file of this shape begins with: a multiple of 64 bytes, as NumPy pads it.
std::string npy_header_bytes(const Shape& shape);
// Writes an F32 host tensor; the file appears whole or not at all.
void write_npy(const std::filesystem::path& path, const Tensor& host);

}  // namespace hilum
