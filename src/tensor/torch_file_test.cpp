#include "tensor/torch_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "tensor/safetensors_index.h"

namespace hilum {
namespace {

using testing::HasSubstr;

const fs::path kFolder = fs::path(HILUM_TESTDATA) / "torch";

std::string problem(const fs::path& file) {
  return error_of([&] { return std::to_string(WeightFiles(file).items().size()) + " tensors"; });
}

// Parses a copy whose allocation ends where the file does, so that sanitizers see a step past it.
std::string outcome(const std::string& bytes) {
  const std::vector<char> copy(bytes.begin(), bytes.end());
  const auto span = std::as_bytes(std::span(copy.data(), copy.size()));
  try {
    const TorchContents contents = parse_torch_file(span, "t");
    for (size_t i = 0; i < contents.entries.size(); ++i) torch_tensor(contents, i, span, nullptr);
    return "read";
  } catch (const Error&) {
    return "refused";
  }
}

class TorchFixture : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(TorchFixture, HoldsWhatPyTorchWrote) {
  const auto [name, expected] = GetParam();
  const WeightFiles files(kFolder / name);
  const SafetensorsFile wanted(kFolder / (std::string(expected) + ".expected.safetensors"));
  EXPECT_EQ(files.items().size(), wanted.entries().size());
  for (const WeightFiles::Item& item : files.items()) {
    const WeightEntry* entry = wanted.find(item.entry->name);
    ASSERT_TRUE(entry) << item.entry->name;
    EXPECT_EQ(item.entry->dtype, entry->dtype) << entry->name;
    ASSERT_EQ(item.entry->shape, entry->shape) << entry->name;
    EXPECT_EQ(item.entry->end - item.entry->begin, entry->end - entry->begin) << entry->name;
    const Tensor got = item.file->tensor(*item.entry), want = wanted.tensor(*entry);
    EXPECT_EQ(
        reinterpret_cast<uintptr_t>(got.bytes()) % static_cast<size_t>(std::max(1, dtype_bits(got.dtype()) / 8)), 0u)
        << entry->name;
    EXPECT_EQ(std::memcmp(got.bytes(), want.bytes(), want.size_bytes()), 0) << entry->name;
  }
}

INSTANTIATE_TEST_SUITE_P(Torch, TorchFixture,
    testing::Values(std::pair{"flat.zip.pt", "flat"}, std::pair{"flat.legacy.pth", "flat"},
        std::pair{"flat.protocol4.bin", "flat"}, std::pair{"flat.protocol5.bin", "flat"},
        std::pair{"newer.zip.pt", "newer"}, std::pair{"training.zip.pth", "training"},
        std::pair{"training.legacy.th", "training"}, std::pair{"nested.zip.pt", "nested"},
        std::pair{"zip64.pt", "zip64"}));

TEST(TorchFile, DenseTensorsStayInTheMappedFileAndTiedOnesShareIt) {
  const WeightFiles files(kFolder / "flat.zip.pt");
  std::map<std::string, Tensor> tensors;
  for (const auto& item : files.items()) tensors[item.entry->name] = item.file->tensor(*item.entry);
  EXPECT_EQ(tensors.at("embed.weight").bytes(), tensors.at("head.weight").bytes());
  for (const auto& item : files.items()) {
    const bool gathered = item.entry->name == "turned" || item.entry->name == "columns" ||
                          item.entry->name == "repeated" || item.entry->name == "deep";
    if (item.entry->shape.count() > 0) {
      EXPECT_EQ(item.file->tensor(*item.entry).bytes() == tensors.at(item.entry->name).bytes(), !gathered)
          << item.entry->name;
    }
  }
}

TEST(TorchFile, SaysWhatItLeftOut) {
  const TorchFile file(kFolder / "training.zip.pth");
  EXPECT_THAT(
      file.notes(), testing::ElementsAre(HasSubstr("epoch (a number)"), HasSubstr("optimizer_state_dict (a dict)"),
                        HasSubstr("config (a dict)"), HasSubstr("device (torch.device)"),
                        HasSubstr("size (torch.Size)"), HasSubstr("\"module.\" cut off")));
  EXPECT_THAT(
      TorchFile(kFolder / "nested.zip.pt").notes(), testing::ElementsAre(HasSubstr("title (a text): left out")));
}

TEST(TorchFile, HostileFilesAreRefusedByName) {
  const std::pair<const char*, const char*> cases[] = {{"ok", "1 tensors"}, {"os_system", "asks for posix.system"},
      {"eval", "asks for builtins.eval"}, {"popen", "asks for commands.Popen"},
      {"load_from_bytes", "asks for torch.storage._load_from_bytes"}, {"inst", "opcode INST"},
      {"newobj", "opcode NEWOBJ"}, {"unknown_opcode", "opcode unknown (0xf0)"},
      {"reduce_of_text", "calls what is not a name"}, {"huge_memo", "under number 4294967295"},
      {"huge_text", "wants 4611686018427387904 more bytes"}, {"marks", "deeper than 1000 levels"},
      {"deep", "deeper than 64 levels"}, {"laughs", "unfolds to more than"}, {"itself", "deeper than 64 levels"},
      {"no_tensor", "holds no tensor"}, {"not_a_dict", "wanted a dict"}, {"empty_stack", "empty stack"},
      {"never_remembered", "never remembered"}, {"protocol_0", "protocol 0"}, {"negative_storage", "count is negative"},
      {"oversized_storage", "should hold 2305843009213693952 elements"},
      {"wrapping_storage", "should hold 4611686018427387908 elements"},
      {"small_storage", "should hold 5 elements of 4 bytes, the file holds 16"}, {"missing_storage", "does not hold"},
      {"offset", "leads out of its storage of 4 elements"}, {"negative_offset", "is negative"},
      {"negative_stride", "is negative"}, {"stride", "leads out of its storage"}, {"shape", "overflows"},
      {"unfolds", "unfolds a storage of 4 elements"}, {"ranks", "more strides than sizes, or fewer"},
      {"quantised", "asks for torch.QInt8Storage"}, {"deflated", "is compressed (deflate)"},
      {"bomb", "is compressed (deflate)"}, {"traversal", "leads out of the archive"},
      {"absolute", "leads out of the archive"}, {"script", "TorchScript program"}, {"cut", "no zip directory"},
      {"twice", "\"archive/data/0\" twice"}, {"two_names", "another name here"}, {"overlap", "another name here"},
      {"big_endian", "not little-endian"}};
  for (const auto& [name, message] : cases) {
    const std::string told = problem(kFolder / "hostile" / (std::string(name) + ".pt"));
    EXPECT_THAT(told, HasSubstr(message)) << name;
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 0) << name;
    EXPECT_TRUE(name == std::string("ok") || told.find(name + std::string(".pt")) != std::string::npos) << told;
  }
  EXPECT_THAT(problem(kFolder / "hostile" / "published.zip"), HasSubstr("holds medclip/pytorch_model.bin. Unpack it"));
  EXPECT_THAT(problem(kFolder / "hostile" / "legacy_cut.pth"), HasSubstr("more bytes"));
  EXPECT_THAT(problem(kFolder / "hostile" / "legacy_keys.pth"), HasSubstr("byte 1879"));
  EXPECT_THAT(problem(kFolder / "hostile" / "lfs_pointer.bin"), HasSubstr("Git LFS pointer"));
  EXPECT_THAT(problem(kFolder / "hostile" / "plain_pickle.bin"), HasSubstr("without PyTorch's marks"));
}

TEST(TorchFile, NamesTheByteOfWhatItRefuses) {
  const std::string bytes = read_file(kFolder / "hostile" / "os_system.pt");
  const size_t at = bytes.find("cposix\nsystem\n");
  ASSERT_NE(at, std::string::npos);
  EXPECT_THAT(
      problem(kFolder / "hostile" / "os_system.pt"), HasSubstr("os_system.pt: byte " + std::to_string(at) + ": "));
}

TEST(TorchFile, NoPrefixOfAFileIsAFile) {
  for (const char* name : {"flat.zip.pt", "flat.legacy.pth"}) {
    const std::string bytes = read_file(kFolder / name);
    EXPECT_EQ(outcome(bytes), "read");
    for (size_t length = 0; length < bytes.size(); ++length)
      ASSERT_EQ(outcome(bytes.substr(0, length)), "refused") << name << " cut to " << length;
  }
}

TEST(TorchFile, AnyByteMayBeWrong) {
  for (const char* name : {"flat.zip.pt", "flat.legacy.pth", "training.legacy.th", "newer.zip.pt", "zip64.pt"}) {
    const std::string bytes = read_file(kFolder / name);
    size_t refused = 0;
    for (size_t i = 0; i < bytes.size(); ++i)
      for (const int flip : {0x01, 0x80, 0xff}) {
        std::string wrong = bytes;
        wrong[i] = static_cast<char>(wrong[i] ^ flip);
        refused += outcome(wrong) == "refused";
      }
    EXPECT_GT(refused, bytes.size() / 10) << name;
  }
}

}  // namespace
}  // namespace hilum
