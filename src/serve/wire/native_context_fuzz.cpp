// Whatever the context, each of the four readers ends in a value or an Error; a report that was read can be written and
// read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "serve/wire/native_context.h"
#include "serve/wire/native_reply.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto attempt = [&](const auto& read) {
    try {
      read();
    } catch (const hilum::Error&) {
    }
  };
  attempt([&] {
    const auto context = hilum::read_report_context(text);
    if (!context.report) return;
    const std::string body = hilum::report_reply(*context.report).body;
    const auto again = hilum::read_report_context("{\"report\":" + body + "}").report;
    if (!again || again->findings.size() != context.report->findings.size()) std::abort();
  });
  attempt([&] { hilum::read_grounding_context(text); });
  attempt([&] { hilum::read_classify_context(text); });
  attempt([&] { hilum::read_search_context(text); });
  return 0;
}
