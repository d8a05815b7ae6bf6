/* Rows of a table into features, by an encoder that was fitted before. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/team.h"
#include "data/table/encoder.h"

enum { ROW_GRAIN = 64 };
#define NO_FEATURE UINT32_MAX

struct encoding {
    const struct encoder *encoder;
    const struct table *table;
    size_t *source;  /* [column_count]: the table's column */
    bool contiguous; /* which are all next to each other, in order */
    uint32_t **
        features; /* [column_count]: of a category or hashed column, the feature of each of the table's values */
};

/* ---- A table's columns as the encoder's ---- */

/* FNV-1a (Fowler, Noll, Vo), 32 bits: what a value's place is must not depend on anything but the value. */
static uint32_t hash_value(const char *text) {
    uint32_t hash = 2166136261u;
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

struct indexed_value {
    const char *text;
    size_t index;
};

static int by_text(const void *a, const void *b) {
    return strcmp(((const struct indexed_value *)a)->text, ((const struct indexed_value *)b)->text);
}

static bool map_category(const struct encoder_column *column, const struct table_column *from,
                         uint32_t *features) {
    struct indexed_value *sorted = malloc((column->value_count + 1) * sizeof *sorted);
    if (sorted == NULL)
        return false;
    for (size_t v = 0; v < column->value_count; v++)
        sorted[v] = (struct indexed_value){column->values[v], v};
    qsort(sorted, column->value_count, sizeof *sorted, by_text);

    uint32_t other = column->other ? (uint32_t)(column->first + column->value_count) : NO_FEATURE;
    for (size_t v = 0; v < from->value_count; v++) {
        struct indexed_value wanted = {from->values[v], 0};
        const struct indexed_value *found =
            bsearch(&wanted, sorted, column->value_count, sizeof *sorted, by_text);
        features[v] = found != NULL ? (uint32_t)(column->first + found->index) : other;
    }
    free(sorted);
    return true;
}

static bool map_column(const struct encoding *encoding, size_t c) {
    const struct encoder_column *column = &encoding->encoder->columns[c];
    const struct table_column *from = &encoding->table->column[encoding->source[c]];
    if (column->kind == ENCODER_NUMBER)
        return true;
    uint32_t *features = encoding->features[c] = malloc((from->value_count + 1) * sizeof *features);
    if (features == NULL)
        return false;
    if (column->kind == ENCODER_CATEGORY)
        return map_category(column, from, features);
    for (size_t v = 0; v < from->value_count; v++)
        features[v] = (uint32_t)(column->first + hash_value(from->values[v]) % column->width);
    return true;
}

/* Numbers that stand beside another unit are others: 12 % is no 12, and a dollar no euro. A currency may be left out. */
static minnow_status check_unit(const struct encoder_column *column, const struct table *table,
                                size_t source) {
    unsigned units = table->column[source].units & ~(1u << column->unit);
    for (enum table_unit unit = UNIT_DOLLAR; table_unit_names[unit] != NULL; unit++)
        if ((units >> unit & 1) != 0 && (column->unit != UNIT_NONE || unit == UNIT_PERCENT))
            return fail(MINNOW_ERROR_INPUT,
                        "%s: column \"%s\": found numbers in %s, but training had them %s%s", table->name,
                        column->name, table_unit_names[unit], column->unit != UNIT_NONE ? "in " : "without",
                        table_unit_names[column->unit]);
    return MINNOW_OK;
}

/* The names of a table without a header are numbers, so that without its label the ones behind it are off by one. */
static minnow_status find_column(const struct encoder *encoder, const struct table *table, size_t c,
                                 size_t *source) {
    const struct encoder_column *column = &encoder->columns[c];
    *source = table_find(table, column->name);
    if (!table->header && table->columns == encoder->column_count)
        *source = c;
    if (*source == table->columns)
        return fail(MINNOW_ERROR_INPUT, "%s: lacks the column \"%s\", which the network was trained with",
                    table->name, column->name);
    bool number = table->column[*source].kind == TABLE_NUMBER;
    if (number != (column->kind == ENCODER_NUMBER) && table->column[*source].gaps < table->rows)
        return fail(MINNOW_ERROR_INPUT, "%s: column \"%s\": expected %s, as in training", table->name,
                    column->name, number ? "texts" : "numbers");
    return number ? check_unit(column, table, *source) : MINNOW_OK;
}

minnow_status encoding_open(const struct encoder *encoder, const struct table *table, struct encoding **out) {
    *out = NULL;
    struct encoding *encoding = calloc(1, sizeof *encoding);
    if (encoding == NULL)
        return fail_memory(table->name);
    *encoding = (struct encoding){
        .encoder = encoder,
        .table = table,
        .source = memory_allocate(encoder->column_count, sizeof *encoding->source),
        .features = memory_allocate(encoder->column_count, sizeof *encoding->features),
    };

    encoding->contiguous = true;
    minnow_status status = MINNOW_OK;
    if (encoding->source == NULL || encoding->features == NULL)
        status = fail_memory(table->name);
    for (size_t c = 0; c < encoder->column_count && status == MINNOW_OK; c++) {
        status = find_column(encoder, table, c, &encoding->source[c]);
        if (status == MINNOW_OK && !map_column(encoding, c))
            status = fail_memory(table->name);
        encoding->contiguous = encoding->contiguous && encoding->source[c] == encoding->source[0] + c;
    }
    if (status != MINNOW_OK) {
        encoding_close(encoding);
        return status;
    }
    *out = encoding;
    return MINNOW_OK;
}

void encoding_close(struct encoding *encoding) {
    if (encoding == NULL)
        return;
    for (size_t c = 0; encoding->features != NULL && c < encoding->encoder->column_count; c++)
        free(encoding->features[c]);
    memory_free(encoding->features);
    memory_free(encoding->source);
    free(encoding);
}

/* ---- Rows ---- */

static void encode_number(const struct encoder *encoder, const struct encoder_column *column, float number,
                          float *values) {
    bool gap = isnan(number);
    float z = ((gap ? column->fill : number) - column->centre) / column->spread;
    if (encoder->clip > 0) {
        float share = z / encoder->clip;
        z = z / sqrtf(1.0F + share * share);
    }
    values[column->first] = z;
    if (column->indicator)
        values[column->first + 1] = gap ? 1.0F : 0.0F;
}

static void encode_text(const struct encoder_column *column, const uint32_t *features, uint32_t code,
                        float *values) {
    uint32_t feature = code != TABLE_GAP ? features[code] : NO_FEATURE;
    if (code == TABLE_GAP && column->kind == ENCODER_CATEGORY)
        feature = (uint32_t)(column->first + column->fill_value);
    memset(values + column->first, 0, column->width * sizeof *values);
    if (feature != NO_FEATURE)
        values[feature] = 1.0F;
}

static void encode_row(const struct encoding *encoding, size_t row, float *values) {
    const struct encoder *encoder = encoding->encoder;
    const struct table *table = encoding->table;
    for (size_t c = 0; c < encoder->column_count; c++) {
        const struct encoder_column *column = &encoder->columns[c];
        size_t source = encoding->source[c];
        if (encoder->bytes)
            values[c] = table_number(table, row, source) * encoder->scale;
        else if (column->kind == ENCODER_NUMBER)
            encode_number(encoder, column, table_number(table, row, source), values);
        else
            encode_text(column, encoding->features[c],
                        table->bytes != NULL ? TABLE_GAP : table_code(table, row, source), values);
    }
}

void encoding_rows(const struct encoding *encoding, const uint32_t *rows, size_t count, float *values) {
    for (size_t i = 0; i < count; i++)
        encode_row(encoding, rows[i], values + i * encoding->encoder->features);
}

static void encode_row_of_bytes(const struct encoding *encoding, size_t row, uint8_t *bytes) {
    const struct table *table = encoding->table;
    if (encoding->contiguous && table->bytes != NULL) {
        memcpy(bytes, table->bytes + row * table->columns + encoding->source[0], encoding->encoder->features);
        return;
    }
    for (size_t c = 0; c < encoding->encoder->column_count; c++)
        bytes[c] = (uint8_t)table_number(table, row, encoding->source[c]);
}

/* Pixels must be bytes; a table of others may hold anything. */
static minnow_status check_pixel(const struct encoding *encoding, size_t row, size_t column) {
    const struct table *table = encoding->table;
    float number = table_number(table, row, column);
    if (number >= 0 && number <= 255 && number == rintf(number))
        return MINNOW_OK;
    return fail(MINNOW_ERROR_INPUT,
                "%s: row %zu, column \"%s\": expected a whole number from 0 to 255, as in training, found %g",
                table->name, row + 1, table->column[column].name, (double)number);
}

static bool is_checked(const struct encoding *encoding) {
    return encoding->table->bytes == NULL && (encoding->encoder->bytes || encoding->encoder->gaps_are_errors);
}

minnow_status encoding_check_row(const struct encoding *encoding, size_t row) {
    const struct encoder *encoder = encoding->encoder;
    const struct table *table = encoding->table;
    minnow_status status = MINNOW_OK;
    for (size_t c = 0; c < encoder->column_count && is_checked(encoding) && status == MINNOW_OK; c++) {
        size_t source = encoding->source[c];
        if (encoder->gaps_are_errors && table_is_gap(table, row, source))
            status = fail(MINNOW_ERROR_INPUT,
                          "%s: row %zu, column \"%s\": has no value, and --missing error does not allow that",
                          table->name, row + 1, table->column[source].name);
        else if (encoder->bytes)
            status = check_pixel(encoding, row, source);
    }
    return status;
}

size_t encoding_unknown_text(const struct encoding *encoding, size_t row) {
    const struct encoder *encoder = encoding->encoder;
    const struct table *table = encoding->table;
    for (size_t c = 0; c < encoder->column_count && table->bytes == NULL; c++) {
        const struct encoder_column *column = &encoder->columns[c];
        uint32_t code = table_code(table, row, encoding->source[c]);
        if (column->kind == ENCODER_CATEGORY && !encoder->bytes && code != TABLE_GAP &&
            encoding->features[c][code] >= column->first + column->value_count)
            return encoding->source[c];
    }
    return table->columns;
}

bool encoding_row_is_empty(const struct encoding *encoding, size_t row) {
    bool empty = encoding->table->bytes == NULL;
    for (size_t c = 0; c < encoding->encoder->column_count && empty; c++)
        empty = table_is_gap(encoding->table, row, encoding->source[c]);
    return empty;
}

static minnow_status check_rows(const struct encoding *encoding) {
    minnow_status status = MINNOW_OK;
    for (size_t row = 0; row < encoding->table->rows && is_checked(encoding) && status == MINNOW_OK; row++)
        status = encoding_check_row(encoding, row);
    return status;
}

/* ---- Datasets ---- */

struct filling {
    const struct encoding *encoding;
    const uint32_t *rows, *labels;
    minnow_dataset *dataset;
};

static void fill_label(const struct filling *filling, size_t sample, size_t row) {
    const struct encoder *encoder = filling->encoding->encoder;
    float number;
    if (encoder->task == TASK_CLASSES) {
        filling->dataset->labels[sample] = filling->labels[row];
        return;
    }
    memcpy(&number, &filling->labels[row], sizeof number);
    filling->dataset->targets[sample] = (number - encoder->target_centre) / encoder->target_spread;
}

static void fill_slice(struct team_member member, void *context) {
    const struct filling *filling = context;
    minnow_dataset *dataset = filling->dataset;
    size_t begin, end, n = dataset->features;
    team_slice(member, dataset->count, ROW_GRAIN, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        size_t row = filling->rows[i];
        if (dataset->bytes != NULL)
            encode_row_of_bytes(filling->encoding, row, dataset->bytes + i * n);
        else
            encode_row(filling->encoding, row, dataset->values + i * n);
        fill_label(filling, i, row);
    }
}

/* The sides of square pictures. */
static void set_shape(minnow_dataset *dataset) {
    size_t side = (size_t)sqrt((double)dataset->features);
    if (dataset->bytes != NULL && side * side == dataset->features)
        dataset->height = dataset->width = side;
}

static minnow_status make_dataset(const struct encoding *encoding, size_t count, minnow_dataset *dataset) {
    const struct encoder *encoder = encoding->encoder;
    size_t elements;
    *dataset = (minnow_dataset){.count = count, .features = encoder->features, .scale = 1.0F};
    dataset->classes = encoder->task == TASK_CLASSES ? encoder->class_count : 1;
    dataset->source = memory_copy_string(encoding->table->name);
    dataset->labels = memory_allocate(count, sizeof *dataset->labels);
    if (encoder->task == TASK_REGRESSION)
        dataset->targets = memory_allocate(count, sizeof *dataset->targets);
    if (!size_multiply(count, encoder->features, &elements) || dataset->labels == NULL ||
        dataset->source == NULL || (encoder->task == TASK_REGRESSION && dataset->targets == NULL))
        return fail_memory(encoding->table->name);
    if (encoder->bytes) {
        dataset->scale = encoder->scale;
        dataset->bytes = memory_allocate_unset(elements, 1);
    } else {
        dataset->values = memory_allocate_unset(elements, sizeof *dataset->values);
    }
    if (dataset->bytes == NULL && dataset->values == NULL)
        return fail_memory(encoding->table->name);
    set_shape(dataset);
    return MINNOW_OK;
}

minnow_status encoding_dataset(const struct encoding *encoding, const uint32_t *rows, size_t count,
                               const uint32_t *labels, unsigned threads, minnow_dataset **out) {
    *out = NULL;
    minnow_status status = check_rows(encoding);
    minnow_dataset *dataset = status == MINNOW_OK ? dataset_new() : NULL;
    if (status == MINNOW_OK)
        status =
            dataset != NULL ? make_dataset(encoding, count, dataset) : fail_memory(encoding->table->name);
    if (status != MINNOW_OK) {
        minnow_dataset_free(dataset);
        return status;
    }

    struct filling filling = {encoding, rows, labels, dataset};
    team_run(team_threads(threads), fill_slice, &filling);
    *out = dataset;
    return MINNOW_OK;
}
