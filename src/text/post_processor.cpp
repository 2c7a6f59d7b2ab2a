#include "text/post_processor.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "text/tokenizer_file.h"

namespace hilum {
namespace {

int32_t token_id(const Json& value, const std::string& where) {
  check(value.is_number_integer() && value >= 0 && value <= kMaxTokenId, where.c_str(),
      "holds something that is no token id");
  return value.get<int32_t>();
}

// [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}, ...]
void read_template(const JsonFields& fields, AroundText& out) {
  const Json& single = fields.member("single");
  check(single.is_array(), fields.place("single").c_str(), "is not a list");
  bool text_seen = false;
  for (size_t i = 0; i < single.size(); ++i) {
    const JsonFields item(single[i], fields.where() + ": single[" + std::to_string(i) + "]");
    if (item.has("Sequence")) {
      check(!text_seen, item.where().c_str(), "names the text twice");
      text_seen = true;
      continue;
    }
    const std::string name = JsonFields(item.member("SpecialToken"), item.place("SpecialToken")).text("id");
    const JsonFields specials(fields.member("special_tokens"), fields.place("special_tokens"));
    const JsonFields special(specials.member(name.c_str()), specials.place(name.c_str()));
    const Json& ids = special.member("ids");
    check(ids.is_array(), special.place("ids").c_str(), "is not a list");
    for (const Json& id : ids) (text_seen ? out.suffix : out.prefix).push_back(token_id(id, special.place("ids")));
  }
  check(text_seen, fields.place("single").c_str(), "does not say where the text goes");
}

// ["[CLS]", 101]
int32_t read_pair(const JsonFields& fields, const char* name) {
  const Json& pair = fields.member(name);
  check(pair.is_array() && pair.size() == 2 && pair[0].is_string(), fields.place(name).c_str(),
      "is not a token and its id");
  return token_id(pair[1], fields.place(name));
}

void read(const Json& spec, const std::string& where, AroundText& out, int depth) {
  if (spec.is_null()) return;
  check(depth < 8, where.c_str(), "post-processors nested too deep");
  const JsonFields fields(spec, where);
  const std::string type = fields.text("type");
  if (type == "Sequence") {
    const Json& list = fields.member("processors");
    check(list.is_array(), fields.place("processors").c_str(), "is not a list");
    for (size_t i = 0; i < list.size(); ++i)
      read(list[i], where + ": processors[" + std::to_string(i) + "]", out, depth + 1);
    return;
  }
  if (type == "ByteLevel") return;
  const bool is_template = type == "TemplateProcessing",
             is_pair = type == "BertProcessing" || type == "RobertaProcessing";
  if (!is_template && !is_pair)
    throw Error(where, "the post-processor \"" + type + "\" is not supported",
        "Supported: Sequence, TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel.");
  check(
      out.prefix.empty() && out.suffix.empty(), where.c_str(), "two templates in one post-processor are not supported");
  if (is_template) return read_template(fields, out);
  out.prefix.push_back(read_pair(fields, "cls"));
  out.suffix.push_back(read_pair(fields, "sep"));
}

}  // namespace

AroundText read_post_processor(const Json& spec, const std::string& where) {
  AroundText out;
  read(spec, where, out, 0);
  return out;
}

}  // namespace hilum
