// Counts what a test's thread takes from the heap. Include in one file of a test executable: it replaces operator new.
#pragma once

#include <cstdlib>
#include <new>

namespace hilum {

inline thread_local long allocations_of_thread = 0;

// How often f() allocates.
template <typename F>
long count_allocations(F f) {
  const long before = allocations_of_thread;
  f();
  return allocations_of_thread - before;
}

}  // namespace hilum

// The other forms (arrays, nothrow) call these.
void* operator new(std::size_t bytes) {
  ++hilum::allocations_of_thread;
  if (void* memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
