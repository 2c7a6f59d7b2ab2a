// Errors as OpenAI's and Hilum's own routes give them: {"error":{"message","type","param","code"}}.
#pragma once

#include <string>

#include "serve/wire/reply.h"

namespace hilum {

// 400 and other 4xx: invalid_request_error; 401 authentication_error; 403 permission_error; 404 not_found_error; 429
// rate_limit_error; 501 not_supported_error; 503 unavailable_error; other 5xx: server_error (names: llama-server,
// OpenAI).
std::string openai_error_type(int status);

// An empty param or code is null.
std::string openai_error_json(
    int status, const std::string& message, const std::string& param = "", const std::string& code = "");

Reply openai_error(int status, const std::string& message, const std::string& param = "", const std::string& code = "");
Reply openai_error(const Error& error);
std::string openai_error_json(const Error& error);  // for the one event that ends a broken stream

}  // namespace hilum
