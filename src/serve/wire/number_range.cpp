#include "serve/wire/number_range.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace hilum {
namespace {

constexpr int kDigits = 18;  // that an int64_t holds

int64_t power(int exponent) {
  int64_t value = 1;
  for (; exponent > 0; --exponent) value *= 10;
  return value;
}

// A finite number as its shortest decimal: digits * 10^exponent.
struct Decimal {
  int64_t digits = 0;
  int exponent = 0;
  int whole_digits() const {
    int n = 0;
    for (int64_t left = std::abs(digits); left > 0; left /= 10) ++n;
    return std::max(1, n + exponent);
  }
};
Decimal decimal_of(double value) {
  char text[40] = {};  // to_chars writes no end
  const auto end = std::to_chars(text, text + sizeof text - 1, value, std::chars_format::scientific).ptr;
  Decimal decimal;
  const std::string_view written(text, static_cast<size_t>(end - text));
  const size_t e = written.find('e');
  bool behind_point = false;
  for (const char c : written.substr(0, e)) {
    if (c == '.') behind_point = true;
    if (c < '0' || c > '9') continue;
    decimal.digits = decimal.digits * 10 + (c - '0');
    decimal.exponent -= behind_point;
  }
  decimal.exponent += std::atoi(text + e + 1);
  if (value < 0) decimal.digits = -decimal.digits;
  return decimal;
}

// Steps of 10^-fraction_digits, rounded up or down; held to the largest number of kDigits digits.
int64_t steps(double value, int fraction_digits, bool up) {
  const int64_t most = power(kDigits) - 1;
  const Decimal decimal = decimal_of(value);
  const int shift = decimal.exponent + fraction_digits;
  if (shift >= 0) {
    int64_t result = decimal.digits;
    for (int i = 0; i < shift && result != 0; ++i) {
      if (std::abs(result) > most / 10) return result < 0 ? -most : most;
      result *= 10;
    }
    return result;
  }
  if (-shift > kDigits) return decimal.digits > 0 ? up : decimal.digits < 0 ? -!up : 0;
  const int64_t unit = power(-shift), whole = decimal.digits / unit, rest = decimal.digits % unit;
  return whole + (up && rest > 0) - (!up && rest < 0);
}

struct Steps {
  int64_t low, high;
};
// What the magnitude of a number can still become lies in [low, high], in each of the ways that `visit` is told of.
template <class Visit>
bool any_way(const WrittenNumber& number, const NumberRange& range, const Visit& visit) {
  if (number.has_point) {
    const int64_t unit = power(range.fraction_digits - number.num_fraction);
    return visit(Steps{number.digits * unit, (number.digits + 1) * unit - 1});
  }
  const bool may_grow = number.num_whole == 0 || number.digits > 0;  // no digit behind a leading 0
  for (int more = 0; more <= (may_grow ? range.whole_digits - number.num_whole : 0); ++more) {
    const int64_t unit = power(more + range.fraction_digits);
    if (visit(Steps{number.digits * unit, (number.digits + 1) * unit - 1})) return true;
  }
  return false;
}

Steps magnitudes(const WrittenNumber& number, const NumberRange& range) {
  return number.is_negative ? Steps{std::max<int64_t>(0, -range.high), -range.low}
                            : Steps{std::max<int64_t>(0, range.low), range.high};
}

}  // namespace

NumberRange number_range(const NumberBounds& bounds) {
  NumberRange range;
  int whole = 1;
  const int usual = bounds.most_fraction_digits == 0 ? 15 : 9;  // where a side is open
  const bool has_both = std::isfinite(bounds.low) && std::isfinite(bounds.high);
  for (const double bound : {bounds.low, bounds.high})
    whole = std::max(whole, std::isfinite(bound) ? decimal_of(bound).whole_digits() : usual);
  range.whole_digits = std::min(has_both ? whole : std::max(whole, usual), kDigits);
  range.fraction_digits = std::min(kDigits - range.whole_digits, bounds.most_fraction_digits);
  const int64_t most = power(range.whole_digits + range.fraction_digits) - 1;
  range.low = std::isfinite(bounds.low) ? steps(bounds.low, range.fraction_digits, true) : -most;
  range.high = std::isfinite(bounds.high) ? steps(bounds.high, range.fraction_digits, false) : most;
  // a bound that is on the grid is the number itself
  if (bounds.without_low && range.low == steps(bounds.low, range.fraction_digits, false)) ++range.low;
  if (bounds.without_high && range.high == steps(bounds.high, range.fraction_digits, true)) --range.high;
  range.low = std::max(range.low, -most);
  range.high = std::min(range.high, most);
  return range;
}

bool can_become(const WrittenNumber& number, const NumberRange& range) {
  const Steps wanted = magnitudes(number, range);
  return any_way(number, range, [&](const Steps& way) { return way.low <= wanted.high && wanted.low <= way.high; });
}

bool is_in(const WrittenNumber& number, const NumberRange& range) {
  const Steps wanted = magnitudes(number, range);
  const int64_t value = number.digits * power(range.fraction_digits - number.num_fraction);
  return value >= wanted.low && value <= wanted.high;
}

}  // namespace hilum
