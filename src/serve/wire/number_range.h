// Numbers between two bounds, digit by digit: whether what is written can still become one of them.
#pragma once

#include <cstdint>
#include <limits>

namespace hilum {

// On a grid of 10^-fraction_digits: a value is its whole number of steps. Written without an exponent, with at most
// whole_digits + fraction_digits <= 18 digits.
struct NumberRange {
  int64_t low = 0, high = 0;  // steps, both included
  int whole_digits = 15, fraction_digits = 0;
};

struct NumberBounds {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool without_low = false, without_high = false;  // the bound itself is not among the numbers
  int most_fraction_digits = 15;                   // 0: whole numbers
};
// The grid that fits the bounds, each taken as the decimal it is written as. Empty (low > high) where it holds no
// number.
NumberRange number_range(const NumberBounds& bounds);

// A number as far as it is written: its digits as one whole number.
struct WrittenNumber {
  int64_t digits = 0;
  int num_whole = 0, num_fraction = 0;  // of them
  bool is_negative = false, has_point = false;
};
bool can_become(const WrittenNumber& number, const NumberRange& range);  // by more digits, or by none
bool is_in(const WrittenNumber& number, const NumberRange& range);

}  // namespace hilum
