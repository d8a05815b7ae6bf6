#include "model/values/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/argument.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/file_kind.h"
#include "base/status.h"

/* ---- One file ---- */

struct reader {
    const char *name;     /* of the file */
    const char *at, *end; /* the rest of the text */
    size_t line;          /* from 1 */
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct reader *reader) {
    while (reader->at < reader->end && is_blank(*reader->at))
        reader->at++;
}

/* Whether nothing but blanks and ends of lines is left. */
static bool only_blanks_left(const struct reader *reader) {
    for (const char *p = reader->at; p < reader->end; p++)
        if (!is_blank(*p) && *p != '\n')
            return false;
    return true;
}

/* Whether a number, of which this is the text, is not one of digits: nan or inf. */
static bool is_word(const char *text) {
    text += *text == '-' || *text == '+';
    return *text > '9';
}

/* How long a piece of the text to show for what stands where a number was expected. */
static int shown(const struct reader *reader) {
    int length = 0;
    while (length < 24 && reader->at + length < reader->end && reader->at[length] != ',' &&
           reader->at[length] != '\n' && reader->at[length] != '\r' && reader->at[length] != '\0')
        length++;
    return length;
}

static minnow_status read_number(struct reader *reader, size_t position, float *out) {
    skip_blanks(reader);
    struct reader start = *reader;
    bool is_number = number_read_float(&reader->at, reader->end, out);
    skip_blanks(reader);
    if (!is_number || (reader->at < reader->end && *reader->at != ',' && *reader->at != '\n'))
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu: number %zu: expected a decimal number, found \"%.*s\"",
                    reader->name, reader->line, position, shown(&start), start.at);
    if (isinf(*out) && !is_word(start.at))
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu: number %zu: %.*s is too large for single precision",
                    reader->name, reader->line, position, shown(&start), start.at);
    return MINNOW_OK;
}

/* Reads a line's numbers to `numbers`, which has room for all the text can hold; leaves the reader on the
 * next line. */
static minnow_status read_row(struct reader *reader, float *numbers, size_t *columns) {
    *columns = 0;
    for (bool more = true; more; (*columns)++) {
        if (*columns == NETWORK_MAX_SIZE)
            return fail(MINNOW_ERROR_INPUT, "%s: line %zu: more than %d numbers", reader->name, reader->line,
                        NETWORK_MAX_SIZE);
        minnow_status status = read_number(reader, *columns + 1, &numbers[*columns]);
        if (status != MINNOW_OK)
            return status;
        more = reader->at < reader->end && *reader->at == ',';
        if (reader->at < reader->end)
            reader->at++;
    }
    return MINNOW_OK;
}

static minnow_status read_rows(struct reader *reader, struct values_table *table) {
    while (!only_blanks_left(reader)) {
        size_t columns;
        if (table->rows == NETWORK_MAX_SIZE)
            return fail(MINNOW_ERROR_INPUT, "%s: more than %d lines", reader->name, NETWORK_MAX_SIZE);
        minnow_status status = read_row(reader, table->numbers + table->rows * table->columns, &columns);
        if (status != MINNOW_OK)
            return status;
        if (table->rows == 0)
            table->columns = columns;
        if (columns != table->columns)
            return fail(MINNOW_ERROR_INPUT, "%s: line %zu: %zu numbers, but the lines before it have %zu",
                        reader->name, reader->line, columns, table->columns);
        table->rows++;
        reader->line++;
    }
    if (table->rows == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: empty; expected lines of comma-separated numbers", reader->name);
    return MINNOW_OK;
}

minnow_status values_parse(const char *name, const uint8_t *bytes, size_t size, struct values_table *out) {
    /* Each number but the last ends at a comma or a line's end: counting these bounds the numbers there can
     * be. */
    size_t most = 1;
    for (size_t i = 0; i < size; i++)
        most += bytes[i] == ',' || bytes[i] == '\n';
    *out = (struct values_table){.numbers = memory_allocate(most, sizeof(float))};
    if (!out->numbers)
        return fail_memory(name);
    struct reader reader = {name, (const char *)bytes, (const char *)bytes + size, 1};
    minnow_status status = read_rows(&reader, out);
    if (status != MINNOW_OK) {
        memory_free(out->numbers);
        *out = (struct values_table){0};
    }
    if (status == MINNOW_ERROR_INPUT && reader.line == 1 &&
        file_kind_check(name, bytes, size, FILE_KIND_CSV, FILE_AS_MODEL) != MINNOW_OK)
        return MINNOW_ERROR_INPUT; /* which explains more than what stood in the first line */
    return status;
}

/* ---- The folder ---- */

void values_name(size_t layer, enum part part, char name[MODEL_FILE_NAME]) {
    snprintf(name, MODEL_FILE_NAME, "%s_%zu.csv", part == PART_WEIGHT ? "weights" : "biases", layer + 1);
}

struct tables {
    size_t layer_count;
    struct values_table table[NETWORK_MAX_LAYERS][PART_COUNT];
};

/* Layers are numbered from 1 without gaps. A file beyond a gap would be a deeper network's leftover, or one
   that lost a file; it is not for us to guess which. */
static minnow_status count_layers(const char *folder, size_t *out) {
    bool there[FOLDER_LAYERS][PART_COUNT];
    minnow_status status =
        folder_look(folder, "weights_1.csv, biases_1.csv, and so on", &values_layout, there);
    if (status != MINNOW_OK)
        return status;

    size_t count = 0;
    while (count < FOLDER_LAYERS && there[count][PART_WEIGHT] && there[count][PART_BIAS])
        count++;
    for (size_t i = count; i < FOLDER_LAYERS; i++)
        if (there[i][PART_WEIGHT] || there[i][PART_BIAS])
            return fail(MINNOW_ERROR_INPUT,
                        "%s: holds a file of layer %zu, but not both weights_%zu.csv and biases_%zu.csv; "
                        "each layer needs both, numbered from 1 without gaps",
                        folder, i + 1, count + 1, count + 1);
    if (count == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: no weights_1.csv and biases_1.csv there", folder);
    if (count > NETWORK_MAX_LAYERS)
        return fail(MINNOW_ERROR_INPUT, "%s: more than %d layers", folder, NETWORK_MAX_LAYERS);
    *out = count;
    return MINNOW_OK;
}

/* Weights have a line per input, biases one per output. expected_rows 0: any number. */
static minnow_status check_sizes(const char *path, size_t layer, enum part part, size_t expected_rows,
                                 const struct values_table *table) {
    if (part == PART_BIAS && table->columns != 1)
        return fail(MINNOW_ERROR_INPUT, "%s: line 1: %zu numbers; biases are one a line", path,
                    table->columns);
    if (expected_rows != 0 && table->rows != expected_rows)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: %zu lines; expected %zu, as weights_%zu.csv has that many columns", path,
                    table->rows, expected_rows, part == PART_BIAS ? layer + 1 : layer);
    return MINNOW_OK;
}

static minnow_status load_table(const char *folder, size_t layer, enum part part, size_t expected_rows,
                                struct values_table *out) {
    char *path = folder_file_path(folder, &values_layout, layer, part);
    if (!path)
        return fail_memory(folder);
    struct file_bytes bytes;
    minnow_status status = model_file_read(path, &bytes);
    if (status == MINNOW_OK) {
        status = values_parse(path, bytes.data, bytes.size, out);
        file_bytes_free(&bytes);
    }
    if (status == MINNOW_OK)
        status = check_sizes(path, layer, part, expected_rows, out);
    free(path);
    return status;
}

static minnow_status load_tables(const char *folder, struct tables *tables) {
    size_t columns = 0;
    for (size_t i = 0; i < tables->layer_count; i++) {
        minnow_status status = load_table(folder, i, PART_WEIGHT, columns, &tables->table[i][PART_WEIGHT]);
        if (status != MINNOW_OK)
            return status;
        columns = tables->table[i][PART_WEIGHT].columns;
        status = load_table(folder, i, PART_BIAS, columns, &tables->table[i][PART_BIAS]);
        if (status != MINNOW_OK)
            return status;
    }
    return MINNOW_OK;
}

static minnow_status make_network(const struct tables *tables, const char *isa, minnow_network **out) {
    size_t sizes[NETWORK_MAX_LAYERS + 1];
    sizes[0] = tables->table[0][PART_WEIGHT].rows;
    for (size_t i = 0; i < tables->layer_count; i++)
        sizes[i + 1] = tables->table[i][PART_WEIGHT].columns;
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = tables->layer_count;
    config.activation = MINNOW_ACTIVATION_SIGMOID;
    config.loss = MINNOW_LOSS_QUADRATIC;
    config.init = MINNOW_INIT_ZERO;
    config.isa = isa;
    minnow_network *network;
    minnow_status status = minnow_network_create(&config, &network);
    for (size_t i = 0; status == MINNOW_OK && i < tables->layer_count; i++)
        status = minnow_network_set_layer(network, i, tables->table[i][PART_WEIGHT].numbers,
                                          tables->table[i][PART_BIAS].numbers);
    if (status == MINNOW_OK)
        *out = network;
    else
        minnow_network_free(network);
    return status;
}

minnow_status minnow_network_load_values(const char *folder, const char *isa, minnow_network **out) {
    if (!CLEARED(out) || !GIVEN(folder))
        return MINNOW_ERROR_ARGUMENT;

    struct tables *tables = calloc(1, sizeof *tables);
    if (!tables)
        return fail_memory(folder);
    minnow_status status = count_layers(folder, &tables->layer_count);
    if (status == MINNOW_OK)
        status = load_tables(folder, tables);
    if (status == MINNOW_OK)
        status = make_network(tables, isa, out);
    for (size_t i = 0; i < NETWORK_MAX_LAYERS; i++) {
        memory_free(tables->table[i][PART_WEIGHT].numbers);
        memory_free(tables->table[i][PART_BIAS].numbers);
    }
    free(tables);
    return status;
}
