// One function, compiled for several processors; the loader picks the best at start.
#pragma once
#if __x86_64__
#define THRUM_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define THRUM_CLONES
#endif
#define THRUM_INLINE static inline __attribute__((always_inline))

/// Eight lanes, whatever the processor's own width is; loads need no alignment.
typedef float f8 __attribute__((vector_size(32), aligned(4)));
#define LOAD8(pointer) (*(const f8 *)(pointer))
#define STORE8(pointer, value) (*(f8 *)(pointer) = (value))
