#include "base/base64.h"

#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "base/error.h"

namespace hilum {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kOther = 64;

constexpr std::array<uint8_t, 256> kValues = [] {
  std::array<uint8_t, 256> values{};
  values.fill(kOther);
  for (uint8_t i = 0; i < 64; ++i) values[static_cast<uint8_t>(kAlphabet[i])] = i;
  return values;
}();

uint8_t value_of(char c) { return kValues[static_cast<uint8_t>(c)]; }

// Takes 6 bits at a time, gives bytes.
class Bytes {
 public:
  explicit Bytes(size_t characters) { out_.reserve(characters / 4 * 3 + 3); }
  void add(uint8_t six) {
    bits_ = (bits_ << 6 | six) & 0xffffff;
    ++count_;
    if (count_ % 4 != 1) out_ += static_cast<char>(bits_ >> (count_ % 4 == 2 ? 4 : count_ % 4 == 3 ? 2 : 0));
  }
  size_t in_group() const { return count_ % 4; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  uint32_t bits_ = 0;
  size_t count_ = 0;
};

[[noreturn]] void bad(const std::string& where, const std::string& what) {
  throw Error(where, what, "Send the base64 of the whole file.");
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t left = bytes.size() - i;
    const auto byte = [&](size_t k) {
      return k < left ? static_cast<uint32_t>(static_cast<uint8_t>(bytes[i + k])) : 0u;
    };
    const uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
    text += kAlphabet[group >> 18];
    text += kAlphabet[group >> 12 & 63];
    text += left > 1 ? kAlphabet[group >> 6 & 63] : '=';
    text += left > 2 ? kAlphabet[group & 63] : '=';
  }
  return text;
}

std::string base64_decode_lenient(std::string_view text, const std::string& where) {
  Bytes bytes(text.size());
  size_t pads = 0;
  for (const char c : text) {
    if (c == '=') {
      if (bytes.in_group() >= 2 && bytes.in_group() + ++pads >= 4) return bytes.take();
    } else if (const uint8_t six = value_of(c); six != kOther) {
      pads = 0;
      bytes.add(six);
    }
  }
  if (bytes.in_group() == 1) bad(where, "is not base64: one character is left over");
  if (bytes.in_group() != 0) bad(where, "is not base64: its padding is wrong");
  return bytes.take();
}

std::string base64_decode_strict(std::string_view text, const std::string& where) {
  Bytes bytes(text.size());
  size_t characters = 0, pads = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' || c == '\r' || c == '\t' || c == ' ') continue;
    ++characters;
    const uint8_t six = value_of(c);
    if (c == '=' && ++pads <= 2) continue;
    if (six == kOther || pads > 0) bad(where, fmt::format("is not base64: character {} is not of its alphabet", i));
    bytes.add(six);
  }
  if (bytes.in_group() == 1) bad(where, "is not base64: one character is left over, so some are missing");
  if (characters % 4 != 0)
    bad(where,
        fmt::format("is base64 whose padding is missing or wrong: {} characters, not a multiple of 4", characters));
  return bytes.take();
}

}  // namespace hilum
