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
    size_t slot_count;
};

/* What a sample is made of: its features, or of a sparse one its values and their indices. */
struct parts {
    size_t count;
    struct part {
        const uint8_t *bytes;
        size_t size;
    } part[2];
};

static struct parts parts_of(const minnow_dataset *dataset, size_t sample) {
    if (dataset_is_sparse(dataset)) {
        const struct sparse_features *sparse = &dataset->sparse;
        size_t begin = sparse->start[sample], entries = sparse->start[sample + 1] - begin;
        return (struct parts){2,
                              {{(const uint8_t *)(sparse->value + begin), entries * sizeof *sparse->value},
                               {(const uint8_t *)(sparse->index + begin), entries * sizeof *sparse->index}}};
    }
    bool bytes = dataset->bytes != NULL;
    size_t size = dataset->features * (bytes ? sizeof *dataset->bytes : sizeof *dataset->values);
    const uint8_t *first = bytes ? dataset->bytes : (const uint8_t *)dataset->values;
    return (struct parts){1, {{first + sample * size, size}}};
}

static bool are_equal(const struct parts *a, const struct parts *b) {
    bool equal = true;
    for (size_t i = 0; i < a->count && equal; i++)
        equal = a->part[i].size == b->part[i].size &&
                memcmp(a->part[i].bytes, b->part[i].bytes, a->part[i].size) == 0;
    return equal;
}

static uint64_t mix(uint64_t hash, uint64_t word) {
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    hash = (hash ^ word) * odd;
    return hash ^ hash >> 32;
}

/* As in dictionary.c: eight bytes at a time are multiplied in, and the product's upper half is folded back. In four lanes,
   so that a product need not wait for the one before it. */
static uint64_t hash_bytes(uint64_t hash, const uint8_t *bytes, size_t size) {
    enum { LANES = 4 };
    uint64_t lane[LANES] = {hash ^ size, 1, 2, 3}, word[LANES];
    for (; size >= sizeof word; bytes += sizeof word, size -= sizeof word) {
        memcpy(word, bytes, sizeof word);
        for (size_t i = 0; i < LANES; i++)
            lane[i] = mix(lane[i], word[i]);
    }
    for (size_t i = 1; i < LANES; i++)
        lane[0] = mix(lane[0], lane[i]);
    for (; size > 0; bytes++, size--)
        lane[0] = mix(lane[0], *bytes);
    return lane[0];
}

static uint64_t hash_sample(const minnow_dataset *dataset, size_t sample) {
    struct parts parts = parts_of(dataset, sample);
    uint64_t hash = 0;
    for (size_t i = 0; i < parts.count; i++)
        hash = hash_bytes(hash, parts.part[i].bytes, parts.part[i].size);
    return hash;
}

static void hash_slice(struct team_member member, void *context) {
    struct search *s = context;
    size_t begin, end;
    team_slice(member, s->train->count, SAMPLE_GRAIN, &begin, &end);
    for (size_t i = begin; i < end; i++)
        s->train_hash[i] = hash_sample(s->train, i);
    team_slice(member, s->test->count, SAMPLE_GRAIN, &begin, &end);
    for (size_t i = begin; i < end; i++)
        s->test_hash[i] = hash_sample(s->test, i);
}

/* The slot of a training sample of these features, or the empty one where it would be. */
static size_t find_slot(const struct search *s, const minnow_dataset *of, size_t sample, uint64_t hash) {
    struct parts parts = parts_of(of, sample);
    size_t slot = (size_t)hash & (s->slot_count - 1);
    for (; s->slots[slot] != 0; slot = (slot + 1) & (s->slot_count - 1)) {
        size_t other = s->slots[slot] - 1;
        struct parts others = parts_of(s->train, other);
        if (s->train_hash[other] == hash && are_equal(&parts, &others))
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

/* Whether equal samples have equal bytes. */
static bool are_of_one_kind(const minnow_dataset *a, const minnow_dataset *b) {
    return a->features == b->features && (a->bytes != NULL) == (b->bytes != NULL) &&
           dataset_is_sparse(a) == dataset_is_sparse(b);
}

minnow_status duplicates_count(const minnow_dataset *train, const minnow_dataset *test, unsigned threads,
                               size_t *count) {
    struct search s = {.train = train, .test = test, .slot_count = 64};
    *count = 0;
    if (!are_of_one_kind(train, test))
        return MINNOW_OK;
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
