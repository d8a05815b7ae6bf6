#include "data/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/argument.h"
#include "base/memory.h"
#include "base/status.h"

minnow_dataset *dataset_new(void) {
    return calloc(1, sizeof(minnow_dataset));
}

static void free_features(minnow_dataset *dataset) {
    if (dataset->file.data != NULL)
        file_bytes_free(&dataset->file);
    else if (!dataset->borrowed)
        memory_free(dataset->bytes);
    if (!dataset->borrowed)
        memory_free(dataset->values);
    memory_free(dataset->sparse.start);
    memory_free(dataset->sparse.index);
    memory_free(dataset->sparse.value);
    dataset->bytes = NULL;
    dataset->values = NULL;
    dataset->borrowed = false;
    dataset->sparse = (struct sparse_features){0};
}

void dataset_replace_features(minnow_dataset *dataset, void *features) {
    bool bytes = dataset->bytes != NULL;
    free_features(dataset);
    if (bytes)
        dataset->bytes = features;
    else
        dataset->values = features;
}

static void free_class_names(minnow_dataset *dataset) {
    for (size_t i = 0; dataset->class_names != NULL && i < dataset->classes; i++)
        free(dataset->class_names[i]);
    free(dataset->class_names);
    dataset->class_names = NULL;
}

void minnow_dataset_free(minnow_dataset *dataset) {
    if (dataset == NULL)
        return;
    free_features(dataset);
    memory_free(dataset->labels);
    memory_free(dataset->targets);
    memory_free(dataset->weights);
    memory_free(dataset->class_weights);
    free_class_names(dataset);
    free(dataset->source);
    free(dataset);
}

void dataset_scale(minnow_dataset *dataset, float scale) {
    if (dataset->bytes != NULL)
        dataset->scale = scale;
}

size_t minnow_dataset_count(const minnow_dataset *dataset) {
    return GIVEN(dataset) ? dataset->count : 0;
}

size_t minnow_dataset_features(const minnow_dataset *dataset) {
    return GIVEN(dataset) ? dataset->features : 0;
}

size_t minnow_dataset_classes(const minnow_dataset *dataset) {
    return GIVEN(dataset) ? dataset->classes : 0;
}

static minnow_status check_index(const char *function, const minnow_dataset *dataset, size_t index) {
    if (index < dataset->count)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_ARGUMENT, "%s: index is %zu, expected 0 to %zu", function, index,
                dataset->count - 1);
}

uint32_t minnow_dataset_label(const minnow_dataset *dataset, size_t index) {
    if (!GIVEN(dataset) || check_index(__func__, dataset, index) != MINNOW_OK)
        return MINNOW_NO_LABEL;
    return dataset->labels[index];
}

minnow_status minnow_dataset_sample(const minnow_dataset *dataset, size_t index, float *features) {
    if (!GIVEN(dataset) || !GIVEN(features) || check_index(__func__, dataset, index) != MINNOW_OK)
        return MINNOW_ERROR_ARGUMENT;

    if (dataset_is_sparse(dataset)) {
        const struct sparse_features *sparse = &dataset->sparse;
        memset(features, 0, dataset->features * sizeof *features);
        for (uint32_t n = sparse->start[index]; n < sparse->start[index + 1]; n++)
            features[sparse->index[n]] = sparse->value[n];
        return MINNOW_OK;
    }

    size_t first = index * dataset->features;
    for (size_t i = 0; i < dataset->features; i++)
        features[i] = dataset->bytes != NULL ? (float)dataset->bytes[first + i] * dataset->scale
                                             : dataset->values[first + i];
    return MINNOW_OK;
}

const float *minnow_dataset_targets(const minnow_dataset *dataset, size_t index) {
    if (!GIVEN(dataset))
        return NULL;
    if (index < dataset->count)
        return dataset->targets != NULL ? dataset->targets + index * dataset->classes : NULL;

    fail(MINNOW_ERROR_ARGUMENT, "minnow_dataset_targets: index is %zu, expected 0 to %zu", index,
         dataset->count - 1);
    return NULL;
}

/* A copy of rows[count][columns]; NULL when there is no memory. */
static float *copy_rows(const float *rows, size_t count, size_t columns) {
    size_t elements;
    if (!size_multiply(count, columns, &elements))
        return NULL;
    float *copy = memory_allocate(elements, sizeof *copy);
    if (copy != NULL)
        memcpy(copy, rows, elements * sizeof *copy);
    return copy;
}

minnow_status minnow_dataset_set_targets(minnow_dataset *dataset, const float *targets, size_t outputs) {
    if (!GIVEN(dataset) || !GIVEN(targets))
        return MINNOW_ERROR_ARGUMENT;
    if (outputs < 1 || outputs > DATASET_CLASSES_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: %zu outputs, expected 1 to %d", outputs,
                    DATASET_CLASSES_MAX);
    for (size_t i = 0; i < dataset->count * outputs; i++)
        if (!isfinite(targets[i]))
            return fail(MINNOW_ERROR_ARGUMENT,
                        "dataset: target %zu of item %zu is %f, expected a finite number", i % outputs,
                        i / outputs, (double)targets[i]);

    float *copy = copy_rows(targets, dataset->count, outputs);
    if (copy == NULL)
        return fail_memory("the targets of a dataset");
    memory_free(dataset->targets);
    memory_free(dataset->class_weights);
    free_class_names(dataset);
    dataset->class_weights = NULL;
    dataset->targets = copy;
    dataset->classes = outputs;
    memset(dataset->labels, 0, dataset->count * sizeof *dataset->labels);
    return MINNOW_OK;
}

static minnow_status check_shape(size_t count, size_t features, size_t classes) {
    if (count < 1 || count > DATASET_COUNT_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: count %zu, expected 1 to %zu", count, DATASET_COUNT_MAX);
    if (features < 1 || features > DATASET_FEATURES_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: %zu features, expected 1 to %d", features,
                    DATASET_FEATURES_MAX);
    if (classes < 1 || classes > DATASET_CLASSES_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: %zu classes, expected 1 to %d", classes,
                    DATASET_CLASSES_MAX);
    return MINNOW_OK;
}

static minnow_status check_labels(const uint32_t *labels, size_t count, size_t classes) {
    for (size_t i = 0; i < count; i++)
        if (labels[i] >= classes)
            return fail(MINNOW_ERROR_ARGUMENT, "dataset: label %u at item %zu, expected 0 to %zu", labels[i],
                        i, classes - 1);
    return MINNOW_OK;
}

/* A dataset without features yet: its shape, and a copy of its labels. NULL when there is no memory. */
static minnow_dataset *start_copy(const uint32_t *labels, size_t count, size_t features, size_t classes,
                                  const char *source) {
    minnow_dataset *dataset = dataset_new();
    if (dataset == NULL)
        return NULL;

    *dataset = (minnow_dataset){.count = count, .features = features, .classes = classes};
    dataset->labels = memory_allocate(count, sizeof *labels);
    dataset->source = memory_copy_string(source);
    if (dataset->labels == NULL || dataset->source == NULL) {
        minnow_dataset_free(dataset);
        return NULL;
    }

    memcpy(dataset->labels, labels, count * sizeof *labels);
    return dataset;
}

/* Gives a dataset a copy of the [count][features] that `bytes`, or else `values`, points to. False when there
   is no memory. */
static bool copy_features(minnow_dataset *dataset, const uint8_t *bytes, const float *values) {
    size_t elements, size = bytes != NULL ? sizeof *bytes : sizeof *values;
    const void *from = bytes != NULL ? (const void *)bytes : values;
    if (!size_multiply(dataset->count, dataset->features, &elements) || from == NULL)
        return false;

    void *copy = memory_allocate(elements, size);
    if (copy == NULL)
        return false;

    memcpy(copy, from, elements * size);
    if (bytes != NULL)
        dataset->bytes = copy;
    else
        dataset->values = copy;
    return true;
}

/* Samples in memory of somebody else's: the features [count][features] are `bytes` or else `values`. */
struct memory_samples {
    const uint8_t *bytes;
    const float *values;
    const uint32_t *labels; /* [count] */
    size_t count, features, classes;
    float scale;
    bool borrow; /* the features stay where they are */
};

enum { CHECKED_AT_ONCE = 4096 };

/* Errors: ARGUMENT (a value is not finite). Whether a block has such a value is found without a branch for each, as
   its exponent's bits are all 1; only then is the place looked for. */
static minnow_status check_finite(const float *values, size_t count, size_t features) {
    const uint32_t exponent = 0x7F800000;
    for (size_t first = 0; first < count * features; first += CHECKED_AT_ONCE) {
        size_t elements = size_min(CHECKED_AT_ONCE, count * features - first);
        unsigned found = 0;
        for (size_t i = first; i < first + elements; i++) {
            uint32_t bits;
            memcpy(&bits, &values[i], sizeof bits);
            found |= (bits & exponent) == exponent;
        }

        for (size_t i = first; found != 0 && i < first + elements; i++)
            if (!isfinite(values[i]))
                return fail(MINNOW_ERROR_ARGUMENT,
                            "dataset: feature %zu of item %zu is %f, expected a finite number", i % features,
                            i / features, (double)values[i]);
    }
    return MINNOW_OK;
}

static minnow_status check_samples(const struct memory_samples *from) {
    minnow_status status = check_shape(from->count, from->features, from->classes);
    if (status == MINNOW_OK)
        status = check_labels(from->labels, from->count, from->classes);
    if (status != MINNOW_OK)
        return status;

    if (from->values != NULL)
        return check_finite(from->values, from->count, from->features);
    if (!isfinite(from->scale))
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: scale is %g, expected a finite number",
                    (double)from->scale);
    return MINNOW_OK;
}

static minnow_status from_memory(const struct memory_samples *from, minnow_dataset **out) {
    minnow_status status = check_samples(from);
    if (status != MINNOW_OK)
        return status;

    minnow_dataset *dataset = start_copy(from->labels, from->count, from->features, from->classes, "memory");
    if (dataset == NULL || (!from->borrow && !copy_features(dataset, from->bytes, from->values))) {
        minnow_dataset_free(dataset);
        return fail_memory("the dataset");
    }

    if (from->borrow) {
        /* Nothing writes to borrowed features: what changes them makes a copy first. */
        dataset->bytes = (uint8_t *)(uintptr_t)from->bytes;
        dataset->values = (float *)(uintptr_t)from->values;
        dataset->borrowed = true;
    }
    dataset->scale = from->scale;
    *out = dataset;
    return MINNOW_OK;
}

minnow_status minnow_dataset_from_bytes(const uint8_t *pixels, const uint32_t *labels, size_t count,
                                        size_t features, size_t classes, float scale, minnow_dataset **out) {
    if (!CLEARED(out) || !GIVEN(pixels) || !GIVEN(labels))
        return MINNOW_ERROR_ARGUMENT;
    return from_memory(&(struct memory_samples){pixels, NULL, labels, count, features, classes, scale, false},
                       out);
}

minnow_status minnow_dataset_from_floats(const float *values, const uint32_t *labels, size_t count,
                                         size_t features, size_t classes, minnow_dataset **out) {
    if (!CLEARED(out) || !GIVEN(values) || !GIVEN(labels))
        return MINNOW_ERROR_ARGUMENT;
    return from_memory(&(struct memory_samples){NULL, values, labels, count, features, classes, 1.0F, false},
                       out);
}

minnow_status minnow_dataset_borrow_bytes(const uint8_t *pixels, const uint32_t *labels, size_t count,
                                          size_t features, size_t classes, float scale,
                                          minnow_dataset **out) {
    if (!CLEARED(out) || !GIVEN(pixels) || !GIVEN(labels))
        return MINNOW_ERROR_ARGUMENT;
    return from_memory(&(struct memory_samples){pixels, NULL, labels, count, features, classes, scale, true},
                       out);
}

minnow_status minnow_dataset_borrow_floats(const float *values, const uint32_t *labels, size_t count,
                                           size_t features, size_t classes, minnow_dataset **out) {
    if (!CLEARED(out) || !GIVEN(values) || !GIVEN(labels))
        return MINNOW_ERROR_ARGUMENT;
    return from_memory(&(struct memory_samples){NULL, values, labels, count, features, classes, 1.0F, true},
                       out);
}

/* A copy of the lists of `count` samples from `first` on. False when there is no memory. */
static bool copy_sparse(const struct sparse_features *from, size_t first, size_t count,
                        struct sparse_features *out) {
    uint32_t begin = from->start[first];
    size_t entries = from->start[first + count] - begin;
    out->start = memory_allocate_unset(count + 1, sizeof *out->start);
    out->index = memory_allocate_unset(entries, sizeof *out->index);
    out->value = memory_allocate_unset(entries, sizeof *out->value);
    if (out->start == NULL || out->index == NULL || out->value == NULL)
        return false;

    for (size_t i = 0; i <= count; i++)
        out->start[i] = from->start[first + i] - begin;
    memcpy(out->index, from->index + begin, entries * sizeof *out->index);
    memcpy(out->value, from->value + begin, entries * sizeof *out->value);
    return true;
}

/* Copies `count` samples from `first` on, with all that is said of them. */
static minnow_status copy_part(const minnow_dataset *dataset, size_t first, size_t count,
                               minnow_dataset **out) {
    size_t offset = first * dataset->features;
    minnow_dataset *part =
        start_copy(dataset->labels + first, count, dataset->features, dataset->classes, dataset->source);
    bool copied = part != NULL;
    if (copied && dataset_is_sparse(dataset))
        copied = copy_sparse(&dataset->sparse, first, count, &part->sparse);
    else if (copied)
        copied = copy_features(part, dataset->bytes == NULL ? NULL : dataset->bytes + offset,
                               dataset->values == NULL ? NULL : dataset->values + offset);
    if (copied && dataset->targets != NULL) {
        part->targets = copy_rows(dataset->targets + first * dataset->classes, count, dataset->classes);
        copied = part->targets != NULL;
    }
    if (copied && dataset->weights != NULL) {
        part->weights = copy_rows(dataset->weights + first, count, 1);
        copied = part->weights != NULL;
    }
    if (copied && dataset->class_weights != NULL) {
        part->class_weights = copy_rows(dataset->class_weights, 1, dataset->classes);
        copied = part->class_weights != NULL;
    }
    if (!copied) {
        minnow_dataset_free(part);
        return fail_memory("a copy of the dataset");
    }

    part->height = dataset->height;
    part->width = dataset->width;
    part->scale = dataset->scale;
    *out = part;
    return MINNOW_OK;
}

minnow_status dataset_copy(const minnow_dataset *dataset, minnow_dataset **out) {
    *out = NULL;
    return copy_part(dataset, 0, dataset->count, out);
}

minnow_status minnow_dataset_set_image_size(minnow_dataset *dataset, size_t height, size_t width) {
    if (!GIVEN(dataset))
        return MINNOW_ERROR_ARGUMENT;

    size_t pixels;
    bool none = height == 0 && width == 0;
    if (!none && (!size_multiply(height, width, &pixels) || pixels != dataset->features))
        return fail(MINNOW_ERROR_ARGUMENT, "%s: samples of %zu features are no images of %zu × %zu pixels",
                    dataset->source, dataset->features, height, width);
    dataset->height = height;
    dataset->width = width;
    return MINNOW_OK;
}

minnow_status minnow_dataset_split(minnow_dataset *dataset, size_t tail, minnow_dataset **out) {
    if (!CLEARED(out) || !GIVEN(dataset))
        return MINNOW_ERROR_ARGUMENT;

    if (tail < 1 || tail >= dataset->count)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: cannot split %zu samples off %zu, expected 1 to %zu",
                    dataset->source, tail, dataset->count, dataset->count - 1);

    minnow_status status = copy_part(dataset, dataset->count - tail, tail, out);
    if (status == MINNOW_OK)
        dataset->count -= tail;
    return status;
}
