// Server-sent events (WHATWG HTML, section 9.2): what a streamed answer is made of.
#pragma once

#include <string>
#include <string_view>

namespace hilum {

inline constexpr const char* kEventStream = "text/event-stream";

// "data: ...\n\n", with "event: name\n" before it where there is a name. Line breaks in `data` become lines of their
// own.
std::string sse_event(std::string_view data, std::string_view name = "");

// ": ping\n\n": keeps an idle stream open, and readers pass over it.
std::string sse_comment(std::string_view text);

}  // namespace hilum
