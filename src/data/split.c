#include "data/split.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"

/* A sample with what it is ranked by. */
struct ranked {
    double key;
    uint32_t random, index;
};

static int by_key(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->random != y->random)
        return x->random < y->random ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static double key_of(const struct split *split, size_t i) {
    if (split->labels != NULL)
        return split->labels[i];
    return split->numbers != NULL ? (double)split->numbers[i] : 0.0;
}

minnow_status split_rank(const struct split *split, uint32_t *order) {
    struct ranked *ranked = memory_allocate_unset(split->count, sizeof *ranked);
    if (ranked == NULL)
        return fail_memory("the division of the samples");

    for (size_t i = 0; i < split->count; i++) {
        uint32_t sample = split->samples != NULL ? split->samples[i] : (uint32_t)i;
        uint32_t word = random_draw(split->seed, RANDOM_SPLIT, 0, 0, sample).word[0];
        ranked[i] = (struct ranked){key_of(split, i), word, (uint32_t)i};
    }
    qsort(ranked, split->count, sizeof *ranked, by_key);

    for (size_t i = 0; i < split->count; i++)
        order[i] = ranked[i].index;
    memory_free(ranked);
    return MINNOW_OK;
}

/* The samples are passed through once in their order, and one is taken whenever the share of those that were passed
   has grown by a whole sample: so each class gives its share, but for less than a sample. */
minnow_status split_mark(const struct split *split, double share, bool *held) {
    uint32_t *order = memory_allocate_unset(split->count, sizeof *order);
    if (order == NULL)
        return fail_memory("the division of the samples");

    minnow_status status = split_rank(split, order);
    for (size_t i = 0; status == MINNOW_OK && i < split->count; i++)
        held[order[i]] = floor((double)(i + 1) * share + 0.5) > floor((double)i * share + 0.5);
    memory_free(order);
    return status == MINNOW_OK ? split_return_lone(split, held) : status;
}

minnow_status split_return_lone(const struct split *split, bool *held) {
    if (split->labels == NULL)
        return MINNOW_OK;
    bool *stays = memory_allocate(split->classes, sizeof *stays);
    if (stays == NULL)
        return fail_memory("the division of the samples");

    for (size_t i = 0; i < split->count; i++)
        stays[split->labels[i]] |= !held[i];
    for (size_t i = 0; i < split->count; i++) {
        uint32_t class = split->labels[i];
        if (!stays[class])
            held[i] = false;
        stays[class] = true;
    }
    memory_free(stays);
    return MINNOW_OK;
}
