/* What a request's body becomes. Everything in it may be wrong, or meant to harm. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "cli/serve/serve.h"
#include "data/inputs.h"

static const char NAME[] = "the body";

void samples_free(struct samples *samples) {
    memory_free(samples->values);
    memory_free(samples->label);
    memory_free(samples->output);
    *samples = (struct samples){0};
}

/* How many samples one request may have. */
static size_t samples_most(const struct served *served) {
    size_t widest = served->features > served->outputs ? served->features : served->outputs;
    size_t most = SAMPLE_VALUES_MOST / widest;
    return most < 1 ? 1 : most < SAMPLES_MOST ? most : SAMPLES_MOST;
}

static minnow_status make_room(const struct served *served, size_t count, struct samples *out) {
    out->values = memory_allocate(count * served->features, sizeof *out->values);
    out->label = memory_allocate(count, sizeof *out->label);
    out->output = memory_allocate(count * served->outputs, sizeof *out->output);
    bool there = out->values != NULL && out->label != NULL && out->output != NULL;
    return there ? MINNOW_OK : fail_memory(NAME);
}

/* ---- Files ---- */

/* Samples that come one after the other, of which the number is not known before. Takes the inputs over. */
static minnow_status gather(const struct served *served, struct inputs *inputs, struct samples *out) {
    size_t most = samples_most(served), room = 1, count;
    minnow_status status = make_room(served, room, out);
    while (status == MINNOW_OK) {
        status = inputs_read(inputs, room - out->count, out->values + out->count * served->features, &count);
        out->count += count;
        if (status != MINNOW_OK || count == 0)
            break;
        if (out->count < room)
            continue;
        if (room == most) {
            status = fail(MINNOW_ERROR_INPUT, "%s: more than %zu samples; send fewer at a time", NAME, most);
            break;
        }

        struct samples larger = {.count = out->count};
        room = room < most / 8 ? room * 8 : most;
        status = make_room(served, room, &larger);
        if (status == MINNOW_OK)
            memcpy(larger.values, out->values, out->count * served->features * sizeof *out->values);
        samples_free(out);
        *out = larger;
    }
    inputs_close(inputs);
    return status;
}

static minnow_status read_file(const struct served *served, const uint8_t *bytes, size_t size,
                               struct samples *out) {
    struct byte_stream stream;
    struct inputs *inputs;
    stream_from_memory(NAME, bytes, size, &stream);
    minnow_status status = inputs_open_form(&stream, &served->form, &inputs);
    return status == MINNOW_OK ? gather(served, inputs, out) : status;
}

static minnow_status read_table(const struct served *served, const char *text, size_t size,
                                struct samples *out) {
    struct table *table;
    struct sample_stream *samples;
    struct inputs *inputs = NULL;
    minnow_status status = encoder_table_from_memory(served->encoder, NAME, text, size, &table);
    if (status == MINNOW_OK)
        status = table_samples_open(served->encoder, table, &samples);
    if (status == MINNOW_OK)
        status = inputs_from_samples(NAME, served->features, samples, &inputs);
    if (status == MINNOW_OK)
        status = gather(served, inputs, out);
    table_free(table);
    return status;
}

/* ---- JSON ---- */

static minnow_status fail_row(size_t row, const char *what) {
    return fail(MINNOW_ERROR_INPUT, "%s: row %zu: %s", NAME, row, what);
}

/* A row of numbers, each times `scale`. */
static minnow_status read_numbers(const struct served *served, const json_t *row, size_t index, bool pixels,
                                  float *values) {
    if (!json_is_array(row))
        return fail_row(index, "expected a list of numbers");
    if (json_array_size(row) != served->features)
        return fail(MINNOW_ERROR_INPUT, "%s: row %zu: %zu values, but the network takes %zu", NAME, index,
                    json_array_size(row), served->features);
    for (size_t i = 0; i < served->features; i++) {
        const json_t *value = json_array_get(row, i);
        double number = json_is_number(value) ? json_number_value(value) : NAN;
        bool fits = pixels ? number >= 0.0 && number <= 255.0 && number == floor(number)
                           : isfinite((float)number) != 0;
        if (!fits)
            return fail(MINNOW_ERROR_INPUT, "%s: row %zu: value %zu: expected %s", NAME, index, i,
                        pixels ? "a whole number from 0 to 255" : "a finite number");
        values[i] = pixels ? (float)number * served->form.scale : (float)number;
    }
    return MINNOW_OK;
}

static minnow_status read_number_rows(const struct served *served, const json_t *rows, bool pixels,
                                      struct samples *out) {
    size_t count = json_array_size(rows);
    minnow_status status = make_room(served, count, out);
    for (size_t i = 0; i < count && status == MINNOW_OK; i++)
        status = read_numbers(served, json_array_get(rows, i), i, pixels, out->values + i * served->features);
    if (status == MINNOW_OK)
        out->count = count;
    return status;
}

/* A field of a table's text. */
static void write_field(FILE *text, const char *field) {
    fputc('"', text);
    for (; *field != '\0'; field++) {
        if (*field == '"')
            fputc('"', text);
        fputc(*field, text);
    }
    fputc('"', text);
}

/* The cell of a column, which may be a number, a text, or null where there is no value. */
static minnow_status write_cell(FILE *text, const json_t *row, size_t index, const char *column) {
    const json_t *value = json_object_get(row, column);
    if (value == NULL)
        return fail(MINNOW_ERROR_INPUT, "%s: row %zu: no \"%s\", which the network takes", NAME, index,
                    column);
    if (json_is_string(value)) {
        write_field(text, json_string_value(value));
    } else if (json_is_number(value)) {
        char *number = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
        if (number == NULL)
            return fail_memory(NAME);
        fputs(number, text);
        free(number);
    } else if (json_is_boolean(value)) {
        fputs(json_is_true(value) ? "true" : "false", text);
    } else if (!json_is_null(value)) {
        return fail(MINNOW_ERROR_INPUT, "%s: row %zu: \"%s\": expected a number, a text or null", NAME, index,
                    column);
    }
    return MINNOW_OK;
}

/* Rows of named values become the text of a table, and go the way of any other one. */
static minnow_status write_table(const struct served *served, const json_t *rows, FILE *text) {
    const struct encoder *encoder = served->encoder;
    for (size_t c = 0; c < encoder->column_count; c++) {
        fputs(c > 0 ? "," : "", text);
        write_field(text, encoder->columns[c].name);
    }
    fputc('\n', text);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (!json_is_object(row))
            return fail_row(i, "expected an object of columns and values");
        for (size_t c = 0; c < encoder->column_count; c++) {
            fputs(c > 0 ? "," : "", text);
            minnow_status status = write_cell(text, row, i, encoder->columns[c].name);
            if (status != MINNOW_OK)
                return status;
        }
        fputc('\n', text);
    }
    return MINNOW_OK;
}

static minnow_status read_objects(const struct served *served, const json_t *rows, struct samples *out) {
    char *data = NULL;
    size_t size = 0;
    FILE *text = open_memstream(&data, &size);
    if (text == NULL)
        return fail_memory(NAME);
    minnow_status status = write_table(served, rows, text);
    bool whole = ferror(text) == 0;
    if (fclose(text) != 0 || !whole)
        status = status == MINNOW_OK ? fail_memory(NAME) : status;
    if (status == MINNOW_OK)
        status = read_table(served, data, size, out);
    free(data);
    return status;
}

static minnow_status read_rows(const struct served *served, const json_t *rows, bool pixels,
                               struct samples *out) {
    if (!json_is_array(rows))
        return fail(MINNOW_ERROR_INPUT, "%s: expected {\"rows\": [...]}%s", NAME,
                    served->encoder == NULL ? " or {\"pixels\": [...]}" : "");
    if (json_array_size(rows) == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: no rows", NAME);
    if (json_array_size(rows) > samples_most(served))
        return fail(MINNOW_ERROR_INPUT, "%s: %zu rows, expected at most %zu at a time", NAME,
                    json_array_size(rows), samples_most(served));
    bool named = json_is_object(json_array_get(rows, 0));
    if (named && served->encoder == NULL)
        return fail(MINNOW_ERROR_INPUT, "%s: the network takes lists of %zu numbers, not named columns", NAME,
                    served->features);
    return named ? read_objects(served, rows, out) : read_number_rows(served, rows, pixels, out);
}

static minnow_status read_json(const struct served *served, const uint8_t *bytes, size_t size,
                               struct samples *out) {
    json_error_t error;
    json_t *value = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL)
        return fail(MINNOW_ERROR_INPUT, "%s: no JSON: line %d, column %d: %s", NAME, error.line, error.column,
                    error.text);
    const json_t *pixels = json_object_get(value, "pixels");
    const json_t *rows = json_is_array(value) ? value : json_object_get(value, "rows");
    minnow_status status = pixels != NULL && rows == NULL ? read_rows(served, pixels, true, out)
                                                          : read_rows(served, rows, false, out);
    json_decref(value);
    return status;
}

/* ---- The body ---- */

/* Bytes that only a table could be: the network's values stand in named columns, and a picture has none. */
static bool is_table(const struct served *served, const uint8_t *bytes) {
    return served->encoder != NULL && (!served->encoder->bytes || (bytes[0] >= ' ' && bytes[0] < 0x7f));
}

minnow_status body_read(const struct served *served, bool is_json, const uint8_t *bytes, size_t size,
                        struct samples *out) {
    *out = (struct samples){0};
    if (size == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: is empty, expected samples to predict", NAME);

    minnow_status status = is_json                   ? read_json(served, bytes, size, out)
                           : is_table(served, bytes) ? read_table(served, (const char *)bytes, size, out)
                                                     : read_file(served, bytes, size, out);
    if (status == MINNOW_OK && out->count == 0)
        status = fail(MINNOW_ERROR_INPUT, "%s: no samples", NAME);
    if (status != MINNOW_OK)
        samples_free(out);
    return status;
}
