// Counts what a test's thread takes from the heap. Include in one file of a test executable: it replaces operator new,
// except under sanitizers, which have their own and count nothing here.
#pragma once

#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HILUM_SANITIZER_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HILUM_SANITIZER_HEAP 1
#endif
#endif

namespace hilum {

#ifdef HILUM_SANITIZER_HEAP
inline constexpr bool kCountsAllocations = false;
#else
inline constexpr bool kCountsAllocations = true;
#endif

inline thread_local long allocations_of_thread = 0;

// How often f() allocates.
template <typename F>
long count_allocations(F f) {
  const long before = allocations_of_thread;
  f();
  return allocations_of_thread - before;
}

}  // namespace hilum

#ifndef HILUM_SANITIZER_HEAP
// The other forms (arrays, nothrow) call these.
void* operator new(std::size_t bytes) {
  ++hilum::allocations_of_thread;
  if (void* memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif
