/* Rows of numbers from CSV text. */
#include "data/formats/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_kind.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "data/dataset.h"

/* Room for a line of DATASET_FEATURES_MAX numbers of 63 characters each. */
enum { LONGEST_LINE = 1 << 22 };

struct csv_source {
    struct byte_stream stream;
    size_t line;     /* of the line last returned, from 1 */
    float *row;      /* [DATASET_FEATURES_MAX]: the row last parsed */
    bool other_kind; /* the first line is that of a file of another kind */
    bool line_is_bad;
    bool inexact; /* a value was a whole number that no float has */
};

/* ---- Opening ---- */

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

const char *csv_name(const struct csv_source *source) {
    return source->stream.name;
}

size_t csv_line(const struct csv_source *source) {
    return source->line;
}

/* ---- Lines ---- */

/* To be called when line `line`, which begins at `begin`, is not of numbers. In the first line, fails if the
   file is of another known kind. All that has been read of it is looked at: the first bytes of a PNG image, for
   one, hold a line end. */
static minnow_status check_kind(struct csv_source *source, size_t line, const void *begin) {
    const struct byte_stream *stream = &source->stream;
    size_t size = (size_t)(stream->bytes + stream->end - (const uint8_t *)begin);
    minnow_status status =
        line == 1 ? file_kind_check(stream->name, begin, size, FILE_KIND_CSV, FILE_AS_DATA) : MINNOW_OK;
    source->other_kind = status != MINNOW_OK;
    return status;
}

/* Reads on, as none of the bytes that are there ends the line. A line that grows too long is an error. */
static minnow_status read_more(struct csv_source *source) {
    const struct byte_stream *stream = &source->stream;
    bool too_long = stream->end - stream->begin >= LONGEST_LINE;
    if (too_long && check_kind(source, source->line + 1, stream->bytes + stream->begin) != MINNOW_OK)
        return MINNOW_ERROR_INPUT;
    if (too_long)
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu is longer than %d bytes; is it a CSV file?",
                    source->stream.name, source->line + 1, LONGEST_LINE);
    return stream_more(&source->stream);
}

/* Where the first unused line ends; NULL if its end has not been read yet. The first `searched` bytes are
   known to hold no line end and are not searched again. */
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

/* `value`, in column `column` of the line in [line, end), is no number. */
static minnow_status fail_value(struct csv_source *source, const char *line, size_t column, const char *value,
                                const char *end) {
    if (check_kind(source, source->line, line) != MINNOW_OK)
        return MINNOW_ERROR_INPUT;

    const char *comma = memchr(value, ',', (size_t)(end - value));
    size_t length = (size_t)((comma == NULL ? end : comma) - value);
    return fail(MINNOW_ERROR_INPUT, "%s: line %zu, value %zu: expected a finite number, found \"%.*s\"",
                source->stream.name, source->line, column + 1, (int)size_min(length, 24), value);
}

/* Parses a line of numbers into source->row. */
static minnow_status parse_row(struct csv_source *source, const char *begin, const char *end,
                               size_t *columns) {
    const char *p = begin;
    for (size_t column = 0;; column++) {
        if (column == DATASET_FEATURES_MAX)
            return fail(MINNOW_ERROR_INPUT, "%s: line %zu: more than %d values", source->stream.name,
                        source->line, DATASET_FEATURES_MAX);

        /* Four of five values of MNIST's images are this one. */
        if (end - p > 3 && memcmp(p, "0.0,", 4) == 0) {
            source->row[column] = 0.0F;
            p += 4;
            continue;
        }

        /* A variable of its own for the reader: were p's address taken, p would be in memory, not a register. */
        const char *value = skip_blanks(p, end), *behind = value;
        float *out = &source->row[column];
        if (!number_read_float(&behind, end, out) || !isfinite(*out))
            return fail_value(source, begin, column, value, end);

        if (*out >= 0x1p24F || *out <= -0x1p24F)
            source->inexact |= number_text_is_rounded(value, behind, *out);
        p = skip_blanks(behind, end);
        if (p == end) {
            *columns = column + 1;
            return MINNOW_OK;
        }
        if (*p != ',')
            return fail_value(source, begin, column, value, end);
        p++;
    }
}

/* ---- Rows ---- */

/* The next row into source->row. *columns is how many values it must have; 0 before the first row, which
   sets it. After the last row *done is set and *columns stays. */
static minnow_status next_row(struct csv_source *source, size_t *columns, bool *done) {
    const char *begin, *end;
    size_t found = 0;
    minnow_status status = next_line(source, &begin, &end);
    *done = begin == NULL;
    if (status != MINNOW_OK || *done)
        return status;

    status = parse_row(source, begin, end, &found);
    source->line_is_bad =
        !source->other_kind && (status != MINNOW_OK || (*columns != 0 && found != *columns));
    if (status != MINNOW_OK)
        return status;
    if (*columns != 0 && found != *columns)
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu: %zu values, expected %zu as in line 1",
                    source->stream.name, source->line, found, *columns);
    *columns = found;
    return MINNOW_OK;
}

/* A value takes at least a digit and the comma or line end behind it. */
size_t csv_rows_possible(const struct csv_source *source, size_t columns) {
    return source->stream.total / (2 * columns) + 1;
}

minnow_status csv_read_row(struct csv_source *source, size_t *columns, const float **row) {
    bool done;
    *row = NULL;
    source->line_is_bad = false;
    minnow_status status = next_row(source, columns, &done);
    if (status == MINNOW_OK && done && source->line == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: is empty, expected rows of comma-separated numbers",
                    source->stream.name);
    if (status == MINNOW_OK && !done)
        *row = source->row;
    return status;
}

bool csv_line_is_bad(const struct csv_source *source) {
    return source->line_is_bad;
}

bool csv_is_inexact(const struct csv_source *source) {
    return source->inexact;
}

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
