// One complaint about the tensors of a file: how many there are, and the first of them.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

namespace hilum {

class Complaint {
 public:
  explicit Complaint(const char* title) : title_(title) {}
  void add(std::string line) {
    ++count_;
    if (lines_.size() < 8) lines_.push_back(std::move(line));
  }
  // "\n  3 missing:\n    a\n    b\n    c", or "" where there is nothing to complain of.
  std::string text() const {
    if (count_ == 0) return "";
    std::string out = fmt::format("\n  {} {}:", count_, title_);
    for (const std::string& line : lines_) out += "\n    " + line;
    if (count_ > lines_.size()) out += fmt::format("\n    and {} more", count_ - lines_.size());
    return out;
  }

 private:
  const char* title_;
  size_t count_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace hilum
