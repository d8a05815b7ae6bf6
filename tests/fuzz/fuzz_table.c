/* Tables on arbitrary bytes: one thread and three must read the same, and what is read must be usable. The first byte
 * says how much is told beforehand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/table/encoder.h"
#include "data/table/split.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

static void check_same(const struct table *a, const struct table *b) {
    check(a->rows == b->rows && a->columns == b->columns && (a->bytes == NULL) == (b->bytes == NULL));
    for (size_t c = 0; c < a->columns; c++) {
        check(a->column[c].kind == b->column[c].kind && a->column[c].gaps == b->column[c].gaps);
        check(strcmp(a->column[c].name, b->column[c].name) == 0);
        check(a->column[c].value_count == b->column[c].value_count);
    }
    for (size_t row = 0; row < a->rows; row++)
        for (size_t c = 0; c < a->columns; c++) {
            check(table_is_gap(a, row, c) == table_is_gap(b, row, c));
            check(a->bytes != NULL || table_code(a, row, c) == table_code(b, row, c));
            if (a->column[c].kind == TABLE_NUMBER)
                check(table_is_gap(a, row, c) || isfinite(table_number(a, row, c)));
            else
                check(table_is_gap(a, row, c) || table_code(a, row, c) < a->column[c].value_count);
        }
}

static void encode_all(const struct encoder *encoder, const struct table *table, const struct row_list *rows,
                       const uint32_t *labels) {
    struct encoding *encoding;
    minnow_dataset *dataset;
    check(encoding_open(encoder, table, &encoding) == MINNOW_OK);
    check(encoding_dataset(encoding, rows->row, rows->count, labels, 2, &dataset) == MINNOW_OK);
    for (size_t i = 0; dataset->values != NULL && i < dataset->count * dataset->features; i++)
        check(!isnan(dataset->values[i]));
    minnow_dataset_free(dataset);
    encoding_close(encoding);
}

static void fit_and_encode(struct encoder *encoder, const struct table *table,
                           const struct encoder_options *options) {
    struct notes notes = {0};
    struct row_list rows = {0}, test = {0};
    uint32_t *labels = memory_allocate(table->rows, sizeof *labels);
    check(encoder_labels(encoder, table, labels) == MINNOW_OK);
    check(rows_with_label(table, labels, &rows) == MINNOW_OK);
    if (rows_divide(encoder, &encoder->split, labels, &rows, &test) == MINNOW_OK &&
        encoder_fit(encoder, table, rows.row, rows.count, options, &notes) == MINNOW_OK) {
        encode_all(encoder, table, &rows, labels);
        encode_all(encoder, table, &test, labels);
        char *text;
        struct encoder *again;
        check(encoder_to_text(encoder, &text) == MINNOW_OK);
        check(encoder_from_text("model", text, &again) == MINNOW_OK && again->features == encoder->features);
        free(text);
        encoder_free(again);
    }
    row_list_free(&rows);
    row_list_free(&test);
    memory_free(labels);
    notes_free(&notes);
}

/* With bad rows kept, of which a number in the first column is wanted. */
static void check_bad_rows(const uint8_t *data, size_t size, struct table_options options) {
    const struct table_wanted wanted = {"column 1", TABLE_NUMBER, true};
    struct table *one, *three;
    options.wanted = &wanted;
    options.wanted_count = options.wanted_in_place = 1;
    options.keep_bad_rows = true;
    options.threads = 3;
    minnow_status status = table_from_memory("input", (const char *)data + 1, size - 1, &options, &three);
    options.threads = 1;
    check(table_from_memory("input", (const char *)data + 1, size - 1, &options, &one) == status);
    if (one != NULL) {
        check_same(one, three);
        check(one->fault_count == three->fault_count && one->fault_count <= one->rows);
        for (size_t i = 0; i < one->fault_count; i++) {
            check(one->faults[i].row == three->faults[i].row && one->faults[i].row < one->rows);
            check(strcmp(one->faults[i].text, three->faults[i].text) == 0);
            check(table_row_fault(one, one->faults[i].row) == one->faults[i].text);
        }
    }
    table_free(one);
    table_free(three);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    static const char delimiters[] = {0, 0, ',', ';', '\t', ' ', '|', ','};
    unsigned told = data[0];
    struct table_options options = {.delimiter = delimiters[told & 7],
                                    .has_header = (told & 24) == 8,
                                    .no_header = (told & 24) == 16,
                                    .threads = 1,
                                    .gaps = told & 32 ? "0,x" : NULL};
    struct encoder_options fit = {.label = told & 64 ? "last" : "first",
                                  .scale = (enum encoder_scale)(told >> 6)};
    struct table *table, *again;
    minnow_status status = table_from_memory("input", (const char *)data + 1, size - 1, &options, &table);
    options.threads = 3;
    check(table_from_memory("input", (const char *)data + 1, size - 1, &options, &again) == status);
    check((status == MINNOW_OK) == (table != NULL) && (table == NULL) == (again == NULL));
    if (table != NULL) {
        struct notes notes = {0};
        struct encoder *encoder;
        check_same(table, again);
        if (encoder_begin(table, &fit, &notes, &encoder) == MINNOW_OK)
            fit_and_encode(encoder, table, &fit);
        encoder_free(encoder);
        notes_free(&notes);
    }
    table_free(table);
    table_free(again);
    check_bad_rows(data, size, options);
    return 0;
}
