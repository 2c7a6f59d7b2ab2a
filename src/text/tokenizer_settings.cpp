#include <charconv>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "text/text_length.h"
#include "text/vocab_files.h"

namespace hilum {
namespace {

constexpr size_t kMaxAdded = 20'000;  // each is compared with all before it

AddedToken token_of(const JsonFields& fields, bool special) {
  AddedToken token;
  token.content = fields.text("content");
  check(!token.content.empty(), fields.where().c_str(), "the token's content is empty");
  token.special = fields.flag("special", special);
  token.lstrip = fields.flag("lstrip", false);
  token.rstrip = fields.flag("rstrip", false);
  token.single_word = fields.flag("single_word", false);
  token.normalized = fields.flag("normalized", !token.special);
  return token;
}

int32_t id_of(int64_t value, const std::string& where) {
  check(value >= 0 && value <= kMaxTokenId, where.c_str(),
      "token id " + std::to_string(value) + " is outside 0.." + std::to_string(kMaxTokenId));
  return static_cast<int32_t>(value);
}

// The first mention of a token counts; one without an id takes it from a later one.
void add(TokenizerSettings& settings, AddedToken token, const std::string& where) {
  for (AddedToken& known : settings.added) {
    if (known.content != token.content) continue;
    if (known.id < 0) known.id = token.id;
    check(token.id < 0 || known.id == token.id, where.c_str(),
        "token \"" + token.content + "\" has the ids " + std::to_string(known.id) + " and " + std::to_string(token.id));
    return;
  }
  check(settings.added.size() < kMaxAdded, where.c_str(),
      "names more than " + std::to_string(kMaxAdded) + " added tokens");
  settings.added.push_back(std::move(token));
}

// "cls_token": "[CLS]", or an object with the token's flags.
void read_names(const JsonFields& fields, TokenizerSettings& settings) {
  const std::pair<const char*, std::string*> names[] = {{"unk_token", &settings.unk}, {"bos_token", &settings.bos},
      {"eos_token", &settings.eos}, {"pad_token", &settings.pad}, {"cls_token", &settings.cls},
      {"sep_token", &settings.sep}, {"mask_token", &settings.mask}};
  for (const auto& [name, content] : names) {
    if (!content->empty() || !fields.has(name)) continue;
    const Json& value = fields.member(name);
    if (value.is_object()) {
      AddedToken token = token_of(JsonFields(value, fields.place(name)), true);
      token.special = true;
      *content = token.content;
      add(settings, std::move(token), fields.place(name));
    } else {
      *content = fields.text(name);
      check(!content->empty(), fields.place(name).c_str(), "is empty");
    }
  }
}

void read_config(const JsonFields& fields, TokenizerSettings& settings) {
  settings.tokenizer_class = fields.text("tokenizer_class", "");
  settings.do_lower_case = fields.flag("do_lower_case", true);
  settings.tokenize_chinese_chars = fields.flag("tokenize_chinese_chars", true);
  settings.add_prefix_space = fields.flag("add_prefix_space", false);
  if (fields.has("legacy")) settings.legacy = fields.flag("legacy", true);
  if (fields.has("strip_accents")) settings.strip_accents = fields.flag("strip_accents", false);
  if (fields.has("model_max_length")) {
    const Json& length = fields.member("model_max_length");
    check(length.is_number() && length.get<double>() >= 1, fields.place("model_max_length").c_str(),
        "is not a number above 0");
    if (length.get<double>() <= kMaxTextLength)
      settings.max_length = static_cast<int>(length.get<double>());  // 1e30 means none
  }
  if (!fields.has("added_tokens_decoder")) return;
  const std::string place = fields.place("added_tokens_decoder");
  const Json& decoder = fields.member("added_tokens_decoder");
  check(decoder.is_object(), place.c_str(), "is not a JSON object");
  for (const auto& [key, value] : decoder.items()) {
    int64_t id = -1;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    check(error == std::errc() && end == key.data() + key.size(), place.c_str(), "\"" + key + "\" is no token id");
    AddedToken token = token_of(JsonFields(value, place + ": " + key), false);
    token.id = id_of(id, place);
    add(settings, std::move(token), place);
  }
}

}  // namespace

TokenizerSettings read_tokenizer_settings(
    const Json& config, const Json& special_map, const Json& added_tokens, const std::string& where) {
  TokenizerSettings settings;
  if (!config.is_null()) {
    const JsonFields fields(config, where + ": tokenizer_config.json");
    read_config(fields, settings);
    read_names(fields, settings);
  }
  if (!special_map.is_null()) read_names(JsonFields(special_map, where + ": special_tokens_map.json"), settings);
  if (!added_tokens.is_null()) {
    const JsonFields fields(added_tokens, where + ": added_tokens.json");
    for (const auto& [content, id] : added_tokens.items()) {
      check(!content.empty(), fields.where().c_str(), "holds a token without content");
      AddedToken token;
      token.content = content;
      token.id = id_of(fields.whole(content.c_str()), fields.place(content.c_str()));
      add(settings, std::move(token), fields.where());
    }
  }
  return settings;
}

}  // namespace hilum
