// Embeddings in OpenAI's form, from read request to answer.
#pragma once

#include "serve/http/http.h"
#include "serve/service.h"
#include "serve/wire/openai_embeddings.h"

namespace hilum {

// Of pictures and texts, each of length 1. Pictures are embedded several in a pass. Throws RequestError.
HttpAnswer answer_embeddings(Service& service, const EmbeddingsRequest& asked);

}  // namespace hilum
