#include "image/dicom_head.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <fmt/core.h>
#include <zlib.h>

#include "base/error.h"
#include "image/decoders.h"
#include "image/dicom_element.h"

namespace hilum {
namespace {

constexpr size_t kPreamble = 128, kMaxInflated = size_t{1} << 30, kMaxItems = 4096;

constexpr DicomEncoding kMetaEncoding;  // explicit little endian, whatever follows it (PS3.10 7.1)

bool has_prefix(std::span<const std::byte> bytes) {
  return bytes.size() >= kPreamble + 4 && std::memcmp(bytes.data() + kPreamble, "DICM", 4) == 0;
}

// An element whose value lies in the bytes too.
bool read_element(
    std::span<const std::byte> bytes, size_t offset, const DicomEncoding& encoding, DicomElement& element) {
  return read_element_header(bytes, offset, encoding, element) && element.length <= bytes.size() - element.value;
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
  // A bare data set begins with group 2 or 8, a small element and a plausible length.
  const std::optional<DicomEncoding> encoding = find_encoding(bytes);
  DicomElement element;
  return read_element(bytes, 0, encoding.value_or(kMetaEncoding), element) &&
         (element.group == 2 || element.group == 8) && element.number <= 0x20 && element.length <= 256;
}

DicomHead read_dicom_head(std::span<const std::byte> bytes, const std::string& where) {
  DicomHead head;
  size_t offset = has_prefix(bytes) ? kPreamble + 4 : 0;
  DicomElement element;
  while (read_element_header(bytes, offset, kMetaEncoding, element) && element.group == 2) {
    if (!read_element(bytes, offset, kMetaEncoding, element))
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

void check_item_count(std::span<const std::byte> data_set, const std::string& where) {
  using namespace std::string_view_literals;
  const size_t items = std::max(count_of(data_set, "\xfe\xff\x00\xe0"sv), count_of(data_set, "\xff\xfe\xe0\x00"sv));
  if (items > kMaxItems)
    throw Error(where, fmt::format("has {} sequence items, over the limit of {}", items, kMaxItems),
        "A radiograph has far fewer; export the file again.");
}

}  // namespace hilum
