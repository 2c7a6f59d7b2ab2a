// A value of a request and the way to it, so that every refusal names the field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace hilum {

class JsonField {
 public:
  JsonField(const Json& json, std::string path) : json_(&json), path_(std::move(path)) {}

  const Json& json() const { return *json_; }
  const std::string& path() const { return path_; }

  // RequestError(400) at this field: "messages[0].role: is 3, not ...".
  [[noreturn]] void fail(const std::string& what, const std::string& mend = "") const;
  [[noreturn]] void refuse(int status, const std::string& what, const std::string& mend, const std::string& code) const;

  bool is_object() const;
  bool is_array() const;
  bool is_text() const;
  const JsonField& need_object() const;
  const JsonField& need_array() const;

  // Of an object. null counts as absent.
  std::optional<JsonField> find(const char* key) const;
  JsonField need(const char* key) const;
  void only(const std::vector<std::string>& known) const;  // any other key is refused with the nearest name

  // Of an array.
  size_t size() const;
  JsonField at(size_t i) const;

  std::string text(size_t max_bytes = size_t{1} << 20) const;
  const std::string& text_in_place() const;  // of any length: the value itself
  bool truth() const;
  int64_t whole(int64_t low, int64_t high) const;
  double number(double low, double high) const;

  std::string type() const;  // "a string", "a list", "null" ...

 private:
  const Json* json_;
  std::string path_;
};

}  // namespace hilum
