#include "cli/test/mistakes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "cli/frame/draw.h"
#include "cli/frame/json.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"
#include "data/dataset.h"

enum { CELL_LEAST = 19, FITTING_MOST = 64, NAME_SHOWN = 6, CAPTION_TEXT = 96 };

/* ---- Finding ---- */

static int worst_first(const void *a, const void *b) {
    const struct mistake *x = a, *y = b;
    if (x->right != y->right)
        return x->right < y->right ? -1 : 1;
    return (x->sample > y->sample) - (x->sample < y->sample);
}

/* Those that are wrong, without their outputs. */
static size_t list_wrong(const minnow_dataset *dataset, const struct evaluation *evaluation,
                         struct mistake *list) {
    size_t count = 0;
    for (size_t i = 0; i < dataset->count; i++) {
        uint32_t label = minnow_dataset_label(dataset, i);
        if (evaluation->predicted[i] != label)
            list[count++] = (struct mistake){
                .sample = (uint32_t)i, .label = label, .predicted = evaluation->predicted[i]};
    }
    return count;
}

static minnow_status find_outputs(const minnow_network *network, const minnow_dataset *dataset,
                                  size_t classes, struct mistakes *mistakes) {
    float *values = memory_allocate(dataset->features, sizeof *values);
    float *outputs = memory_allocate(classes, sizeof *outputs);
    minnow_status status = values != NULL && outputs != NULL ? MINNOW_OK : fail_memory("mistakes");
    for (size_t i = 0; i < mistakes->count && status == MINNOW_OK; i++) {
        struct mistake *mistake = &mistakes->list[i];
        status = minnow_dataset_sample(dataset, mistake->sample, values);
        if (status == MINNOW_OK)
            status = minnow_network_predict(network, values, 1, NULL, outputs);
        mistake->right = outputs[mistake->label];
        mistake->taken = outputs[mistake->predicted];
    }
    memory_free(values);
    memory_free(outputs);
    return status;
}

int mistakes_find(const minnow_network *network, const struct data *data, const struct evaluation *evaluation,
                  size_t most, struct mistakes *out) {
    *out = (struct mistakes){.list = memory_allocate(data->test->count, sizeof *out->list)};
    if (out->list == NULL)
        return report(fail_memory("mistakes"));
    out->count = list_wrong(data->test, evaluation, out->list);
    minnow_status status = find_outputs(network, data->test, evaluation->classes, out);
    qsort(out->list, out->count, sizeof *out->list, worst_first);
    out->count = out->count < most ? out->count : most;
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

void mistakes_free(struct mistakes *mistakes) {
    memory_free(mistakes->list);
    *mistakes = (struct mistakes){0};
}

static size_t row_of(const struct data *data, size_t sample) {
    return data->rows != NULL ? data->rows[sample] : sample;
}

/* ---- Pictures ---- */

/* Names that are short ASCII stand under pictures; of others the class's number, whose name the table of classes has. */
static const char *short_name(const json_t *names, uint32_t label, char number[CLASS_NUMBER_TEXT]) {
    const char *name = class_name(names, label, number);
    bool plain = strlen(name) <= NAME_SHOWN && name[0] != '\0';
    for (const char *c = name; *c != '\0'; c++)
        plain = plain && *c >= ' ' && *c <= '~';
    return plain ? name : class_name(NULL, label, number);
}

static void print_captions(const struct mistake *list, size_t count, size_t cell, const json_t *names,
                           int line) {
    for (size_t i = 0; i < count; i++) {
        char text[CAPTION_TEXT], label[CLASS_NUMBER_TEXT], predicted[CLASS_NUMBER_TEXT];
        const char *own = short_name(names, list[i].label, label),
                   *other = short_name(names, list[i].predicted, predicted);
        if (line == 0)
            snprintf(text, sizeof text, "%u: %s, not %s", (unsigned)list[i].sample, own, other);
        else
            snprintf(text, sizeof text, "%s %.3f, %s %.3f", other, (double)list[i].taken, own,
                     (double)list[i].right);
        if (i + 1 < count)
            print("%-*.*s ", (int)cell, (int)cell, text);
        else
            print("%.*s\n", (int)cell, text);
    }
}

/* A row of pictures beside each other. pixels[count][features]. */
static void print_row(const struct drawing *drawing, const struct mistake *list, size_t count, size_t cell,
                      const uint8_t *pixels, const json_t *names) {
    const uint8_t *pictures[FITTING_MOST];
    for (size_t i = 0; i < count; i++)
        pictures[i] = pixels + i * drawing->height * drawing->width * drawing->channels;
    print("\n");
    drawing_print(drawing, pictures, count, cell);
    print_captions(list, count, cell, names, 0);
    print_captions(list, count, cell, names, 1);
}

static minnow_status draw(const struct mistakes *mistakes, const minnow_dataset *dataset,
                          const json_t *names) {
    struct picture_recipe shape = dataset_picture(dataset);
    struct drawing drawing = {shape.height, shape.width, shape.channels};
    size_t cell = drawing.width > CELL_LEAST ? drawing.width : CELL_LEAST;
    size_t fitting = drawing_fitting(cell, output_columns());
    fitting = fitting < FITTING_MOST ? fitting : FITTING_MOST;
    float *values = memory_allocate(dataset->features, sizeof *values);
    uint8_t *pixels = memory_allocate(fitting * dataset->features, sizeof *pixels);
    minnow_status status = values != NULL && pixels != NULL ? MINNOW_OK : fail_memory("pictures of mistakes");
    for (size_t first = 0; first < mistakes->count && status == MINNOW_OK; first += fitting) {
        size_t count = mistakes->count - first < fitting ? mistakes->count - first : fitting;
        for (size_t i = 0; i < count && status == MINNOW_OK; i++) {
            status = minnow_dataset_sample(dataset, mistakes->list[first + i].sample, values);
            drawing_pixels(values, dataset->features, dataset->bytes != NULL ? dataset->scale : 0.0f,
                           pixels + i * dataset->features);
        }
        if (status == MINNOW_OK)
            print_row(&drawing, mistakes->list + first, count, cell, pixels, names);
    }
    memory_free(values);
    memory_free(pixels);
    return status;
}

/* ---- Rows ---- */

/* A number as the table had it, up to rounding: what the encoder did, undone. */
static double number_in_table(const struct encoder *encoder, const struct encoder_column *column,
                              float value) {
    double z = (double)value, c = (double)encoder->clip;
    if (encoder->bytes)
        return z / (double)encoder->scale;
    if (c > 0 && fabs(z) < c)
        z /= sqrt(1 - z / c * (z / c));
    return z * (double)column->spread + (double)column->centre;
}

static void print_column(const struct encoder *encoder, const struct encoder_column *column,
                         const float *values) {
    print_harmless(column->name);
    print(" = ");
    size_t at = 0;
    switch (column->kind) {
    case ENCODER_NUMBER:
        if (column->indicator && values[1] != 0.0f)
            print("missing");
        else
            print("%.6g", number_in_table(encoder, column, values[0]));
        return;
    case ENCODER_CATEGORY:
        while (at < column->width && values[at] == 0.0f)
            at++;
        print_harmless(at < column->value_count ? column->values[at] : "any other");
        return;
    case ENCODER_HASHED:
        while (at + 1 < column->width && values[at] == 0.0f)
            at++;
        print("text of bucket %zu", at);
        return;
    }
}

int mistakes_print_columns(const struct data *data, const struct encoder *encoder, size_t sample) {
    float *values = memory_allocate(data->test->features, sizeof *values);
    minnow_status status =
        values != NULL ? minnow_dataset_sample(data->test, sample, values) : fail_memory("a row");
    for (size_t c = 0; status == MINNOW_OK && c < encoder->column_count; c++) {
        print("%s", c > 0 ? ", " : "  ");
        print_column(encoder, &encoder->columns[c], values + encoder->columns[c].first);
    }
    memory_free(values);
    if (status == MINNOW_OK)
        print("\n");
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static int list_rows(const struct mistakes *mistakes, const struct data *data, const struct encoder *encoder,
                     const json_t *names) {
    int status = STATUS_SUCCESS;
    for (size_t i = 0; i < mistakes->count && status == STATUS_SUCCESS; i++) {
        const struct mistake *mistake = &mistakes->list[i];
        char label[CLASS_NUMBER_TEXT], predicted[CLASS_NUMBER_TEXT];
        const char *own = class_name(names, mistake->label, label),
                   *other = class_name(names, mistake->predicted, predicted);
        print("\n%s %zu: ", encoder != NULL ? "row" : "sample", row_of(data, mistake->sample));
        print_harmless(own);
        print(", not ");
        print_harmless(other);
        print("; outputs %.3f and %.3f\n", (double)mistake->right, (double)mistake->taken);
        if (encoder != NULL)
            status = mistakes_print_columns(data, encoder, mistake->sample);
    }
    return status;
}

/* ---- Both ---- */

int mistakes_print(const struct mistakes *mistakes, const struct data *data, const struct encoder *encoder,
                   const json_t *names) {
    const struct colours *colour = output_colours();
    if (mistakes->count == 0) {
        print("\nno mistakes\n");
        return STATUS_SUCCESS;
    }
    print("\n%sworst mistakes%s: truth, prediction, outputs of both\n", colour->bold, colour->plain);
    bool pictures = dataset_picture(data->test).height > 0 && (encoder == NULL || encoder->bytes);
    if (!pictures)
        return list_rows(mistakes, data, encoder, names);
    minnow_status status = draw(mistakes, data->test, names);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

json_t *mistakes_json(const struct mistakes *mistakes, const struct data *data) {
    json_t *list = json_array();
    for (size_t i = 0; i < mistakes->count; i++) {
        const struct mistake *mistake = &mistakes->list[i];
        json_array_append_new(
            list, json_pack("{s:I, s:I, s:I, s:o, s:o}", "sample", (json_int_t)row_of(data, mistake->sample),
                            "label", (json_int_t)mistake->label, "predicted", (json_int_t)mistake->predicted,
                            "output_of_label", json_float(mistake->right), "output_of_predicted",
                            json_float(mistake->taken)));
    }
    return list;
}
