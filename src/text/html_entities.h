// Character references of HTML in text: "&lt;", "&#215;", "&times". As Python's html.unescape resolves them, which
// follows the HTML standard (section 13.2.5.72 on, without attributes).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hilum {

// "lt" -> "<"; no value for a name that HTML does not know. `bare`: only names that stand without a semicolon too.
std::optional<std::string> html_entity(std::string_view name, bool bare = false);

// Every reference resolved once, those without a semicolon too: of "&notit;" the longest known beginning, "¬it;".
// `text` is valid UTF-8, and so is the result.
std::string html_unescape(std::string_view text);

// "name hex hex;name! hex;...": '!' behind those that stand without a semicolon.
extern const std::string_view kHtmlEntities;

// What Windows-1252 has at 0x80..0x9f; where it has nothing, the control character itself, as HTML takes it.
char32_t windows_1252(unsigned byte);

}  // namespace hilum
