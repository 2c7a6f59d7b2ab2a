// Who listens on a port of this machine.
#pragma once

#include <string>

namespace hilum {

// "hilum (process 1234)"; "a program of another user" where its name cannot be seen; "" where nobody listens, or where
// the system has no /proc.
std::string port_holder(int port);

}  // namespace hilum
