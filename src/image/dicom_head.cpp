#include "image/dicom_head.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <fmt/core.h>
#include <zlib.h>

#include "base/error.h"
#include "image/decoders.h"

namespace hilum {
namespace {

constexpr size_t kPreamble = 128, kMaxInflated = size_t{1} << 30, kMaxItems = 4096;
constexpr uint32_t kUndefinedLength = 0xffffffff;

uint8_t at(std::span<const std::byte> bytes, size_t i) { return static_cast<uint8_t>(bytes[i]); }
uint32_t u16(std::span<const std::byte> bytes, size_t i, bool big = false) {
  const uint32_t first = at(bytes, i), second = at(bytes, i + 1);
  return big ? first << 8 | second : second << 8 | first;
}
uint32_t u32(std::span<const std::byte> bytes, size_t i, bool big = false) {
  const uint32_t first = u16(bytes, i, big), second = u16(bytes, i + 2, big);
  return big ? first << 16 | second : second << 16 | first;
}

bool has_prefix(std::span<const std::byte> bytes) {
  return bytes.size() >= kPreamble + 4 && std::memcmp(bytes.data() + kPreamble, "DICM", 4) == 0;
}

bool is_vr(std::span<const std::byte> bytes, size_t i) {
  return at(bytes, i) >= 'A' && at(bytes, i) <= 'Z' && at(bytes, i + 1) >= 'A' && at(bytes, i + 1) <= 'Z';
}

bool has_long_length(std::string_view vr) {  // PS3.5 7.1.2: two reserved bytes, then 32 bits
  constexpr std::string_view kLong = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";
  return kLong.find(vr) != std::string_view::npos;
}

struct Element {
  uint32_t group = 0, number = 0;
  size_t value = 0, length = 0;
  bool is_sequence = false;  // by its VR, or its value begins with an item
};

// The header of one element, explicit VR or (where no VR stands) implicit. False: it does not fit into the bytes.
bool read_element_header(std::span<const std::byte> bytes, size_t offset, bool big, Element& element) {
  if (offset + 8 > bytes.size()) return false;
  element = {u16(bytes, offset, big), u16(bytes, offset + 2, big), offset + 8, 0, false};
  const std::string_view vr(reinterpret_cast<const char*>(bytes.data()) + offset + 4, 2);
  if (element.group == 0xfffe || !is_vr(bytes, offset + 4)) {
    element.length = u32(bytes, offset + 4, big);
  } else if (has_long_length(vr)) {
    if (offset + 12 > bytes.size()) return false;
    element.length = u32(bytes, offset + 8, big);
    element.value = offset + 12;
  } else {
    element.length = u16(bytes, offset + 6, big);
  }
  const bool begins_with_item =
      element.group != 0x7fe0 && element.value + 4 <= bytes.size() &&  // pixels may have any value
      u16(bytes, element.value, big) == 0xfffe && u16(bytes, element.value + 2, big) == 0xe000;
  element.is_sequence = vr == "SQ" || element.length == kUndefinedLength || (begins_with_item && element.length >= 8);
  return true;
}

// The same, little endian, whose value must lie in the bytes too.
bool read_element(std::span<const std::byte> bytes, size_t offset, Element& element) {
  return read_element_header(bytes, offset, false, element) && element.length <= bytes.size() - element.value;
}

size_t count_of(std::span<const std::byte> bytes, std::string_view pattern) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  size_t count = 0;
  for (size_t at = text.find(pattern); at != std::string_view::npos; at = text.find(pattern, at + 1)) ++count;
  return count;
}

}  // namespace

bool looks_like_dicom(std::span<const std::byte> bytes) {
  if (has_prefix(bytes)) return true;
  if (bytes.size() < 16) return false;
  Element element;  // a bare data set begins with group 2 or 8, a small element and a plausible length
  return read_element(bytes, 0, element) && (element.group == 2 || element.group == 8) && element.number <= 0x20 &&
         element.length <= 256;
}

DicomHead read_dicom_head(std::span<const std::byte> bytes, const std::string& where) {
  DicomHead head;
  size_t offset = has_prefix(bytes) ? kPreamble + 4 : 0;
  while (offset + 8 <= bytes.size() && u16(bytes, offset) == 2) {
    Element element;
    if (!read_element(bytes, offset, element))
      throw Error(where, "is a truncated DICOM file: its meta group is cut off", "Copy the file again.");
    if (element.number == 0x10) {
      head.transfer_syntax.assign(
          reinterpret_cast<const char*>(bytes.data()) + element.value, std::min<size_t>(element.length, 64));
      while (
          !head.transfer_syntax.empty() && (head.transfer_syntax.back() == '\0' || head.transfer_syntax.back() == ' '))
        head.transfer_syntax.pop_back();
      // A UID is digits and dots; anything else would go into messages unread.
      if (head.transfer_syntax.find_first_not_of("0123456789.") != std::string::npos)
        throw Error(where, "is a damaged DICOM file: its transfer syntax is not a UID", "Export the file again.");
    }
    offset = element.value + element.length;
  }
  head.data_set = offset;
  return head;
}

std::vector<std::byte> inflate_data_set(std::span<const std::byte> deflated, const std::string& where) {
  struct Inflater {
    z_stream z{};
    Inflater() { invariant(inflateInit2(&z, -MAX_WBITS) == Z_OK, "zlib starts"); }
    ~Inflater() { inflateEnd(&z); }
  } inflater;
  z_stream& z = inflater.z;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(deflated.data()));
  z.avail_in = static_cast<uInt>(std::min<size_t>(deflated.size(), kMaxInflated));
  std::vector<std::byte> out;
  int status = Z_OK;
  while (status == Z_OK) {
    const size_t done = out.size();
    if (done >= kMaxInflated) throw Error(where, "inflates to more than 1 GiB", "Export the file uncompressed.");
    out.resize(std::max<size_t>(done * 2, 1 << 20));
    z.next_out = reinterpret_cast<Bytef*>(out.data() + done);
    z.avail_out = static_cast<uInt>(out.size() - done);
    status = inflate(&z, Z_NO_FLUSH);
    out.resize(out.size() - z.avail_out);
    if (status == Z_OK && z.avail_in == 0 && out.size() == done) break;  // no progress: the end is missing
  }
  if (status != Z_STREAM_END)
    throw Error(where, "is a damaged or truncated DICOM file: its deflated data set does not inflate",
        "Copy or export the file again.");
  return out;
}

void check_element_lengths(std::span<const std::byte> data_set, bool big_endian, const std::string& where) {
  size_t offset = 0;
  bool in_fragments = false;  // of encapsulated pixel data, whose items hold bytes and not elements
  Element element;
  while (read_element_header(data_set, offset, big_endian, element)) {
    const size_t left = data_set.size() - element.value;
    const bool is_item = element.group == 0xfffe;
    const bool fits = element.length <= left || element.length == kUndefinedLength;
    if (!fits)
      throw Error(where,
          fmt::format("is a damaged or truncated DICOM file: an element of {} bytes stands where {} are left",
              element.length, left),
          "Copy or export the file again.");
    if (is_item && element.number == 0xe0dd) in_fragments = false;
    if (!is_item && element.group == 0x7fe0 && element.number == 0x0010 && element.length == kUndefinedLength)
      in_fragments = true;
    // What holds elements is entered: its own elements follow at once.
    const bool enter = is_item ? !in_fragments : element.is_sequence;
    offset = enter || element.length == kUndefinedLength ? element.value : element.value + element.length;
  }
}

void check_item_count(std::span<const std::byte> data_set, const std::string& where) {
  using namespace std::string_view_literals;
  const size_t items = std::max(count_of(data_set, "\xfe\xff\x00\xe0"sv), count_of(data_set, "\xff\xfe\xe0\x00"sv));
  if (items > kMaxItems)
    throw Error(where, fmt::format("has {} sequence items, over the limit of {}", items, kMaxItems),
        "A radiograph has far fewer; export the file again.");
}

}  // namespace hilum
