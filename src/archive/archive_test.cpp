#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

#include "archive/pickle.h"
#include "archive/zip.h"
#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

constexpr std::string_view kAllowed[] = {kOrderedDict, "m.f"};

Pickle read(const std::string& bytes) {
  return read_pickle(std::as_bytes(std::span(bytes.data(), bytes.size())), 0, bytes.size(), "t", kAllowed);
}

std::string problem(const std::string& bytes) {
  return error_of([&] { read(bytes); });
}

TEST(Pickle, PlainValuesAreRead) {
  // pickletools.optimize(pickle.dumps([None, True, -3, 2**40, -2**70, 1.5, "é", b"x", (1, 2), {"a": []}], protocol=2)),
  // written out
  const std::string bytes = "\x80\x02](N\x88J\xfd\xff\xff\xff\x8a\x06\x00\x00\x00\x00\x00\x01"s +
                            "\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\xc0G?\xf8\x00\x00\x00\x00\x00\x00"s +
                            "X\x02\x00\x00\x00\xc3\xa9"s + "C\x01xK\x01K\x02\x86}X\x01\x00\x00\x00"s + "a]se."s;
  const Pickle pickle = read(bytes);
  EXPECT_EQ(pickle.end, bytes.size());
  const auto& items = pickle[pickle.root].items;
  ASSERT_EQ(items.size(), 10u);
  EXPECT_EQ(pickle[items[0]].kind, PickleKind::kNone);
  EXPECT_EQ(pickle[items[1]].integer, 1);
  EXPECT_EQ(pickle[items[2]].integer, -3);
  EXPECT_EQ(pickle[items[3]].integer, int64_t{1} << 40);
  EXPECT_EQ(pickle[items[4]].kind, PickleKind::kBigInt);
  EXPECT_EQ(pickle[items[5]].real, 1.5);
  EXPECT_EQ(pickle[items[6]].text, "é");
  EXPECT_EQ(pickle[items[7]].kind, PickleKind::kBytes);
  EXPECT_EQ(pickle[items[8]].items.size(), 2u);
  EXPECT_EQ(pickle[pickle[items[9]].items[0]].text, "a");
}

TEST(Pickle, SharedValuesAreOneNode) {
  const Pickle pickle = read(
      "\x80\x02](]q\x05h\x05"
      "e."s);
  EXPECT_EQ(pickle[pickle.root].items[0], pickle[pickle.root].items[1]);
  const Pickle memoized = read(
      "\x80\x04](]\x94K\x01\x94h\x00h\x01"
      "e."s);
  EXPECT_EQ(memoized[memoized.root].items[2], memoized[memoized.root].items[0]);
  EXPECT_EQ(memoized[memoized[memoized.root].items[3]].integer, 1);
}

TEST(Pickle, CallsAreWrittenDownAndNotMade) {
  const Pickle pickle = read(
      "\x80\x02"
      "cm\nf\nK\x07\x85R.");
  const PickleNode& call = pickle[pickle.root];
  EXPECT_EQ(call.kind, PickleKind::kCall);
  EXPECT_EQ(kAllowed[call.integer], "m.f");
  EXPECT_EQ(pickle[pickle[call.items[0]].items[0]].integer, 7);
  const Pickle stacked = read(
      "\x80\x04\x8c\x01m\x8c\x01"
      "f\x93.");
  EXPECT_EQ(stacked[stacked.root].kind, PickleKind::kGlobal);
}

TEST(Pickle, OrderedDictsAreDictsHoweverTheyAreWritten) {
  const std::string made =
      "\x80\x02"
      "ccollections\nOrderedDict\n";
  EXPECT_EQ(read(made + ")RX\x01\0\0\0aK\x01s}b."s).nodes.size(),
      9u);  // four made before, the name, the dict, key, value, attributes
  const Pickle pairs = read(made +
                            "](](K\x01K\x02"
                            "e](K\x03K\x04"
                            "ee\x85R."s);
  EXPECT_EQ(pairs[pairs.root].kind, PickleKind::kDict);
  EXPECT_EQ(pairs[pairs.root].items.size(), 4u);
  EXPECT_THAT(problem(made + "]K\x01"
                             "a\x85R."),
      HasSubstr("no pairs"));
  EXPECT_THAT(problem(made + "K\x01K\x02\x86R."), HasSubstr("several arguments"));
}

TEST(Pickle, WhatIsNotPlainIsRefusedByNameAndByte) {
  EXPECT_THAT(problem("\x80\x02"
                      "cos\nsystem\n."),
      HasSubstr("t: byte 2: the pickle asks for os.system"));
  EXPECT_THAT(problem("\x80\x02]cm\ng\n."), HasSubstr("t: byte 3: the pickle asks for m.g"));
  EXPECT_THAT(problem("\x80\x02"
                      "cm.f\n\n."),
      HasSubstr("m.f."));
  for (const char* opcode : {"I1\n", "L1\n", "F1\n", "S'a'\n", "Va\n", "(l", "(d", "p0\n", "g0\n", "(im\nf\n", "o",
           "\x81", "\x82", "\x8f", "\x91", "\x92", "\x97", "P1\n"})
    EXPECT_THAT(problem("\x80\x02"s + opcode + "."), HasSubstr("uses the opcode ")) << opcode;
  EXPECT_EQ(pickle_opcode_name('i'), "INST");
  EXPECT_EQ(pickle_opcode_name(0x92), "NEWOBJ_EX");
  EXPECT_THAT(problem("\x80\x02K\x01}b."), HasSubstr("BUILD"));
}

TEST(Pickle, DamagedOnesAreRefused) {
  EXPECT_THAT(problem(""), HasSubstr("wants 1 more bytes"));
  EXPECT_THAT(problem("\x80\x06N."), HasSubstr("protocol 6"));
  EXPECT_THAT(problem("\x80\x02NN."), HasSubstr("values left"));
  EXPECT_THAT(problem("\x80\x02N(."), HasSubstr("empty stack")) << "a value under a MARK is not the pickle's";
  EXPECT_THAT(problem("\x80\x02t."), HasSubstr("wants a MARK"));
  EXPECT_THAT(problem("\x80\x02}(Nu."), HasSubstr("without a value"));
  EXPECT_THAT(problem("\x80\x02NNa."), HasSubstr("not a list"));
  EXPECT_THAT(problem("\x80\x02N(\x85."), HasSubstr("empty stack"));
  EXPECT_THAT(problem("\x80\x02X\x01\0\0\0\xff."s), HasSubstr("UTF-8"));
  EXPECT_THAT(problem("\x80\x02X\x03\0\0\0\xed\xa0\x80."s), HasSubstr("UTF-8")) << "a surrogate";
  EXPECT_THAT(problem("\x80\x02X\x02\0\0\0\xc0\x80."s), HasSubstr("UTF-8")) << "an overlong form";
  EXPECT_THAT(problem("\x80\x02\x8b\xff\xff\xff\xff."), HasSubstr("wants 4294967295 more bytes"));
  EXPECT_THAT(problem("\x80\x04\x95\xff\0\0\0\0\0\0\0N."s), HasSubstr("FRAME"));
}

TEST(Pickle, MemoryIsBounded) {
  EXPECT_THAT(problem("\x80\x02" + std::string(kMaxPickleNodes + 1, ']')), HasSubstr("makes more than"));
  EXPECT_THAT(problem("\x80\x02N" + std::string(kMaxPickleNodes + 1, '2')), HasSubstr("stack grows past"));
  EXPECT_THAT(problem("\x80\x02" + std::string(2000, '(')), HasSubstr("deeper than"));
  // one long list of pairs made into a dict again and again by a few bytes each
  std::string bytes =
      "\x80\x02"
      "ccollections\nOrderedDict\nq\0]q\1]NaNaq\2"
      "0("s;
  for (int i = 0; i < 100'000; ++i) bytes += "h\2"s;
  bytes += "e0";
  for (int i = 0; i < 1000; ++i) bytes += "h\0h\1\x85R0"s;
  EXPECT_THAT(problem(bytes), HasSubstr("dicts of more than"));
}

// A stored archive of one entry, as `name` and `data` say; numbers of the end record can be overwritten.
std::string archive(const std::string& name, const std::string& data) {
  const auto u16 = [](size_t n) { return std::string{static_cast<char>(n), static_cast<char>(n >> 8)}; };
  const auto u32 = [&](size_t n) { return u16(n & 0xffff) + u16(n >> 16); };
  const std::string common =
      u16(10) + u16(0) + u16(0) + u32(0) + u32(0) + u32(data.size()) + u32(data.size()) + u16(name.size()) + u16(0);
  const std::string local = "PK\3\4" + common + name + data;
  const std::string central = "PK\1\2" + u16(20) + common + u16(0) + u16(0) + u16(0) + u32(0) + u32(0) + name;
  return local + central + "PK\5\6" + u32(0) + u16(1) + u16(1) + u32(central.size()) + u32(local.size()) + u16(0);
}

std::string zip_problem(const std::string& bytes) {
  return error_of([&] {
    const ZipDirectory zip(std::as_bytes(std::span(bytes.data(), bytes.size())), "t");
    std::string text;
    for (const ZipEntry& entry : zip.entries()) {
      const auto held = zip.bytes(entry);
      text += std::string(entry.name) + "=" + std::string(reinterpret_cast<const char*>(held.data()), held.size());
    }
    return text;
  });
}

TEST(Zip, StoredEntriesAreUsedInPlace) {
  EXPECT_EQ(zip_problem(archive("a/b", "hello")), "a/b=hello");
  EXPECT_EQ(zip_problem(archive("a..b/..c", "")), "a..b/..c=");
  std::string commented = archive("a", "x");  // a comment that itself looks like an end record
  commented[commented.size() - 2] = 27;
  EXPECT_EQ(zip_problem(commented + "....PK\5\6" + std::string(19, '\0')), "a=x");
}

TEST(Zip, NamesThatLeadOutsideAreRefused) {
  for (const char* name : {"..", "../a", "a/../b", "a/..", "/a", "C:/a", "a\\b"})
    EXPECT_THAT(zip_problem(archive(name, "x")), HasSubstr("leads out of the archive")) << name;
  EXPECT_THAT(zip_problem(archive("a\0b"s, "x")), HasSubstr("leads out of the archive"));
  EXPECT_THAT(zip_problem(archive("", "x")), HasSubstr("name has 0 bytes"));
  EXPECT_THAT(zip_problem(archive(std::string(5000, 'n'), "x")), HasSubstr("name has 5000 bytes"));
}

TEST(Zip, NoPrefixOfAnArchiveIsAnArchive) {
  const std::string whole = archive("a", "hello");
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_THAT(zip_problem(whole.substr(0, length)), HasSubstr("no zip directory")) << length;
}

TEST(Zip, WrongNumbersAreRefused) {
  const std::string whole = archive("a", "hello");
  const size_t end = whole.size() - 22;
  const auto with = [&](size_t at, char value) {
    std::string wrong = whole;
    wrong[at] = value;
    return zip_problem(wrong);
  };
  EXPECT_THAT(with(end + 4, 1), HasSubstr("several disks"));
  EXPECT_THAT(with(end + 8, 2), HasSubstr("several disks"));
  EXPECT_THAT(with(end + 15, 1), HasSubstr("outside the file"));
  EXPECT_THAT(with(end + 19, 1), HasSubstr("outside the file"));
  EXPECT_THAT(with(end + 16, 1), HasSubstr("no entry of the zip directory"));
  const size_t central = whole.find("PK\1\2");
  EXPECT_THAT(with(central + 20, 4), HasSubstr("two sizes"));
  EXPECT_THAT(with(central + 10, 8), HasSubstr("compressed (deflate)"));
  EXPECT_THAT(with(central + 8, 1), HasSubstr("encrypted"));
  EXPECT_THAT(with(central + 42, 1), HasSubstr("does not begin here"));
  EXPECT_THAT(with(central + 45, 1), HasSubstr("outside the file"));
  EXPECT_THAT(with(30, 'b'), HasSubstr("another name"));
}

}  // namespace
}  // namespace hilum
