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

/* ---- Data of the same kind ---- */

static size_t find_class(const minnow_dataset *dataset, const char *name) {
    for (size_t c = 0; c < dataset->classes; c++)
        if (strcmp(dataset->class_names[c], name) == 0)
            return c;
    return dataset->classes;
}

/* The class of `train` that each label stands for; train->classes where there is none. */
static uint32_t class_in(const minnow_dataset *train, const minnow_dataset *dataset, uint32_t label) {
    if (train->class_names != NULL && dataset->class_names != NULL)
        return (uint32_t)find_class(train, dataset->class_names[label]);
    uint32_t first = train->from_one && !dataset->from_one ? 1 : 0;
    return label >= first && label - first < train->classes ? label - first : (uint32_t)train->classes;
}

static minnow_status match_classes(minnow_dataset *dataset, const minnow_dataset *train) {
    uint32_t *class = memory_allocate(dataset->classes, sizeof *class);
    if (class == NULL)
        return fail_memory(dataset->source);
    for (size_t c = 0; c < dataset->classes; c++)
        class[c] = class_in(train, dataset, (uint32_t)c);

    minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < dataset->count && status == MINNOW_OK; i++) {
        uint32_t label = dataset->labels[i];
        const char *name = dataset->class_names != NULL ? dataset->class_names[label] : "";
        dataset->labels[i] = class[label];
        if (class[label] == train->classes)
            status = fail(MINNOW_ERROR_INPUT, "%s: item %zu is of class %u%s%.40s, which training never saw",
                          dataset->source, i, label, *name != '\0' ? ", " : "", name);
    }
    memory_free(class);
    return status;
}

minnow_status dataset_match(minnow_dataset *dataset, const minnow_dataset *train) {
    if (dataset_is_sparse(dataset) && dataset_is_sparse(train) && dataset->features < train->features)
        dataset->features = train->features;
    if (dataset->features != train->features)
        return fail(MINNOW_ERROR_INPUT, "%s: samples have %zu values, those to train on %zu", dataset->source,
                    dataset->features, train->features);
    minnow_status status = match_classes(dataset, train);
    if (status != MINNOW_OK)
        return status;

    for (size_t c = 0; dataset->class_names != NULL && c < dataset->classes; c++)
        free(dataset->class_names[c]);
    free(dataset->class_names);
    dataset->class_names = NULL;
    dataset->classes = train->classes;
    dataset->from_one = train->from_one;
    return MINNOW_OK;
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

/* Lists move towards the beginning, where there is room: nothing is copied twice. */
static void keep_sparse(minnow_dataset *dataset, const bool *keep) {
    struct sparse_features *sparse = &dataset->sparse;
    size_t kept = 0;
    uint32_t used = 0, begin = 0;
    for (size_t i = 0; i < dataset->count; i++) {
        uint32_t end = sparse->start[i + 1], entries = end - begin;
        if (keep[i]) {
            memmove(sparse->index + used, sparse->index + begin, entries * sizeof *sparse->index);
            memmove(sparse->value + used, sparse->value + begin, entries * sizeof *sparse->value);
            used += entries;
            sparse->start[++kept] = used;
        }
        begin = end;
    }
}

/* Likewise, unless they lie in a file's own pages or are the caller's, which are not written to, or most of the memory
   would be left over. */
static minnow_status keep_dense(minnow_dataset *dataset, const bool *keep, size_t count) {
    bool bytes = dataset->bytes != NULL;
    bool copies = dataset->file.data != NULL || dataset->borrowed || count < dataset->count / 2;
    size_t size = dataset->features * (bytes ? 1 : sizeof(float)), kept = 0;
    uint8_t *from = bytes ? dataset->bytes : (uint8_t *)dataset->values;
    uint8_t *to = copies ? memory_allocate_unset(count, size) : from;
    if (to == NULL)
        return fail_memory(dataset->source);

    for (size_t i = 0; i < dataset->count; i++)
        if (keep[i])
            memmove(to + kept++ * size, from + i * size, size);
    if (copies)
        dataset_replace_features(dataset, to);
    return MINNOW_OK;
}

minnow_status dataset_keep(minnow_dataset *dataset, const bool *keep) {
    size_t count = 0, outputs = dataset->classes;
    for (size_t i = 0; i < dataset->count; i++)
        count += keep[i];
    minnow_status status = MINNOW_OK;
    if (dataset_is_sparse(dataset))
        keep_sparse(dataset, keep);
    else
        status = keep_dense(dataset, keep, count);
    if (status != MINNOW_OK)
        return status;

    size_t kept = 0;
    for (size_t i = 0; i < dataset->count; i++) {
        if (!keep[i])
            continue;
        dataset->labels[kept] = dataset->labels[i];
        if (dataset->weights != NULL)
            dataset->weights[kept] = dataset->weights[i];
        if (dataset->targets != NULL)
            memmove(dataset->targets + kept * outputs, dataset->targets + i * outputs,
                    outputs * sizeof *dataset->targets);
        kept++;
    }
    dataset->count = kept;
    return MINNOW_OK;
}

minnow_status dataset_keep_subset(minnow_dataset *dataset, minnow_subset subset) {
    if (dataset->count < SHARE)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: %zu samples and no test set; expected at least %d, of which every fifth is for the test",
            dataset->source, dataset->count, SHARE);

    bool *keep = memory_allocate(dataset->count, sizeof *keep);
    if (keep == NULL)
        return fail_memory(dataset->source);
    for (size_t i = 0; i < dataset->count; i++)
        keep[i] = (i % SHARE == SHARE - 1) == (subset == MINNOW_SUBSET_TEST);
    minnow_status status = dataset_keep(dataset, keep);
    memory_free(keep);
    return status;
}
