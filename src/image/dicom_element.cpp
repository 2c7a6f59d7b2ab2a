#include "image/dicom_element.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "base/error.h"

namespace hilum {
namespace {

constexpr std::string_view kLongVrs = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";  // PS3.5 7.1.2: 32 bits of length
constexpr std::string_view kShortVrs = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US";

uint32_t at(std::span<const std::byte> bytes, size_t i) { return std::to_integer<uint32_t>(bytes[i]); }
uint32_t u16(std::span<const std::byte> bytes, size_t i, bool big) {
  const uint32_t first = at(bytes, i), second = at(bytes, i + 1);
  return big ? first << 8 | second : second << 8 | first;
}
uint32_t u32(std::span<const std::byte> bytes, size_t i, bool big) {
  const uint32_t first = u16(bytes, i, big), second = u16(bytes, i + 2, big);
  return big ? first << 16 | second : second << 16 | first;
}

std::string_view vr_at(std::span<const std::byte> bytes, size_t offset) {
  return {reinterpret_cast<const char*>(bytes.data()) + offset, 2};
}
bool looks_like_vr(std::string_view vr) { return vr[0] >= 'A' && vr[0] <= 'Z' && vr[1] >= 'A' && vr[1] <= 'Z'; }
bool is_known_vr(std::string_view vr) {
  return looks_like_vr(vr) &&
         (kLongVrs.find(vr) != std::string_view::npos || kShortVrs.find(vr) != std::string_view::npos);
}

// Do the first elements read as this encoding has them?
bool begins_as(std::span<const std::byte> data_set, const DicomEncoding& encoding) {
  constexpr int kLooked = 3;
  size_t offset = 0;
  uint32_t last = 0;
  for (int i = 0; i < kLooked; ++i) {
    DicomElement element;
    if (!read_element_header(data_set, offset, encoding, element)) return i > 0;
    const uint32_t tag = element.group << 16 | element.number;
    if (element.group == 0 || element.group > 0x7fe0 || tag <= last) return false;
    if (!encoding.implicit && !is_known_vr(vr_at(data_set, offset + 4))) return false;
    if (element.length == kUndefinedLength) return true;
    if (element.length > data_set.size() - element.value) return i > 0;
    last = tag;
    offset = element.value + element.length;
  }
  return true;
}

Error too_long(const DicomElement& element, size_t left, const std::string& where) {
  return Error(where,
      fmt::format("is a damaged or truncated DICOM file: an element of {} bytes stands where {} are left",
          element.length, left),
      "Copy or export the file again.");
}

class Walk {
 public:
  Walk(std::span<const std::byte> bytes, const DicomEncoding& encoding, const std::string& where)
      : bytes_(bytes), encoding_(encoding), where_(where) {}

  DataSetLayout run() {
    size_t offset = 0;
    layout_.end = bytes_.size();
    for (;;) {
      while (!open_.empty() && offset >= open_.back()) open_.pop_back();
      if (open_.empty()) {
        top_ = offset;
        if (behind_pixels_ && !goes_on(offset)) return layout_;
      }
      DicomElement element;
      if (!read_element_header(bytes_, offset, encoding_, element)) return layout_;
      const size_t left = bytes_.size() - element.value;
      if (element.length > left && element.length != kUndefinedLength) {
        if (!behind_pixels_) throw too_long(element, left, where_);
        stop_at(top_, bytes_.size() - top_);
        return layout_;
      }
      const bool is_pixels = element.group == 0x7fe0 && element.number == 0x0010;
      if (is_pixels && element.length == kUndefinedLength) {
        const bool on_top = open_.empty();
        offset = behind_fragments(element.value, on_top);
        if (on_top && layout_.lacks_delimiter) return layout_;
      } else {
        offset = step(element);
      }
      if (is_pixels && open_.empty()) behind_pixels_ = layout_.has_pixels = true;
    }
  }

 private:
  // Enters what holds elements, leaves what a delimiter ends, passes over the rest: where the next element is.
  size_t step(const DicomElement& element) {
    const bool undefined = element.length == kUndefinedLength;
    const bool is_delimiter = element.group == 0xfffe && element.number != 0xe000;
    if (is_delimiter) {
      if (!open_.empty() && open_.back() == SIZE_MAX) open_.pop_back();
      return element.value;
    }
    if (element.group == 0xfffe || element.is_sequence) {
      open_.push_back(undefined ? SIZE_MAX : element.value + element.length);
      return element.value;
    }
    return element.value + element.length;
  }

  // Behind the items of encapsulated pixel data, which hold bytes and not elements.
  size_t behind_fragments(size_t offset, bool on_top) {
    if (on_top) layout_.has_pixels = layout_.in_fragments = true;
    DicomElement item;
    while (read_element_header(bytes_, offset, encoding_, item) && item.group == 0xfffe) {
      if (item.number == 0xe0dd) return item.value;
      if (item.number != 0xe000) break;
      if (item.length > bytes_.size() - item.value) throw too_long(item, bytes_.size() - item.value, where_);
      offset = item.value + item.length;
    }
    if (on_top) {
      layout_.lacks_delimiter = true;
      stop_at(offset, 0);
    }
    return offset;
  }

  // Is there another element at this place behind the pixel data? If not, the layout ends here.
  bool goes_on(size_t offset) {
    const std::span<const std::byte> rest = bytes_.subspan(std::min(offset, bytes_.size()));
    const bool only_zeros = std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == std::byte{0}; });
    DicomElement element;
    if (!only_zeros && read_element_header(bytes_, offset, encoding_, element) && element.group >= 0x7fe0) return true;
    stop_at(offset, only_zeros ? 0 : rest.size());
    return false;
  }

  void stop_at(size_t end, size_t left_out) {
    layout_.end = end;
    layout_.left_out = left_out;
  }

  std::span<const std::byte> bytes_;
  DicomEncoding encoding_;
  const std::string& where_;
  DataSetLayout layout_;
  std::vector<size_t> open_;  // ends of the sequences and items around the place; SIZE_MAX: at a delimiter
  size_t top_ = 0;            // where the element outside of all sequences begins
  bool behind_pixels_ = false;
};

}  // namespace

const char* encoding_name(const DicomEncoding& encoding) {
  if (encoding.implicit) return encoding.big_endian ? "implicit big endian" : "implicit little endian";
  return encoding.big_endian ? "explicit big endian" : "explicit little endian";
}

bool read_element_header(
    std::span<const std::byte> bytes, size_t offset, const DicomEncoding& encoding, DicomElement& element) {
  if (offset > bytes.size() || bytes.size() - offset < 8) return false;
  const bool big = encoding.big_endian;
  element = {u16(bytes, offset, big), u16(bytes, offset + 2, big), offset + 8, 0, false};
  const std::string_view vr = vr_at(bytes, offset + 4);
  const bool has_vr = !encoding.implicit && element.group != 0xfffe && looks_like_vr(vr);
  if (!has_vr) {
    element.length = u32(bytes, offset + 4, big);
  } else if (kLongVrs.find(vr) != std::string_view::npos) {
    if (bytes.size() - offset < 12) return false;
    element.length = u32(bytes, offset + 8, big);
    element.value = offset + 12;
  } else {
    element.length = u16(bytes, offset + 6, big);
  }
  const bool begins_with_item =
      element.group != 0x7fe0 && element.value + 4 <= bytes.size() &&  // pixels may have any value
      u16(bytes, element.value, big) == 0xfffe && u16(bytes, element.value + 2, big) == 0xe000;
  element.is_sequence =
      (has_vr && vr == "SQ") || element.length == kUndefinedLength || (begins_with_item && element.length >= 8);
  return true;
}

std::optional<DicomEncoding> find_encoding(std::span<const std::byte> data_set) {
  for (const DicomEncoding encoding : {DicomEncoding{false, false}, {false, true}, {true, false}})
    if (begins_as(data_set, encoding)) return encoding;
  return std::nullopt;
}

DataSetLayout lay_out(std::span<const std::byte> data_set, const DicomEncoding& encoding, const std::string& where) {
  return Walk(data_set, encoding, where).run();
}

}  // namespace hilum
