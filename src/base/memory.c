#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Large arrays are put on pages of 2 MiB. Samples are read in random order and rows of weights by index, so that with
   pages of 4 KiB nearly every access would miss the TLB, and a new array would take 512 times as many page faults. */
enum { HUGE_PAGE = 1 << 21 };

static void *allocate(size_t count, size_t size, bool zeroed) {
    size_t bytes;
    if (!size_multiply(count, size, &bytes) || bytes > PTRDIFF_MAX - CACHE_LINE)
        return NULL;
    size_t alignment = bytes >= HUGE_PAGE ? HUGE_PAGE : CACHE_LINE;
    bytes = size_round_up(bytes == 0 ? 1 : bytes, CACHE_LINE);
    void *memory;
    if (posix_memalign(&memory, alignment, bytes) != 0)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (alignment == HUGE_PAGE)
        (void)madvise(memory, bytes,
                      MADV_HUGEPAGE); /* only a hint: without large pages all works, but slower */
#endif
    if (zeroed)
        memset(memory, 0, bytes);
    return memory;
}

void *memory_allocate(size_t count, size_t size) {
    return allocate(count, size, true);
}

void *memory_allocate_unset(size_t count, size_t size) {
    return allocate(count, size, false);
}

void memory_free(void *memory) {
    free(memory);
}

char *memory_copy_string(const char *string) {
    return strdup(string);
}
