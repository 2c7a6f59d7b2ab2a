#include "datasets/readers/packed_file.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/error.h"
#include "datasets/readers/python_list.h"

namespace hilum {
namespace {

std::string gzipped(const std::string& text) {
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 200, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string tar_header(const std::string& name, size_t size, char type = '0') {
  std::string head(512, '\0');
  head.replace(0, name.size(), name);
  char octal[13];
  std::snprintf(octal, sizeof octal, "%011zo", size);
  head.replace(124, 11, octal, 11);
  head[156] = type;
  head.replace(257, 5, "ustar");
  head.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  std::snprintf(octal, sizeof octal, "%06o", sum);
  head.replace(148, 7, octal, 7);
  return head;
}

std::string padded(std::string text) {
  text.resize((text.size() + 511) / 512 * 512);
  return text;
}

TEST(Gunzip, MembersAreJoinedAndDamageIsAnError) {
  const std::string a = gzipped(std::string(300000, 'a')), b = gzipped("b");
  EXPECT_EQ(gunzip(a + b, "x"), std::string(300000, 'a') + "b");
  EXPECT_EQ(gunzip(b + std::string(10, '\0'), "x"), "b");
  for (size_t cut = 0; cut < a.size(); cut += 7) EXPECT_THROW(gunzip(a.substr(0, cut), "x"), Error) << cut;
  EXPECT_THROW(gunzip(a, "x", 299999), Error);
  EXPECT_EQ(gunzip(a, "x", 300000).size(), 300000u);
  std::string damaged = b;
  damaged[damaged.size() - 6] ^= 1;  // the checksum
  EXPECT_THROW(gunzip(damaged, "x"), Error);
}

TEST(Tar, FilesAreFoundOthersPassedOver) {
  const std::string tar = tar_header("d/", 0, '5') + tar_header("d/a.xml", 3) + padded("abc") +
                          tar_header("link", 0, '2') + tar_header("b", 0) + std::string(1024, '\0');
  const auto entries = read_tar(tar, "x.tar");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].name, "d/a.xml");
  EXPECT_EQ(entries[0].bytes, "abc");
  EXPECT_THROW(read_tar(tar.substr(0, 1200), "x.tar"), Error);
  EXPECT_THROW(read_tar(tar_header("a", 5000) + "abc", "x.tar"), Error);
  EXPECT_THROW(read_tar(std::string(1024, 'x'), "x.tar"), Error);
  std::string wrong = tar;
  wrong[515] ^= 1;
  EXPECT_THROW(read_tar(wrong, "x.tar"), Error);
}

TEST(PythonList, ListsOfStringsAndNothingElse) {
  EXPECT_EQ(parse_python_list("['normal', 'cardiomegaly ', '', \"it's\"]"),
      (std::vector<std::string>{"normal", "cardiomegaly", "it's"}));
  EXPECT_EQ(parse_python_list("['a\\'b',]"), (std::vector<std::string>{"a'b"}));
  EXPECT_EQ(parse_python_list("[]"), std::vector<std::string>{});
  for (const char* bad : {"", "nan", "[", "['a'", "['a' 'b']", "[1, 2]", "['a]", "['a\\']"})
    EXPECT_EQ(parse_python_list(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace hilum
