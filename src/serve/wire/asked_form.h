// The form that a request wants its answer in, under the names that OpenAI, vLLM, SGLang and llama-server have for it,
// and what else it asks that is not done here.
#pragma once

#include <string>
#include <vector>

#include "serve/wire/json_field.h"

namespace hilum {

struct AskedForm {
  enum class Kind { kFree, kJsonObject, kJsonSchema, kPattern, kChoice };
  Kind kind = Kind::kFree;
  std::string text;                  // kJsonSchema: the schema's JSON; kPattern: the whole answer's
  std::vector<std::string> choices;  // kChoice: the answer is one of them
  std::string where;                 // the field that asked for it
};

// Of response_format (text, json_object, with or without a schema, json_schema), json_schema, guided_json,
// guided_regex, guided_choice, regex and structured_outputs {json, regex, choice, json_object}. Throws
// RequestError(400) naming the field for forms that cannot be held to (grammars, structural tags) and for a second one.
AskedForm read_asked_form(const JsonField& root);
// `holder` has "schema", or is the schema itself where a client leaves that out.
AskedForm read_response_format(const JsonField& format);

// What a request asks of tools, tokens and penalties. Throws RequestError(400) naming the field for what must hold and
// cannot: a tool that must be called, tokens that must or must not be written. The rest comes back as warnings.
std::vector<std::string> read_not_done(const JsonField& root);

}  // namespace hilum
