#include "datasets/readers/class_numbers.h"

#include "base/error.h"

namespace hilum {

void ClassNumbers::add(const std::string& source, int64_t id, const std::string& name) {
  invariant(id >= 0, "a class has an id of at least 0");
  const auto [at, is_new] = classes_.try_emplace(source);
  if (is_new) sources_.push_back(source);
  at->second.try_emplace(id, name);
}

const std::map<int64_t, std::string>& ClassNumbers::classes(const std::string& source) const {
  const auto found = classes_.find(source);
  invariant(found != classes_.end(), "the source was added");
  return found->second;
}

int64_t ClassNumbers::number(const std::string& source, int64_t id) const {
  int64_t offset = 1;
  for (const std::string& before : sources_) {
    if (before == source) break;
    offset += classes(before).rbegin()->first + 1;
  }
  return offset + id;
}

const std::string& ClassNumbers::name(const std::string& source, int64_t id) const {
  const auto found = classes(source).find(id);
  invariant(found != classes(source).end(), "the class was added");
  return found->second;
}

std::vector<std::string> ClassNumbers::names() const {
  std::vector<std::string> all;
  for (const std::string& source : sources_)
    for (const auto& [id, name] : classes(source)) all.push_back(name);
  return all;
}

}  // namespace hilum
