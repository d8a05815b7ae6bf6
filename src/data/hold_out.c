/* Samples that are moved out of a dataset, to validate on. */
#include <string.h>

#include "base/argument.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/split.h"

/* ---- A part of the samples ---- */

static size_t count_marked(const minnow_dataset *dataset, const bool *marked) {
    size_t count = 0;
    for (size_t i = 0; i < dataset->count; i++)
        count += marked[i];
    return count;
}

/* Those of the lists that are marked. False when there is no memory. */
static bool select_sparse(const minnow_dataset *dataset, const bool *marked, size_t count,
                          struct sparse_features *out) {
    const struct sparse_features *from = &dataset->sparse;
    size_t entries = 0, selected = 0;
    for (size_t i = 0; i < dataset->count; i++)
        entries += marked[i] ? from->start[i + 1] - from->start[i] : 0;
    out->start = memory_allocate(count + 1, sizeof *out->start);
    out->index = memory_allocate_unset(entries, sizeof *out->index);
    out->value = memory_allocate_unset(entries, sizeof *out->value);
    if (out->start == NULL || out->index == NULL || out->value == NULL)
        return false;

    uint32_t used = 0;
    for (size_t i = 0; i < dataset->count; i++) {
        if (!marked[i])
            continue;
        uint32_t begin = from->start[i], length = from->start[i + 1] - begin;
        memcpy(out->index + used, from->index + begin, length * sizeof *out->index);
        memcpy(out->value + used, from->value + begin, length * sizeof *out->value);
        used += length;
        out->start[++selected] = used;
    }
    return true;
}

/* The rows of `size` bytes that are marked; NULL when there is no memory. */
static void *select_rows(const void *rows, size_t size, const minnow_dataset *dataset, const bool *marked,
                         size_t count) {
    uint8_t *out = memory_allocate_unset(count, size);
    size_t selected = 0;
    for (size_t i = 0; out != NULL && i < dataset->count; i++)
        if (marked[i])
            memcpy(out + selected++ * size, (const uint8_t *)rows + i * size, size);
    return out;
}

/* What the marked samples weigh, and their classes. False when there is no memory. */
static bool select_weights(const minnow_dataset *dataset, const bool *marked, size_t count,
                           minnow_dataset *out) {
    size_t size = sizeof(float), classes = dataset->classes;
    if (dataset->weights != NULL)
        out->weights = select_rows(dataset->weights, size, dataset, marked, count);
    if (dataset->class_weights != NULL)
        out->class_weights = memory_allocate_unset(classes, size);
    if (out->class_weights != NULL)
        memcpy(out->class_weights, dataset->class_weights, classes * size);
    return (dataset->weights == NULL || out->weights != NULL) &&
           (dataset->class_weights == NULL || out->class_weights != NULL);
}

/* Into a dataset that has no samples yet. False when there is no memory. */
static bool select_samples(const minnow_dataset *dataset, const bool *marked, size_t count,
                           minnow_dataset *out) {
    size_t features = dataset->features, outputs = dataset->classes;
    out->source = memory_copy_string(dataset->source);
    out->labels = select_rows(dataset->labels, sizeof *out->labels, dataset, marked, count);
    if (out->source == NULL || out->labels == NULL)
        return false;

    if (dataset->targets != NULL)
        out->targets = select_rows(dataset->targets, outputs * sizeof *out->targets, dataset, marked, count);
    if ((dataset->targets != NULL && out->targets == NULL) || !select_weights(dataset, marked, count, out))
        return false;
    if (dataset_is_sparse(dataset))
        return select_sparse(dataset, marked, count, &out->sparse);
    if (dataset->bytes != NULL)
        out->bytes = select_rows(dataset->bytes, features, dataset, marked, count);
    else
        out->values = select_rows(dataset->values, features * sizeof *out->values, dataset, marked, count);
    return out->bytes != NULL || out->values != NULL;
}

minnow_status dataset_select(const minnow_dataset *dataset, const bool *marked, minnow_dataset **out) {
    minnow_dataset *part = dataset_new();
    *out = NULL;
    if (part == NULL)
        return fail_memory(dataset->source);
    *part = (minnow_dataset){
        .count = count_marked(dataset, marked),
        .features = dataset->features,
        .classes = dataset->classes,
        .height = dataset->height,
        .width = dataset->width,
        .scale = dataset->scale,
        .pictures = dataset->pictures,
        .from_one = dataset->from_one,
    };
    if (!select_samples(dataset, marked, part->count, part)) {
        minnow_dataset_free(part);
        return fail_memory(dataset->source);
    }
    *out = part;
    return MINNOW_OK;
}

minnow_status dataset_move(minnow_dataset *dataset, const bool *marked, minnow_dataset **out) {
    size_t count = count_marked(dataset, marked);
    *out = NULL;
    if (count == 0 || count == dataset->count)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: %zu samples cannot be divided so: %zu would be held out",
                    dataset->source, dataset->count, count);
    bool *stays = memory_allocate_unset(dataset->count, sizeof *stays);
    if (stays == NULL)
        return fail_memory(dataset->source);
    for (size_t i = 0; i < dataset->count; i++)
        stays[i] = !marked[i];

    minnow_status status = dataset_select(dataset, marked, out);
    if (status == MINNOW_OK)
        status = dataset_keep(dataset, stays);
    if (status != MINNOW_OK) {
        minnow_dataset_free(*out);
        *out = NULL;
    }
    memory_free(stays);
    return status;
}

/* ---- Which ones ---- */

/* What a division of the samples is to be even in. */
static struct split describe(const minnow_dataset *dataset, uint64_t seed) {
    struct split split = {.count = dataset->count, .seed = seed};
    if (dataset->targets == NULL) {
        split.labels = dataset->labels;
        split.classes = dataset->classes;
    } else if (dataset->classes == 1) {
        split.numbers = dataset->targets;
    }
    return split;
}

minnow_status dataset_mark_share(const minnow_dataset *dataset, double share, uint64_t seed, bool *held) {
    struct split split = describe(dataset, seed);
    return split_mark(&split, share, held);
}

minnow_status dataset_rank(const minnow_dataset *dataset, uint64_t seed, uint32_t *order) {
    struct split split = describe(dataset, seed);
    return split_rank(&split, order);
}

minnow_status minnow_dataset_hold_out(minnow_dataset *dataset, size_t count, uint64_t seed,
                                      minnow_dataset **out) {
    if (!CLEARED(out) || !GIVEN(dataset))
        return MINNOW_ERROR_ARGUMENT;
    if (count < 1 || count >= dataset->count)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: cannot hold %zu samples out of %zu, expected 1 to %zu",
                    dataset->source, count, dataset->count, dataset->count - 1);

    bool *held = memory_allocate(dataset->count, sizeof *held);
    if (held == NULL)
        return fail_memory(dataset->source);
    minnow_status status = dataset_mark_share(dataset, (double)count / (double)dataset->count, seed, held);
    if (status == MINNOW_OK)
        status = dataset_move(dataset, held, out);
    memory_free(held);
    return status;
}
