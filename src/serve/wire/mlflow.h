// MLflow's scoring server: POST /invocations, GET /ping, GET /version. Sheets: ecosystem 2.2, grounded-reporting 6.3.
#pragma once

#include <string>
#include <string_view>

#include "report/form/finish.h"
#include "serve/wire/openai_chat.h"
#include "serve/wire/openai_embeddings.h"
#include "serve/wire/score_table.h"

namespace hilum {

enum class InvocationKind { kTable, kChat, kPrompt, kEmbeddings };

struct Invocation {
  InvocationKind kind = InvocationKind::kTable;
  ScoreRequest table;            // of kTable: the answer is wrapped, {"predictions":[...]}
  ChatRequest chat;              // of kChat; of kPrompt as one message of the user. The answer is not wrapped.
  EmbeddingsRequest embeddings;  // of kEmbeddings; not wrapped
};

// application/json: exactly one of dataframe_split, dataframe_records, instances and inputs, beside `params`; or
// `messages`, `prompt` or `input`, which are passed through. instances: a list of objects; inputs: that, or an object
// of columns. text/csv: a line of column names, then the rows; an empty cell is null. Throws RequestError, 415 for
// other types and for a charset that is not UTF-8.
Invocation read_invocation(std::string_view content_type, std::string_view body, const ChatLimits& limits = {});

Reply predictions_reply(const std::string& rows_json);  // of score_rows.h
// Of kPrompt: OpenAI's text_completion form. `id`, `created`, `model`: as for chat.
Reply completion_reply(const std::string& id, int64_t created, const std::string& model, const std::string& text,
    Finish finish, int64_t prompt_tokens, int64_t completion_tokens);

// {"error_code":"BAD_REQUEST","message":"...","stack_trace":""}: no stack is ever shown. 415 is plain text.
Reply mlflow_error(int status, const std::string& message);
Reply mlflow_error(const Error& error);

Reply mlflow_ping(bool is_loaded);  // 200 or 404, the body a single newline
Reply mlflow_version();             // Hilum's, as plain text

}  // namespace hilum
