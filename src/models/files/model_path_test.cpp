#include "models/files/model_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"

namespace hilum {
namespace {

using testing::HasSubstr;

std::string model_path_problem(const fs::path& path) {
  return error_of([&] { check_model_path(path); });
}

TEST(ModelPath, WhatIsNoModelIsNamedForWhatItIs) {
  const TempFolder folder;
  EXPECT_NO_THROW(check_model_path(folder.path));
  EXPECT_THAT(model_path_problem(folder / "none"), HasSubstr("no such file or folder"));
  EXPECT_THAT(model_path_problem("microsoft/maira-2"), HasSubstr("not fetched from a hub"));
  EXPECT_THAT(model_path_problem("./maira-2"), HasSubstr("no such file or folder"));
  write_file(folder / "film.png", std::string("\x89PNG\r\n\x1a\n\0", 9));
  EXPECT_THAT(model_path_problem(folder / "film.png"), HasSubstr("is a PNG picture, not a model"));
  write_file(folder / "weights.pth", "PK\x03\x04");  // a torch file is a zip archive
  EXPECT_NO_THROW(check_model_path(folder / "weights.pth"));
}

}  // namespace
}  // namespace hilum
