// Typed access to the members of a JSON object from outside: every error names the place.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"

namespace hilum {

class JsonFields {
 public:
  // `where` names the object. Throws Error when it is not an object.
  JsonFields(const Json& object, std::string where);

  const std::string& where() const { return where_; }
  bool has(const char* name) const;            // present and not null
  const Json& member(const char* name) const;  // required
  std::string string(const char* name) const;  // required
  int64_t integer(const char* name) const;     // required
  bool boolean(const char* name, bool fallback) const;
  std::string string(const char* name, const std::string& fallback) const;
  int64_t integer(const char* name, int64_t fallback) const;
  std::string place(const char* name) const { return where_ + ": " + name; }

 private:
  const Json& object_;
  std::string where_;
};

}  // namespace hilum
