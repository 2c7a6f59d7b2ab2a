#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "engine/torch_plugin.h"

namespace hilum {
namespace {

TEST(TorchLoader, AbsentLibraryIsAnErrorThatSaysWhatToInstall) {
  setenv("HILUM_TORCH_LIBRARY", "/no/such/libhilum_torch.so", 1);
  const Error error = expect_error([&] { torch_plugin(); });
  EXPECT_NE(std::string(error.what()).find("/no/such/libhilum_torch.so"), std::string::npos);
  EXPECT_NE(error.mend().find("libtorch-dev"), std::string::npos);
}

TEST(TorchLoader, AnotherFileIsRefused) {
  setenv("HILUM_TORCH_LIBRARY", "/proc/self/exe", 1);
  EXPECT_THROW(torch_plugin(), Error);
}

}  // namespace
}  // namespace hilum
