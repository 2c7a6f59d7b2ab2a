#include "serve/wire/sse.h"

namespace hilum {

std::string sse_event(std::string_view data, std::string_view name) {
  std::string out;
  if (!name.empty()) out.append("event: ").append(name).append("\n");
  for (size_t at = 0;;) {  // CR, LF and CRLF each end a line for readers
    const size_t end = data.find_first_of("\r\n", at);
    out.append("data: ").append(data.substr(at, end == std::string_view::npos ? end : end - at)).append("\n");
    if (end == std::string_view::npos) break;
    at = end + (data.substr(end, 2) == "\r\n" ? 2 : 1);
  }
  return out + "\n";
}

std::string sse_comment(std::string_view text) { return ": " + std::string(text) + "\n\n"; }

}  // namespace hilum
