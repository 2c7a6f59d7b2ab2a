#include "base/toml.h"

#include "base/error.h"

namespace hilum {

void toml_check_failed() { throw Error("TOML", "malformed key or value", "Check the file's syntax."); }

namespace {

// TOML allows characters past ASCII in strings and comments alone. Where the text is malformed this walk may lose its place, but only behind
// the point where toml++ stops.
void check_ascii_outside_strings(std::string_view text, const std::string& where) {
  size_t line = 1;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (static_cast<unsigned char>(c) >= 0x80)
      throw Error(where, "line " + std::to_string(line) + " has a character past ASCII outside of quotes", "Quote the key or value.");
    if (c == '#') {
      while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
    } else if (c == '"' || c == '\'') {
      const std::string_view triple = c == '"' ? "\"\"\"" : "'''";
      const bool is_long = text.substr(i, 3) == triple;
      for (i += is_long ? 3 : 1; i < text.size(); ++i) {
        if (text[i] == '\n') {
          if (!is_long) break;              // malformed: the string was not closed on its line
          ++line;
        }
        if (c == '"' && text[i] == '\\') ++i;
        else if (is_long ? text.substr(i, 3) == triple : text[i] == c) break;
      }
      if (is_long) i += 2;
      else if (i < text.size() && text[i] == '\n') ++line;
    }
  }
}

}  // namespace

toml::table parse_toml(std::string_view text, const std::string& where) {
  check_ascii_outside_strings(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text, where);
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& e) {
    throw Error(where, "not valid TOML, line " + std::to_string(e.source().begin.line) + " (" + std::string(e.description()) + ")");
  } catch (const Error& e) {
    throw e.within(where);
  }
}

}  // namespace hilum
