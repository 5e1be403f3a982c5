// Stands in for the C library's allocating functions in the test program, and counts the calls of each thread.
#include "CAllocations.h"
#include <errno.h>
#include <stddef.h>

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || !defined(__GLIBC__)
int64_t thrum_allocations(void) { return -1; }
#else
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Thread_local int64_t count;
int64_t thrum_allocations(void) { return count; }

void *malloc(size_t bytes) { return count++, __libc_malloc(bytes); }
void *calloc(size_t items, size_t bytes) { return count++, __libc_calloc(items, bytes); }
void *realloc(void *old, size_t bytes) { return count++, __libc_realloc(old, bytes); }
void *aligned_alloc(size_t alignment, size_t bytes) { return count++, __libc_memalign(alignment, bytes); }
int posix_memalign(void **result, size_t alignment, size_t bytes) {
  void *memory = aligned_alloc(alignment, bytes);
  if (!memory) return ENOMEM;
  *result = memory;
  return 0;
}
#endif
