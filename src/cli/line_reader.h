// A person's lines at the terminal, with editing and history (libedit), or plain lines where no one sits there.
#pragma once

#include <optional>
#include <string>

namespace hilum {

class LineReader {
 public:
  LineReader();
  bool interactive() const { return interactive_; }
  // The next line without its end; nothing at the end of the input. Interactive: shown behind `prompt`, kept in the
  // history.
  std::optional<std::string> next(const char* prompt);

 private:
  bool interactive_;
};

}  // namespace hilum
