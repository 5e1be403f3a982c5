#pragma once
#include <stdint.h>

/// How often this thread has asked for memory since it began; -1 where it cannot be told (sanitizers bring their own malloc).
int64_t thrum_allocations(void);
