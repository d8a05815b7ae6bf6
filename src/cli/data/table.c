/* What a table holds, column by column. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cli/data/data.h"
#include "cli/frame/draw.h"
#include "cli/frame/clock.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "data/table/columns.h"

enum { VALUES_SHOWN = 4, CLASSES_SHOWN = 100 };

/* ---- A column ---- */

struct range {
    double least, greatest, mean;
    bool whole;
};

static struct range range_of(const struct table *table, size_t column) {
    struct range range = {INFINITY, -INFINITY, 0, true};
    size_t count = 0;
    for (size_t row = 0; row < table->rows; row++) {
        double number = (double)table_number(table, row, column);
        if (isnan(number))
            continue;
        range.least = fmin(range.least, number);
        range.greatest = fmax(range.greatest, number);
        range.mean += number;
        range.whole = range.whole && number == rint(number);
        count++;
    }
    range.mean /= (double)(count > 0 ? count : 1);
    return range;
}

struct counted {
    const char *text;
    size_t count;
};

static int by_count(const void *a, const void *b) {
    const struct counted *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->text, y->text);
}

/* The values of a column of texts, the most frequent first; from malloc, or NULL. */
static struct counted *count_values(const struct table_column *column) {
    struct counted *values = malloc((column->value_count + 1) * sizeof *values);
    if (values == NULL)
        return NULL;
    for (size_t v = 0; v < column->value_count; v++)
        values[v] = (struct counted){column->values[v], column->counts[v]};
    qsort(values, column->value_count, sizeof *values, by_count);
    return values;
}

static void print_texts(const struct table_column *column) {
    struct counted *values = count_values(column);
    print("%zu value%s", column->value_count, column->value_count == 1 ? "" : "s");
    for (size_t v = 0; values != NULL && v < column->value_count && v < VALUES_SHOWN; v++) {
        print("%s", v == 0 ? ": " : ", ");
        print_harmless(values[v].text);
        print(" (%zu)", values[v].count);
    }
    print("%s", column->value_count > VALUES_SHOWN ? ", ..." : "");
    free(values);
}

static void print_column(const struct table *table, size_t c, enum column_use use) {
    const struct colours *colour = output_colours();
    const struct table_column *column = &table->column[c];
    size_t length = strlen(column->name);
    print("%s  ", use == COLUMN_USED ? "" : use == COLUMN_LABEL ? colour->good : colour->dim);
    print_harmless(column->name);
    print("%*s%-7s", length < 20 ? (int)(21 - length) : 1, "",
          column->kind == TABLE_TEXT ? "text" : "number");

    if (column->kind == TABLE_TEXT) {
        print_texts(column);
    } else if (column->gaps < table->rows) {
        struct range range = range_of(table, c);
        print("%.6g to %.6g, mean %.6g%s", range.least, range.greatest, range.mean,
              range.whole ? ", whole" : "");
    }
    if (column->gaps > 0)
        print("; %zu gap%s", column->gaps, column->gaps == 1 ? "" : "s");
    if (use != COLUMN_USED)
        print("  [%s]", column_use_text(use));
    print("%s\n", colour->plain);
}

static json_t *json_column(const struct table *table, size_t c, enum column_use use) {
    const struct table_column *column = &table->column[c];
    json_t *object = json_pack(
        "{s:s, s:s, s:I, s:s}", "name", column->name, "kind", column->kind == TABLE_TEXT ? "text" : "number",
        "gaps", (json_int_t)column->gaps, "use", use == COLUMN_USED ? "feature" : column_use_text(use));
    if (column->kind == TABLE_TEXT) {
        json_object_set_new(object, "values", json_integer((json_int_t)column->value_count));
    } else if (column->gaps < table->rows) {
        struct range range = range_of(table, c);
        json_object_set_new(object, "least", json_number(range.least));
        json_object_set_new(object, "greatest", json_number(range.greatest));
        json_object_set_new(object, "mean", json_number(range.mean));
    }
    return object;
}

/* ---- The label ---- */

static size_t *count_classes(const struct encoder *encoder, const struct table *table) {
    uint32_t *labels = memory_allocate(table->rows, sizeof *labels);
    size_t *counts = memory_allocate(encoder->class_count, sizeof *counts);
    if (labels != NULL && counts != NULL && encoder_labels(encoder, table, labels) == MINNOW_OK)
        for (size_t row = 0; row < table->rows; row++)
            if (labels[row] != TABLE_GAP)
                counts[labels[row]]++;
    memory_free(labels);
    return counts;
}

static void print_label(const struct encoder *encoder, const struct table *table) {
    const struct colours *colour = output_colours();
    print("\n%slabel%s ", colour->bold, colour->plain);
    print_harmless(encoder->label);
    if (encoder->task == TASK_REGRESSION) {
        print(", a number to predict (regression)\n");
        return;
    }
    size_t *counts = count_classes(encoder, table);
    print(", %zu classes:", encoder->class_count);
    for (size_t i = 0; counts != NULL && i < encoder->class_count && i < CLASSES_SHOWN; i++) {
        print("%s", i == 0 ? " " : ", ");
        print_harmless(encoder->classes[i]);
        print(" (%zu)", counts[i]);
    }
    print("%s\n", encoder->class_count > CLASSES_SHOWN ? ", ..." : "");
    memory_free(counts);
}

static void json_label(json_t *object, const struct encoder *encoder, const struct table *table) {
    json_object_set_new(object, "label", json_string(encoder->label));
    json_object_set_new(object, "task", json_string(choice_task(encoder->task)));
    if (encoder->task == TASK_REGRESSION)
        return;
    size_t *counts = count_classes(encoder, table);
    json_t *classes = json_object();
    for (size_t i = 0; counts != NULL && i < encoder->class_count; i++)
        json_object_set_new(classes, encoder->classes[i], json_integer((json_int_t)counts[i]));
    json_object_set_new(object, "classes", classes);
    memory_free(counts);
}

/* ---- The table ---- */

/* The pixels of the first rows, if all used columns are pixels of square pictures. */
static void draw_first(const struct table *table, const enum column_use *use) {
    enum { PICTURES = 8 };
    size_t features = 0, count = table->rows < PICTURES ? table->rows : PICTURES, at = 0;
    float brightest = 1;
    for (size_t c = 0; c < table->columns; c++)
        features += use[c] == COLUMN_USED;
    size_t side = (size_t)sqrt((double)features);
    if (side * side != features || !columns_are_pixels(table, use))
        return;

    uint8_t *pixels = malloc(count * features);
    for (size_t row = 0; row < count; row++)
        for (size_t c = 0; c < table->columns; c++)
            if (use[c] == COLUMN_USED)
                brightest = fmaxf(brightest, table_number(table, row, c));
    for (size_t row = 0; pixels != NULL && row < count; row++)
        for (size_t c = 0; c < table->columns; c++)
            if (use[c] == COLUMN_USED)
                pixels[at++] = (uint8_t)(table_number(table, row, c) * 255 / brightest);
    print("\n");
    if (pixels != NULL)
        drawing_print_first(&(struct drawing){side, side, 1}, pixels, count);
    free(pixels);
}

/* ---- Faults ---- */

enum { FAULTS_SHOWN = 5, FAULTS_JSON = 100 };

/* Behind the file's name, which all of them begin with. */
static const char *fault_text(const struct table *table, size_t i) {
    size_t length = strlen(table->name);
    const char *text = table->faults[i].text;
    return strncmp(text, table->name, length) == 0 && text[length] == ':' ? text + length + 2 : text;
}

static void print_faults(const struct table *table) {
    const struct colours *colour = output_colours();
    for (size_t i = 0; i < table->fault_count && i < FAULTS_SHOWN; i++) {
        print("%s%s%s ", i == 0 ? "\n" : "", colour->bold, i == 0 ? "faults" : "      ");
        print("%s", colour->plain);
        print_harmless(fault_text(table, i));
        print("\n");
    }
    if (table->fault_count > FAULTS_SHOWN)
        print("       and %zu more\n", table->fault_count - FAULTS_SHOWN);
}

static void json_faults(json_t *object, const struct table *table) {
    json_t *faults = json_array();
    for (size_t i = 0; i < table->fault_count && i < FAULTS_JSON; i++)
        json_array_append_new(faults, json_string(fault_text(table, i)));
    json_object_set_new(object, "faults", faults);
    json_object_set_new(object, "fault_count", json_integer((json_int_t)table->fault_count));
}

/* What training would say, after all has been described. */
static int refuse_faults(const struct table *table) {
    if (table->fault_count == 0)
        return STATUS_SUCCESS;
    return problem(STATUS_INPUT, "%s: training would refuse %zu of %zu rows, the first: %s", table->name,
                   table->fault_count, table->rows, fault_text(table, 0));
}

/* ---- All of it ---- */

struct description {
    struct table *table;
    struct encoder *encoder; /* NULL: no label is known */
    enum column_use *use;
    struct notes notes;
    const char *no_label; /* why */
    double read_seconds;
};

static void print_description(const struct description *d) {
    enum { COLUMNS_SHOWN = 100 };
    const struct colours *colour = output_colours();
    const struct table *table = d->table;
    print("%s", colour->bold);
    print_harmless(table->name);
    print("%s: %zu rows of %zu columns; %s\n\n", colour->plain, table->rows, table->own_columns,
          table->dialect);
    for (size_t c = 0; c < table->columns && c < COLUMNS_SHOWN; c++)
        print_column(table, c, d->use[c]);
    if (table->columns > COLUMNS_SHOWN)
        print("  ... and %zu more columns\n", table->columns - COLUMNS_SHOWN);

    if (d->encoder != NULL)
        print_label(d->encoder, table);
    print_faults(table);
    draw_first(table, d->use);
    if (d->no_label == NULL && table->fault_count == 0)
        print("\n'minnow train --data' keeps each fifth row for the test, and learns from the others.\n");
    for (size_t i = 0; i < d->notes.count; i++)
        note("%s", d->notes.line[i]);
}

static void print_as_json(const struct description *d) {
    json_t *columns = json_array(), *notes = json_array();
    for (size_t c = 0; c < d->table->columns; c++)
        json_array_append_new(columns, json_column(d->table, c, d->use[c]));
    for (size_t i = 0; i < d->notes.count; i++)
        json_array_append_new(notes, json_string(d->notes.line[i]));
    json_t *object = json_pack("{s:s, s:s, s:I, s:o}", "data", d->table->name, "written", d->table->dialect,
                               "rows", (json_int_t)d->table->rows, "columns", columns);
    if (d->encoder != NULL)
        json_label(object, d->encoder, d->table);
    json_object_set_new(object, "notes", notes);
    if (d->table->fault_count > 0)
        json_faults(object, d->table);
    json_object_set_new(object, "read_seconds", json_number(d->read_seconds));
    print_json(object);
}

static minnow_status describe(struct description *d, const struct table_learning *learning) {
    struct encoder_options options = table_encoder_options(learning);
    minnow_status status = encoder_begin(d->table, &options, &d->notes, &d->encoder);
    if (status != MINNOW_OK && learning->label != NULL)
        return status;
    if (status != MINNOW_OK) {
        d->no_label = "not known";
        notes_add(&d->notes, "%s", minnow_last_error());
    }
    return columns_choose(d->table, d->encoder != NULL ? d->encoder->label : NULL, &options, &d->notes,
                          d->use);
}

int data_describe_table(const struct data_source *source, const struct data_settings *settings,
                        const struct common_options *common) {
    struct description d = {0};
    double begin = clock_seconds();
    int status = table_open_to_describe(source->folder, &settings->reading, common->threads, &d.table);
    d.read_seconds = clock_seconds() - begin;
    if (status != STATUS_SUCCESS)
        return status;

    d.use = memory_allocate(d.table->columns, sizeof *d.use);
    if (d.use == NULL) {
        status = problem(STATUS_FAILURE, "not enough memory for %zu columns", d.table->columns);
    } else {
        minnow_status described = describe(&d, &settings->learning);
        status = described == MINNOW_OK ? STATUS_SUCCESS : report(described);
    }
    if (status == STATUS_SUCCESS && common->json)
        print_as_json(&d);
    else if (status == STATUS_SUCCESS)
        print_description(&d);
    if (status == STATUS_SUCCESS && !print_flush())
        status = STATUS_FAILURE;
    if (status == STATUS_SUCCESS)
        status = refuse_faults(d.table);

    encoder_free(d.encoder);
    notes_free(&d.notes);
    memory_free(d.use);
    table_free(d.table);
    return status;
}
