#include "tensor/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"

namespace hilum {
namespace {

// A file: header length, header, data of `data` zero bytes.
std::string file_of(const std::string& header, size_t data, int64_t length = -1) {
  std::string bytes(8, '\0');
  const uint64_t n = length < 0 ? header.size() : static_cast<uint64_t>(length);
  std::memcpy(bytes.data(), &n, 8);
  return bytes + header + std::string(data, '\0');
}

SafetensorsHeader parse(const std::string& file) {
  return parse_safetensors_header(std::as_bytes(std::span(file.data(), file.size())), "t");
}

std::string problem(const std::string& file) {
  return error_of([&] { parse(file); });
}

std::string tensor(
    const std::string& name, const std::string& dtype, const std::string& shape, int64_t begin, int64_t end) {
  return fmt::format(R"("{}":{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", name, dtype, shape, begin, end);
}

TEST(Safetensors, ReadsTensorsInTheOrderOfTheirBytes) {
  const auto header =
      parse(file_of("{\"__metadata__\":{\"format\":\"pt\"}," + tensor("b", "F16", "[2,3]", 8, 20) + "," +
                        tensor("a", "F32", "[2]", 0, 8) + "," + tensor("none", "I64", "[0,7]", 20, 20) + "," +
                        tensor("one", "U8", "[]", 20, 21) + "}   ",
          21));
  ASSERT_EQ(header.entries.size(), 4u);
  EXPECT_EQ(header.entries[0].name, "a");
  EXPECT_EQ(header.entries[1].name, "b");
  EXPECT_EQ(header.entries[1].shape, Shape({2, 3}));
  EXPECT_EQ(header.entries[2].name, "none");
  EXPECT_EQ(header.entries[3].shape, Shape());
  EXPECT_EQ(header.metadata.at("format"), "pt");
  EXPECT_EQ(parse(file_of("{}", 0)).entries.size(), 0u);
}

TEST(Safetensors, EveryDtypeHasItsSize) {
  const std::pair<const char*, int> all[] = {{"BOOL", 8}, {"F4", 4}, {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
      {"I8", 8}, {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16},
      {"U16", 16}, {"F16", 16}, {"BF16", 16}, {"I32", 32}, {"U32", 32}, {"F32", 32}, {"C64", 64}, {"F64", 64},
      {"I64", 64}, {"U64", 64}};
  for (const auto& [name, bits] : all) {
    EXPECT_EQ(
        problem(file_of("{" + tensor("x", name, "[4]", 0, bits / 2) + "}", static_cast<size_t>(bits / 2))), "no error")
        << name;
    EXPECT_NE(
        problem(file_of("{" + tensor("x", name, "[4]", 0, bits / 2 + 1) + "}", static_cast<size_t>(bits / 2 + 1))),
        "no error")
        << name;
  }
}

TEST(Safetensors, MalformedFilesAreRefused) {
  using testing::HasSubstr;
  const std::string a = tensor("a", "F32", "[2]", 0, 8);
  EXPECT_THAT(problem("1234567"), HasSubstr("too few"));
  EXPECT_THAT(problem(""), HasSubstr("too few"));
  EXPECT_THAT(problem(file_of("{}", 0, 100'000'001)), HasSubstr("limit"));
  EXPECT_THAT(problem(std::string(8, '\xff')), HasSubstr("limit"));
  EXPECT_THAT(problem(file_of("{}", 0, 3)), HasSubstr("in a file of"));
  EXPECT_THAT(problem(file_of("", 0)), HasSubstr("does not begin"));
  EXPECT_THAT(problem(file_of(" {}", 0)), HasSubstr("does not begin"));
  EXPECT_THAT(problem(file_of("[]", 0)), HasSubstr("does not begin"));
  EXPECT_THAT(problem(file_of("{" + a, 8)), HasSubstr("not valid JSON"));
  EXPECT_THAT(problem(file_of("{" + tensor("\xff", "F32", "[2]", 0, 8) + "}", 8)), HasSubstr("not valid JSON"));
  EXPECT_THAT(problem(file_of("{" + a + "}x", 8)), HasSubstr("not valid JSON"));
  EXPECT_THAT(problem(file_of("{" + a + "," + a + "}", 8)), HasSubstr("twice"));
  EXPECT_THAT(problem(file_of("{\"a\":[[[[[1]]]]]}", 0)), HasSubstr("nested"));
  EXPECT_THAT(problem(file_of("{\"a\":3}", 0)), HasSubstr("not an object"));
  EXPECT_THAT(problem(file_of("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8)), HasSubstr("lacks \"data_offsets\""));
  EXPECT_THAT(problem(file_of("{" + tensor("a", "F31", "[2]", 0, 8) + "}", 8)), HasSubstr("F31"));
  EXPECT_THAT(
      problem(file_of("{" + tensor("a", "Q8_0", "[32]", 0, 34) + "}", 34)), HasSubstr("not one of this format"));
  EXPECT_THAT(problem(file_of("{" + tensor("a", "F32", "[2.0]", 0, 8) + "}", 8)), HasSubstr("whole number"));
  EXPECT_THAT(problem(file_of("{" + tensor("a", "F32", "[-2]", 0, 8) + "}", 8)), HasSubstr("whole number"));
  EXPECT_THAT(problem(file_of("{" + tensor("a", "F32", "2", 0, 8) + "}", 8)), HasSubstr("not a list"));
  EXPECT_THAT(problem(file_of("{" + tensor("a", "F32", "[2]", -1, 7) + "}", 8)), HasSubstr("whole number"));
  EXPECT_THAT(problem(file_of("{\"__metadata__\":{\"a\":1}}", 0)), HasSubstr("not a text"));
  EXPECT_THAT(problem(file_of("{\"__metadata__\":[]}", 0)), HasSubstr("not an object"));
  EXPECT_THAT(
      problem(file_of("{" + tensor(std::string(5000, 'n'), "F32", "[2]", 0, 8) + "}", 8)), HasSubstr("5000 bytes"));
}

TEST(Safetensors, OffsetsMustCoverTheFileExactly) {
  using testing::HasSubstr;
  const std::string a = tensor("a", "F32", "[2]", 0, 8);
  EXPECT_EQ(problem(file_of("{" + a + "," + tensor("b", "U8", "[3]", 8, 11) + "}", 11)), "no error");
  EXPECT_THAT(problem(file_of("{" + a + "," + tensor("b", "U8", "[3]", 9, 12) + "}", 12)),
      HasSubstr("begins at byte 9"));  // a gap
  EXPECT_THAT(problem(file_of("{" + a + "," + tensor("b", "U8", "[3]", 7, 10) + "}", 10)),
      HasSubstr("begins at byte 7"));  // an overlap
  EXPECT_THAT(
      problem(file_of("{" + tensor("a", "F32", "[2]", 1, 9) + "}", 9)), HasSubstr("begins at byte 1"));  // not from 0
  EXPECT_THAT(problem(file_of("{" + tensor("a", "F32", "[2]", 8, 0) + "}", 8)), HasSubstr("ends before it begins"));
  EXPECT_THAT(problem(file_of("{" + tensor("a", "F32", "[3]", 0, 8) + "}", 8)), HasSubstr("takes 12 bytes"));
  EXPECT_THAT(problem(file_of("{" + tensor("a", "F4", "[3]", 0, 1) + "}", 1)), HasSubstr("whole number of bytes"));
  EXPECT_THAT(problem(file_of("{" + a + "}", 9)), HasSubstr("the file holds 9"));  // trailing byte
  EXPECT_THAT(problem(file_of("{" + a + "}", 7)), HasSubstr("the file holds 7"));  // cut short
  // 2^32 * 2^32 * 4 wraps to 0, 2^63 does not fit a size, 2^64 no number of ours
  EXPECT_THAT(
      problem(file_of("{" + tensor("a", "F32", "[4294967296,4294967296]", 0, 0) + "}", 0)), HasSubstr("overflows"));
  EXPECT_THAT(
      problem(file_of("{" + tensor("a", "U8", "[9223372036854775808]", 0, 0) + "}", 0)), HasSubstr("overflows"));
  EXPECT_THAT(
      problem(file_of("{" + tensor("a", "U8", "[18446744073709551616]", 0, 0) + "}", 0)), HasSubstr("whole number"));
}

class SafetensorsOnDisk : public testing::Test {
 protected:
  TempFolder folder_;
};

TEST_F(SafetensorsOnDisk, MisalignedTensorsAreCopiedAndRight) {
  std::string data(1, '\0');
  const float values[] = {1.5f, -2.25f};
  data.append(reinterpret_cast<const char*>(values), 8);
  std::string file = file_of("{" + tensor("b", "U8", "[1]", 0, 1) + "," + tensor("x", "F32", "[2]", 1, 9) + "}", 0);
  write_file(folder_ / "odd.safetensors", file + data);
  const SafetensorsFile opened(folder_ / "odd.safetensors");
  const Tensor x = opened.tensor("x");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(x.bytes()) % alignof(float), 0u);
  EXPECT_EQ(x.values()[0], 1.5f);
  EXPECT_EQ(x.values()[1], -2.25f);
  EXPECT_THROW(opened.tensor("y"), Error);
}

TEST_F(SafetensorsOnDisk, ATensorOutlivesItsFileAndMayBeReadALinePastItsEnd) {
  // a file whose data ends exactly with a page: the line behind it is not mapped
  std::string header = "{" + tensor("x", "U8", "[3000]", 0, 3000) + "}";
  header.resize(4096 - 8 - 3000, ' ');
  write_file(folder_ / "page.safetensors", file_of(header, 3000));
  Tensor x;
  {
    const SafetensorsFile opened(folder_ / "page.safetensors");
    x = opened.tensor("x");
  }
  int sum = 0;
  for (int i = 0; i < 3064; ++i)
    sum += static_cast<const volatile int8_t*>(reinterpret_cast<int8_t*>(x.bytes()))[i] != 0 && i < 3000;
  EXPECT_EQ(sum, 0);
}

TEST_F(SafetensorsOnDisk, WritesWhatItReadsInTheWritersOrder) {
  const float f[] = {1, 2, 3, 4, 5, 6};
  const int64_t i[] = {-7, 8};
  const NamedTensor tensors[] = {{"b", Tensor::host({2, 3}, f)},
      {"a \"quoted\"", to_dtype(Tensor::host({6}, f), DType::kBF16)}, {"a", Tensor::host({2, 3}, f)},
      {"ids", Tensor::host({2}, i)}, {"empty", Tensor::host({0, 4}, DType::kF32)}};
  const fs::path path = folder_ / "new" / "out.safetensors";
  write_safetensors(path, tensors, {{"format", "pt"}});
  EXPECT_FALSE(fs::exists(path.string() + ".part"));
  const SafetensorsFile file(path);
  std::vector<std::string> names;
  for (const auto& entry : file.entries()) names.push_back(entry.name);
  EXPECT_THAT(names, testing::ElementsAre("ids", "a", "b", "empty", "a \"quoted\""));  // dtype rank falls, names rise
  EXPECT_EQ(file.metadata().at("format"), "pt");
  EXPECT_EQ(file.tensor("ids").i64()[0], -7);
  EXPECT_EQ(file.tensor("b").values()[5], 6.0f);
  EXPECT_EQ(to_f32(file.tensor("a \"quoted\"")).values()[4], 5.0f);
  const std::string bytes = read_file(path);
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ(length % 8, 0u);
}

TEST_F(SafetensorsOnDisk, AnUnfinishedFileLeavesNothing) {
  const fs::path path = folder_ / "half.safetensors";
  {
    SafetensorsWriter writer(path, {{"a", DType::kF32, {2}}, {"b", DType::kF32, {2}}});
    writer.write(Tensor::host({2}, DType::kF32));
    EXPECT_TRUE(fs::exists(path.string() + ".part"));
  }
  EXPECT_TRUE(fs::is_empty(folder_));
  EXPECT_THROW(SafetensorsWriter(path, {{"a", DType::kF32, {2}}, {"a", DType::kF32, {2}}}), Error);
  EXPECT_THROW(SafetensorsWriter(path, {{"__metadata__", DType::kF32, {2}}}), Error);
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace hilum
