// The main of every test executable: GoogleTest's, with a temporary folder of its own for each process. ctest runs
// every TEST as a process, as many at once as there are cores, so a name that is fixed in a test must not meet the same
// name in another.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  std::string folder = std::filesystem::temp_directory_path() / "hilum_test_XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    std::cerr << "tests: cannot make a folder like " << folder << "; name a folder that can be written to in TMPDIR\n";
    return 1;
  }
  setenv("TMPDIR", folder.c_str(), 1);               // std::filesystem::temp_directory_path(), child processes
  setenv("TEST_TMPDIR", (folder + "/").c_str(), 1);  // testing::TempDir()
  const int status = RUN_ALL_TESTS();
  std::error_code ignored;  // a folder that stays behind fails no test
  std::filesystem::remove_all(folder, ignored);
  return status;
}
