/* The original program's CSV files: a row of features a line, and a one-hot row a line for the labels. */
#include "data/formats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"

enum { LONGEST_LINE = 1 << 22 /* a line of DATASET_FEATURES_MAX numbers of 63 characters */ };

struct csv_source {
    struct byte_stream stream;
    size_t line; /* of the line last returned, from 1 */
    float *row;  /* [DATASET_FEATURES_MAX]: the row last parsed */
};

/* ---- Lines ---- */

minnow_status csv_from_stream(struct byte_stream *stream, struct csv_source **out) {
    *out = NULL;
    struct csv_source *source = calloc(1, sizeof *source);
    float *row = malloc(DATASET_FEATURES_MAX * sizeof *row);
    if (source == NULL || row == NULL) {
        free(source);
        free(row);
        return fail_memory(stream->name);
    }
    *source = (struct csv_source){.stream = *stream, .row = row};
    *stream = (struct byte_stream){0};
    *out = source;
    return MINNOW_OK;
}

minnow_status csv_from_memory(const char *name, const char *text, size_t size, struct csv_source **out) {
    struct byte_stream stream;
    stream_from_memory(name, (const uint8_t *)text, size, &stream);
    return csv_from_stream(&stream, out);
}

minnow_status csv_open(const char *path, struct csv_source **out) {
    *out = NULL;
    struct byte_stream stream;
    minnow_status status = stream_open(path, &stream);
    if (status == MINNOW_OK && stream.total == STREAM_UNKNOWN)
        status = fail(MINNOW_ERROR_INPUT, "%s: is a device or pipe, expected a CSV file", path);
    if (status == MINNOW_OK)
        status = csv_from_stream(&stream, out);
    stream_close(&stream); /* empty if the source has taken it over */
    return status;
}

void csv_close(struct csv_source *source) {
    if (source == NULL)
        return;
    stream_close(&source->stream);
    free(source->row);
    free(source);
}

/* Reads on for the end of a line that is already as long as what is unused. */
static minnow_status read_more(struct csv_source *source) {
    if (source->stream.end - source->stream.begin >= LONGEST_LINE)
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu is longer than %d bytes; is it a CSV file?",
                    source->stream.name, source->line + 1, LONGEST_LINE);
    return stream_more(&source->stream);
}

/* The end of the first line, of whose bytes the first `searched` are known not to be it; NULL if it is not
   there yet. */
static const char *find_newline(const struct byte_stream *stream, size_t searched) {
    size_t left = stream->end - stream->begin;
    return left > searched ? memchr(stream->bytes + stream->begin + searched, '\n', left - searched) : NULL;
}

/* The next line without its end (LF or CR LF) in [*begin, *end); *begin is NULL when there is none. */
static minnow_status next_line(struct csv_source *source, const char **begin, const char **end) {
    struct byte_stream *stream = &source->stream;
    *begin = *end = NULL;
    size_t searched = 0;
    const char *newline;
    while ((newline = find_newline(stream, searched)) == NULL && !stream->at_end) {
        searched = stream->end - stream->begin;
        minnow_status status = read_more(source);
        if (status != MINNOW_OK)
            return status;
    }
    if (stream->begin == stream->end)
        return MINNOW_OK;
    const char *text = (const char *)stream->bytes;
    *begin = text + stream->begin;
    *end = newline != NULL ? newline : text + stream->end;
    stream->begin = (size_t)(*end - text) + (newline != NULL);
    if (*end > *begin && (*end)[-1] == '\r')
        --*end;
    source->line++;
    return MINNOW_OK;
}

minnow_status csv_ready(struct csv_source *source, bool *ready) {
    const struct byte_stream *stream = &source->stream;
    size_t searched = 0;
    while (find_newline(stream, searched) == NULL && !stream->at_end && !stream_waits(stream)) {
        searched = stream->end - stream->begin;
        minnow_status status = read_more(source);
        if (status != MINNOW_OK)
            return status;
    }
    *ready = stream->at_end || find_newline(stream, searched) != NULL;
    return MINNOW_OK;
}

/* ---- Numbers ---- */

static const char *skip_blanks(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    return p;
}

static minnow_status fail_value(const struct csv_source *source, size_t column, const char *begin,
                                const char *end) {
    const char *comma = memchr(begin, ',', (size_t)(end - begin));
    size_t length = (size_t)((comma == NULL ? end : comma) - begin);
    return fail(MINNOW_ERROR_INPUT, "%s: line %zu, value %zu: expected a finite number, found \"%.*s\"",
                source->stream.name, source->line, column + 1, (int)size_min(length, 24), begin);
}

/* Parses a line of numbers into source->row. */
static minnow_status parse_row(struct csv_source *source, const char *begin, const char *end,
                               size_t *columns) {
    const char *p = begin;
    for (size_t column = 0;; column++) {
        if (column == DATASET_FEATURES_MAX)
            return fail(MINNOW_ERROR_INPUT, "%s: line %zu: more than %d values", source->stream.name,
                        source->line, DATASET_FEATURES_MAX);
        if (end - p > 3 && memcmp(p, "0.0,", 4) == 0) { /* four of five values of such images */
            source->row[column] = 0.0F;
            p += 4;
            continue;
        }
        /* A variable of its own for the reader: were p's address taken, p would be in memory, not a register. */
        const char *value = skip_blanks(p, end), *behind = value;
        float *out = &source->row[column];
        if (!number_read_float(&behind, end, out) || !isfinite(*out))
            return fail_value(source, column, value, end);
        p = skip_blanks(behind, end);
        if (p == end) {
            *columns = column + 1;
            return MINNOW_OK;
        }
        if (*p != ',')
            return fail_value(source, column, value, end);
        p++;
    }
}

/* The next row into source->row; *columns, 0 before the first row, is what it must have. *columns stays and
 *done is set after the last. */
static minnow_status next_row(struct csv_source *source, size_t *columns, bool *done) {
    const char *begin, *end;
    size_t found = 0;
    minnow_status status = next_line(source, &begin, &end);
    *done = begin == NULL;
    if (status != MINNOW_OK || *done)
        return status;
    status = parse_row(source, begin, end, &found);
    if (status != MINNOW_OK)
        return status;
    if (*columns != 0 && found != *columns)
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu: %zu values, expected %zu as in line 1",
                    source->stream.name, source->line, found, *columns);
    *columns = found;
    return MINNOW_OK;
}

static minnow_status fail_empty(const struct csv_source *source) {
    return fail(MINNOW_ERROR_INPUT, "%s: is empty, expected rows of comma-separated numbers",
                source->stream.name);
}

/* The rows of `columns` values that the file can hold at most: a value takes a digit and a comma or line end.
 */
static size_t rows_possible(const struct csv_source *source, size_t columns) {
    return source->stream.total / (2 * columns) + 1;
}

minnow_status csv_read_row(struct csv_source *source, size_t *columns, const float **row) {
    bool done;
    *row = NULL;
    minnow_status status = next_row(source, columns, &done);
    if (status == MINNOW_OK && done && source->line == 0)
        return fail_empty(source);
    if (status == MINNOW_OK && !done)
        *row = source->row;
    return status;
}

/* ---- Labels ---- */

static minnow_status one_hot(const struct csv_source *source, size_t columns, uint32_t *label) {
    size_t ones = 0;
    for (size_t i = 0; i < columns; i++) {
        if (source->row[i] == 1.0F) {
            ones++;
            *label = (uint32_t)i;
        } else if (source->row[i] != 0.0F) {
            ones = 2;
            break;
        }
    }
    if (ones != 1)
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu: expected a label as one 1 among zeros",
                    source->stream.name, source->line);
    return MINNOW_OK;
}

static minnow_status collect_labels(struct csv_source *source, uint32_t **labels, size_t *count) {
    size_t columns = 0, capacity = 0;
    for (;;) {
        bool done;
        minnow_status status = next_row(source, &columns, &done);
        if (status != MINNOW_OK || done)
            return status;
        if (*labels == NULL) {
            capacity = size_min(rows_possible(source, columns), DATASET_COUNT_MAX);
            *labels = memory_allocate(capacity, sizeof **labels);
            if (*labels == NULL)
                return fail_memory(source->stream.name);
        }
        if (*count == capacity)
            return fail(MINNOW_ERROR_INPUT, "%s: line %zu: more rows than expected (%zu)",
                        source->stream.name, source->line, capacity);
        status = one_hot(source, columns, &(*labels)[*count]);
        if (status != MINNOW_OK)
            return status;
        ++*count;
    }
}

minnow_status csv_read_labels(struct csv_source *source, uint32_t **labels, size_t *count) {
    *labels = NULL;
    *count = 0;
    minnow_status status = collect_labels(source, labels, count);
    if (status == MINNOW_OK && *count == 0)
        status = fail_empty(source);
    if (status != MINNOW_OK) {
        memory_free(*labels);
        *labels = NULL;
        *count = 0;
    }
    return status;
}

/* ---- Features ---- */

bool csv_row_bytes(const float *row, size_t columns, uint8_t *bytes) {
    bool exact = true;
    for (size_t i = 0; i < columns; i++) {
        float scaled = row[i] / PIXEL_SCALE;
        bool in_range = scaled >= 0.0F && scaled < 256.0F;
        uint8_t byte = (uint8_t)(in_range ? scaled : 0.0F);
        bytes[i] = byte;
        exact = exact && in_range && (float)byte == scaled;
    }
    return exact;
}

/* Turns the rows stored so far from bytes to floats. */
static minnow_status switch_to_values(struct csv_source *source, minnow_dataset *dataset, size_t rows,
                                      size_t capacity) {
    size_t elements;
    float *values = NULL;
    if (size_multiply(capacity, dataset->features, &elements))
        values = memory_allocate(elements, sizeof *values);
    if (values == NULL)
        return fail_memory(source->stream.name);
    for (size_t i = 0; i < rows * dataset->features; i++)
        values[i] = (float)dataset->bytes[i] * PIXEL_SCALE;
    free(dataset->bytes);
    dataset->bytes = NULL;
    dataset->values = values;
    dataset->scale = 1.0F;
    return MINNOW_OK;
}

static minnow_status store_row(struct csv_source *source, minnow_dataset *dataset, size_t row,
                               size_t capacity) {
    size_t features = dataset->features;
    if (dataset->values == NULL) {
        if (csv_row_bytes(source->row, features, dataset->bytes + row * features))
            return MINNOW_OK;
        minnow_status status = switch_to_values(source, dataset, row, capacity);
        if (status != MINNOW_OK)
            return status;
    }
    memcpy(dataset->values + row * features, source->row, features * sizeof(float));
    return MINNOW_OK;
}

static minnow_status collect_features(struct csv_source *source, const char *labels_name,
                                      minnow_dataset *dataset, size_t *rows) {
    size_t capacity = 0;
    for (;; ++*rows) {
        bool done;
        minnow_status status = next_row(source, &dataset->features, &done);
        if (status != MINNOW_OK || done)
            return status;
        if (*rows == 0) {
            capacity = size_min(rows_possible(source, dataset->features), dataset->count);
            dataset->bytes = malloc(capacity * dataset->features); /* less than the file's size */
            if (dataset->bytes == NULL)
                return fail_memory(source->stream.name);
        }
        if (*rows == capacity)
            return fail(MINNOW_ERROR_INPUT, "%s: line %zu: a row too many, %s has labels for %zu",
                        source->stream.name, source->line, labels_name, dataset->count);
        status = store_row(source, dataset, *rows, capacity);
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
    if (rows == 0)
        return fail_empty(source);
    if (rows < dataset->count)
        return fail(MINNOW_ERROR_INPUT, "%s: %zu rows, but %s has labels for %zu", source->stream.name, rows,
                    labels_name, dataset->count);
    return MINNOW_OK;
}
