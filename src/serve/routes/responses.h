// OpenAI's responses, from read request to answer.
#pragma once

#include "serve/http/http.h"
#include "serve/service.h"
#include "serve/wire/openai_chat.h"

namespace hilum {

// `asked`: of read_responses(). Throws RequestError.
HttpAnswer answer_responses(Service& service, const ChatRequest& asked, const HttpRequest& request);

}  // namespace hilum
