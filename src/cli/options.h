// The option table: every option of every subcommand is declared once, here as data, and parsing, checking, --help and
// the docs page come from that. Unknown options are errors that name the nearest known one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hilum {

enum class OptionKind { kFlag, kText, kInt, kReal };

struct OptionSpec {
  std::string name;  // "--max-new-tokens"; a positional argument has no dashes
  OptionKind kind = OptionKind::kText;
  std::string value;      // what stands for the value in help: "N", "FILE"
  std::string help;       // one line; unit included
  std::string fallback;   // default, printed in help; empty: none
  bool repeated = false;  // may be given several times
  bool required = false;
  double min = -1e18, max = 1e18;    // numbers outside are refused
  std::vector<std::string> choices;  // texts outside are refused
  std::string environment;           // variable read when the option is absent
};

// What was given, or the defaults. Asking for an option the table does not have is an invariant.
class OptionValues {
 public:
  bool flag(const std::string& name) const { return !all(name).empty(); }
  std::string text(const std::string& name) const;                  // empty if absent without default
  std::optional<std::string> maybe(const std::string& name) const;  // no value if not given and no default
  int64_t integer(const std::string& name) const;
  double real(const std::string& name) const;
  const std::vector<std::string>& all(const std::string& name) const;

  void set(const std::string& name, std::vector<std::string> values) { values_[name] = std::move(values); }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

struct Command {
  std::string name;  // "report", or two words: "eval reports"
  std::string summary;
  std::vector<OptionSpec> options;            // positionals first
  int (*run)(const OptionValues&) = nullptr;  // null: part of the contract, not in this version
  std::string notes;                          // printed under the options of --help
};

// Parses argv against the table and runs the command. Returns the exit code; errors are printed by the caller.
// Throws Error for bad usage; prints help and returns 0 for --help and --version.
int run_command_line(const std::vector<Command>& commands, int argc, const char* const* argv);

// The options page docs/options.md, generated from the table.
std::string options_page(const std::vector<Command>& commands);

}  // namespace hilum
