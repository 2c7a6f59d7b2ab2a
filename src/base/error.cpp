#include "base/error.h"

namespace hilum {
namespace {

std::string joined(const std::string& where, const std::string& what, const std::string& mend) {
  std::string text = where.empty() ? what : where + ": " + what;
  if (!text.empty() && text.back() != '.' && text.back() != '?' && text.back() != '!') text += '.';
  return mend.empty() ? text : text + " " + mend;
}

}  // namespace

Error::Error(std::string where, std::string what, std::string mend)
    : std::runtime_error(joined(where, what, mend)),
      where_(std::move(where)),
      problem_(std::move(what)),
      mend_(std::move(mend)) {}

void invariant_failed(const char* what, const char* file, int line) {
  throw std::logic_error(
      std::string("internal error: ") + what + " (" + file + ":" + std::to_string(line) + "). This is a bug in Hilum");
}

}  // namespace hilum
