/* What a page knows of a model, as JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "cli/frame/json.h"
#include "cli/inputs/curves.h"
#include "cli/report/report.h"

/* Classes of which the whole matrix is shown; of more, the pairs that are confused most. Rows of a table of classes. */
enum { MATRIX_CLASSES = 24, PAIRS = 30, CLASSES_MOST = 1000, TOP = 3, POINTS = 2000, METADATA_MOST = 4000 };

json_t *report_text(const char *text) {
    if (utf8_check(text, strlen(text)))
        return json_string(text);
    char *copy = memory_copy_string(text);
    for (char *c = copy; c != NULL && *c != '\0'; c++)
        *c = (unsigned char)*c < 0x80 ? *c : '?';
    json_t *string = copy != NULL ? json_string(copy) : NULL;
    free(copy);
    return string;
}

static json_t *crc_text(uint32_t crc) {
    return json_sprintf("%08x", (unsigned)crc);
}

/* ---- Of classes ---- */

static size_t *count_cells(const struct report_model *model) {
    size_t classes = model->evaluation.classes;
    size_t *cells = memory_allocate(classes * classes, sizeof *cells);
    for (size_t i = 0; cells != NULL && i < model->evaluation.totals.total; i++)
        cells[minnow_dataset_label(model->data.test, i) * classes + model->evaluation.predicted[i]]++;
    return cells;
}

static json_t *matrix(const struct report_model *model) {
    size_t classes = model->evaluation.classes;
    size_t *cells = classes <= MATRIX_CLASSES ? count_cells(model) : NULL;
    if (cells == NULL)
        return json_null();
    json_t *rows = json_array();
    for (size_t label = 0; label < classes; label++) {
        json_t *row = json_array();
        for (size_t c = 0; c < classes; c++)
            json_array_append_new(row, json_integer((json_int_t)cells[label * classes + c]));
        json_array_append_new(rows, row);
    }
    memory_free(cells);
    return rows;
}

/* Two classes, and how often the one was taken for the other. */
struct pair {
    uint32_t label, predicted;
    size_t count;
};

static int by_classes(const void *a, const void *b) {
    const struct pair *x = a, *y = b;
    if (x->label != y->label)
        return (x->label > y->label) - (x->label < y->label);
    return (x->predicted > y->predicted) - (x->predicted < y->predicted);
}

static int most_first(const void *a, const void *b) {
    const struct pair *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : by_classes(a, b);
}

static size_t merge_pairs(struct pair *pairs, size_t count) {
    size_t merged = 0;
    for (size_t i = 0; i < count; i++)
        if (merged > 0 && by_classes(&pairs[merged - 1], &pairs[i]) == 0)
            pairs[merged - 1].count++;
        else
            pairs[merged++] = pairs[i];
    return merged;
}

static json_t *confused_pairs(const struct report_model *model) {
    const struct evaluation *evaluation = &model->evaluation;
    size_t wrong = 0;
    struct pair *pairs = memory_allocate(evaluation->totals.total, sizeof *pairs);
    if (pairs == NULL)
        return json_null();
    for (size_t i = 0; i < evaluation->totals.total; i++) {
        uint32_t label = minnow_dataset_label(model->data.test, i);
        if (label != evaluation->predicted[i])
            pairs[wrong++] = (struct pair){label, evaluation->predicted[i], 1};
    }
    qsort(pairs, wrong, sizeof *pairs, by_classes);
    wrong = merge_pairs(pairs, wrong);
    qsort(pairs, wrong, sizeof *pairs, most_first);

    json_t *rows = json_array();
    for (size_t i = 0; i < wrong && i < PAIRS; i++)
        json_array_append_new(rows, json_pack("[I, I, I]", (json_int_t)pairs[i].label,
                                              (json_int_t)pairs[i].predicted, (json_int_t)pairs[i].count));
    memory_free(pairs);
    return rows;
}

static json_t *classes(const struct report_model *model) {
    const struct class_scores *scores = &model->scores;
    json_t *rows = json_array();
    for (size_t c = 0; c < scores->classes && c < CLASSES_MOST; c++)
        json_array_append_new(rows, json_pack("[I, o, o, o]", (json_int_t)model->evaluation.samples[c],
                                              json_number(scores->precision[c]),
                                              json_number(scores->recall[c]), json_number(scores->f1[c])));
    return rows;
}

static json_t *calibration(const struct calibration *calibration) {
    json_t *bins = json_array();
    for (size_t i = 0; i < CALIBRATION_BINS; i++)
        json_array_append_new(bins, json_pack("[I, I, f]", (json_int_t)calibration->count[i],
                                              (json_int_t)calibration->right[i], calibration->confidence[i]));
    return bins;
}

static size_t row_of(const struct report_model *model, size_t sample) {
    return model->data.rows != NULL ? model->data.rows[sample] : sample;
}

/* The classes with the largest outputs of a sample, and those; `outputs` is used up. */
static json_t *top_classes(const struct report_model *model, uint32_t sample, float *inputs, float *outputs) {
    size_t count = model->evaluation.classes;
    if (minnow_dataset_sample(model->data.test, sample, inputs) != MINNOW_OK ||
        minnow_network_predict(model->network, inputs, 1, NULL, outputs) != MINNOW_OK)
        return json_null();
    json_t *top = json_array();
    for (size_t n = 0; n < TOP && n < count; n++) {
        size_t best = 0;
        for (size_t c = 1; c < count; c++)
            best = outputs[c] > outputs[best] ? c : best;
        json_array_append_new(top, json_pack("[I, o]", (json_int_t)best, json_float(outputs[best])));
        outputs[best] = -INFINITY;
    }
    return top;
}

static json_t *worst_tops(const struct report_model *model) {
    float *inputs = memory_allocate(minnow_dataset_features(model->data.test), sizeof *inputs);
    float *outputs = memory_allocate(model->evaluation.classes, sizeof *outputs);
    json_t *tops = json_array();
    for (size_t i = 0; inputs != NULL && outputs != NULL && i < REPORT_WORST && i < model->shot_count; i++)
        json_array_append_new(tops, top_classes(model, model->shots[i].sample, inputs, outputs));
    memory_free(inputs);
    memory_free(outputs);
    return tops;
}

static json_t *shots(const struct report_model *model) {
    json_t *rows = json_array();
    for (size_t i = 0; i < model->shot_count; i++) {
        const struct shot *shot = &model->shots[i];
        json_array_append_new(rows, json_pack("[I, I, I, o, o]", (json_int_t)row_of(model, shot->sample),
                                              (json_int_t)shot->label, (json_int_t)shot->predicted,
                                              json_float(shot->right), json_float(shot->confidence)));
    }
    return rows;
}

static void set_classes(const struct report_model *model, json_t *object) {
    json_object_set_new(object, "confusion", matrix(model));
    json_object_set_new(object, "pairs",
                        model->evaluation.classes > MATRIX_CLASSES ? confused_pairs(model) : json_null());
    json_object_set_new(object, "classes", classes(model));
    json_object_set_new(object, "collapsed", json_boolean(model->collapsed));
    json_object_set_new(object, "calibration", calibration(&model->calibration));
    json_object_set_new(object, "shots", shots(model));
    json_object_set_new(object, "tops", worst_tops(model));
}

/* ---- Of numbers ---- */

struct residual {
    double size;
    size_t sample;
};

static int largest_first(const void *a, const void *b) {
    const struct residual *x = a, *y = b;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return (x->sample > y->sample) - (x->sample < y->sample);
}

static json_t *point(const struct report_model *model, size_t sample) {
    return json_pack("[I, o, o]", (json_int_t)row_of(model, sample),
                     json_number(number_of(model->encoder, model->data.test->targets[sample])),
                     json_number(number_of(model->encoder, model->outputs[sample])));
}

/* Evenly spread over the rows, as many as a picture has room for. */
static json_t *points(const struct report_model *model) {
    size_t count = model->data.test->count, shown = size_min(count, POINTS);
    json_t *rows = json_array();
    for (size_t i = 0; i < shown; i++)
        json_array_append_new(rows, point(model, (size_t)((double)i * (double)count / (double)shown)));
    return rows;
}

static void set_numbers(const struct report_model *model, json_t *object) {
    const minnow_dataset *dataset = model->data.test;
    struct residual *residuals = memory_allocate(dataset->count, sizeof *residuals);
    json_t *worst = json_array();
    struct histogram histogram;
    histogram_init(&histogram);
    for (size_t i = 0; residuals != NULL && i < dataset->count; i++) {
        float residual = (float)(number_of(model->encoder, model->outputs[i]) -
                                 number_of(model->encoder, dataset->targets[i]));
        histogram_add(&histogram, &residual, 1);
        residuals[i] = (struct residual){fabs((double)residual), i};
    }
    if (residuals != NULL)
        qsort(residuals, dataset->count, sizeof *residuals, largest_first);
    for (size_t i = 0; residuals != NULL && i < REPORT_WORST && i < dataset->count; i++)
        json_array_append_new(worst, point(model, residuals[i].sample));
    memory_free(residuals);

    json_object_set_new(object, "points", points(model));
    json_object_set_new(object, "worst", worst);
    json_object_set_new(object, "residuals", report_histogram(&histogram));
    json_object_set_new(object, "label",
                        model->encoder->label != NULL ? report_text(model->encoder->label) : json_null());
}

static json_t *importances(const struct report_model *model) {
    json_t *rows = json_array();
    for (size_t i = 0; i < model->importance_count; i++) {
        const struct importance *one = &model->importances[i];
        json_array_append_new(rows, json_pack("[o, f, f]",
                                              one->name != NULL ? report_text(one->name)
                                                                : json_sprintf("column %zu", one->number + 1),
                                              one->loss.mean, one->loss.spread));
    }
    return rows;
}

/* ---- All ---- */

json_t *report_figures(const struct report_model *model) {
    json_t *figures = json_object();
    json_object_set_new(figures, "total", json_integer((json_int_t)minnow_dataset_count(model->data.test)));
    if (model->numbers) {
        json_object_set_new(figures, "rmse", json_number(model->scored.rmse));
        json_object_set_new(figures, "mae", json_number(model->scored.mae));
        json_object_set_new(figures, "r2", json_number(model->scored.r2));
        return figures;
    }
    json_object_set_new(figures, "accuracy", json_number(evaluation_accuracy(&model->evaluation)));
    json_object_set_new(figures, "correct", json_integer((json_int_t)model->evaluation.totals.correct));
    json_object_set_new(figures, "loss", json_number(model->evaluation.totals.loss));
    json_object_set_new(figures, "macro_f1", json_number(model->scores.macro_f1));
    json_object_set_new(figures, "calibration_error", json_number(calibration_error(&model->calibration)));
    if (model->evaluation.classes == 2)
        json_object_set_new(figures, "auc", json_number(model->scores.auc));
    return figures;
}

/* The encoder has hundreds of numbers, and class names are shown where they are used. */
static json_t *metadata(const minnow_network *network) {
    json_t *object = json_object();
    for (size_t i = 0; i < network->metadata.count; i++) {
        const struct metadata_entry *entry = &network->metadata.entries[i];
        if (strlen(entry->value) <= METADATA_MOST && strcmp(entry->key, "class_names") != 0 &&
            strcmp(entry->key, ENCODER_KEY) != 0 && strcmp(entry->key, CURVES_KEY) != 0)
            json_object_set_new(object, entry->key, json_string(entry->value));
    }
    return object;
}

static json_t *sizes(const minnow_network *network) {
    json_t *array = json_array();
    for (size_t i = 0; i <= network->layer_count; i++)
        json_array_append_new(array, json_integer((json_int_t)minnow_network_layer_size(network, i)));
    return array;
}

json_t *report_data(const struct report_model *model) {
    const minnow_network *network = model->network;
    char activations[ACTIVATIONS_TEXT];
    network_activations_text(network, "relu", activations);
    json_t *object = json_pack("{s:o, s:o, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:I, s:b, s:o, s:O*, s:O*}",
                               "path", report_text(model->path), "sizes", sizes(network), "activations",
                               activations, "loss", loss_rows[network->loss].name, "parameters",
                               (json_int_t)minnow_network_parameter_count(network), "crc32",
                               crc_text(minnow_network_params_crc32(network)), "metadata", metadata(network),
                               "data", report_text(data_source_name(&model->data.source)), "data_crc32",
                               crc_text(dataset_crc32(model->data.test)), "samples",
                               (json_int_t)minnow_dataset_count(model->data.test), "numbers", model->numbers,
                               "figures", report_figures(model), "names", model->names, "log", model->log);
    if (object == NULL)
        return NULL;
    json_object_set_new(object, "networks", json_integer((json_int_t)network->other_count + 1));
    json_object_set_new(object, "layers", report_layers(model));
    if (model->numbers)
        set_numbers(model, object);
    else
        set_classes(model, object);
    if (model->importances != NULL) {
        json_object_set_new(object, "importances", importances(model));
        json_object_set_new(object, "importance_rows", json_integer((json_int_t)model->importance_rows));
    }
    json_object_set_new(object, "channels", json_integer((json_int_t)model->pictures.channels));
    json_object_set_new(object, "shots_picture", report_shots_picture(model));
    json_object_set_new(object, "weights_picture", report_weights_picture(model));
    return object;
}
