// Typed look-ups in a JSON object from outside. Every error names the object and the key; null counts as absent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace hilum {

// How a value of the wrong type is spoken of.
enum class JsonWords {
  kPlace,  // `tokenizer.json: model: type: is not a string`
  kSeen,   // `config.json: "hidden_size" is "wide", wanted a whole number`
};

class JsonFields {
 public:
  // `where` names the file and the part, e.g. "config.json: vision_config". The JSON must outlive this. Throws Error
  // when it is not an object.
  JsonFields(const Json& object, std::string where, JsonWords words = JsonWords::kPlace);

  const Json& json() const { return *json_; }
  const std::string& where() const { return where_; }
  std::string place(const char* key) const { return where_ + ": " + key; }
  bool has(const char* key) const;  // present and not null

  // Required.
  const Json& member(const char* key) const;
  std::string text(const char* key) const;
  int64_t whole(const char* key) const;

  // `absent` where there is none.
  std::string text(const char* key, const std::string& absent) const;
  int64_t whole(const char* key, int64_t absent) const;
  // 0 .. max, or from -max where `absent` is negative. The limit keeps products of sizes inside 64 bits.
  int integer(const char* key, int absent, int max = 1 << 24) const;
  float real(const char* key, float absent) const;  // finite
  bool flag(const char* key, bool absent) const;

  // Empty where there is none.
  std::vector<std::string> texts(const char* key) const;
  std::vector<int> integers(const char* key) const;  // a number or a list of them
  std::vector<double> reals(const char* key) const;  // finite
  JsonFields part(const char* key) const;            // a nested object; an Error when it is something else

 private:
  const Json* find(const char* key) const;
  [[noreturn]] void wrong(const char* key, const std::string& wanted) const;
  std::string text_of(const char* key, const Json& value) const;
  int64_t whole_of(const char* key, const Json& value) const;

  const Json* json_;
  std::string where_;
  JsonWords words_;
};

}  // namespace hilum
