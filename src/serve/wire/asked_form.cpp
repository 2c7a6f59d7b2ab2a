#include "serve/wire/asked_form.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "serve/wire/json_limits.h"

namespace hilum {
namespace {

using Kind = AskedForm::Kind;
constexpr size_t kMaxChoices = 1000, kMaxChoiceBytes = 4096;
constexpr const char* kInstead = "Use response_format with a json_schema, guided_regex or guided_choice.";

// An object, or its JSON as a string.
AskedForm schema_of(const JsonField& schema) {
  if (schema.is_text())
    return {.kind = Kind::kJsonSchema, .text = schema.text(), .choices = {}, .where = schema.path()};
  return {
      .kind = Kind::kJsonSchema, .text = json_line(schema.need_object().json()), .choices = {}, .where = schema.path()};
}

AskedForm pattern_of(const JsonField& pattern) {
  return {.kind = Kind::kPattern, .text = pattern.text(), .choices = {}, .where = pattern.path()};
}

AskedForm choices_of(const JsonField& list) {
  AskedForm form{.kind = Kind::kChoice, .text = "", .choices = {}, .where = list.path()};
  if (list.need_array().size() < 1 || list.size() > kMaxChoices)
    list.fail(fmt::format("holds {} choices, not 1 to {}", list.size(), kMaxChoices));
  for (size_t i = 0; i < list.size(); ++i) {
    form.choices.push_back(list.at(i).text(kMaxChoiceBytes));
    if (form.choices.back().empty()) list.at(i).fail("is empty");
  }
  return form;
}

AskedForm object_form(const JsonField& field) {
  return {.kind = Kind::kJsonObject, .text = "", .choices = {}, .where = field.path()};
}

[[noreturn]] void refuse_form(const JsonField& field) {
  field.refuse(400, "is a form that answers cannot be held to here", kInstead, "unsupported_form");
}

AskedForm read_structured_outputs(const JsonField& outputs) {
  AskedForm form;
  for (const auto& [key, value] : outputs.need_object().json().items()) {
    const auto field = outputs.find(key.c_str());
    if (!field || (value.is_boolean() && !field->truth())) continue;
    if (key.starts_with("disable_") || key == "backend" || key == "_backend") continue;  // how, not what
    if (form.kind != Kind::kFree) field->fail("is a second form beside " + form.where, "Ask for one.");
    if (key == "json") form = schema_of(*field);
    else if (key == "regex") form = pattern_of(*field);
    else if (key == "choice") form = choices_of(*field);
    else if (key == "json_object") form = object_form(*field);
    else refuse_form(*field);
  }
  return form;
}

bool is_something(const Json& value) {
  return value.is_string()    ? !value.get_ref<const std::string&>().empty()
         : value.is_boolean() ? value.get<bool>()
                              : !value.is_null() && !(value.is_structured() && value.empty());
}

// "none" and "auto" leave it to the model; anything else wants a call.
void check_choice(const JsonField& choice) {
  const auto is_free = [](const std::string& word) { return word == "none" || word == "auto"; };
  if (choice.is_text() && is_free(choice.text(64))) return;
  if (choice.is_object())
    if (const auto inner = choice.find("allowed_tools"); inner || choice.find("mode")) {
      const auto mode = (inner ? *inner : choice).find("mode");
      if (!mode || is_free(mode->text(64))) return;
    }
  choice.refuse(400, "wants a tool to be called, and the models here call none",
      "Leave it out, or send \"auto\" or \"none\": the answer is text.", "unsupported_tool_choice");
}

}  // namespace

AskedForm read_response_format(const JsonField& format) {
  const JsonField type = format.need("type");
  const std::string name = type.text(32);
  if (name == "text") return {};
  if (name == "json_object") {
    const auto schema = format.find("schema");
    return schema ? schema_of(*schema) : object_form(format);
  }
  if (name == "json_schema") {
    const JsonField holder =
        format.find("json_schema") ? format.need("json_schema") : format;  // some clients leave the middle out
    return schema_of(holder.need("schema"));
  }
  if (name == "grammar" || name == "regex" || name == "structural_tag" || name == "ebnf") refuse_form(type);
  type.fail("is a format that is not known", "text, json_object and json_schema are.");
}

AskedForm read_asked_form(const JsonField& root) {
  AskedForm form;
  const auto add = [&](const char* key, AskedForm (*read)(const JsonField&)) {
    const auto field = root.find(key);
    if (!field || !is_something(field->json())) return;
    AskedForm one = read(*field);
    if (one.kind == Kind::kFree) return;
    if (form.kind != Kind::kFree) field->fail("is a second form beside " + form.where, "Ask for one.");
    form = std::move(one);
  };
  add("response_format", read_response_format);
  add("json_schema", schema_of);
  add("guided_json", schema_of);
  add("guided_regex", pattern_of);
  add("regex", pattern_of);
  add("guided_choice", choices_of);
  add("structured_outputs", read_structured_outputs);
  for (const char* key : {"grammar", "guided_grammar", "ebnf", "structural_tag", "guided_whitespace_pattern"})
    add(key, [](const JsonField& field) -> AskedForm { refuse_form(field); });
  return form;
}

std::vector<std::string> read_not_done(const JsonField& root) {
  std::vector<std::string> warnings;
  const auto asked = [&](const char* key) {
    auto field = root.find(key);
    if (field && !is_something(field->json())) field.reset();
    return field;
  };
  for (const char* key : {"tool_choice", "function_call"})
    if (const auto choice = asked(key)) check_choice(*choice);
  for (const char* key : {"tools", "functions"})
    if (asked(key)) warnings.push_back(fmt::format("{}: the models here call none; the answer is text", key));
  for (const char* key :
      {"logit_bias", "bad_words", "allowed_token_ids", "stop_token_ids", "stop_regex", "audio", "ignore_eos"})
    if (const auto field = asked(key)) field->refuse(400, "is not supported", "Leave it out.", "unsupported_parameter");
  for (const char* key : {"min_tokens", "min_new_tokens"})
    if (const auto least = asked(key); least && least->number(0, 1e9) > 0)
      least->refuse(400, "is not supported", "Leave it out.", "unsupported_parameter");
  if (const auto kinds = asked("modalities"))
    for (size_t i = 0; i < kinds->need_array().size(); ++i)
      if (kinds->at(i).text(64) != "text")
        kinds->at(i).refuse(400, "is not written here", "The models write text.", "unsupported_parameter");
  const auto penalty = [&](const char* key, double neutral) {
    if (const auto field = asked(key); field && field->number(-1e9, 1e9) != neutral)
      warnings.push_back(fmt::format("{}: is not applied", key));
  };
  penalty("presence_penalty", 0);
  penalty("frequency_penalty", 0);
  penalty("repetition_penalty", 1);
  penalty("repeat_penalty", 1);
  penalty("min_p", 0);
  return warnings;
}

}  // namespace hilum
