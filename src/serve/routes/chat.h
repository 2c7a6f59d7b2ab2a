// Chat completions in OpenAI's form, from read request to answer.
#pragma once

#include "serve/http/http.h"
#include "serve/service.h"
#include "serve/wire/openai_chat.h"

namespace hilum {

// A question about the pictures of the dialogue (chat_run.h). Throws RequestError.
HttpAnswer answer_chat(Service& service, const ChatRequest& asked, const HttpRequest& request);
// The same as one text, in the form of completions.
HttpAnswer answer_prompt(Service& service, const ChatRequest& asked, const HttpRequest& request);

}  // namespace hilum
