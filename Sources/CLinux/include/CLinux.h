// What Linux offers and Swift's Glibc module leaves out.
#pragma once
#include <errno.h>
#include <sys/eventfd.h>

/// A non-blocking event counter that `poll` can wait on; -1 and errno on failure.
static inline int thrum_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
/// Clears errno; Swift cannot assign it.
static inline void thrum_clear_errno(void) { errno = 0; }
