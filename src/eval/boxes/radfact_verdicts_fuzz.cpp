#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "eval/boxes/radfact_verdicts.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<hilum::Problem> problems;
  try {
    const auto verdicts = hilum::parse_radfact_verdicts({reinterpret_cast<const char*>(data), size}, "fuzz", problems);
    const std::vector<hilum::Finding> findings = {{"No effusion.", {}}, {"A nodule.", {{{.1, .1, .3, .3}}}}};
    for (const auto& [key, study] : verdicts.studies) {
      hilum::radfact_judged(findings, findings, study, key.first, key.second, problems);
      hilum::radfact_judged({}, findings, study, key.first, key.second, problems);
    }
  } catch (const hilum::Error&) {
  }
  return 0;
}
