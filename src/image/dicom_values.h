// Attributes of a DICOM data set as text, codes and numbers. What is there and cannot be read is said, not passed over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

class DcmDataset;
class DcmItem;
class DcmTagKey;

namespace hilum {

// "Rescale Slope (0028,1053)": the name as the standard's dictionary has it.
std::string attribute_name(const DcmTagKey& tag);

// What stands in an attribute, for messages: at most 24 characters, unprintable ones as '?', in quotes.
std::string quoted_value(std::string_view value);

// Elements with VR UN whose tag the standard's dictionary knows get its VR: their values are read as implicit little
// endian (PS3.5 6.2.2), whatever the file's transfer syntax, items that are explicit as such. Nested ones too.
// `problems` names those that make the picture (groups 0028 and 2050) and cannot be read.
void resolve_unknown_vrs(DcmItem& item, std::vector<std::string>& problems);

// A decimal string (PS3.5 6.2, DS and IS) without blanks around it. A comma that can only be the decimal point is read
// as such; not where three digits behind it may be thousands ("1,500"). No value: no number, NaN or infinite.
struct DecimalText {
  std::optional<double> value;
  bool has_comma = false;
};
DecimalText read_decimal_text(std::string_view text);

class DicomValues {
 public:
  // `problems` gets a sentence for each value that is there and is not read as it stands.
  DicomValues(DcmItem& item, std::vector<std::string>& problems) : item_(item), problems_(problems) {}

  bool has(const DcmTagKey& tag) const;          // with a value that is not empty
  std::string text(const DcmTagKey& tag) const;  // dicom_text()
  // A code string (CS): in upper case, as PS3.5 6.2 has it.
  std::string code(const DcmTagKey& tag) const;
  // A number of any VR. No value: absent, wholly empty, or not readable, which is a problem.
  std::optional<double> number(const DcmTagKey& tag, unsigned long index = 0);
  // A whole number from 0 to 65535.
  std::optional<int> whole(const DcmTagKey& tag);
  // A 16-bit attribute that may be US or SS, read by the sign of the values it speaks of.
  std::optional<int32_t> us_or_ss(const DcmTagKey& tag, bool is_signed, unsigned long index = 0);
  // A sentence about an attribute's value, for what a caller finds out of its range or unknown: "NAME is "VALUE", WHY".
  void complain(const DcmTagKey& tag, const std::string& why);
  void complain(const DcmTagKey& tag, std::string_view value, const std::string& why);

  DcmItem& item() { return item_; }

 private:
  DcmItem& item_;
  std::vector<std::string>& problems_;
};

}  // namespace hilum
