#include "data/preprocessing/duplicates.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/team.h"

enum { SAMPLE_GRAIN = 256 };

/* The training samples by their hash, in slots of an open table: sample + 1, or 0. */
struct search {
    const minnow_dataset *train, *test;
    uint64_t *train_hash, *test_hash; /* [count] each */
    uint32_t *slots;                  /* [slot_count], a power of two */
    size_t slot_count, size;          /* size: bytes of a sample */
};

static const uint8_t *sample_bytes(const minnow_dataset *dataset, size_t sample, size_t size) {
    const uint8_t *first = dataset->bytes != NULL ? dataset->bytes : (const uint8_t *)dataset->values;
    return first + sample * size;
}

/* As in dictionary.c: eight bytes at a time are multiplied in, and the product's upper half is folded back. */
static uint64_t hash_bytes(const uint8_t *bytes, size_t size) {
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    uint64_t hash = size, word;
    for (; size >= sizeof word; bytes += sizeof word, size -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        hash = (hash ^ word) * odd;
        hash ^= hash >> 32;
    }
    for (; size > 0; bytes++, size--) {
        hash = (hash ^ *bytes) * odd;
        hash ^= hash >> 32;
    }
    return hash;
}

static void hash_slice(struct team_member member, void *context) {
    struct search *s = context;
    size_t begin, end;
    team_slice(member, s->train->count, SAMPLE_GRAIN, &begin, &end);
    for (size_t i = begin; i < end; i++)
        s->train_hash[i] = hash_bytes(sample_bytes(s->train, i, s->size), s->size);
    team_slice(member, s->test->count, SAMPLE_GRAIN, &begin, &end);
    for (size_t i = begin; i < end; i++)
        s->test_hash[i] = hash_bytes(sample_bytes(s->test, i, s->size), s->size);
}

/* The slot of a training sample of these features, or the empty one where it would be. */
static size_t find_slot(const struct search *s, const minnow_dataset *of, size_t sample, uint64_t hash) {
    size_t slot = (size_t)hash & (s->slot_count - 1);
    for (; s->slots[slot] != 0; slot = (slot + 1) & (s->slot_count - 1)) {
        size_t other = s->slots[slot] - 1;
        if (s->train_hash[other] == hash &&
            memcmp(sample_bytes(s->train, other, s->size), sample_bytes(of, sample, s->size), s->size) == 0)
            break;
    }
    return slot;
}

static size_t search_all(struct search *s) {
    size_t found = 0;
    for (size_t i = 0; i < s->train->count; i++)
        s->slots[find_slot(s, s->train, i, s->train_hash[i])] = (uint32_t)i + 1;
    for (size_t i = 0; i < s->test->count; i++)
        found += s->slots[find_slot(s, s->test, i, s->test_hash[i])] != 0;
    return found;
}

minnow_status duplicates_count(const minnow_dataset *train, const minnow_dataset *test, unsigned threads,
                               size_t *count) {
    struct search s = {.train = train, .test = test, .slot_count = 64};
    s.size = train->features * (train->bytes != NULL ? sizeof *train->bytes : sizeof *train->values);
    while (s.slot_count < 2 * train->count)
        s.slot_count *= 2;
    s.train_hash = memory_allocate_unset(train->count, sizeof *s.train_hash);
    s.test_hash = memory_allocate_unset(test->count, sizeof *s.test_hash);
    s.slots = memory_allocate(s.slot_count, sizeof *s.slots);

    minnow_status status = MINNOW_OK;
    if (s.train_hash == NULL || s.test_hash == NULL || s.slots == NULL) {
        status = fail_memory("a search for samples that come twice");
    } else {
        team_run(team_threads(threads), hash_slice, &s);
        *count = search_all(&s);
    }
    memory_free(s.train_hash);
    memory_free(s.test_hash);
    memory_free(s.slots);
    return status;
}
