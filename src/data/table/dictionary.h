/* The distinct texts of a column, numbered in the order in which they come. */
#ifndef MINNOW_DATA_TABLE_DICTIONARY_H
#define MINNOW_DATA_TABLE_DICTIONARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dictionary_entry {
    const char *text;
    uint32_t length, hash;
    bool escaped;         /* as in struct field; part of what is compared */
    const char *position; /* where it was first seen */
};

/* All zero is an empty one. */
struct dictionary {
    struct dictionary_entry *entries; /* [count], in order of their codes */
    size_t count, capacity;
    uint32_t *slots; /* [slot_count], a power of two: code + 1, or 0 */
    size_t slot_count;
};

/* The code of a text, which is added if it is new; the text stays the caller's. UINT32_MAX when there is no memory. A
   text that was there moves its position to the lesser of the two. `seed` makes it hard to choose texts that
   collide. */
uint32_t dictionary_add(struct dictionary *dictionary, const char *text, size_t length, bool escaped,
                        const char *position, uint64_t seed);
void dictionary_free(struct dictionary *dictionary);

#endif
