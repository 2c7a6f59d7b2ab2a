#include "text/text_length.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "text/tokenizer_file.h"

namespace hilum {
namespace {

int count_from(int64_t value, const std::string& where) {
  check(value >= 0 && value <= kMaxTextLength, where.c_str(),
      "is " + std::to_string(value) + ", wanted 0 to " + std::to_string(kMaxTextLength));
  return static_cast<int>(value);
}

bool is_left(const JsonFields& fields) {
  const std::string direction = fields.text("direction", "Right");
  check(direction == "Left" || direction == "Right", fields.place("direction").c_str(),
      "\"" + direction + "\" is neither Left nor Right");
  return direction == "Left";
}

}  // namespace

TextLength read_text_length(const Json& truncation, const Json& padding, const std::string& where) {
  TextLength length;
  if (!truncation.is_null()) {
    const JsonFields fields(truncation, where + ": truncation");
    length.max_length = count_from(fields.whole("max_length"), fields.place("max_length"));
    length.truncate_left = is_left(fields);
    const std::string strategy = fields.text("strategy", "LongestFirst");
    check(strategy == "LongestFirst" || strategy == "OnlyFirst", fields.place("strategy").c_str(),
        "\"" + strategy + "\" is not supported", "Supported: LongestFirst, OnlyFirst.");
  }
  if (!padding.is_null()) {
    const JsonFields fields(padding, where + ": padding");
    const Json& strategy = fields.member("strategy");
    if (strategy.is_object()) {
      const JsonFields fixed(strategy, fields.place("strategy"));
      length.pad_to = count_from(fixed.whole("Fixed"), fixed.place("Fixed"));
    } else {
      check(strategy == "BatchLongest", fields.place("strategy").c_str(), "is neither BatchLongest nor Fixed");
    }
    length.pad_left = is_left(fields);
    length.pad_to_multiple_of = count_from(fields.whole("pad_to_multiple_of", 0), fields.place("pad_to_multiple_of"));
    const int64_t id = fields.whole("pad_id", 0);
    check(id >= 0 && id <= kMaxTokenId, fields.place("pad_id").c_str(), "is no token id");
    length.pad_id = static_cast<int32_t>(id);
  }
  return length;
}

EncodedText fit_length(std::span<const int32_t> prefix, std::span<const int32_t> text, std::span<const int32_t> suffix,
    const TextLength& length) {
  const size_t around = prefix.size() + suffix.size();
  if (length.max_length > 0) {
    const auto limit = static_cast<size_t>(length.max_length);
    check(around <= limit, "tokenizer",
        "a text of at most " + std::to_string(limit) + " ids leaves no room for the " + std::to_string(around) +
            " that stand around it");
    const size_t kept = std::min(text.size(), limit - around);
    text = length.truncate_left ? text.last(kept) : text.first(kept);
  }
  EncodedText out;
  for (const std::span<const int32_t> part : {prefix, text, suffix})
    out.ids.insert(out.ids.end(), part.begin(), part.end());
  out.mask.assign(out.ids.size(), 1);

  size_t wanted = std::max(out.ids.size(), static_cast<size_t>(std::max(length.pad_to, 0)));
  if (length.pad_to_multiple_of > 0) {
    const auto multiple = static_cast<size_t>(length.pad_to_multiple_of);
    wanted = (wanted + multiple - 1) / multiple * multiple;
  }
  const size_t missing = wanted - out.ids.size();
  out.ids.insert(length.pad_left ? out.ids.begin() : out.ids.end(), missing, length.pad_id);
  out.mask.insert(length.pad_left ? out.mask.begin() : out.mask.end(), missing, 0);
  return out;
}

}  // namespace hilum
