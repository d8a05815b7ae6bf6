#include "data/table/dictionary.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Eight bytes at a time are multiplied in; each product's upper half, which all of the bits below have reached, is
   folded back. */
static uint32_t hash_text(const char *text, size_t length, bool escaped, uint64_t seed) {
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    uint64_t hash = seed ^ length ^ (uint64_t)escaped << 63;
    while (length > 0) {
        uint64_t word = 0;
        size_t step = length < sizeof word ? length : sizeof word;
        memcpy(&word, text, step);
        hash = (hash ^ word) * odd;
        hash ^= hash >> 32;
        text += step;
        length -= step;
    }
    return (uint32_t)((hash * odd) >> 32);
}

static bool grow_entries(struct dictionary *d) {
    size_t capacity = d->capacity > 0 ? 2 * d->capacity : 16;
    struct dictionary_entry *larger = realloc(d->entries, capacity * sizeof *larger);
    if (larger == NULL)
        return false;
    d->entries = larger;
    d->capacity = capacity;
    return true;
}

static void place(struct dictionary *d, uint32_t hash, size_t code) {
    size_t slot = hash & (d->slot_count - 1);
    while (d->slots[slot] != 0)
        slot = (slot + 1) & (d->slot_count - 1);
    d->slots[slot] = (uint32_t)code + 1;
}

/* At most half of the slots are taken. */
static bool grow_slots(struct dictionary *d) {
    size_t count = d->slot_count > 0 ? 2 * d->slot_count : 64;
    uint32_t *larger = calloc(count, sizeof *larger);
    if (larger == NULL)
        return false;
    free(d->slots);
    d->slots = larger;
    d->slot_count = count;
    for (size_t code = 0; code < d->count; code++)
        place(d, d->entries[code].hash, code);
    return true;
}

uint32_t dictionary_add(struct dictionary *d, const char *text, size_t length, bool escaped,
                        const char *position, uint64_t seed) {
    uint32_t hash = hash_text(text, length, escaped, seed);
    for (size_t slot = hash; d->slot_count > 0; slot++) {
        uint32_t code = d->slots[slot &= d->slot_count - 1];
        if (code == 0)
            break;
        struct dictionary_entry *entry = &d->entries[code - 1];
        if (entry->hash == hash && entry->length == length && entry->escaped == escaped &&
            memcmp(entry->text, text, length) == 0) {
            if (position < entry->position)
                entry->position = position;
            return code - 1;
        }
    }

    if (length > UINT32_MAX || d->count >= UINT32_MAX / 4 || (d->count == d->capacity && !grow_entries(d)) ||
        (2 * d->count >= d->slot_count && !grow_slots(d)))
        return UINT32_MAX;
    d->entries[d->count] = (struct dictionary_entry){text, (uint32_t)length, hash, escaped, position};
    place(d, hash, d->count);
    return (uint32_t)d->count++;
}

void dictionary_free(struct dictionary *d) {
    free(d->entries);
    free(d->slots);
    *d = (struct dictionary){0};
}
