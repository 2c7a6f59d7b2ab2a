// The Error that a call ends with, for tests that hold it against its words. Any other exception fails the test as
// ever.
#pragma once

#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include "base/error.h"

namespace hilum {

// The error itself. Where there is none the test fails, and the error is empty.
template <typename Run>
Error expect_error(Run run) {
  try {
    run();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error("", "");
}

// What the error says; where there is none, the text that `run` returns, or "no error" when it returns nothing.
template <typename Run>
std::string error_of(Run run) {
  try {
    if constexpr (std::is_void_v<decltype(run())>) run();
    else return run();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace hilum
