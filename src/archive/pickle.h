// Python's pickle, read as data. A pickle is a program; this machine runs only the part of it that makes plain values
// (dicts, lists, tuples, texts, numbers) and writes down what else it asks for: a name of the caller's list, a call of
// such a name, a persistent id. Nothing is ever called. Any other opcode or name is refused by its own name, with the
// byte where it stands. Source: CPython's pickletools.py (opcodes of protocols 2 to 5).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

enum class PickleKind : uint8_t {
  kNone,
  kBool,
  kInt,
  kBigInt,
  kReal,
  kText,
  kBytes,
  kList,
  kTuple,
  kDict,
  kGlobal,
  kCall,
  kPersistent
};

struct PickleNode {
  PickleKind kind = PickleKind::kNone;
  int64_t integer = 0;    // kBool, kInt; kGlobal and kCall: index into the list of allowed names
  double real = 0;        // kReal
  std::string_view text;  // kText (valid UTF-8), kBytes, kBigInt (little-endian two's complement); in the file
  std::vector<uint32_t>
      items;      // kList, kTuple; kDict: key, value, ...; kCall: [the arguments' tuple]; kPersistent: [the id]
  size_t at = 0;  // byte of the opcode that made it
};

// Values may be shared and, in a hostile file, hold themselves: who walks them counts depth and steps.
struct Pickle {
  std::vector<PickleNode> nodes;
  uint32_t root = 0;
  size_t end = 0;  // byte behind STOP
  const PickleNode& operator[](uint32_t index) const { return nodes[index]; }
};

// Limits of ours. A checkpoint of 10,000 tensors takes about 200,000 values and 3 MB.
inline constexpr size_t kMaxPickleBytes = size_t{64} << 20;
inline constexpr size_t kMaxPickleNodes = 2'000'000;  // also of the stack and the memo
inline constexpr int kMaxPickleMarks = 1000;

// The name of "collections.OrderedDict", which is read as a dict; its attributes (BUILD) are left out.
inline constexpr std::string_view kOrderedDict = "collections.OrderedDict";

// Reads the pickle that begins at `begin` and ends before `end`. `allowed` holds full names ("torch.FloatStorage").
// Texts stay in `file`. Throws Error(where + ": byte N", ...).
Pickle read_pickle(std::span<const std::byte> file, size_t begin, size_t end, const std::string& where,
    std::span<const std::string_view> allowed);

// "GLOBAL" for 'c'; "unknown (0x00)" for a byte that is no opcode. For messages.
std::string pickle_opcode_name(uint8_t opcode);

}  // namespace hilum
