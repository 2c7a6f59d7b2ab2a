#include "serve/wire/openai_errors.h"

#include <nlohmann/json.hpp>

#include "serve/wire/json_limits.h"

namespace hilum {

std::string openai_error_type(int status) {
  switch (status) {
    case 401: return "authentication_error";
    case 403: return "permission_error";
    case 404: return "not_found_error";
    case 429: return "rate_limit_error";
    case 501: return "not_supported_error";
    case 503: return "unavailable_error";
    default: return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

std::string openai_error_json(
    int status, const std::string& message, const std::string& param, const std::string& code) {
  const auto word = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  return json_line({{"error",
      {{"message", message}, {"type", openai_error_type(status)}, {"param", word(param)}, {"code", word(code)}}}});
}

std::string openai_error_json(const Error& error) {
  const auto* request = dynamic_cast<const RequestError*>(&error);
  return openai_error_json(
      status_of(error), error.what(), request ? request->param() : "", request ? request->code() : "");
}

Reply openai_error(int status, const std::string& message, const std::string& param, const std::string& code) {
  Reply reply;
  reply.status = status;
  reply.body = openai_error_json(status, message, param, code);
  return reply;
}

Reply openai_error(const Error& error) {
  Reply reply;
  reply.status = status_of(error);
  reply.body = openai_error_json(error);
  return reply;
}

}  // namespace hilum
