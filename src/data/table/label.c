/* The label of a table: which column it is, whether it is learned as classes or as a number, and what its classes are. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "data/table/columns.h"
#include "data/table/values.h"

/* Whole numbers with more values than this are a quantity, and others with more than that. */
enum { CLASSES_OF_WHOLE = 100, CLASSES_OF_REAL = 10 };

/* ---- Which column ---- */

static bool same_letters(const char *a, const char *b) {
    for (; *a != '\0' && *b != '\0'; a++, b++)
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
    return *a == *b;
}

static size_t find_by_usual_name(const struct table *table) {
    static const char *const usual[] = {"label",     "labels",   "class",    "target",   "species", "outcome",
                                        "diagnosis", "survived", "response", "category", "y"};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        for (size_t c = 0; c < table->columns; c++) {
            /* A "y" elsewhere is a coordinate. */
            bool at_end = c == 0 || c + 1 == table->own_columns;
            if (same_letters(table->column[c].name, usual[i]) && (usual[i][1] != '\0' || at_end))
                return c;
        }
    return table->columns;
}

/* The only column of texts, if it is the first or the last and can be classes. */
static size_t find_only_text(const struct table *table) {
    size_t texts = 0, found = table->columns;
    for (size_t c = 0; c < table->columns; c++) {
        bool text = table->column[c].kind == TABLE_TEXT && !table->column[c].dates;
        texts += text;
        found = text ? c : found;
    }
    bool at_end = found == 0 || found + 1 == table->own_columns;
    bool classes = texts == 1 && at_end && table->column[found].value_count <= CLASSES_OF_WHOLE;
    return classes ? found : table->columns;
}

/* The first column in front of the pixels of square pictures, as MNIST is often written. */
static size_t find_before_pixels(const struct table *table) {
    size_t pixels = table->columns - 1, side = (size_t)sqrt((double)pixels);
    if (table->bytes == NULL || side < 8 || side * side != pixels)
        return table->columns;
    for (size_t row = 0; row < table->rows; row++)
        if (table_number(table, row, 0) >= CLASSES_OF_WHOLE)
            return table->columns;
    return 0;
}

static minnow_status guess_label(const struct table *table, struct notes *notes, size_t *out) {
    static const struct {
        size_t (*find)(const struct table *table);
        const char *why;
    } rules[] = {
        {find_by_usual_name, "by its name"},
        {find_only_text, "the only column of texts"},
        {find_before_pixels, "in front of square pictures"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        *out = rules[i].find(table);
        if (*out < table->columns) {
            notes_add(notes, "label: \"%s\" (guessed: %s; --label NAME says another)",
                      table->column[*out].name, rules[i].why);
            return MINNOW_OK;
        }
    }

    struct listing names = {.count = 0};
    for (size_t c = 0; c < table->own_columns; c++)
        listing_add(&names, table->column[c].name);
    return fail(MINNOW_ERROR_ARGUMENT,
                "%s: which column is the label? --label NAME, first, last or its number; the columns are %s",
                table->name, listing_end(&names));
}

static minnow_status find_label(const struct table *table, const char *label, struct notes *notes,
                                size_t *out) {
    if (label == NULL)
        return guess_label(table, notes, out);
    *out = table_find(table, label);
    if (*out < table->columns)
        return MINNOW_OK;

    uint64_t number;
    if (strcmp(label, "first") == 0)
        *out = 0;
    else if (strcmp(label, "last") == 0)
        *out = table->own_columns - 1;
    else if (number_parse_u64(label, &number) && number >= 1 && number <= table->own_columns)
        *out = (size_t)number - 1;
    if (*out < table->columns)
        return MINNOW_OK;

    return columns_missing(table, label, "label");
}

/* ---- Classes ---- */

/* As people write it: 10, not 1e+01. It reads back to the same float. */
static void write_class(float value, char text[NUMBER_TEXT]) {
    const float plain = 0x1p53F;
    if (value == rintf(value) && fabsf(value) < plain)
        snprintf(text, NUMBER_TEXT, "%.0f", (double)value);
    else
        number_write_shortest(value, text);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static minnow_status classes_of_texts(const struct table *table, size_t column, struct encoder *encoder) {
    const struct table_column *from = &table->column[column];
    encoder->classes = calloc(from->value_count + 1, sizeof *encoder->classes);
    if (encoder->classes == NULL)
        return fail_memory(table->name);
    for (size_t i = 0; i < from->value_count; i++, encoder->class_count++)
        if ((encoder->classes[i] = memory_copy_string(from->values[i])) == NULL)
            return fail_memory(table->name);
    qsort(encoder->classes, encoder->class_count, sizeof *encoder->classes, by_text);
    return MINNOW_OK;
}

static minnow_status classes_of_numbers(const struct table *table, const struct value_set *values,
                                        struct encoder *encoder) {
    encoder->numeric_label = true;
    encoder->classes = calloc(values->count + 1, sizeof *encoder->classes);
    if (encoder->classes == NULL)
        return fail_memory(table->name);
    for (size_t i = 0; i < values->count; i++, encoder->class_count++) {
        char text[NUMBER_TEXT];
        write_class(values->value[i], text);
        if ((encoder->classes[i] = memory_copy_string(text)) == NULL)
            return fail_memory(table->name);
    }
    return MINNOW_OK;
}

static minnow_status check_classes(const struct table *table, const struct encoder *encoder) {
    if (encoder->class_count < 2)
        return fail(
            MINNOW_ERROR_INPUT, "%s: column \"%s\": expected a label of two classes or more, found %s%s%s",
            table->name, encoder->label, encoder->class_count == 0 ? "nothing but gaps" : "only \"",
            encoder->class_count == 0 ? "" : encoder->classes[0], encoder->class_count == 0 ? "" : "\"");
    if (encoder->class_count > DATASET_CLASSES_MAX)
        return fail(MINNOW_ERROR_INPUT, "%s: column \"%s\": %zu classes, expected at most %d", table->name,
                    encoder->label, encoder->class_count, DATASET_CLASSES_MAX);
    return MINNOW_OK;
}

/* ---- The task ---- */

static minnow_status settle_numbers(const struct table *table, size_t column,
                                    const struct encoder_options *options, struct notes *notes,
                                    struct encoder *encoder) {
    struct value_set values;
    minnow_status status = value_set_of(table, column, DATASET_CLASSES_MAX, &values);
    if (status != MINNOW_OK)
        return status;

    bool classes = values.count <= (values.whole ? CLASSES_OF_WHOLE : CLASSES_OF_REAL);
    encoder->task = options->task_given ? options->task : classes ? TASK_CLASSES : TASK_REGRESSION;
    if (!options->task_given)
        notes_add(notes, "task: %s, as \"%s\" has %zu%s distinct %s; --task %s otherwise",
                  classes ? "classes" : "regression", encoder->label, values.count,
                  values.more ? " and more" : "", values.whole ? "whole numbers" : "numbers",
                  classes ? "regression" : "classes");
    if (encoder->task == TASK_CLASSES && values.more)
        status = fail(MINNOW_ERROR_INPUT,
                      "%s: column \"%s\": more than %d classes; --task regression predicts a number",
                      table->name, encoder->label, DATASET_CLASSES_MAX);
    else if (encoder->task == TASK_CLASSES)
        status = classes_of_numbers(table, &values, encoder);
    value_set_free(&values);
    return status;
}

minnow_status encoder_begin(const struct table *table, const struct encoder_options *options,
                            struct notes *notes, struct encoder **out) {
    *out = NULL;
    size_t column;
    minnow_status status = find_label(table, options->label, notes, &column);
    struct encoder *encoder = calloc(1, sizeof *encoder);
    if (status == MINNOW_OK &&
        (encoder == NULL || (encoder->label = memory_copy_string(table->column[column].name)) == NULL))
        status = fail_memory(table->name);

    if (status == MINNOW_OK && table->column[column].kind == TABLE_NUMBER) {
        status = settle_numbers(table, column, options, notes, encoder);
    } else if (status == MINNOW_OK && options->task_given && options->task == TASK_REGRESSION) {
        status = fail(MINNOW_ERROR_INPUT,
                      "%s: column \"%s\": --task regression needs numbers, found texts as \"%.40s\"",
                      table->name, encoder->label, table->column[column].values[0]);
    } else if (status == MINNOW_OK) {
        status = classes_of_texts(table, column, encoder);
    }
    if (status == MINNOW_OK && encoder->task == TASK_CLASSES)
        status = check_classes(table, encoder);
    size_t weight;
    if (status == MINNOW_OK)
        status = columns_find_weight(table, encoder->label, options, &weight);
    if (status == MINNOW_OK && options->weight != NULL &&
        (encoder->weight = memory_copy_string(options->weight)) == NULL)
        status = fail_memory(table->name);
    if (status != MINNOW_OK) {
        encoder_free(encoder);
        return status;
    }
    encoder->gaps_are_errors = options->gaps_are_errors;
    *out = encoder;
    return MINNOW_OK;
}

/* ---- Labels of rows ---- */

/* A class that training did not have, first in this row, in `rows` rows. */
static minnow_status fail_class(const struct encoder *encoder, const struct table *table, size_t row,
                                size_t rows, const char *found) {
    struct listing names = {.count = 0};
    for (size_t i = 0; i < encoder->class_count; i++)
        listing_add(&names, encoder->classes[i]);

    char more[40] = "";
    if (rows > 1)
        snprintf(more, sizeof more, ", in %zu rows", rows);
    return fail(
        MINNOW_ERROR_INPUT,
        "%s: row %zu, column \"%s\": found the class \"%.40s\"%s, which training never saw; it had %s",
        table->name, row + 1, encoder->label, found, more, listing_end(&names));
}

static minnow_status labels_of_texts(const struct encoder *encoder, const struct table *table, size_t column,
                                     uint32_t *labels) {
    const struct table_column *from = &table->column[column];
    uint32_t *class = malloc((from->value_count + 1) * sizeof *class);
    if (class == NULL)
        return fail_memory(table->name);
    for (size_t v = 0; v < from->value_count; v++) {
        char **found =
            bsearch(&from->values[v], encoder->classes, encoder->class_count, sizeof *found, by_text);
        class[v] = found != NULL ? (uint32_t)(found - encoder->classes) : TABLE_GAP;
    }

    minnow_status status = MINNOW_OK;
    for (size_t row = 0; row < table->rows && status == MINNOW_OK; row++) {
        uint32_t code = table_code(table, row, column);
        labels[row] = code == TABLE_GAP ? TABLE_GAP : class[code];
        if (code != TABLE_GAP && class[code] == TABLE_GAP)
            status = fail_class(encoder, table, row, from->counts[code], from->values[code]);
    }
    free(class);
    return status;
}

/* How many rows have the number. */
static size_t count_number(const struct table *table, size_t column, float number) {
    size_t rows = 0;
    for (size_t row = 0; row < table->rows; row++)
        rows += table_number(table, row, column) == number;
    return rows;
}

static minnow_status labels_of_numbers(const struct encoder *encoder, const struct table *table,
                                       size_t column, uint32_t *labels) {
    struct value_set values;
    minnow_status status = value_set_parse(encoder->classes, encoder->class_count, &values);
    for (size_t row = 0; row < table->rows && status == MINNOW_OK; row++) {
        float number = table_number(table, row, column);
        size_t class = isnan(number) ? values.count : value_set_find(&values, number);
        labels[row] = class == values.count ? TABLE_GAP : (uint32_t) class;
        if (class == values.count && !isnan(number)) {
            char text[NUMBER_TEXT];
            write_class(number, text);
            status = fail_class(encoder, table, row, count_number(table, column, number), text);
        }
    }
    value_set_free(&values);
    return status;
}

minnow_status encoder_labels(const struct encoder *encoder, const struct table *table, uint32_t *labels) {
    size_t column = table_find(table, encoder->label);
    bool numbers = encoder->task == TASK_REGRESSION || encoder->numeric_label;
    if (column == table->columns)
        return fail(MINNOW_ERROR_INPUT, "%s: has no column \"%s\", which is the label", table->name,
                    encoder->label);
    if ((table->column[column].kind == TABLE_NUMBER) != numbers)
        return fail(MINNOW_ERROR_INPUT, "%s: column \"%s\": expected %s, as in training", table->name,
                    encoder->label, numbers ? "numbers" : "texts");
    if (encoder->task == TASK_CLASSES)
        return numbers ? labels_of_numbers(encoder, table, column, labels)
                       : labels_of_texts(encoder, table, column, labels);

    for (size_t row = 0; row < table->rows; row++) {
        float number = table_number(table, row, column);
        memcpy(&labels[row], &number, sizeof number);
        if (isnan(number))
            labels[row] = TABLE_GAP;
    }
    return MINNOW_OK;
}
