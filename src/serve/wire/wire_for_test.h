// What the tests of this folder share.
#pragma once

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/wire/reply.h"

namespace hilum {

// The refusal that `read` ends in; fails the test where there is none.
inline RequestError refusal(const std::function<void()>& read) {
  try {
    read();
  } catch (const RequestError& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was refused";
  return RequestError(0, "", "");
}

// A 2 x 2 px PNG made for these tests, as Python's encodebytes writes it (a newline each 76 characters and at the end),
// escaped for JSON.
inline const std::string kPngLines =
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGNwaGA48B8ABcUCgFiW\\nOssAAAAASUVORK5CYII=\\n";

}  // namespace hilum
