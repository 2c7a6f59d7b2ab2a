#include "serve/http/port_holder.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hilum {
namespace {

TEST(PortHolder, NamesTheProcessThatListens) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  socklen_t length = sizeof address;
  ASSERT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const int port = ntohs(address.sin_port);
  EXPECT_EQ(port_holder(port), "") << "bound, and nobody listens yet";
  ASSERT_EQ(::listen(socket, 1), 0);
  EXPECT_THAT(port_holder(port), testing::EndsWith(" (process " + std::to_string(::getpid()) + ")"));
  ::close(socket);
  EXPECT_EQ(port_holder(port), "");
}

}  // namespace
}  // namespace hilum
