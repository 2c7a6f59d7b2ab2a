// A little data set on disk for a test, removed with it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/temp_folder_for_test.h"
#include "datasets/readers/read_dataset.h"
#include "image/encode.h"

namespace hilum {

class TestFolder {
 public:
  const fs::path& root() const { return root_.path; }
  TestFolder& text(const fs::path& name, std::string_view content) {
    write_file(root_ / name, content);
    return *this;
  }
  TestFolder& picture(const fs::path& name, int width = 4, int height = 4) {
    Image image{.width = width, .height = height, .channels = 1, .bits = 8};
    image.data8.assign(static_cast<size_t>(width) * static_cast<size_t>(height), 128);
    fs::create_directories((root_ / name).parent_path());
    write_png(root_ / name, image);
    return *this;
  }
  // What need not be decoded.
  TestFolder& file(const fs::path& name) { return text(name, "x"); }
  Dataset read(const std::string& dataset, const DatasetOptions& options = {}) const {
    return read_dataset(dataset, root_, options);
  }

 private:
  TempFolder root_;
};

inline const Study& study_named(const Dataset& set, const std::string& id) {
  for (const SourceStudy& s : set.studies)
    if (s.study.study_id == id) return s.study;
  static const Study kNone;
  ADD_FAILURE() << "no study " << id;
  return kNone;
}

// The first problem whose reason holds `part`; row 0 and empty if none.
inline DatasetProblem problem_with(const Dataset& set, const std::string& part) {
  for (const DatasetProblem& p : set.problems)
    if (p.reason.find(part) != std::string::npos) return p;
  ADD_FAILURE() << "no problem speaks of '" << part << "' in:\n" << problems_csv(set.problems);
  return {};
}

inline int64_t count_of(const Dataset& set, const std::string& what) {
  for (const auto& [name, count] : set.counts)
    if (name == what) return count;
  return 0;
}

}  // namespace hilum
