#include "cli/options.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/environment.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/version.h"
#include "cli/options_file.h"

namespace hilum {
namespace {

bool positional(const OptionSpec& option) { return option.name[0] != '-'; }

// "report FRONTAL [options]"
std::string usage_line(const Command& command) {
  std::string line = "hilum " + command.name;
  for (const OptionSpec& option : command.options)
    if (positional(option))
      line +=
          (option.required ? " " : " [") + option.value + (option.repeated ? "..." : "") + (option.required ? "" : "]");
  return line + " [options]";
}

std::string option_left(const OptionSpec& option) {
  return positional(option) ? option.value : option.value.empty() ? option.name : option.name + " " + option.value;
}

std::string option_right(const OptionSpec& option) {
  std::string text = option.help;
  if (!option.choices.empty()) text += fmt::format(": {}", fmt::join(option.choices, ", "));
  if (!option.fallback.empty()) text += " (default " + option.fallback + ")";
  if (!option.environment.empty()) text += " [" + option.environment + "]";
  if (option.repeated && !positional(option)) text += "; may be repeated";
  return text;
}

void print_command_help(const Command& command) {
  fmt::print("{}\n\nUsage: {}\n", command.summary, usage_line(command));
  if (!command.run) fmt::print("\nPart of Hilum's contract, but not in this version.\n");
  size_t width = 0;
  for (const OptionSpec& option : command.options) width = std::max(width, option_left(option).size());
  fmt::print("\n");
  for (const OptionSpec& option : command.options)
    fmt::print("  {:<{}}  {}\n", option_left(option), width, option_right(option));
  if (!command.notes.empty()) fmt::print("\n{}\n", command.notes);
}

void print_overview(const std::vector<Command>& commands) {
  fmt::print(
      "hilum {}: a chest X-ray vision-language engine. Research use only, not a medical device.\n\nUsage: hilum "
      "COMMAND [options]\n\n",
      kVersion);
  for (const Command& command : commands)
    fmt::print("  {:<17} {}{}\n", command.name, command.summary, command.run ? "" : " (not in this version)");
  fmt::print("\n`hilum COMMAND --help` lists the options of a command with units and defaults.\n");
}

// The commands that begin with this word, "hilum search" and its like; false where the word is one itself, or none.
bool print_group(const std::vector<Command>& commands, const std::string& word) {
  std::vector<const Command*> group;
  for (const Command& command : commands) {
    if (command.name == word) return false;
    if (command.name.starts_with(word + " ")) group.push_back(&command);
  }
  if (group.empty()) return false;
  fmt::print("Usage: hilum {} COMMAND [options]\n\n", word);
  for (const Command* command : group) fmt::print("  {:<17} {}\n", command->name, command->summary);
  fmt::print("\n`hilum {} COMMAND --help` lists the options of a command.\n", word);
  return true;
}

void check_value(const OptionSpec& option, const std::string& value) {
  const std::string where = positional(option) ? option.value : option.name;
  if (!option.choices.empty() &&
      std::find(option.choices.begin(), option.choices.end(), value) == option.choices.end()) {
    const std::string near = nearest_name(value, option.choices);
    throw Error(where, "\"" + value + "\" is not one of " + fmt::format("{}", fmt::join(option.choices, ", ")),
        near.empty() ? "" : "Did you mean " + near + "?");
  }
  if (option.kind != OptionKind::kInt && option.kind != OptionKind::kReal) return;
  char* end = nullptr;
  const double number = option.kind == OptionKind::kInt ? static_cast<double>(std::strtoll(value.c_str(), &end, 10))
                                                        : std::strtod(value.c_str(), &end);
  if (value.empty() || *end != '\0')
    throw Error(where, "\"" + value + "\" is not " + (option.kind == OptionKind::kInt ? "a whole number" : "a number"),
        option.help + ".");
  if (!(number >= option.min && number <= option.max))
    throw Error(where, fmt::format("{} is outside {} to {}", value, option.min, option.max), option.help + ".");
}

// The first or first two words that name a command.
const Command& find_command(const std::vector<Command>& commands, const std::vector<std::string>& words, size_t& used) {
  for (size_t length = std::min<size_t>(2, words.size()); length >= 1; --length) {
    std::string name = words[0];
    if (length == 2) name += " " + words[1];
    for (const Command& command : commands)
      if (command.name == name) {
        used = length;
        return command;
      }
  }
  std::vector<std::string> names, second;
  for (const Command& command : commands) {
    names.push_back(command.name);
    if (command.name.starts_with(words[0] + " ")) second.push_back(command.name.substr(words[0].size() + 1));
  }
  if (!second.empty())
    throw Error(
        "hilum " + words[0], "needs one of: " + fmt::format("{}", fmt::join(second, ", ")), "See `hilum --help`.");
  const std::string near = nearest_name(words[0], names);
  throw Error("hilum", "unknown command \"" + words[0] + "\"",
      near.empty() ? "See `hilum --help`." : "Did you mean \"" + near + "\"? See `hilum --help`.");
}

OptionValues parse_options(const Command& command, std::vector<std::string> words) {
  CLI::App app;
  app.set_help_flag();
  std::map<std::string, std::vector<std::string>> texts;
  std::map<std::string, bool> flags;
  for (const OptionSpec& option : command.options) {
    if (option.kind == OptionKind::kFlag) {
      app.add_flag(option.name, flags[option.name]);
    } else {
      auto* added = app.add_option(option.name, texts[option.name]);
      // A positional takes all that stands free; an option takes one value each time it is named.
      if (positional(option) && option.repeated) added->expected(0, 1 << 20);
      else
        added->expected(1)->allow_extra_args(false)->multi_option_policy(
            option.repeated ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::Throw);
    }
  }
  std::reverse(words.begin(), words.end());  // CLI11 takes them last first
  try {
    app.parse(words);
  } catch (const CLI::ExtrasError&) {
    std::vector<std::string> names;
    for (const OptionSpec& option : command.options) names.push_back(option.name);
    for (auto word = words.rbegin(); word != words.rend(); ++word) {
      const std::string name = word->substr(0, word->find('='));
      if (name.starts_with("-") && std::find(names.begin(), names.end(), name) == names.end()) {
        const std::string near = nearest_name(name, names);
        throw Error("hilum " + command.name, "unknown option \"" + name + "\"",
            near.empty() ? "See `hilum " + command.name + " --help`." : "Did you mean " + near + "?");
      }
    }
    throw Error("hilum " + command.name, "more arguments than it takes", "Usage: " + usage_line(command));
  } catch (const CLI::ParseError& e) {
    throw Error("hilum " + command.name, e.what(), "See `hilum " + command.name + " --help`.");
  }

  std::map<std::string, std::vector<std::string>>
      from_file;  // of --config, where the command has it: what is said elsewhere goes before it
  if (const auto named = texts.find("--config"); named != texts.end()) {
    const auto of_table = std::find_if(command.options.begin(), command.options.end(),
        [](const OptionSpec& option) { return option.name == "--config"; });
    const char* set = of_table->environment.empty() ? nullptr : environment(of_table->environment.c_str());
    if (!named->second.empty()) from_file = read_options_file(named->second[0], command);
    else if (set && *set) from_file = read_options_file(set, command);
  }
  OptionValues values;
  for (const OptionSpec& option : command.options) {
    std::vector<std::string> given;
    if (option.kind == OptionKind::kFlag && flags[option.name]) given.emplace_back("true");
    if (option.kind != OptionKind::kFlag) given = texts[option.name];
    if (given.empty() && !option.environment.empty())
      if (const char* set = environment(option.environment.c_str()); set && *set) given = {set};
    if (given.empty())
      if (const auto found = from_file.find(option.name); found != from_file.end()) given = found->second;
    if (option.kind == OptionKind::kFlag) {
      check(given.empty() || given[0] == "true" || given[0] == "false", option.name.c_str(),
          "is set to something that is neither true nor false");
      if (!given.empty() && given[0] == "false") given.clear();
    } else {
      if (given.empty() && !option.fallback.empty() && option.fallback[0] != '(') given = {option.fallback};
      for (const std::string& value : given) check_value(option, value);
    }
    if (option.required && given.empty())
      throw Error("hilum " + command.name, option_left(option) + " is missing", "Usage: " + usage_line(command));
    values.set(option.name, std::move(given));
  }
  return values;
}

}  // namespace

const std::vector<std::string>& OptionValues::all(const std::string& name) const {
  const auto found = values_.find(name);
  invariant(found != values_.end(), ("an option of the table: " + name).c_str());
  return found->second;
}

std::optional<std::string> OptionValues::maybe(const std::string& name) const {
  const auto& given = all(name);
  if (given.empty()) return std::nullopt;
  return given.front();
}

std::string OptionValues::text(const std::string& name) const { return maybe(name).value_or(""); }
int64_t OptionValues::integer(const std::string& name) const { return std::strtoll(text(name).c_str(), nullptr, 10); }
double OptionValues::real(const std::string& name) const { return std::strtod(text(name).c_str(), nullptr); }

int run_command_line(const std::vector<Command>& commands, int argc, const char* const* argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_overview(commands);
    return words.empty() ? 2 : 0;
  }
  if (words[0] == "--version") {
    fmt::print("hilum {}\n", kVersion);
    return 0;
  }
  if (words.size() > 1 && (words[1] == "--help" || words[1] == "-h") && print_group(commands, words[0])) return 0;
  size_t used = 0;
  const Command& command = find_command(commands, words, used);
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(used));
  for (const std::string& word : words)
    if (word == "--help" || word == "-h") {
      print_command_help(command);
      return 0;
    }
  if (!command.run) throw Error("hilum " + command.name, "not in this version", "`hilum --help` lists what is.");
  return command.run(parse_options(command, std::move(words)));
}

std::string options_page(const std::vector<Command>& commands) {
  std::string page = "# Options\n\nGenerated from the option tables by `hilum options`; do not edit.\n";
  for (const Command& command : commands) {
    page += "\n## hilum " + command.name + "\n\n" + command.summary + (command.run ? "" : " (Not in this version.)") +
            "\n\n";
    page += "`" + usage_line(command) + "`\n\n| option | meaning |\n|---|---|\n";
    for (const OptionSpec& option : command.options) {
      std::string right = option_right(option);
      for (size_t at = 0; (at = right.find('|', at)) != std::string::npos; at += 2) right.insert(at, "\\");
      page += "| `" + option_left(option) + "` | " + right + " |\n";
    }
    if (!command.notes.empty()) page += "\n" + command.notes + "\n";
  }
  return page;
}

}  // namespace hilum
