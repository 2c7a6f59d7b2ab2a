// What every route answers with, and the errors that know their HTTP status.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace hilum {

struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // beside Content-Type
};

// X-Hilum-Demo, X-Hilum-Box-Frame and the like.
inline void add_header(Reply& reply, const std::string& name, const std::string& value) {
  reply.headers.emplace_back(name, value);
}

// A request at fault: `param` is the way to the field ("messages[0].content"), "" where it is the whole body. Each
// route writes it in its own form (openai_errors.h, azure.h, mlflow.h). An Error without a status is a 400.
class RequestError : public Error {
 public:
  RequestError(
      int http_status, const std::string& param, std::string what, std::string mend = "", std::string error_code = "")
      : Error(param.empty() ? "request" : param, std::move(what), std::move(mend)),
        status_(http_status),
        param_(param),
        code_(std::move(error_code)) {}

  // An error of another layer with the status it is answered with: its text stays.
  RequestError(int http_status, const Error& error, std::string error_code = "")
      : Error(error), status_(http_status), code_(std::move(error_code)) {}

  int status() const { return status_; }  // 4xx, or 501 for what is not supported
  const std::string& param() const { return param_; }
  const std::string& code() const { return code_; }  // a word for programs, e.g. "url_not_fetched"; may be empty

 private:
  int status_;
  std::string param_, code_;
};

// The status an error is answered with.
int status_of(const Error& error);

}  // namespace hilum
