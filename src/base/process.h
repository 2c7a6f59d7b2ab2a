// What the system knows of this process: how old it is and how much memory it holds (Linux, /proc).
#pragma once

#include <cstdint>

namespace hilum {

struct ProcessMemory {     // bytes; 0 where the system does not say
  uint64_t peak = 0;       // the most there was at once, anonymous and file pages together (VmHWM)
  uint64_t anonymous = 0;  // now, its own
  uint64_t file = 0;       // now, pages of mapped files; the system takes them back when it needs room
};
ProcessMemory process_memory();

// Since the system started this process, before its first instruction; to 0.01 s.
double seconds_since_start();

uint64_t physical_memory();  // bytes of the machine

}  // namespace hilum
