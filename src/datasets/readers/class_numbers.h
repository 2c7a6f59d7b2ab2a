// Numbers of the classes of several sources, none of them shared: what label-aware contrast holds against each other.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hilum {

// A class' number is its id within its source plus the source's offset. The first source met has the offset 1, each
// further one that of the source before plus that one's number of classes (its largest id + 1). 0 stays free: it means
// a text of its own. As MedImageInsight's training has it.
class ClassNumbers {
 public:
  // The first name of an id stays. Ids are at least 0.
  void add(const std::string& source, int64_t id, const std::string& name);
  // Of a class that was added. The offsets hold once all were.
  int64_t number(const std::string& source, int64_t id) const;
  const std::string& name(const std::string& source, int64_t id) const;
  // Of all sources, in the order of their numbers.
  std::vector<std::string> names() const;

 private:
  const std::map<int64_t, std::string>& classes(const std::string& source) const;

  std::vector<std::string> sources_;  // in the order met
  std::map<std::string, std::map<int64_t, std::string>> classes_;
};

}  // namespace hilum
