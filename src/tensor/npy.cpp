#include "tensor/npy.h"

#include <bit>
#include <cstring>
#include <limits>
#include <vector>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"

namespace hilum {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxHeader = 65536;  // far above any header of a plain array
constexpr int kMaxRank = 32;          // NumPy's own limit

// The Python dict literal {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, and nothing beyond it.
class DictReader {
 public:
  DictReader(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  NpyHeader read() {
    NpyHeader header;
    bool has_descr = false, has_order = false, has_shape = false, fortran = false;
    expect('{');
    while (!take('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr" && !has_descr) {
        has_descr = true;
        read_descr(quoted(), header);
      } else if (key == "fortran_order" && !has_order) {
        has_order = true;
        fortran = boolean();
      } else if (key == "shape" && !has_shape) {
        has_shape = true;
        header.shape = shape();
      } else {
        fail("has the key \"" + std::string(key.substr(0, 40)) + "\", unknown or given twice");
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (at_ != text_.size()) fail("has text after its dict");
    if (!has_descr || !has_order || !has_shape) fail("lacks descr, fortran_order or shape");
    if (fortran && header.shape.rank() > 1) fail("is in Fortran order", "Save it with numpy.ascontiguousarray.");
    return header;
  }

 private:
  [[noreturn]] void fail(
      const std::string& what, const std::string& mend = "Is it a plain NumPy array of float32?") const {
    throw Error(where_, "the .npy header " + what, mend);
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("lacks '") + c + "' at byte " + std::to_string(at_));
  }
  std::string_view quoted() {
    skip_blanks();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"'))
      fail("lacks a quoted text at byte " + std::to_string(at_));
    const size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) fail("has a quote never closed");
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return inside;
  }
  bool boolean() {
    skip_blanks();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}})
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    fail("has a fortran_order that is neither True nor False");
  }
  void read_descr(std::string_view descr, NpyHeader& header) const {
    if (descr.size() != 3 || (descr[0] != '<' && descr[0] != '>') || descr[1] != 'f' ||
        (descr[2] != '4' && descr[2] != '8'))
      fail("names dtype \"" + std::string(descr.substr(0, 40)) + "\"; float32 and float64 are read",
          "Save it as float32: array.astype('float32').");
    header.big_endian = descr[0] == '>';
    header.item_bytes = descr[2] - '0';
  }
  Shape shape() {
    std::vector<int64_t> dims;
    expect('(');
    while (!take(')')) {
      skip_blanks();
      int64_t value = 0;
      const size_t first = at_;
      while (at_ < text_.size() && is_ascii_digit(text_[at_])) {
        if (value > (std::numeric_limits<int64_t>::max() - 9) / 10) fail("has a shape that is too large");
        value = value * 10 + (text_[at_++] - '0');
      }
      if (at_ == first) fail("has a shape that is no tuple of whole numbers");
      if (dims.size() == kMaxRank) fail("has more than 32 dimensions");
      dims.push_back(value);
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    return Shape(std::move(dims));
  }

  std::string_view text_;
  const std::string& where_;
  size_t at_ = 0;
};

// Number of values, or an Error when it cannot be the size of a file.
uint64_t checked_count(const Shape& shape, const std::string& where) {
  uint64_t count = 1;
  for (const int64_t dim : shape.dims())
    if (__builtin_mul_overflow(count, static_cast<uint64_t>(dim), &count) || count > (uint64_t{1} << 60))
      throw Error(where, "the .npy header has a shape that is too large", "Is the file damaged?");
  return count;
}

template <typename Word, typename Value>
void convert(const std::byte* from, size_t count, bool big_endian, float* to) {
  for (size_t i = 0; i < count; ++i) {
    Word word;
    std::memcpy(&word, from + i * sizeof(Word), sizeof(Word));
    if (big_endian)
      word = sizeof(Word) == 4 ? static_cast<Word>(__builtin_bswap32(static_cast<uint32_t>(word)))
                               : static_cast<Word>(__builtin_bswap64(word));
    to[i] = static_cast<float>(std::bit_cast<Value>(word));
  }
}

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> file, const std::string& where) {
  const auto at = [&](size_t i) { return std::to_integer<uint32_t>(file[i]); };
  if (file.size() < 10 || std::memcmp(file.data(), kMagic.data(), kMagic.size()) != 0)
    throw Error(where, "is not a .npy file", "Give a file that numpy.save or `hilum embed --format npy` wrote.");
  const uint32_t major = at(6);
  const size_t prefix = major == 1 ? 10 : 12;  // the header's length takes 2 bytes, from version 2.0 on 4
  if (major < 1 || major > 3 || at(7) != 0 || file.size() < prefix)
    throw Error(where,
        "is .npy version " + std::to_string(major) + "." + std::to_string(at(7)) + "; 1.0 to 3.0 are read",
        "Save it with numpy.save.");
  size_t length = at(8) | at(9) << 8;
  if (major > 1) length |= static_cast<size_t>(at(10)) << 16 | static_cast<size_t>(at(11)) << 24;
  if (length > kMaxHeader || length > file.size() - prefix)
    throw Error(where, "the .npy header reaches past the end of the file", "Is the file complete?");
  NpyHeader header = DictReader({reinterpret_cast<const char*>(file.data()) + prefix, length}, where).read();
  header.data_offset = prefix + length;
  const uint64_t wanted = checked_count(header.shape, where) * static_cast<uint64_t>(header.item_bytes);
  if (wanted != file.size() - header.data_offset)
    throw Error(where,
        "holds " + std::to_string(file.size() - header.data_offset) + " bytes of values, shape " + header.shape.text() +
            " needs " + std::to_string(wanted),
        "Is the file complete?");
  return header;
}

Tensor read_npy(const std::filesystem::path& path) {
  const MappedFile file(path);
  const NpyHeader header = parse_npy_header(file.bytes(), path.string());
  Tensor out = Tensor::host(header.shape);
  const std::byte* from = file.bytes().data() + header.data_offset;
  const auto count = static_cast<size_t>(header.shape.count());
  if (header.item_bytes == 4) convert<uint32_t, float>(from, count, header.big_endian, out.f32());
  else convert<uint64_t, double>(from, count, header.big_endian, out.f32());
  return out;
}

std::string npy_header_bytes(const Shape& shape) {
  std::string dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (int i = 0; i < shape.rank(); ++i)
    dict += std::to_string(shape[i]) + (shape.rank() == 1 ? "," : i + 1 < shape.rank() ? ", " : "");
  dict += "), }";
  while ((10 + dict.size() + 1) % 64 != 0) dict += ' ';
  dict += '\n';
  std::string header(kMagic);
  header += {'\x01', '\x00', static_cast<char>(dict.size() & 0xff), static_cast<char>(dict.size() >> 8)};
  return header + dict;
}

void write_npy(const std::filesystem::path& path, const Tensor& host) {
  static_assert(std::endian::native == std::endian::little);
  std::string bytes = npy_header_bytes(host.shape());
  bytes.append(reinterpret_cast<const char*>(host.f32()), host.size_bytes());
  write_file(path, bytes);
}

}  // namespace hilum
