#include <cstdint>
#include <string_view>

#include "eval/labels/chexpert_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view report(reinterpret_cast<const char*>(data), size);
  if (hilum::aggregate_report(hilum::find_mentions(report)) != hilum::label_report(report)) __builtin_trap();
  return 0;
}
