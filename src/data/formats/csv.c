/* The original program's CSV files: a row of features a line, and a one-hot row a line for the labels; or a number. */
#include "data/formats/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/formats/format.h"
#include "data/formats/pair.h"

static const struct pair_names NAMES[2] = {
    {.images = {"train_images.csv"}, .labels = {"train_labels.csv"}, .labels_expected = "train_labels.csv"},
    {.images = {"test_images.csv"}, .labels = {"test_labels.csv"}, .labels_expected = "test_labels.csv"},
};

/* ---- Labels ---- */

static minnow_status one_hot(const struct csv_source *source, const float *row, size_t columns,
                             uint32_t *label) {
    size_t ones = 0;
    for (size_t i = 0; i < columns; i++) {
        if (row[i] == 1.0F) {
            ones++;
            *label = (uint32_t)i;
        } else if (row[i] != 0.0F) {
            ones = 2;
            break;
        }
    }

    if (ones != 1)
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu: expected a label as one 1 among zeros",
                    csv_name(source), csv_line(source));
    return MINNOW_OK;
}

/* The label of a row of one column. */
static minnow_status whole_number(const struct csv_source *source, float value, uint32_t *label) {
    if (!(value >= 0.0F && value <= (float)DATASET_CLASSES_MAX && value == floorf(value)))
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu: label %g, expected a whole number from 0 to %d",
                    csv_name(source), csv_line(source), (double)value, DATASET_CLASSES_MAX - 1);
    *label = (uint32_t)value;
    return MINNOW_OK;
}

static minnow_status collect_labels(struct csv_source *source, uint32_t **labels, size_t *count,
                                    size_t *row_columns) {
    size_t columns = 0, capacity = 0;
    for (;; ++*count) {
        const float *row;
        minnow_status status = csv_read_row(source, &columns, &row);
        if (status != MINNOW_OK || row == NULL)
            return status;

        if (*labels == NULL) {
            *row_columns = columns > 1 ? columns : 0;
            capacity = size_min(csv_rows_possible(source, columns), DATASET_COUNT_MAX);
            *labels = memory_allocate(capacity, sizeof **labels);
            if (*labels == NULL)
                return fail_memory(csv_name(source));
        }
        if (*count == capacity)
            return fail(MINNOW_ERROR_INPUT, "%s: line %zu: more rows than expected (%zu)", csv_name(source),
                        csv_line(source), capacity);

        uint32_t *label = &(*labels)[*count];
        status = columns == 1 ? whole_number(source, row[0], label) : one_hot(source, row, columns, label);
        if (status != MINNOW_OK)
            return status;
    }
}

minnow_status csv_read_labels(struct csv_source *source, uint32_t **labels, size_t *count, size_t *columns) {
    *labels = NULL;
    *count = *columns = 0;
    minnow_status status = collect_labels(source, labels, count, columns);
    if (status != MINNOW_OK) {
        memory_free(*labels);
        *labels = NULL;
        *count = 0;
    }
    return status;
}

/* ---- Features ---- */

/* Turns the `rows` rows stored so far from bytes to floats. */
static minnow_status switch_to_values(struct csv_source *source, minnow_dataset *dataset, size_t rows,
                                      size_t capacity) {
    size_t elements;
    float *values = NULL;
    if (size_multiply(capacity, dataset->features, &elements))
        values = memory_allocate(elements, sizeof *values);
    if (values == NULL)
        return fail_memory(csv_name(source));

    for (size_t i = 0; i < rows * dataset->features; i++)
        values[i] = (float)dataset->bytes[i] * PIXEL_SCALE;

    free(dataset->bytes);
    dataset->bytes = NULL;
    dataset->values = values;
    dataset->scale = 1.0F;
    return MINNOW_OK;
}

/* Rows are kept as bytes for as long as they all are bytes / 256. */
static minnow_status store_row(struct csv_source *source, const float *row, minnow_dataset *dataset,
                               size_t index, size_t capacity) {
    size_t features = dataset->features;
    if (dataset->values == NULL) {
        if (csv_row_bytes(row, features, dataset->bytes + index * features))
            return MINNOW_OK;

        minnow_status status = switch_to_values(source, dataset, index, capacity);
        if (status != MINNOW_OK)
            return status;
    }
    memcpy(dataset->values + index * features, row, features * sizeof(float));
    return MINNOW_OK;
}

static minnow_status collect_features(struct csv_source *source, const char *labels_name,
                                      minnow_dataset *dataset, size_t *rows) {
    size_t capacity = 0;
    for (;; ++*rows) {
        const float *row;
        minnow_status status = csv_read_row(source, &dataset->features, &row);
        if (status != MINNOW_OK || row == NULL)
            return status;

        if (*rows == 0) {
            capacity = size_min(csv_rows_possible(source, dataset->features), dataset->count);
            dataset->bytes = malloc(capacity * dataset->features); /* less than the file's size */
            if (dataset->bytes == NULL)
                return fail_memory(csv_name(source));
        }
        if (*rows == capacity)
            return fail(MINNOW_ERROR_INPUT, "%s: line %zu: a row too many, %s has labels for %zu",
                        csv_name(source), csv_line(source), labels_name, dataset->count);

        status = store_row(source, row, dataset, *rows, capacity);
        if (status != MINNOW_OK)
            return status;
    }
}

minnow_status csv_read_features(struct csv_source *source, const char *labels_name, minnow_dataset *dataset) {
    size_t rows = 0;
    dataset->features = 0;
    dataset->scale = PIXEL_SCALE;
    minnow_status status = collect_features(source, labels_name, dataset, &rows);
    if (status != MINNOW_OK)
        return status;

    if (rows < dataset->count)
        return fail(MINNOW_ERROR_INPUT, "%s: %zu rows, but %s has labels for %zu", csv_name(source), rows,
                    labels_name, dataset->count);
    dataset->inexact = csv_is_inexact(source);
    return MINNOW_OK;
}

/* ---- A subset from a folder and to one ---- */

static minnow_status has(const char *folder, minnow_subset subset, bool *out) {
    return pair_has(folder, &NAMES[subset], out);
}

static minnow_status read_pair(const struct pair *pair, minnow_dataset *dataset) {
    struct csv_source *source;
    minnow_status status = csv_open(pair->labels, &source);
    if (status != MINNOW_OK)
        return status;
    status = csv_read_labels(source, &dataset->labels, &dataset->count, &dataset->label_columns);
    csv_close(source);

    if (status == MINNOW_OK)
        status = data_format_check_labels(pair->labels, dataset);
    if (status == MINNOW_OK)
        status = csv_open(pair->images, &source);
    if (status != MINNOW_OK)
        return status;
    status = csv_read_features(source, pair->labels, dataset);
    csv_close(source);
    return status;
}

static minnow_status read_subset(const char *folder, minnow_subset subset, const struct data_request *request,
                                 minnow_dataset *dataset) {
    (void)request; /* text has to be parsed, so nothing of it can stay in the file's pages */
    struct pair pair;
    minnow_status status = pair_find(folder, &NAMES[subset], &pair);
    if (status != MINNOW_OK)
        return status;

    status = read_pair(&pair, dataset);
    pair_free(&pair);
    return status;
}

static minnow_status write_subset(const minnow_dataset *dataset, minnow_subset subset, const char *folder) {
    struct pair_outputs outputs;
    minnow_status status = pair_outputs_open(folder, &NAMES[subset], &outputs);
    if (status != MINNOW_OK)
        return status;

    return pair_outputs_close(&outputs, csv_write_rows(dataset, &outputs));
}

/* ---- Samples to predict from ---- */

/* Whatever is not one of the other formats is taken for text: if it is none, the reader says which line and
   value is no number. IDX begins with a byte 0, which no text does. */
static bool recognise(const uint8_t *bytes, size_t size) {
    return size > 0 && bytes[0] != 0;
}

struct csv_samples {
    struct sample_stream base;
    struct csv_source *source;
    size_t features;
    float scale;
    size_t columns; /* of the rows, once there was one */
    uint8_t *bytes; /* [features]: a row's, if it is one of bytes */
};

static void close_samples(struct sample_stream *stream) {
    struct csv_samples *samples = (struct csv_samples *)stream;
    csv_close(samples->source);
    free(samples->bytes);
    free(samples);
}

static minnow_status next_sample(struct sample_stream *stream, bool wait, float *values, bool *got) {
    struct csv_samples *samples = (struct csv_samples *)stream;
    bool ready = true, first = samples->columns == 0;
    const float *row = NULL;

    minnow_status status = wait ? MINNOW_OK : csv_ready(samples->source, &ready);
    if (status == MINNOW_OK && ready)
        status = csv_read_row(samples->source, &samples->columns, &row);
    stream->bad_sample = status != MINNOW_OK && csv_line_is_bad(samples->source);
    if (status != MINNOW_OK || row == NULL)
        return status;

    if (first && samples->columns != samples->features)
        return fail(MINNOW_ERROR_INPUT, "%s: rows of %zu values, but the network takes %zu%s",
                    csv_name(samples->source), samples->columns, samples->features,
                    samples->columns == samples->features + 1 ? ", and no label" : "");

    /* The rule of csv_read_features, here for each row on its own: bytes / 256 are pixels. */
    if (csv_row_bytes(row, samples->features, samples->bytes)) {
        sample_from_bytes(samples->bytes, samples->features, samples->scale, values);
    } else {
        memcpy(values, row, samples->features * sizeof *values);
        stream->has_features = true;
    }
    *got = true;
    return MINNOW_OK;
}

static minnow_status stream_samples(struct byte_stream *bytes, const struct sample_form *form,
                                    struct sample_stream **out) {
    size_t features = form->features;
    float scale = form->scale;
    *out = NULL;
    struct csv_samples *samples = calloc(1, sizeof *samples);
    if (samples == NULL)
        return fail_memory(bytes->name);
    *samples = (struct csv_samples){.base = {.next = next_sample, .close = close_samples},
                                    .features = features,
                                    .scale = scale,
                                    .bytes = malloc(features)};

    minnow_status status =
        samples->bytes == NULL ? fail_memory(bytes->name) : csv_from_stream(bytes, &samples->source);
    if (status != MINNOW_OK) {
        close_samples(&samples->base);
        return status;
    }
    *out = &samples->base;
    return MINNOW_OK;
}

const struct data_format csv_format = {
    .name = "csv",
    .is_default = true,
    .help = "the CSV files of the original program: train_images.csv, train_labels.csv (one-hot\nor a number "
            "a line), ...",
    .files = {"train_images.csv", "test_images.csv"},
    .has = has,
    .recognise = recognise,
    .read = read_subset,
    .write = write_subset,
    .stream = stream_samples,
};
