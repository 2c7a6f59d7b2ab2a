// The ids that stand before and behind a text ("post_processor" in tokenizer.json).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace hilum {

struct AroundText {
  std::vector<int32_t> prefix, suffix;
};

// `spec`: null, Sequence, TemplateProcessing (its form for one text), BertProcessing, RobertaProcessing, ByteLevel
// (moves offsets only, which we do not give). Throws Error naming any other type, and two that both add ids.
AroundText read_post_processor(const Json& spec, const std::string& where);

}  // namespace hilum
