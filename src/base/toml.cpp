#include "base/toml.h"

#include "base/error.h"

namespace hilum {

void toml_check_failed() { throw Error("TOML", "malformed key or value", "Check the file's syntax."); }

toml::table parse_toml(std::string_view text, const std::string& where) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& e) {
    throw Error(where,
        "not valid TOML, line " + std::to_string(e.source().begin.line) + " (" + std::string(e.description()) + ")");
  } catch (const Error& e) {
    throw e.within(where);
  }
}

}  // namespace hilum
