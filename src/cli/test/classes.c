#include "cli/test/classes.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cli/frame/json.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"
#include "data/dataset.h"

void class_scores_free(struct class_scores *scores) {
    memory_free(scores->precision);
    *scores = (struct class_scores){0};
}

static double share(size_t part, size_t whole) {
    return whole > 0 ? (double)part / (double)whole : NAN;
}

static void score_classes(const struct evaluation *evaluation, const size_t *predicted,
                          struct class_scores *out) {
    double sum = 0;
    size_t occurring = 0;
    for (size_t c = 0; c < out->classes; c++) {
        size_t samples = evaluation->samples[c], right = samples - evaluation->errors[c];
        out->precision[c] = share(right, predicted[c]);
        out->recall[c] = share(right, samples);
        out->f1[c] = share(2 * right, samples + predicted[c]);
        sum += samples > 0 ? out->f1[c] : 0;
        occurring += samples > 0;
    }
    out->macro_f1 = sum / (double)(occurring > 0 ? occurring : 1);
}

/* ---- The area under the receiver's operating curve ---- */

struct ranked {
    float output;
    uint32_t label;
};

static int by_output(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    return (x->output > y->output) - (x->output < y->output);
}

/* By ranks, those of equal outputs shared among them: the sum of the second class's ranks tells how many of the first
   are below each (Mann and Whitney's U). */
static double area(struct ranked *ranked, size_t count, size_t of_second) {
    double ranks = 0;
    qsort(ranked, count, sizeof *ranked, by_output);
    for (size_t begin = 0, end; begin < count; begin = end) {
        size_t second = 0;
        for (end = begin; end < count && ranked[end].output == ranked[begin].output; end++)
            second += ranked[end].label == 1;
        ranks += (double)second * ((double)(begin + end + 1) / 2);
    }
    double n = (double)of_second, m = (double)(count - of_second);
    return n > 0 && m > 0 ? (ranks - n * (n + 1) / 2) / (n * m) : NAN;
}

/* One sample after the other: two classes' networks are small, and this is once. */
static bool rank_all(const minnow_network *network, const minnow_dataset *dataset, float *inputs,
                     struct ranked *ranked) {
    for (size_t i = 0; i < dataset->count; i++) {
        float outputs[2];
        if (minnow_dataset_sample(dataset, i, inputs) != MINNOW_OK ||
            minnow_network_predict(network, inputs, 1, NULL, outputs) != MINNOW_OK)
            return false;
        ranked[i] = (struct ranked){outputs[1] - outputs[0], dataset->labels[i]};
    }
    return true;
}

static int score_two(const minnow_network *network, const minnow_dataset *dataset,
                     const struct evaluation *evaluation, struct class_scores *out) {
    struct ranked *ranked = memory_allocate(dataset->count, sizeof *ranked);
    float *inputs = memory_allocate(dataset->features, sizeof *inputs);
    int status = STATUS_SUCCESS;
    if (ranked == NULL || inputs == NULL || !rank_all(network, dataset, inputs, ranked))
        status = problem(STATUS_FAILURE, "not enough memory for the ranks of %zu samples", dataset->count);
    else
        out->auc = area(ranked, dataset->count, evaluation->samples[1]);
    memory_free(inputs);
    memory_free(ranked);
    return status;
}

int class_scores_of(const minnow_network *network, const minnow_dataset *dataset,
                    const struct evaluation *evaluation, struct class_scores *out) {
    size_t classes = evaluation->classes;
    *out = (struct class_scores){.classes = classes, .auc = NAN};
    out->precision = memory_allocate(3 * classes, sizeof *out->precision);
    size_t *predicted = memory_allocate(classes, sizeof *predicted);
    if (out->precision == NULL || predicted == NULL) {
        memory_free(predicted);
        return problem(STATUS_FAILURE, "not enough memory for the scores of %zu classes", classes);
    }
    out->recall = out->precision + classes;
    out->f1 = out->recall + classes;
    for (size_t i = 0; i < evaluation->totals.total; i++)
        predicted[evaluation->predicted[i]]++;
    score_classes(evaluation, predicted, out);
    memory_free(predicted);
    return classes == 2 ? score_two(network, dataset, evaluation, out) : STATUS_SUCCESS;
}

/* ---- Telling ---- */

static void print_score(double score) {
    if (isnan(score))
        print("         -");
    else
        print("%8.2f %%", 100 * score);
}

void class_scores_print(const struct class_scores *scores, const struct evaluation *evaluation,
                        const json_t *names) {
    const struct colours *colour = output_colours();
    print("\n%slabel%s  precision    recall        F1   samples\n", colour->bold, colour->plain);
    for (size_t c = 0; c < scores->classes; c++) {
        char number[CLASS_NUMBER_TEXT];
        if (evaluation->samples[c] == 0 && isnan(scores->precision[c]))
            continue;
        print("%5zu ", c);
        print_score(scores->precision[c]);
        print_score(scores->recall[c]);
        print_score(scores->f1[c]);
        print("%10zu  ", evaluation->samples[c]);
        print_harmless(class_name(names, c, number));
        print("\n");
    }
    print("mean F1 %.2f %%", 100 * scores->macro_f1);
    if (!isnan(scores->auc))
        print(", AUC %.4f", scores->auc);
    print("\n");
}

static json_t *json_scores(const double *scores, size_t classes) {
    json_t *array = json_array();
    for (size_t c = 0; c < classes; c++)
        json_array_append_new(array, json_number(scores[c]));
    return array;
}

void class_scores_json(const struct class_scores *scores, json_t *object) {
    json_object_set_new(object, "precision", json_scores(scores->precision, scores->classes));
    json_object_set_new(object, "recall", json_scores(scores->recall, scores->classes));
    json_object_set_new(object, "f1", json_scores(scores->f1, scores->classes));
    json_object_set_new(object, "macro_f1", json_number(scores->macro_f1));
    if (scores->classes == 2)
        json_object_set_new(object, "auc", json_number(scores->auc));
}
