#include "tensor/npy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"

namespace hilum {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

// A version 1.0 file around a dict and `values` bytes of zeros.
std::string npy_of(const std::string& dict, size_t values) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += {static_cast<char>(dict.size() & 0xff), static_cast<char>(dict.size() >> 8)};
  return file + dict + std::string(values, '\0');
}

// Bytes as numpy.save writes a float32 array of shape (2, 3): NumPy's own dict, padded with blanks to 128 bytes,
// newline last.
TEST(Npy, HeaderIsNumPysToTheByte) {
  std::string dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  dict += std::string(118 - 1 - dict.size(), ' ') + "\n";
  EXPECT_EQ(npy_header_bytes({2, 3}), npy_of(dict, 0));
  EXPECT_NE(npy_header_bytes({7}).find("'shape': (7,), }"), std::string::npos);
  EXPECT_NE(npy_header_bytes({}).find("'shape': (), }"), std::string::npos);
  EXPECT_EQ(npy_header_bytes({1000000, 1024}).size() % 64, 0u);
}

TEST(Npy, RoundTripKeepsEveryBit) {
  const TempFolder folder;
  const fs::path path = folder / "a.npy";
  const std::vector<float> values{1.5f, -0.0f, 1e-42f, 3.4e38f, 0.1f, -7.0f};
  write_npy(path, Tensor::host({2, 3}, std::span<const float>(values)));
  const Tensor back = read_npy(path);
  EXPECT_EQ(back.shape(), (Shape{2, 3}));
  EXPECT_EQ(std::memcmp(back.f32(), values.data(), back.size_bytes()), 0);
}

TEST(Npy, ReadsOtherFloatForms) {
  const TempFolder folder;
  const fs::path path = folder / "a.npy";
  std::string big = npy_of("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", 0);
  big += std::string("\x40\x20\x00\x00", 4);  // 2.5
  write_file(path, big);
  EXPECT_EQ(read_npy(path).f32()[0], 2.5f);
  std::string wide = npy_of("{'shape': (1,), 'fortran_order': True, 'descr': \"<f8\"}", 0);
  wide += std::string("\x00\x00\x00\x00\x00\x00\x04\x40", 8);  // 2.5 in double; one dimension has no order
  write_file(path, wide);
  EXPECT_EQ(read_npy(path).f32()[0], 2.5f);
}

TEST(Npy, MalformedFilesAreRefused) {
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  EXPECT_NO_THROW(parse_npy_header(bytes_of(npy_of(good, 24)), "x"));
  const std::vector<std::string> bad = {"", "\x93NUMPY", npy_of(good, 23), npy_of(good, 25),
      npy_of(good, 24).substr(0, 40), npy_of("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }", 24),
      npy_of("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", 16),
      npy_of("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", 24),
      npy_of("{'descr': '<f4', 'shape': (2, 3), }", 24),
      npy_of("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }", 24),
      npy_of("{'descr': '<f4', 'fortran_order': False, 'shape': (2 3), }", 24),
      npy_of("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", 0),
      npy_of("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 0),
      npy_of("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 'y'}", 24), npy_of(good + " x", 24),
      npy_of("{'descr': '<f4", 24),
      npy_of("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 24), npy_of("", 0)};
  for (const std::string& file : bad) EXPECT_THROW(parse_npy_header(bytes_of(file), "x"), Error) << file;
  std::string version = npy_of(good, 24);
  version[6] = 4;
  EXPECT_THROW(parse_npy_header(bytes_of(version), "x"), Error);
}

}  // namespace
}  // namespace hilum
