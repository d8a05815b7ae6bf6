/* What minnow predict tells of each sample. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "cli/frame/draw.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"
#include "cli/predict/csv.h"
#include "cli/predict/predict.h"

/* A text as JSON, from malloc. Names of files may be in no encoding: what is not ASCII is replaced then. */
char *tell_quote(const char *name) {
    char *copy = NULL;
    json_t *text = json_string(name);
    if (text == NULL && (copy = memory_copy_string(name)) != NULL) {
        for (char *c = copy; *c != '\0'; c++)
            *c = (unsigned char)*c < 0x80 ? *c : '?';
        text = json_string(copy);
    }
    char *quoted = json_dumps(text, JSON_ENCODE_ANY);
    json_decref(text);
    free(copy);
    return quoted;
}

static const char *number_or_null(float value, char text[NUMBER_TEXT]) {
    if (!isfinite(value))
        return "null";
    number_write_shortest(value, text);
    return text;
}

static void print_index(const struct prediction *p, const char *name, size_t index, const char *kind) {
    print_harmless(p->several ? name : "");
    print("%s%s%zu: ", p->several ? " " : "", kind, index);
}

/* Whether a column names the rows, though perhaps not each of them. */
static bool has_id_column(const struct prediction_source *source) {
    return source->table != NULL && source->id < source->table->columns;
}

/* Whether its cell names this row. A table of bytes cannot have gaps: there the cells of bad rows may be zeros. */
static bool has_id(const struct prediction_source *source, size_t row) {
    const struct table *table = source->table;
    if (!has_id_column(source))
        return false;
    return table->bytes != NULL ? table_row_fault(table, row) == NULL : !table_is_gap(table, row, source->id);
}

/* The number as people write one that names something: the digits of a whole one, and no exponent. */
static void write_number_id(float value, char number[NUMBER_TEXT]) {
    const float many = 1e30F; /* so many digits fit */
    if (value == truncf(value) && fabsf(value) < many)
        snprintf(number, NUMBER_TEXT, "%.0f", (double)value);
    else
        number_write_shortest(value, number);
}

/* What names a sample: the cell of the id, the picture's file, or its number, written to `number`. */
static const char *sample_name(const struct prediction_source *source, size_t index,
                               char number[NUMBER_TEXT]) {
    const struct table *table = source->table;
    if (source->picture)
        return source->name;
    if (!has_id(source, index))
        snprintf(number, NUMBER_TEXT, "%zu", index);
    else if (table->bytes == NULL && table->column[source->id].kind == TABLE_TEXT)
        return table->column[source->id].values[table_code(table, index, source->id)];
    else
        write_number_id(table_number(table, index, source->id), number);
    return number;
}

/* The row's number would be taken for one of the table's names of rows: without a name the field is empty. */
static void print_csv_id(const struct prediction_source *source, size_t index) {
    char number[NUMBER_TEXT];
    if (!has_id_column(source) || has_id(source, index))
        csv_print_id(sample_name(source, index, number));
}

/* What stands before a result: the file, where there are several, and in it the sample. */
static void print_place(const struct prediction *p, const struct prediction_source *source, size_t index) {
    char number[NUMBER_TEXT];
    bool by_id = p->settings->id != NULL && has_id(source, index);
    if (!by_id && !(source->picture && p->several)) {
        print_index(p, source->name, index, p->settings->id != NULL ? "row " : "");
        return;
    }
    if (by_id && p->several) {
        print_harmless(source->name);
        print(" ");
    }
    print_harmless(sample_name(source, index, number));
    print(": ");
}

/* With --id, what names the sample is a member of its object. */
static void print_json_id(const struct prediction *p, const struct prediction_source *source, size_t index) {
    char number[NUMBER_TEXT];
    if (p->settings->id == NULL || !has_id(source, index))
        return;
    char *quoted = tell_quote(sample_name(source, index, number));
    print(",\"id\":%s", quoted != NULL ? quoted : "null");
    free(quoted);
}

/* Printed without the JSON library, which is slow for many numbers. */
static void print_as_json(const struct prediction *p, const struct prediction_source *source, size_t i,
                          size_t index) {
    const float *probabilities = p->probabilities + i * p->classes;
    char number[NUMBER_TEXT];
    print("{\"input\":%s,\"index\":%zu", source->quoted, index);
    print_json_id(p, source, index);
    print(",\"label\":%u", (unsigned)p->labels[i]);
    if (p->names != NULL) {
        char *name = json_dumps(json_array_get(p->names, p->labels[i]), JSON_ENCODE_ANY);
        print(",\"class\":%s", name != NULL ? name : "null");
        free(name);
    }
    for (size_t c = 0; c < p->classes; c++)
        print("%s%s", c == 0 ? ",\"probabilities\":[" : ",", number_or_null(probabilities[c], number));
    print("]}\n");
}

/* The class of the largest probability but for those that are taken; `classes` if there is none. */
static size_t next_likeliest(const float *probabilities, size_t classes, const size_t *taken, size_t count) {
    size_t best = classes;
    for (size_t c = 0; c < classes; c++) {
        bool is_taken = false;
        for (size_t t = 0; t < count; t++)
            is_taken = is_taken || taken[t] == c;
        if (!is_taken && (best == classes || probabilities[c] > probabilities[best]))
            best = c;
    }
    return best;
}

/* Only a probability is a percentage: the activations of a quadratic loss come to any sum. */
static void print_output(const struct prediction *p, float output) {
    if (loss_rows[minnow_network_loss(p->network)].probabilities)
        print(" %.2f %%", 100 * (double)output);
    else
        print(" activation %.4f", (double)output);
}

static void print_as_text(const struct prediction *p, const struct prediction_source *source, size_t i,
                          size_t index) {
    enum { SHOWN = 3 };
    const struct colours *colour = output_colours();
    const float *probabilities = p->probabilities + i * p->classes;
    size_t shown[SHOWN] = {p->labels[i]};
    char number[CLASS_NUMBER_TEXT];
    print_place(p, source, index);
    print("%s", colour->bold);
    print_harmless(class_name(p->names, shown[0], number));
    print("%s", colour->plain);
    print_output(p, probabilities[shown[0]]);
    for (size_t n = 1; n < SHOWN && n < p->classes; n++) {
        shown[n] = next_likeliest(probabilities, p->classes, shown, n);
        print("%s", n == 1 ? "  (" : ", ");
        print_harmless(class_name(p->names, shown[n], number));
        print_output(p, probabilities[shown[n]]);
    }
    print("%s\n", p->classes > 1 ? ")" : "");
}

/* Of a sample, or, where there is no index, of a file. */
void tell_fault_as_json(const struct prediction *p, const struct prediction_source *source,
                        const size_t *index, const char *fault) {
    char *text = tell_quote(fault);
    print("{\"input\":%s", source->quoted);
    if (index != NULL) {
        print(",\"index\":%zu", *index);
        print_json_id(p, source, *index);
    }
    print(",\"error\":%s}\n", text != NULL ? text : "null");
    free(text);
}

void tell_fault_as_text(const struct prediction *p, const struct prediction_source *source,
                        const char *fault) {
    print_place(p, source, source->next);
    print("error: ");
    print_harmless(fault);
    print("\n");
}

static void begin_csv(struct prediction *p) {
    if (!p->header_told)
        csv_print_header(p->names, p->predicts_number ? 0 : p->classes);
    p->header_told = true;
}

void tell_fault_as_csv(struct prediction *p, const struct prediction_source *source, const char *fault) {
    begin_csv(p);
    print_csv_id(source, source->next);
    csv_print_none(p->predicts_number ? 0 : p->classes);
    problem(STATUS_INPUT, "%s", fault);
}

void tell_no_picture_as_csv(struct prediction *p, const struct prediction_source *source) {
    begin_csv(p);
    csv_print_id(source->name);
    csv_print_none(p->predicts_number ? 0 : p->classes);
}

static void tell_number(const struct prediction *p, const struct prediction_source *source, size_t i) {
    const struct encoder *encoder = p->encoder;
    float number = p->probabilities[i] * encoder->target_spread + encoder->target_centre;
    char text[NUMBER_TEXT];
    size_t index = source->next + i;
    if (p->settings->format == FORMAT_CSV) {
        print_csv_id(source, index);
        csv_print_number(number);
    } else if (p->common->json) {
        print("{\"input\":%s,\"index\":%zu", source->quoted, index);
        print_json_id(p, source, index);
        print(",\"prediction\":%s}\n", number_or_null(number, text));
    } else {
        print_place(p, source, index);
        print("%.7g\n", (double)number);
    }
}

static void tell_sample(const struct prediction *p, const struct prediction_source *source, size_t i) {
    size_t index = source->next + i;
    if (p->predicts_number) {
        tell_number(p, source, i);
    } else if (p->settings->format == FORMAT_CSV) {
        print_csv_id(source, index);
        csv_print_class(p->names, p->labels[i], p->probabilities + i * p->classes, p->classes);
    } else if (p->common->json) {
        print_as_json(p, source, i, index);
    } else {
        print_as_text(p, source, i, index);
    }
}

/* What the network sees. */
static minnow_status show(const struct prediction *p, const float *values) {
    const struct picture_recipe *recipe = &p->form.pictures;
    const struct drawing drawing = {recipe->height, recipe->width, recipe->channels};
    uint8_t *pixels = memory_allocate(p->features, sizeof *pixels);
    if (pixels == NULL)
        return fail_memory("a picture");
    drawing_pixels(values, p->features, p->form.scale, pixels);
    drawing_print(&drawing, (const uint8_t *const[]){pixels}, 1, drawing.width);
    memory_free(pixels);
    return MINNOW_OK;
}

int tell_batch(struct prediction *p, const struct prediction_source *source) {
    if (p->settings->format == FORMAT_CSV)
        begin_csv(p);
    for (size_t i = 0; i < p->count; i++) {
        minnow_status shown = p->settings->show ? show(p, p->values + i * p->features) : MINNOW_OK;
        if (shown != MINNOW_OK)
            return report(shown);
        tell_sample(p, source, i);
    }
    return print_flush() ? STATUS_SUCCESS : STATUS_FAILURE;
}
