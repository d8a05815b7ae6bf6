/* Checked sizes and aligned memory. */
#ifndef MINNOW_BASE_MEMORY_H
#define MINNOW_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

enum { CACHE_LINE = 64, CACHE_LINE_FLOATS = 16 };

/* *out = a · b or a + b; false, and *out unspecified, when it does not fit. */
static inline bool size_multiply(size_t a, size_t b, size_t *out) {
    return !__builtin_mul_overflow(a, b, out);
}
static inline bool size_add(size_t a, size_t b, size_t *out) {
    return !__builtin_add_overflow(a, b, out);
}

/* n rounded up to a multiple of `multiple` (a power of two); n is far from SIZE_MAX. */
static inline size_t size_round_up(size_t n, size_t multiple) {
    return (n + multiple - 1) & ~(multiple - 1);
}

static inline size_t size_min(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Zeroed memory for count elements of size bytes, aligned to a cache line; NULL when it cannot be had. A
   count of 0 gives a valid pointer. Release with memory_free, which accepts NULL. */
void *memory_allocate(size_t count, size_t size);
/* The same without the zeros. For what several threads will fill: each then takes the page faults of its own part,
   rather than one thread all of them while it writes zeros. */
void *memory_allocate_unset(size_t count, size_t size);
void memory_free(void *memory);

/* A copy of the string, from malloc; NULL when it cannot be had. */
char *memory_copy_string(const char *string);

#endif
