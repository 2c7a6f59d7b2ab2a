// One error type for everything a user or a file can get wrong.
#pragma once

#include <concepts>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hilum {

// What a command ends with (DESIGN section 5): 0 done, 2 bad usage or input, 3 done but some rows failed, 1 anything
// else.
enum class ExitCode : int { kDone = 0, kFailed = 1, kBadInput = 2, kSomeRowsFailed = 3 };

// Bad input: what happened, where (file, tensor, option, values seen and wanted), and how to mend it.
// what() is the three joined: "where: what. mend".
class Error : public std::runtime_error {
 public:
  Error(std::string where, std::string what, std::string mend = "");

  const std::string& where() const { return where_; }
  const std::string& problem() const { return problem_; }
  const std::string& mend() const { return mend_; }

  // The same error seen from further out, e.g. a tensor's error with the file's name before it.
  Error within(const std::string& outer) const { return Error(outer + ": " + where_, problem_, mend_); }

 private:
  std::string where_, problem_, mend_;
};

// Checks input; throws Error when it does not hold.
inline void check(bool holds, const char* where, std::string_view what, std::string_view mend = "") {
  if (!holds) [[unlikely]]
    throw Error(where, std::string(what), std::string(mend));
}
// The same where the text is put together of values: what() is asked only when the check fails, so one that holds costs
// no string. For what is checked again and again: each row, each call.
template <std::invocable What>
void check(bool holds, const char* where, What&& what, std::string_view mend = "") {
  if (!holds) [[unlikely]]
    throw Error(where, what(), std::string(mend));
}

// Checks our own reasoning; a failure is a bug in Hilum, thrown as std::logic_error (exit 1).
void invariant_failed(const char* what, const char* file, int line);
inline void invariant(bool holds, const char* what, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (!holds) [[unlikely]]
    invariant_failed(what, file, line);
}

}  // namespace hilum
