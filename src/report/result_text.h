// What every form of a result that leaves Hilum says of itself, and text made fit for the forms of others.
#pragma once

#include <cstdint>
#include <string>

#include "report/report.h"

namespace hilum {

inline constexpr const char* kNotReviewed = "AI generated, not reviewed.";

// kNotReviewed and kNotice; before them kDemoWarning far from the phantoms; behind them kDemoNotice of the demo model.
// One line.
std::string result_notice(const Report& report);

// Text for one field: bytes that are not UTF-8 become U+FFFD, control characters other than tab and line ends become
// blanks; blanks at the ends go.
std::string clean_text(const std::string& text);
// clean_text on one line and at most `max_characters` (not bytes) long, cut without ending inside a character.
std::string clean_line(const std::string& text, size_t max_characters);

// A time as civil date and clock time of a place `utc_offset_minutes` ahead of UTC.
struct CivilTime {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
};
CivilTime civil_time(int64_t unix_seconds, int utc_offset_minutes = 0);

// "+0100" or "-0330" (DICOM (0008,0201)) in minutes, -720..840; false where it is no such text.
bool read_utc_offset(const std::string& text, int& minutes);

}  // namespace hilum
