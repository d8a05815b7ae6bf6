#include "data/formats/arrays.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"

enum { QMNIST_COLUMNS = 8 };

/* ---- Labels ---- */

static double label_at(const struct array *array, size_t n, size_t column, size_t columns) {
    return array_element(array, array_place(array, n, column, columns));
}

/* The column of a one-hot row's 1; `columns` when the row is none. */
static size_t one_hot_column(const struct array *array, size_t n, size_t columns) {
    size_t found = columns, ones = 0;
    for (size_t c = 0; c < columns; c++) {
        double value = label_at(array, n, c, columns);
        if (value == 1.0) {
            found = c;
            ones++;
        } else if (value != 0.0) {
            return columns;
        }
    }
    return ones == 1 ? found : columns;
}

static minnow_status read_one_hot(const char *name, const struct array *array, size_t columns,
                                  minnow_dataset *dataset) {
    for (size_t n = 0; n < dataset->count; n++) {
        size_t label = one_hot_column(array, n, columns);
        if (label == columns)
            return fail(MINNOW_ERROR_INPUT,
                        "%s: item %zu: expected a label, or a row of %zu numbers of which one is 1 and the "
                        "others are 0",
                        name, n, columns);
        dataset->labels[n] = (uint32_t)label;
    }
    dataset->label_columns = columns;
    return MINNOW_OK;
}

static minnow_status read_whole_numbers(const char *name, const struct array *array, size_t columns,
                                        minnow_dataset *dataset) {
    for (size_t n = 0; n < dataset->count; n++) {
        double value = label_at(array, n, 0, columns);
        if (!(value >= 0.0) || value >= DATASET_CLASSES_MAX + 1.0 || value != floor(value))
            return fail(MINNOW_ERROR_INPUT, "%s: label %g at item %zu, expected a whole number from 0 to %d",
                        name, value, n, DATASET_CLASSES_MAX - 1);
        dataset->labels[n] = (uint32_t)value;
    }
    return MINNOW_OK;
}

minnow_status arrays_read_labels(const char *name, const struct array *array, minnow_dataset *dataset) {
    size_t count = array->rank > 0 ? array->shape[0] : 0, columns;
    if (count == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: holds 0 labels, expected at least 1", name);
    if (count > DATASET_COUNT_MAX)
        return fail(MINNOW_ERROR_INPUT, "%s: %zu labels, expected at most %zu", name, count,
                    DATASET_COUNT_MAX);
    if (array->rank > 2 || !array_product(array, 1, &columns) || columns < 1 || columns > DATASET_CLASSES_MAX)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: %zu dimensions, expected labels in one; are images and labels mixed up?", name,
                    array->rank);

    dataset->labels = memory_allocate(count, sizeof *dataset->labels);
    if (dataset->labels == NULL)
        return fail_memory(name);
    dataset->count = count;

    bool one_hot = columns > 1 && (columns != QMNIST_COLUMNS || one_hot_column(array, 0, columns) < columns);
    minnow_status status = one_hot ? read_one_hot(name, array, columns, dataset)
                                   : read_whole_numbers(name, array, columns, dataset);
    return status == MINNOW_OK ? data_format_check_labels(name, dataset) : status;
}

/* ---- Features ---- */

/* How many values a sample has, and the shape of an image: [count][height][width], or that with one channel
   before or behind. */
static minnow_status read_shape(const char *name, const struct array *array, const char *labels_name,
                                minnow_dataset *dataset) {
    const size_t *shape = array->shape;
    size_t features;
    if (array->rank < 1)
        return fail(MINNOW_ERROR_INPUT, "%s: a single number, expected samples", name);
    if (shape[0] != dataset->count)
        return fail(MINNOW_ERROR_INPUT, "%s: %zu images, but %s has %zu labels; they do not belong together",
                    name, shape[0], labels_name, dataset->count);

    bool fits = array_product(array, 1, &features) && features >= 1 && features <= DATASET_FEATURES_MAX;
    if (!fits && array->rank == 3)
        return fail(MINNOW_ERROR_INPUT, "%s: images of %zu × %zu pixels, expected 1 to %d pixels", name,
                    shape[1], shape[2], DATASET_FEATURES_MAX);
    if (!fits)
        return fail(MINNOW_ERROR_INPUT, "%s: samples of no values, or of more than %d", name,
                    DATASET_FEATURES_MAX);

    dataset->features = features;
    if (array->rank == 3 || (array->rank == 4 && shape[3] == 1)) {
        dataset->height = shape[1];
        dataset->width = shape[2];
    } else if (array->rank == 4 && shape[1] == 1) {
        dataset->height = shape[2];
        dataset->width = shape[3];
    }
    return MINNOW_OK;
}

static bool is_byte(double value) {
    return value >= 0.0 && value <= 255.0 && value == floor(value);
}

/* Whether the numbers are pixels, 0 to 255. Zeros and ones alone are more likely a mask than darkness. */
static minnow_status find_bytes(const char *name, const struct array *array, size_t elements, bool *bytes) {
    double largest = 0.0;
    *bytes = true;
    for (size_t i = 0; i < elements; i++) {
        double value = array_element(array, i);
        if (!isfinite((float)value))
            return fail(MINNOW_ERROR_INPUT, "%s: number %zu is %g, expected a finite number", name, i, value);
        *bytes = *bytes && is_byte(value);
        largest = value > largest ? value : largest;
    }
    *bytes = *bytes && (largest > 1.0 || array->type == ARRAY_UINT8);
    return MINNOW_OK;
}

static minnow_status copy_features(const char *name, const struct array *array, bool bytes,
                                   minnow_dataset *dataset) {
    size_t features = dataset->features, elements = dataset->count * features; /* of an array in memory */
    if (bytes)
        dataset->bytes = memory_allocate_unset(elements, sizeof *dataset->bytes);
    else
        dataset->values = memory_allocate_unset(elements, sizeof *dataset->values);
    if (dataset->bytes == NULL && dataset->values == NULL)
        return fail_memory(name);

    bool inexact = false;
    for (size_t n = 0; n < dataset->count; n++)
        for (size_t k = 0; k < features; k++) {
            double value = array_element(array, array_place(array, n, k, features));
            if (bytes)
                dataset->bytes[n * features + k] = (uint8_t)value;
            else
                dataset->values[n * features + k] = (float)value;
            inexact |= number_is_rounded(value);
        }
    dataset->inexact = inexact;
    return MINNOW_OK;
}

minnow_status arrays_read_features(const char *name, const struct array *array, const char *labels_name,
                                   minnow_dataset *dataset) {
    bool bytes = false;
    dataset->scale = PIXEL_SCALE;
    minnow_status status = read_shape(name, array, labels_name, dataset);
    if (status == MINNOW_OK)
        status = find_bytes(name, array, dataset->count * dataset->features, &bytes);
    if (status == MINNOW_OK)
        status = copy_features(name, array, bytes, dataset);
    return status;
}

minnow_status arrays_borrow_features(const char *name, const struct array *array, const char *labels_name,
                                     minnow_dataset *dataset) {
    minnow_status status = read_shape(name, array, labels_name, dataset);
    if (status != MINNOW_OK)
        return status;

    /* A dataset never writes to bytes that are a file's. */
    dataset->bytes = (uint8_t *)(uintptr_t)array->data;
    dataset->scale = PIXEL_SCALE;
    return MINNOW_OK;
}

/* ---- Samples ---- */

struct array_samples {
    struct sample_stream base;
    struct byte_stream bytes;
    struct array array;
    size_t features, next;
    bool pixels;
    float scale;
};

static minnow_status next_sample(struct sample_stream *stream, bool wait, float *values, bool *got) {
    (void)wait; /* everything is there */
    struct array_samples *samples = (struct array_samples *)stream;
    if (samples->next == samples->array.shape[0])
        return MINNOW_OK;

    for (size_t k = 0; k < samples->features; k++) {
        size_t place = array_place(&samples->array, samples->next, k, samples->features);
        float value = (float)array_element(&samples->array, place);
        values[k] = samples->pixels ? value * samples->scale : value;
    }
    samples->next++;
    *got = true;
    return MINNOW_OK;
}

static void close_samples(struct sample_stream *stream) {
    struct array_samples *samples = (struct array_samples *)stream;
    stream_close(&samples->bytes);
    free(samples);
}

minnow_status arrays_stream(struct byte_stream *bytes, const struct array *array, size_t features,
                            float scale, struct sample_stream **out) {
    size_t found = 0, elements;
    bool pixels;
    *out = NULL;
    if (array->rank < 1 || !array_product(array, 1, &found) || found != features ||
        !array_product(array, 0, &elements))
        return fail(MINNOW_ERROR_INPUT, "%s: samples of %zu values, but the network takes %zu", bytes->name,
                    found, features);
    minnow_status status = find_bytes(bytes->name, array, elements, &pixels);
    if (status != MINNOW_OK)
        return status;

    struct array_samples *samples = calloc(1, sizeof *samples);
    if (samples == NULL)
        return fail_memory(bytes->name);
    *samples = (struct array_samples){.base = {.next = next_sample, .close = close_samples},
                                      .bytes = *bytes,
                                      .array = *array,
                                      .features = features,
                                      .pixels = pixels,
                                      .scale = scale};
    *bytes = (struct byte_stream){0};
    *out = &samples->base;
    return MINNOW_OK;
}
