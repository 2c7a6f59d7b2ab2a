// Text of DICOM attributes as UTF-8: the character sets of PS3.3 C.12.1.1.2 with the code extensions of PS3.5 6.1.2.5
// (ISO 2022), Japanese, Korean and Chinese sets among them. The escape sequences are followed here; what a set's bytes
// mean is glibc's iconv's knowledge.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hilum {

class DicomCharacters {
 public:
  // `specific`: the value of Specific Character Set (0008,0005), values joined by backslashes; empty: ASCII. Terms with
  // other blanks, hyphens or capitals than the standard's are taken for what they can only mean. A set with code
  // extensions as the only value, and values behind a set that allows none (UTF-8, GB18030, GBK), are let pass.
  explicit DicomCharacters(std::string_view specific);

  // `bytes` of an attribute whose VR is PN, LO, SH, LT, ST, UC or UT, as UTF-8. No value: not text in these sets.
  // Text of plain ASCII is read whatever the sets are.
  std::optional<std::string> to_utf8(std::string_view bytes) const;

  // The first term that is not known, as it stands; empty: all are.
  const std::string& unknown_term() const { return unknown_; }

 private:
  std::string unknown_;
  const char* whole_ = nullptr;  // iconv's name of a set without code extensions, for the whole text
  // Escape sequences of the sets that a text begins with: bytes below 80 in ASCII, none above.
  std::string_view g0_ = "(B", g1_;
};

}  // namespace hilum
