#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Samples are read in a random order, and rows of weights by index: with ordinary pages each would miss the
   processor's table of pages, and each page of a new array would take a fault of its own. */
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
        (void)madvise(memory, bytes, MADV_HUGEPAGE); /* a wish: all goes on without */
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
