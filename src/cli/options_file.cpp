#include "cli/options_file.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/toml.h"

namespace hilum {
namespace {

std::string value_text(const toml::node& node, const std::string& where, const std::string& key) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  throw Error(where, "\"" + key + "\" is not a text, a number, true or false");
}

}  // namespace

std::map<std::string, std::vector<std::string>> read_options_file(
    const std::filesystem::path& path, const Command& command) {
  const std::string where = path.string();
  const toml::table file = parse_toml(read_file(path, 1 << 20), where);
  std::map<std::string, std::vector<std::string>> values;
  for (const auto& [key, node] : file) {
    const std::string name = "--" + std::string(key.str());
    std::vector<std::string> known;
    for (const OptionSpec& option : command.options) known.push_back(option.name.substr(2));
    const auto option = std::find_if(command.options.begin(), command.options.end(),
        [&](const OptionSpec& one) { return one.name == name && name != "--config"; });
    if (option == command.options.end()) {
      const std::string near = nearest_name(name.substr(2), known);
      throw Error(where, "unknown option \"" + name.substr(2) + "\"",
          near.empty() ? "See `hilum " + command.name + " --help`." : "Did you mean " + near + "?");
    }
    std::vector<std::string>& all = values[name];
    if (const auto* list = node.as_array()) {
      check(option->repeated, where.c_str(), "\"" + name.substr(2) + "\" takes one value, not a list");
      for (const toml::node& one : *list) all.push_back(value_text(one, where, name.substr(2)));
    } else {
      all.push_back(value_text(node, where, name.substr(2)));
    }
  }
  return values;
}

}  // namespace hilum
