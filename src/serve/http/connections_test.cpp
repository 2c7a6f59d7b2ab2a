#include "serve/http/connections.h"

#include <future>

#include <gtest/gtest.h>

namespace hilum {
namespace {

// Connections without sockets: what matters is that each is served, and soon.
TEST(Connections, EachIsServedAtOnceThoughOneThreadWatches) {
  Connections connections({.connections = 4}, true);
  for (int i = 0; i < 2000; ++i) {
    std::promise<void> served;
    connections.accept([&] { served.set_value(); });
    ASSERT_EQ(served.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready) << i;
  }
}

TEST(Connections, DrainingWaitsForThoseThatAreServed) {
  std::atomic<int> served = 0;
  {
    Connections connections({.connections = 3}, true);
    for (int i = 0; i < 3; ++i)
      connections.accept([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        ++served;
      });
    connections.drain();
    EXPECT_EQ(served, 3);
  }
}

TEST(Keys, AreComparedWhole) {
  EXPECT_TRUE(equal_in_constant_time("Bearer abc", "Bearer abc"));
  EXPECT_FALSE(equal_in_constant_time("Bearer abc", "Bearer abd"));
  EXPECT_FALSE(equal_in_constant_time("Bearer ab", "Bearer abc"));
  EXPECT_FALSE(equal_in_constant_time("", "Bearer abc"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
}

}  // namespace
}  // namespace hilum
