#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "engine/torch_plugin.h"

namespace hilum {
namespace {

TEST(TorchLoader, AbsentLibraryIsAnErrorThatSaysWhatToInstall) {
  setenv("HILUM_TORCH_LIBRARY", "/no/such/libhilum_torch.so", 1);
  try {
    torch_plugin();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("/no/such/libhilum_torch.so"), std::string::npos);
    EXPECT_NE(error.mend().find("libtorch-dev"), std::string::npos);
  }
}

TEST(TorchLoader, AnotherFileIsRefused) {
  setenv("HILUM_TORCH_LIBRARY", "/proc/self/exe", 1);
  EXPECT_THROW(torch_plugin(), Error);
}

}  // namespace
}  // namespace hilum
