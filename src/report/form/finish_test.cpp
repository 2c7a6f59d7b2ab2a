#include "report/form/finish.h"

#include <gtest/gtest.h>

namespace hilum {
namespace {

TEST(Finish, EveryEndHasItsWordAndIsFoundByIt) {
  EXPECT_EQ(finish_word(Finish::kStop), "stop");
  EXPECT_EQ(finish_word(Finish::kLength), "length");
  EXPECT_EQ(finish_word(Finish::kStopped), "stopped");
  for (const Finish finish : {Finish::kStop, Finish::kLength, Finish::kStopped})
    EXPECT_EQ(finish_from_word(finish_word(finish)), finish);
  EXPECT_EQ(finish_from_word("Stop"), std::nullopt);
  EXPECT_EQ(finish_from_word(""), std::nullopt);
}

}  // namespace
}  // namespace hilum
