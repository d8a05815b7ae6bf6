#include "cli/inputs/evaluation.h"

#include <stdlib.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/frame/terminal.h"

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
