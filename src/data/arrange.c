/* Datasets that have been read, brought into order: their subsets, their classes, the sides of their images. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/dataset.h"

enum { SHARE = 5 }; /* one sample of so many is for the test */

/* ---- Classes ---- */

void dataset_labels_from_one(minnow_dataset *dataset) {
    for (size_t i = 0; i < dataset->count; i++)
        dataset->labels[i]--;
    dataset->from_one = true;
}

static bool has_label_zero(const minnow_dataset *dataset) {
    for (size_t i = 0; dataset != NULL && i < dataset->count; i++)
        if (dataset->labels[i] == 0)
            return true;
    return false;
}

void dataset_settle_classes(minnow_dataset *train, minnow_dataset *test) {
    minnow_dataset *both[2] = {train, test};
    size_t classes = 0;
    for (int i = 0; i < 2; i++)
        if (both[i] != NULL && both[i]->classes > classes)
            classes = both[i]->classes;

    /* Names and columns say which class is which: then labels are what they are. */
    bool named = (train != NULL && train->class_names != NULL) || (test != NULL && test->class_names != NULL);
    bool one_hot = (train != NULL && train->label_columns != 0) || (test != NULL && test->label_columns != 0);
    bool from_one = !named && !one_hot && classes > 1 && !has_label_zero(train) && !has_label_zero(test);
    for (int i = 0; i < 2; i++) {
        if (both[i] == NULL || both[i]->class_names != NULL)
            continue;
        if (from_one)
            dataset_labels_from_one(both[i]);
        both[i]->classes = classes - from_one;
    }
}

void dataset_settle_features(minnow_dataset *train, minnow_dataset *test, size_t features) {
    minnow_dataset *both[2] = {train, test};
    for (int i = 0; i < 2; i++)
        if (both[i] != NULL && dataset_is_sparse(both[i]) && both[i]->features > features)
            features = both[i]->features;
    for (int i = 0; i < 2; i++)
        if (both[i] != NULL && dataset_is_sparse(both[i]))
            both[i]->features = features;
}

/* ---- Images ---- */

static void transpose_image(const uint8_t *from, size_t height, size_t width, size_t element, uint8_t *to) {
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            memcpy(to + (x * height + y) * element, from + (y * width + x) * element, element);
}

minnow_status dataset_transpose(minnow_dataset *dataset) {
    size_t height = dataset->height, width = dataset->width;
    if (height == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: samples without rows and columns, which --transpose exchanges",
                    dataset->source);

    bool bytes = dataset->bytes != NULL;
    size_t element = bytes ? 1 : sizeof(float), size = dataset->features * element;
    uint8_t *copy = memory_allocate_unset(dataset->count, size);
    if (copy == NULL)
        return fail_memory(dataset->source);
    const uint8_t *from = bytes ? dataset->bytes : (const uint8_t *)dataset->values;
    for (size_t i = 0; i < dataset->count; i++)
        transpose_image(from + i * size, height, width, element, copy + i * size);

    dataset_replace_features(dataset, copy);
    dataset->height = width;
    dataset->width = height;
    return MINNOW_OK;
}

/* ---- Subsets ---- */

static bool is_of_subset(size_t sample, minnow_subset subset) {
    return (sample % SHARE == SHARE - 1) == (subset == MINNOW_SUBSET_TEST);
}

/* Lists move towards the beginning, where there is room: nothing is copied twice. */
static void keep_sparse(minnow_dataset *dataset, minnow_subset subset) {
    struct sparse_features *sparse = &dataset->sparse;
    size_t kept = 0;
    uint32_t used = 0, begin = 0;
    for (size_t i = 0; i < dataset->count; i++) {
        uint32_t end = sparse->start[i + 1], entries = end - begin;
        if (is_of_subset(i, subset)) {
            memmove(sparse->index + used, sparse->index + begin, entries * sizeof *sparse->index);
            memmove(sparse->value + used, sparse->value + begin, entries * sizeof *sparse->value);
            used += entries;
            dataset->labels[kept++] = dataset->labels[i];
            sparse->start[kept] = used;
        }
        begin = end;
    }
    dataset->count = kept;
}

minnow_status dataset_keep_subset(minnow_dataset *dataset, minnow_subset subset) {
    if (dataset->count < SHARE)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: %zu samples and no test set; expected at least %d, of which every fifth is for the test",
            dataset->source, dataset->count, SHARE);

    if (dataset_is_sparse(dataset)) {
        keep_sparse(dataset, subset);
        return MINNOW_OK;
    }
    bool bytes = dataset->bytes != NULL;
    size_t size = dataset->features * (bytes ? 1 : sizeof(float)), kept = 0;
    uint8_t *copy = memory_allocate_unset(dataset->count, size);
    if (copy == NULL)
        return fail_memory(dataset->source);

    const uint8_t *from = bytes ? dataset->bytes : (const uint8_t *)dataset->values;
    for (size_t i = 0; i < dataset->count; i++) {
        if (!is_of_subset(i, subset))
            continue;
        memcpy(copy + kept * size, from + i * size, size);
        dataset->labels[kept++] = dataset->labels[i];
    }
    dataset_replace_features(dataset, copy);
    dataset->count = kept;
    return MINNOW_OK;
}
