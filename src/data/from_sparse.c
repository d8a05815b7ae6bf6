/* Datasets from compressed sparse rows in memory. */
#include <math.h>
#include <string.h>

#include "base/argument.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/dataset.h"

/* A program's lists, as minnow_dataset_from_sparse() takes them. */
struct lists {
    const size_t *starts;    /* [count + 1] */
    const uint32_t *indices; /* [starts[count]], as are the values */
    const float *values;
    const uint32_t *labels; /* [count] */
    size_t count, features, classes;
};

static minnow_status check_shape(const struct lists *lists) {
    if (lists->count < 1 || lists->count > DATASET_COUNT_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: count %zu, expected 1 to %zu", lists->count,
                    DATASET_COUNT_MAX);
    if (lists->features < 1 || lists->features > DATASET_SPARSE_FEATURES_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: %zu features, expected 1 to %d", lists->features,
                    DATASET_SPARSE_FEATURES_MAX);
    if (lists->classes < 1 || lists->classes > DATASET_CLASSES_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: %zu classes, expected 1 to %d", lists->classes,
                    DATASET_CLASSES_MAX);
    return MINNOW_OK;
}

/* One sample's list: ascending indices of features that there are, and finite values. */
static minnow_status check_list(const struct lists *lists, size_t sample) {
    for (size_t n = lists->starts[sample]; n < lists->starts[sample + 1]; n++) {
        if (lists->indices[n] >= lists->features)
            return fail(MINNOW_ERROR_ARGUMENT, "dataset: index %u at item %zu, expected 0 to %zu",
                        (unsigned)lists->indices[n], sample, lists->features - 1);
        if (n > lists->starts[sample] && lists->indices[n] <= lists->indices[n - 1])
            return fail(MINNOW_ERROR_ARGUMENT,
                        "dataset: index %u at item %zu follows %u, expected ascending ones",
                        (unsigned)lists->indices[n], sample, (unsigned)lists->indices[n - 1]);
        if (!isfinite(lists->values[n]))
            return fail(MINNOW_ERROR_ARGUMENT,
                        "dataset: feature %u of item %zu is %f, expected a finite number",
                        (unsigned)lists->indices[n], sample, (double)lists->values[n]);
    }
    return MINNOW_OK;
}

/* starts[count] is believed only once all are known to ascend: it bounds what is read. */
static minnow_status check_starts(const struct lists *lists) {
    if (lists->starts[0] != 0)
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: the first list starts at %zu, expected 0",
                    lists->starts[0]);
    for (size_t i = 0; i < lists->count; i++)
        if (lists->starts[i + 1] < lists->starts[i] || lists->starts[i + 1] > UINT32_MAX)
            return fail(MINNOW_ERROR_ARGUMENT, "dataset: item %zu ends at %zu, expected %zu to %u", i,
                        lists->starts[i + 1], lists->starts[i], (unsigned)UINT32_MAX);
    return MINNOW_OK;
}

static minnow_status check(const struct lists *lists) {
    minnow_status status = check_shape(lists);
    if (status == MINNOW_OK)
        status = check_starts(lists);
    for (size_t i = 0; status == MINNOW_OK && i < lists->count; i++) {
        if (lists->labels[i] >= lists->classes)
            return fail(MINNOW_ERROR_ARGUMENT, "dataset: label %u at item %zu, expected 0 to %zu",
                        lists->labels[i], i, lists->classes - 1);
        status = check_list(lists, i);
    }
    return status;
}

/* Values that are 0 are left out, as a dataset's lists have none. */
static void copy_lists(const struct lists *lists, struct sparse_features *to) {
    uint32_t kept = 0;
    for (size_t i = 0; i < lists->count; i++) {
        to->start[i] = kept;
        for (size_t n = lists->starts[i]; n < lists->starts[i + 1]; n++) {
            if (lists->values[n] == 0.0F)
                continue;
            to->index[kept] = lists->indices[n];
            to->value[kept++] = lists->values[n];
        }
    }
    to->start[lists->count] = kept;
}

static minnow_status copy(const struct lists *lists, minnow_dataset *dataset) {
    size_t entries = lists->starts[lists->count];
    struct sparse_features *sparse = &dataset->sparse;
    dataset->count = lists->count;
    dataset->features = lists->features;
    dataset->classes = lists->classes;
    dataset->scale = 1.0F;
    dataset->labels = memory_allocate_unset(lists->count, sizeof *dataset->labels);
    dataset->source = memory_copy_string("memory");
    sparse->start = memory_allocate_unset(lists->count + 1, sizeof *sparse->start);
    sparse->index = memory_allocate_unset(entries + 1, sizeof *sparse->index);
    sparse->value = memory_allocate_unset(entries + 1, sizeof *sparse->value);
    if (dataset->labels == NULL || dataset->source == NULL || sparse->start == NULL ||
        sparse->index == NULL || sparse->value == NULL)
        return fail_memory("the dataset");

    memcpy(dataset->labels, lists->labels, lists->count * sizeof *dataset->labels);
    copy_lists(lists, sparse);
    return MINNOW_OK;
}

minnow_status minnow_dataset_from_sparse(const size_t *starts, const uint32_t *indices, const float *values,
                                         const uint32_t *labels, size_t count, size_t features,
                                         size_t classes, minnow_dataset **out) {
    if (!CLEARED(out) || !GIVEN(starts) || !GIVEN(indices) || !GIVEN(values) || !GIVEN(labels))
        return MINNOW_ERROR_ARGUMENT;

    const struct lists lists = {starts, indices, values, labels, count, features, classes};
    minnow_status status = check(&lists);
    if (status != MINNOW_OK)
        return status;

    minnow_dataset *dataset = dataset_new();
    if (dataset == NULL)
        return fail_memory("the dataset");
    status = copy(&lists, dataset);
    if (status == MINNOW_OK)
        *out = dataset;
    else
        minnow_dataset_free(dataset);
    return status;
}
