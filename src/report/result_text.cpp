#include "report/result_text.h"

#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "report/json.h"
#include "report/whitespace.h"

namespace hilum {

std::string result_notice(const Report& report) {
  std::string notice = report.far_from_phantoms ? std::string(kDemoWarning) + ". " : "";
  notice += fmt::format("{} {}", kNotReviewed, kNotice);
  if (report.demo) notice += fmt::format(" {}.", kDemoNotice);
  return notice;
}

std::string clean_text(const std::string& text) {
  const std::string quoted =
      Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);  // nlohmann mends what is not UTF-8
  std::string clean = Json::parse(quoted).get<std::string>();
  for (char& c : clean) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f) c = ' ';
  }
  return std::string(trim(clean));
}

std::string clean_line(const std::string& text, size_t max_characters) {
  std::string line = clean_text(text);
  for (char& c : line)
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  size_t characters = 0;
  for (size_t i = 0; i < line.size(); ++i)
    if ((line[i] & 0xC0) != 0x80 && ++characters > max_characters) {
      line.resize(i);
      break;
    }
  return std::string(trim(line));
}

CivilTime civil_time(int64_t unix_seconds, int utc_offset_minutes) {
  using namespace std::chrono;
  const sys_seconds time{seconds{unix_seconds} + minutes{utc_offset_minutes}};
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
      static_cast<int>(static_cast<unsigned>(date.day())), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count())};
}

bool read_utc_offset(const std::string& text, int& minutes) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-') || !is_ascii_number(text.substr(1))) return false;
  const int hour = std::stoi(text.substr(1, 2)), minute = std::stoi(text.substr(3, 2));
  const int offset = (text[0] == '-' ? -1 : 1) * (hour * 60 + minute);
  if (minute > 59 || offset < -720 || offset > 840) return false;
  minutes = offset;
  return true;
}

}  // namespace hilum
