// What a process can say about its own memory (glibc and Linux).
#pragma once

/// One heap for all threads: each further one would keep what its thread has freed.
void thrum_share_heap(void);
/// Gives freed memory back to the system, and lets go of the pages of code that only the start needed: what is needed again comes
/// back from the page cache. Nothing that was written is touched.
void thrum_release_memory(void);
