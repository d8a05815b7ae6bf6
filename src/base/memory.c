#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t count, size_t size, bool zeroed) {
    size_t bytes;
    if (!size_multiply(count, size, &bytes) || bytes > PTRDIFF_MAX - CACHE_LINE)
        return NULL;
    bytes = size_round_up(bytes == 0 ? 1 : bytes, CACHE_LINE);
    void *memory = aligned_alloc(CACHE_LINE, bytes);
    if (memory != NULL && zeroed)
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
