// An empty folder of a test's own, removed with this. No two are the same, in one process or in several: tests run side
// by side.
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "base/file.h"

namespace hilum {

struct TempFolder {
  TempFolder() {
    std::string name = (fs::temp_directory_path() / "hilum_test_XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder " + name);
    path = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  operator const fs::path&() const { return path; }
  friend fs::path operator/(const TempFolder& folder, const fs::path& name) { return folder.path / name; }

  fs::path path;
};

}  // namespace hilum
