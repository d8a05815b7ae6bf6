#include "cli/inputs/evaluation.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/frame/terminal.h"
#include "data/dataset.h"
#include "net/losses.h"

int evaluation_check(const minnow_network *network, const char *model, const minnow_dataset *dataset,
                     const char *data) {
    size_t inputs = minnow_network_layer_size(network, 0);
    size_t outputs = minnow_network_layer_size(network, minnow_network_layer_count(network));
    if (minnow_dataset_features(dataset) != inputs)
        return problem(STATUS_INPUT, "%s takes %zu values a sample, but %s has %zu", model, inputs, data,
                       minnow_dataset_features(dataset));
    if (minnow_dataset_classes(dataset) != outputs)
        return problem(STATUS_INPUT, "%s tells %zu classes apart, but %s has %zu", model, outputs, data,
                       minnow_dataset_classes(dataset));
    if (dataset->label_columns != 0 && dataset->label_columns != outputs)
        note("%s: one-hot labels of %zu columns, but %s tells %zu classes apart: do the columns mean its "
             "classes?",
             data, dataset->label_columns, model, outputs);
    return STATUS_SUCCESS;
}

int evaluation_run(const minnow_network *network, const minnow_dataset *dataset, unsigned threads,
                   struct evaluation *out) {
    size_t count = minnow_dataset_count(dataset), classes = minnow_dataset_classes(dataset);
    *out = (struct evaluation){
        .classes = classes,
        .predicted = memory_allocate(count, sizeof *out->predicted),
        .samples = memory_allocate(classes, sizeof *out->samples),
        .errors = memory_allocate(classes, sizeof *out->errors),
    };
    minnow_evaluation_init(&out->totals, sizeof out->totals);
    if (out->predicted == NULL || out->samples == NULL || out->errors == NULL)
        return problem(STATUS_FAILURE, "not enough memory for the results of %zu samples", count);
    minnow_status status = minnow_network_evaluate(network, dataset, threads, &out->totals, out->predicted);
    if (status != MINNOW_OK)
        return report(status);
    for (size_t i = 0; i < count; i++) {
        uint32_t label = minnow_dataset_label(dataset, i);
        out->samples[label]++;
        out->errors[label] += out->predicted[i] != label;
    }
    return STATUS_SUCCESS;
}

void evaluation_free(struct evaluation *evaluation) {
    memory_free(evaluation->predicted);
    memory_free(evaluation->samples);
    memory_free(evaluation->errors);
    *evaluation = (struct evaluation){0};
}

double evaluation_accuracy(const struct evaluation *evaluation) {
    return (double)evaluation->totals.correct / (double)evaluation->totals.total;
}

/* ---- Guessing ---- */

/* The share that each class has of the loss: of the samples, or where those weigh of their weights. */
static void weigh_frequencies(const minnow_dataset *dataset, double *frequency) {
    double sum = 0.0;
    memset(frequency, 0, dataset->classes * sizeof *frequency);
    for (size_t i = 0; i < dataset->count; i++) {
        double weight = dataset_weight(dataset, i);
        frequency[dataset->labels[i]] += weight;
        sum += weight;
    }
    for (size_t c = 0; c < dataset->classes && sum > 0.0; c++)
        frequency[c] /= sum;
}

int guess_on(const minnow_network *network, const minnow_dataset *dataset, struct guess *out) {
    size_t count = minnow_dataset_count(dataset), classes = minnow_dataset_classes(dataset);
    double *frequency = memory_allocate(classes, sizeof *frequency), most = 0.0;
    *out = (struct guess){0};
    if (frequency == NULL)
        return problem(STATUS_FAILURE, "not enough memory for the frequencies of %zu classes", classes);

    for (size_t i = 0; i < count; i++)
        frequency[minnow_dataset_label(dataset, i)] += 1.0;
    for (size_t c = 0; c < classes; c++) {
        frequency[c] /= (double)count;
        most = frequency[c] > most ? frequency[c] : most;
    }

    out->accuracy = most;
    if (dataset_is_weighted(dataset))
        weigh_frequencies(dataset, frequency);
    /* Numbers are not guessed so: nothing is as good as a guess of loss 0. */
    const struct loss_row *row = loss_row(minnow_network_loss(network));
    out->loss = row->guess_loss != NULL && minnow_dataset_targets(dataset, 0) == NULL
                    ? row->guess_loss(frequency, classes)
                    : 0.0;
    memory_free(frequency);
    return STATUS_SUCCESS;
}

/* A network whose outputs no longer depend on its inputs comes as near to the loss of guessing as its biases and
   rounding let it. */
bool guess_is_as_good(const struct guess *guess, double loss) {
    const double nearness = 1e-4;
    return guess->loss > 0.0 && !(loss < guess->loss * (1.0 - nearness));
}
