#include "base/file_kind.h"

#include <gtest/gtest.h>

#include <string>

namespace hilum {
namespace {

TEST(FileKind, IsToldByTheFirstBytes) {
  EXPECT_EQ(kind_of_file(std::string("\x89PNG\r\n\x1a\n\0", 9)), "a PNG picture");
  EXPECT_EQ(kind_of_file("\xff\xd8\xff\xe0"), "a JPEG picture");
  EXPECT_EQ(kind_of_file(std::string(128, '\0') + "DICM"), "a DICOM file");
  EXPECT_EQ(kind_of_file("%PDF-1.7"), "a PDF");
  EXPECT_EQ(kind_of_file("PK\x03\x04"), "a zip archive");
  EXPECT_EQ(kind_of_file("\x1f\x8b\x08"), "gzip data");
  EXPECT_EQ(kind_of_file("\xff\xfe"), "text in UTF-16");
  EXPECT_EQ(kind_of_file("version https://git-lfs.github.com/spec/v1\n"), "a Git LFS pointer");
  EXPECT_EQ(kind_of_file("\n<!DOCTYPE html><html>"), "a web page");
  EXPECT_EQ(kind_of_file(std::string("a\0b", 3)), "binary data");
  for (const char* text : {"", "No edema.\n", "<5 mm nodule", "{\"a\":1}", "caf\xc3\xa9"})
    EXPECT_EQ(kind_of_file(text), "");
}

}  // namespace
}  // namespace hilum
