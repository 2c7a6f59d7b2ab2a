// The `hilum` program: the table of commands, and the one place that turns errors into exit codes (DESIGN section 5).
#include <cstdio>
#include <exception>
#include <new>

#include "base/error.h"
#include "base/log.h"
#include "cli/commands.h"

int main(int argc, char** argv) {
  using hilum::ExitCode;
  try {
    return hilum::run_command_line(hilum::all_commands(), argc, argv);
  } catch (const hilum::Error& e) {
    hilum::log_error(e.what());
    return static_cast<int>(ExitCode::kBadInput);
  } catch (const std::bad_alloc&) {
    hilum::log_error("out of memory. Close other programs, or use smaller inputs or a smaller model.");
  } catch (const std::exception& e) {
    hilum::log_error(e.what());
  }
  return static_cast<int>(ExitCode::kFailed);
}
