// The 256 visible characters that byte-level BPE writes for the 256 bytes: printable Latin-1 stands for itself, the
// other 68 bytes become U+0100, U+0101, ... in order (Radford et al., GPT-2, 2019).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hilum {

char32_t byte_to_visible(uint8_t byte);
// No value for a character outside the alphabet.
std::optional<uint8_t> visible_to_byte(char32_t character);

// The text's bytes, each as its character in UTF-8.
std::string to_visible_bytes(std::string_view bytes);

}  // namespace hilum
