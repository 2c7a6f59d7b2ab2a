// Whatever the body of /invocations, as JSON or as CSV (the first byte says which), reading it ends in a request or an
// Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "serve/wire/mlflow.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const bool is_csv = size > 0 && data[0] == 'c';
  try {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const hilum::Invocation invocation =
        hilum::read_invocation(is_csv ? "text/csv" : "application/json", is_csv ? body.substr(1) : body);
    if (invocation.kind == hilum::InvocationKind::kTable && invocation.table.rows.empty()) std::abort();
  } catch (const hilum::Error& error) {
    if (hilum::mlflow_error(error).body.empty()) std::abort();
  }
  return 0;
}
