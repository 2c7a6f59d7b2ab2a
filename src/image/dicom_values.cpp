#include "image/dicom_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <span>

#include <fmt/core.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcsequen.h>

#include "base/ascii.h"
#include "base/replace_all.h"
#include "image/dicom_element.h"
#include "image/dicom_open.h"

namespace hilum {
namespace {

constexpr std::string_view kPadding("\0 \t\r\n", 5);
constexpr std::string_view kLeftOut = "which is no number; it is left out";

DcmElement* element_of(DcmItem& item, const DcmTagKey& tag) {
  DcmElement* element = nullptr;
  return item.findAndGetElement(tag, element).good() && element && element->getLength() > 0 ? element : nullptr;
}

std::string raw_text(DcmElement& element) {
  OFString value;
  if (element.getOFStringArray(value, OFFalse).bad()) return "";
  return {value.c_str(), value.size()};
}

// A value of a binary VR, converted by DCMTK.
std::optional<double> binary_number(DcmElement& element, unsigned long index) {
  Float64 real = 0;
  Uint16 u16 = 0;
  Sint16 s16 = 0;
  Uint32 u32 = 0;
  Sint32 s32 = 0;
  Float32 f32 = 0;
  switch (element.ident()) {
    case EVR_US:
    case EVR_xs:
      if (element.getUint16(u16, index).good()) return u16;
      break;
    case EVR_SS:
      if (element.getSint16(s16, index).good()) return s16;
      break;
    case EVR_UL:
      if (element.getUint32(u32, index).good()) return u32;
      break;
    case EVR_SL:
      if (element.getSint32(s32, index).good()) return s32;
      break;
    case EVR_FL:
      if (element.getFloat32(f32, index).good() && std::isfinite(f32)) return f32;
      break;
    case EVR_FD:
      if (element.getFloat64(real, index).good() && std::isfinite(real)) return real;
      break;
    default: break;
  }
  return std::nullopt;
}

// The element of `tag` that these bytes are as a value in little endian; null: they are none. The items of a sequence
// may be explicit against the standard, and then the whole is read so.
std::unique_ptr<DcmElement> read_value(const DcmTagKey& tag, const Uint8* value, Uint32 length) {
  constexpr size_t kItemHeader = 8;
  const bool is_sequence = DcmTag(tag).getEVR() == EVR_SQ;
  const std::span<const std::byte> contents = std::as_bytes(std::span(value, length));
  const bool is_explicit = is_sequence && length > kItemHeader &&
                           find_encoding(contents.subspan(kItemHeader)) == DicomEncoding{false, false};
  std::vector<Uint8> bytes;
  const auto put = [&](unsigned half) {
    bytes.insert(bytes.end(), {static_cast<Uint8>(half & 255), static_cast<Uint8>(half >> 8)});
  };
  put(tag.getGroup());
  put(tag.getElement());
  if (is_explicit) bytes.insert(bytes.end(), {'S', 'Q', 0, 0});
  put(length & 0xffff);
  put(length >> 16);
  bytes.insert(bytes.end(), value, value + length);
  DcmInputBufferStream stream;
  stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  stream.setEos();
  DcmDataset read;
  read.transferInit();
  const bool good = read.read(stream, is_explicit ? EXS_LittleEndianExplicit : EXS_LittleEndianImplicit).good();
  read.transferEnd();
  DcmElement* copy = nullptr;
  if (!good || read.findAndGetElement(tag, copy, OFFalse, /*createCopy=*/OFTrue).bad()) return nullptr;
  return std::unique_ptr<DcmElement>(copy);
}

}  // namespace

std::string attribute_name(const DcmTagKey& tag) {
  const std::string keyword = DcmTag(tag).getTagName();  // "RescaleSlope"
  std::string name;
  for (size_t i = 0; i < keyword.size(); ++i) {
    const auto is_capital = [&](size_t at) { return keyword[at] >= 'A' && keyword[at] <= 'Z'; };
    const bool begins_word =
        i > 0 && is_capital(i) && (!is_capital(i - 1) || (i + 1 < keyword.size() && !is_capital(i + 1)));
    if (begins_word) name += ' ';
    name += keyword[i];
  }
  replace_all(name, "VOILUT", "VOI LUT");
  return fmt::format("{} ({:04X},{:04X})", name, tag.getGroup(), tag.getElement());
}

std::string quoted_value(std::string_view value) {
  constexpr size_t kShown = 24;
  std::string shown(value.substr(0, kShown));
  for (char& c : shown)
    if (c < 0x20 || c > 0x7e) c = '?';
  return fmt::format("\"{}{}\"", shown, value.size() > kShown ? "..." : "");
}

void resolve_unknown_vrs(DcmItem& item, std::vector<std::string>& problems) {
  std::vector<DcmTagKey> unknown;
  for (unsigned long i = 0; i < item.card(); ++i) {
    DcmElement* element = item.getElement(i);
    if (auto* sequence = dynamic_cast<DcmSequenceOfItems*>(element)) {
      for (unsigned long k = 0; k < sequence->card(); ++k) resolve_unknown_vrs(*sequence->getItem(k), problems);
    } else if (element->ident() == EVR_UN && !element->getTag().isPrivate()) {
      unknown.push_back(element->getTag());
    }
  }
  for (const DcmTagKey& tag : unknown) {
    Uint8* value = nullptr;
    DcmElement* element = element_of(item, tag);
    if (!element || DcmTag(tag).getEVR() == EVR_UN || element->getUint8Array(value).bad() || !value) continue;
    std::unique_ptr<DcmElement> known = read_value(tag, value, element->getLength());
    if (!known || known->ident() == EVR_UN) {
      const bool makes_the_picture = tag.getGroup() == 0x0028 || tag.getGroup() == 0x2050;
      if (makes_the_picture)
        problems.push_back(
            fmt::format("{} of the DICOM file has VR UN and cannot be read; it is left out. Write it with its VR",
                attribute_name(tag)));
      continue;
    }
    if (auto* sequence = dynamic_cast<DcmSequenceOfItems*>(known.get()))
      for (unsigned long k = 0; k < sequence->card(); ++k) resolve_unknown_vrs(*sequence->getItem(k), problems);
    if (item.insert(known.get(), OFTrue).good()) known.release();  // the item owns it now
  }
}

DecimalText read_decimal_text(std::string_view text) {
  std::string number(text.starts_with('+') && !text.starts_with("+-") ? text.substr(1) : text);
  DecimalText read;
  if (const size_t comma = number.find(','); comma != std::string::npos) {
    const std::string_view before =
        std::string_view(number).substr(number.starts_with('-') ? 1 : 0, comma - (number.starts_with('-') ? 1 : 0));
    const std::string_view behind = std::string_view(number).substr(comma + 1);
    const std::string_view digits = behind.substr(0, behind.find_first_of("eE"));
    const bool may_be_thousands = digits.size() == 3 && !before.empty() && before.size() <= 3 && before != "0";
    if (may_be_thousands || !is_ascii_number(digits) || (!before.empty() && !is_ascii_number(before))) return read;
    number[comma] = '.';
    read.has_comma = true;
  }
  double value = 0;
  const char* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, value);
  if (error == std::errc() && stop == end && std::isfinite(value)) read.value = value;
  return read;
}

bool DicomValues::has(const DcmTagKey& tag) const {
  DcmElement* element = element_of(item_, tag);
  return element && (!element->isaString() || !is_blank(raw_text(*element), kPadding));
}

std::string DicomValues::text(const DcmTagKey& tag) const { return dicom_text(item_, tag); }

std::string DicomValues::code(const DcmTagKey& tag) const { return upper_ascii(text(tag)); }

void DicomValues::complain(const DcmTagKey& tag, std::string_view value, const std::string& why) {
  const std::string said = fmt::format("{} of the DICOM file is {}, {}", attribute_name(tag), quoted_value(value), why);
  if (std::find(problems_.begin(), problems_.end(), said) == problems_.end()) problems_.push_back(said);
}

void DicomValues::complain(const DcmTagKey& tag, const std::string& why) { complain(tag, text(tag), why); }

std::optional<double> DicomValues::number(const DcmTagKey& tag, unsigned long index) {
  DcmElement* element = element_of(item_, tag);
  if (!element) return std::nullopt;
  if (!element->isaString()) {
    const std::optional<double> value = binary_number(*element, index);
    if (!value && index < element->getVM())
      problems_.push_back(
          fmt::format("{} of the DICOM file has VR {} and is no number that can be read; it is left out",
              attribute_name(tag), DcmVR(element->ident()).getVRName()));
    return value;
  }
  const std::string all = raw_text(*element);
  if (is_blank(all, std::string_view("\0 \t\r\n\\", 6))) return std::nullopt;
  const std::vector<std::string_view> parts = split(all, '\\');
  if (index >= parts.size()) return std::nullopt;
  const std::string_view part = trim_ascii(parts[index], kPadding);
  if (part.empty()) {
    complain(tag, trim_ascii(all, kPadding), fmt::format("whose value {} is empty; it is left out", index + 1));
    return std::nullopt;
  }
  const DecimalText read = read_decimal_text(part);
  if (!read.value) complain(tag, part, std::string(kLeftOut) + ". Correct the attribute");
  else if (read.has_comma)
    complain(
        tag, part, fmt::format("written with a decimal comma; it is read as {:g}. Correct the attribute", *read.value));
  return read.value;
}

std::optional<int> DicomValues::whole(const DcmTagKey& tag) {
  const std::optional<double> value = number(tag);
  if (!value) return std::nullopt;
  if (*value >= 0 && *value <= 65535 && *value == std::floor(*value)) return static_cast<int>(*value);
  complain(
      tag, fmt::format("{:g}", *value), "not a whole number from 0 to 65535; it is left out. Correct the attribute");
  return std::nullopt;
}

std::optional<int32_t> DicomValues::us_or_ss(const DcmTagKey& tag, bool is_signed, unsigned long index) {
  Uint16 u = 0;
  Sint16 s = 0;
  if (item_.findAndGetUint16(tag, u, index).bad()) {
    if (item_.findAndGetSint16(tag, s, index).bad()) return std::nullopt;
    u = static_cast<Uint16>(s);
  }
  return is_signed ? static_cast<int32_t>(static_cast<int16_t>(u)) : static_cast<int32_t>(u);
}

}  // namespace hilum
