// The header: checked when read, ordered and padded when written.
#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tensor/safetensors.h"
#include "tensor/sorted_json.h"

namespace hilum {
namespace {

constexpr std::string_view kMetadata = "__metadata__";
const std::string kDamaged = "The file is damaged or cut short: fetch it again.";

std::string clipped(const std::string& name) { return name.size() <= 80 ? name : name.substr(0, 77) + "..."; }

uint64_t unsigned_number(const SortedJson& value, const std::string& where, const char* what) {
  if (!value.is_number_unsigned())
    throw Error(where, std::string(what) + " holds " + clipped(value.dump()) + ", wanted a whole number", kDamaged);
  return value.get<uint64_t>();
}

// Bytes of a tensor; every product checked.
uint64_t bytes_of(const Shape& shape, DType dtype, const std::string& where) {
  uint64_t bits = static_cast<uint64_t>(dtype_bits(dtype));
  for (const int64_t dim : shape.dims())
    if (__builtin_mul_overflow(bits, static_cast<uint64_t>(dim), &bits))
      throw Error(where, "shape " + shape.text() + " overflows", kDamaged);
  if (bits % 8 != 0)
    throw Error(
        where, "shape " + shape.text() + " of " + std::string(dtype_name(dtype)) + " is no whole number of bytes");
  return bits / 8;
}

SafetensorsEntry read_entry(const std::string& name, const SortedJson& json, const std::string& file) {
  const std::string where = file + ": tensor \"" + clipped(name) + "\"";
  check(name.size() <= kMaxSafetensorsName, where.c_str(), "its name has " + std::to_string(name.size()) + " bytes",
      kDamaged);
  check(json.is_object(), where.c_str(), "its header is not an object", kDamaged);
  for (const char* key : {"dtype", "shape", "data_offsets"})
    check(json.contains(key), where.c_str(), std::string("its header lacks \"") + key + "\"", kDamaged);
  SafetensorsEntry entry;
  entry.name = name;
  check(json["dtype"].is_string(), where.c_str(), "its dtype is not a text", kDamaged);
  entry.dtype = dtype_from_name(json["dtype"].get<std::string>(), where);
  check(dtype_bits(entry.dtype) > 0, where.c_str(),
      "dtype " + json["dtype"].get<std::string>() + " is not one of this format");
  check(json["shape"].is_array(), where.c_str(), "its shape is not a list", kDamaged);
  std::vector<int64_t> dims;
  for (const SortedJson& dim : json["shape"]) {
    const uint64_t size = unsigned_number(dim, where, "shape");
    check(size <= static_cast<uint64_t>(INT64_MAX), where.c_str(),
        "a dimension of " + std::to_string(size) + " overflows", kDamaged);
    dims.push_back(static_cast<int64_t>(size));
  }
  entry.shape = Shape(std::move(dims));
  const SortedJson& offsets = json["data_offsets"];
  check(offsets.is_array() && offsets.size() == 2, where.c_str(), "data_offsets is not a pair", kDamaged);
  entry.begin = unsigned_number(offsets[0], where, "data_offsets");
  entry.end = unsigned_number(offsets[1], where, "data_offsets");
  check(entry.begin <= entry.end, where.c_str(), "it ends before it begins", kDamaged);
  const uint64_t bytes = bytes_of(entry.shape, entry.dtype, where);
  check(entry.end - entry.begin == bytes, where.c_str(),
      "shape " + entry.shape.text() + " of " + std::string(dtype_name(entry.dtype)) + " takes " +
          std::to_string(bytes) + " bytes, data_offsets give " + std::to_string(entry.end - entry.begin),
      kDamaged);
  return entry;
}

// Position in the reference's dtype enum, by which its writer sorts.
int dtype_rank(DType dtype) {
  static constexpr std::array kOrder{DType::kBool, DType::kF4, DType::kF6E2M3, DType::kF6E3M2, DType::kU8, DType::kI8,
      DType::kF8E5M2, DType::kF8E4M3, DType::kF8E8M0, DType::kF8E4M3Fnuz, DType::kF8E5M2Fnuz, DType::kI16, DType::kU16,
      DType::kF16, DType::kBF16, DType::kI32, DType::kU32, DType::kF32, DType::kC64, DType::kF64, DType::kI64,
      DType::kU64};
  const auto at = std::find(kOrder.begin(), kOrder.end(), dtype);
  invariant(at != kOrder.end(), "a dtype that safetensors can hold");
  return static_cast<int>(at - kOrder.begin());
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::span<const std::byte> file, const std::string& where) {
  check(file.size() >= 8, where.c_str(), std::to_string(file.size()) + " bytes are too few for a safetensors file",
      kDamaged);
  uint64_t length = 0;
  for (size_t i = 0; i < 8; ++i) length |= std::to_integer<uint64_t>(file[i]) << (8 * i);
  check(length <= kMaxSafetensorsHeader, where.c_str(),
      "header of " + std::to_string(length) + " bytes, the format's limit is 100000000", "Is this a safetensors file?");
  check(length <= file.size() - 8, where.c_str(),
      "header of " + std::to_string(length) + " bytes in a file of " + std::to_string(file.size()), kDamaged);
  check(length > 0 && file[8] == std::byte{'{'}, where.c_str(), "the header does not begin with {",
      "Is this a safetensors file?");
  const SortedJson json =
      parse_sorted_json({reinterpret_cast<const char*>(file.data() + 8), static_cast<size_t>(length)},
          where + ": header", 4, kMaxSafetensorsTensors);
  check(json.is_object(), where.c_str(), "the header is not an object", kDamaged);

  SafetensorsHeader header;
  header.data_offset = 8 + length;
  for (const auto& [name, value] : json.items()) {
    if (name != kMetadata) {
      header.entries.push_back(read_entry(name, value, where));
      continue;
    }
    check(value.is_object(), where.c_str(), "__metadata__ is not an object", kDamaged);
    for (const auto& [key, text] : value.items()) {
      check(text.is_string(), where.c_str(), "__metadata__ \"" + clipped(key) + "\" is not a text", kDamaged);
      header.metadata[key] = text.get<std::string>();
    }
  }
  std::sort(header.entries.begin(), header.entries.end(), [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  uint64_t at = 0;
  for (const SafetensorsEntry& entry : header.entries) {
    if (entry.begin != at)
      throw Error(where + ": tensor \"" + clipped(entry.name) + "\"",
          "begins at byte " + std::to_string(entry.begin) + ", the one before ends at " + std::to_string(at), kDamaged);
    at = entry.end;
  }
  const uint64_t held = file.size() - header.data_offset;
  check(at == held, where.c_str(),
      "the tensors take " + std::to_string(at) + " bytes, the file holds " + std::to_string(held), kDamaged);
  return header;
}

std::string safetensors_header_bytes(
    std::vector<SafetensorsEntry>& entries, const std::map<std::string, std::string>& metadata) {
  std::sort(entries.begin(), entries.end(), [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
    const int rank_a = dtype_rank(a.dtype), rank_b = dtype_rank(b.dtype);
    return rank_a != rank_b ? rank_a > rank_b : a.name < b.name;
  });
  SortedJson json = SortedJson::object();
  std::set<std::string_view> names;
  if (!metadata.empty()) json[std::string(kMetadata)] = metadata;
  uint64_t at = 0;
  std::string text = json.dump();
  text.pop_back();  // the closing brace; entries are appended as text to keep the writers' order
  for (SafetensorsEntry& entry : entries) {
    check(!entry.name.empty() && entry.name.size() <= kMaxSafetensorsName && entry.name != kMetadata &&
              names.insert(entry.name).second,
        "safetensors",
        "a tensor cannot be named \"" + clipped(entry.name) + "\" (empty, too long, reserved or given twice)");
    entry.begin = at;
    at += bytes_of(entry.shape, entry.dtype, "safetensors: tensor \"" + clipped(entry.name) + "\"");
    entry.end = at;
    // key order of the reference writer
    text += (text.size() > 1 ? "," : "") + SortedJson(entry.name).dump() + ":{\"dtype\":\"" +
            std::string(dtype_name(entry.dtype)) + "\",\"shape\":" + SortedJson(entry.shape.dims()).dump() +
            ",\"data_offsets\":[" + std::to_string(entry.begin) + "," + std::to_string(entry.end) + "]}";
  }
  text += "}";
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string bytes(8, '\0');
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(text.size() >> (8 * i));
  return bytes + text;
}

}  // namespace hilum
