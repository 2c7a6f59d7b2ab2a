#include "engine/answer/label_answer.h"

#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/json.h"
#include "data/study.h"

namespace hilum {
namespace {

enum class State { kPresent = 1, kAbsent = 0, kUncertain = -1, kNone = 2, kWrong = 3 };

State state_of(const Json& value) {
  if (value.is_null()) return State::kNone;
  if (value.is_boolean()) return value.get<bool>() ? State::kPresent : State::kAbsent;
  if (value.is_number() && (value == 1 || value == 0 || value == -1)) return static_cast<State>(value.get<int>());
  if (!value.is_string()) return State::kWrong;
  static const std::map<std::string, State> kWords = {{"present", State::kPresent}, {"yes", State::kPresent},
      {"1", State::kPresent}, {"absent", State::kAbsent}, {"no", State::kAbsent}, {"0", State::kAbsent},
      {"uncertain", State::kUncertain}, {"-1", State::kUncertain}, {"not mentioned", State::kNone}, {"", State::kNone}};
  const auto at = kWords.find(lower_ascii(value.get<std::string>()));
  return at == kWords.end() ? State::kWrong : at->second;
}

// From the first "{" to the last "}"; the parser says whether that is an object.
std::optional<Json> object_in(const std::string& text, std::string& trouble) {
  const size_t begin = text.find('{'), end = text.rfind('}');
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    trouble = "holds no JSON object";
    return std::nullopt;
  }
  try {
    return parse_json(text.substr(begin, end - begin + 1), "the answer");
  } catch (const Error& error) {
    trouble = error.what();
    return std::nullopt;
  }
}

}  // namespace

std::map<std::string, int> labels_in_answer(const std::string& text, std::vector<std::string>& warnings) {
  std::map<std::string, int> labels;
  std::string trouble;
  const std::optional<Json> object = object_in(text, trouble);
  if (!object || !object->is_object()) {
    warnings.push_back(
        "no labels could be read from the answer: it " + (trouble.empty() ? "holds no JSON object" : trouble));
    return labels;
  }
  std::vector<std::string> missing;
  std::map<std::string, std::string> named;  // lower case -> as CheXpert writes it
  for (const std::string& name : kChexpertLabels) named[lower_ascii(name)] = name;
  std::set<std::string> seen;
  for (const auto& [key, value] : object->items()) {
    const auto name = named.find(lower_ascii(key));
    if (name == named.end()) {
      warnings.push_back("the answer names \"" + key + "\", which is none of the 14 findings");
      continue;
    }
    seen.insert(name->second);
    const State state = state_of(value);
    if (state == State::kWrong)
      warnings.push_back("the answer gives " + name->second + " the state " +
                         value.dump(-1, ' ', false, Json::error_handler_t::replace));
    else if (state != State::kNone) labels[name->second] = static_cast<int>(state);
  }
  for (const std::string& name : kChexpertLabels)
    if (!seen.contains(name)) missing.push_back(name);
  if (!missing.empty()) warnings.push_back(fmt::format("the answer leaves out {}", fmt::join(missing, ", ")));
  return labels;
}

}  // namespace hilum
