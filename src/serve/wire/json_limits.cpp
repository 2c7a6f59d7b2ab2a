#include "serve/wire/json_limits.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "serve/wire/reply.h"

namespace hilum {
namespace {

// Builds the value event by event. nlohmann's reader does not recurse, so that depth costs no stack before it is
// refused here.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  Builder(std::string_view body, const JsonLimits& limits) : body_(body), limits_(limits) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // JSON text has none
  bool start_object(size_t) override { return open(Json::object()); }
  bool start_array(size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    Json& object = *open_.back();
    if (object.size() >= limits_.max_keys)
      refuse(fmt::format("an object of the body has more than {} keys", limits_.max_keys));
    if (object.contains(name)) refuse("an object of the body has the same key twice", "Keep one of them.");
    key_ = std::move(name);
    return true;
  }

  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    if (error.id == 406)
      refuse(fmt::format("a number before byte {} of the body is not finite", position),
          "Numbers up to 1.7e308 are read.");
    // Python's json and JavaScript write these; the reader stops at their first letter
    const std::string_view rest = body_.substr(std::min(body_.size(), position > 0 ? position - 1 : 0));
    for (const std::string_view word : {"NaN", "Infinity"})
      if (rest.starts_with(word))
        refuse(fmt::format("byte {} of the body begins {}, which is no number of JSON", position, word),
            "Send null, or leave the value out.");
    refuse(fmt::format("the body is not JSON in UTF-8: trouble at byte {}", position));
  }

  Json take() { return std::move(root_); }

 private:
  [[noreturn]] static void refuse(const std::string& what, const std::string& mend = "") {
    throw RequestError(400, "", what, mend, "invalid_json");
  }

  Json* place(Json&& value) {
    if (++values_ > limits_.max_values) refuse(fmt::format("the body holds more than {} values", limits_.max_values));
    if (open_.empty()) return &(root_ = std::move(value));
    Json& parent = *open_.back();
    if (parent.is_array()) return &parent.emplace_back(std::move(value));
    return &(parent[key_] = std::move(value));
  }
  bool add(Json&& value) {
    place(std::move(value));
    return true;
  }
  bool open(Json&& value) {
    if (open_.size() >= static_cast<size_t>(limits_.max_depth))
      refuse(fmt::format("the body is nested deeper than {} levels", limits_.max_depth));
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view body_;
  const JsonLimits& limits_;
  Json root_;
  std::vector<Json*> open_;  // a value moves only while its parent grows, and that is when it is closed
  std::string key_;
  size_t values_ = 0;
};

}  // namespace

Json parse_body(std::string_view body, const JsonLimits& limits) {
  if (body.size() > limits.max_bytes)
    throw RequestError(413, "", fmt::format("the body has {} bytes; {} are read", body.size(), limits.max_bytes), "",
        "body_too_large");
  if (is_blank(body, kJsonBlanks)) throw RequestError(400, "", "the body is empty", "Send JSON.", "invalid_json");
  Builder builder(body, limits);
  Json::sax_parse(body.begin(), body.end(), &builder);
  return builder.take();
}

std::string json_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

int status_of(const Error& error) {
  const auto* request = dynamic_cast<const RequestError*>(&error);
  return request ? request->status() : 400;
}

}  // namespace hilum
