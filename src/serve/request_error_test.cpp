// Every refusal of the engine's queue with its status, and its text as it was.
#include "serve/request_error.h"

#include <gtest/gtest.h>

namespace hilum {
namespace {

TEST(RequestErrors, EachKindHasItsStatusAndKeepsItsText) {
  struct Row {
    BatchError::Kind kind;
    int status;
    std::string code;
  };
  for (const auto& [kind, status, code] :
      {Row{BatchError::Kind::kQueueFull, 429, "queue_full"}, {BatchError::Kind::kTimedOut, 408, ""},
          {BatchError::Kind::kCancelled, 499, ""}, {BatchError::Kind::kDoesNotFit, 400, ""}}) {
    const BatchError error(kind, "here", "is too much", "Ask for less.");
    const RequestError request = request_error(error);
    EXPECT_EQ(request.status(), status);
    EXPECT_EQ(request.code(), code);
    EXPECT_EQ(request.param(), "");
    EXPECT_STREQ(request.what(), error.what());
    EXPECT_STREQ(request.what(), "here: is too much. Ask for less.");
  }
  EXPECT_THROW(
      with_request_errors([]() -> int { throw BatchError(BatchError::Kind::kTimedOut, "a", "b"); }), RequestError);
  EXPECT_EQ(with_request_errors([] { return 3; }), 3);
}

}  // namespace
}  // namespace hilum
