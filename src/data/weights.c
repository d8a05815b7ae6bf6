/* How much samples and classes weigh in a loss. */
#include <string.h>

#include "base/argument.h"
#include "base/crc32.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/dataset.h"

/* A mini-batch's loss is divided by the sum of its weights, and targets are multiplied by those of classes: the quotient of
   two such numbers must be one that a float has. */
static const float WEIGHT_MOST = 1e30F, CLASS_WEIGHT_LEAST = 1e-30F;

/* A copy of weights[count], each 0 or at least `least`; NULL, having said why, if they make no sense or there is no memory.
   `what` has weights: "item", "class". */
static minnow_status copy_weights(const float *weights, size_t count, float least, const char *what,
                                  float **out) {
    float most = 0.0F;
    for (size_t i = 0; i < count; i++) {
        if (!(weights[i] >= 0.0F && weights[i] <= WEIGHT_MOST))
            return fail(MINNOW_ERROR_ARGUMENT, "dataset: the weight of %s %zu is %g, expected 0 to %g", what,
                        i, (double)weights[i], (double)WEIGHT_MOST);
        if (weights[i] > 0.0F && weights[i] < least)
            return fail(MINNOW_ERROR_ARGUMENT,
                        "dataset: the weight of %s %zu is %g, expected 0 or at least %g", what, i,
                        (double)weights[i], (double)least);
        most = weights[i] > most ? weights[i] : most;
    }
    if (most == 0.0F)
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: the weight of each %s is 0, expected one above 0", what);

    *out = memory_allocate_unset(count, sizeof **out);
    if (*out == NULL)
        return fail_memory("the weights of a dataset");
    memcpy(*out, weights, count * sizeof **out);
    return MINNOW_OK;
}

/* Puts a copy of the weights, or none where they are NULL, in the place of those at `own`. */
static minnow_status replace(const minnow_dataset *dataset, const float *weights, size_t count,
                             size_t expected, float least, const char *what, float **own) {
    float *copy = NULL;
    if (weights != NULL && count != expected)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: %zu weights, expected one for each %s, %zu", dataset->source,
                    count, what, expected);
    minnow_status status = weights != NULL ? copy_weights(weights, count, least, what, &copy) : MINNOW_OK;
    if (status != MINNOW_OK)
        return status;
    memory_free(*own);
    *own = copy;
    return MINNOW_OK;
}

minnow_status minnow_dataset_set_weights(minnow_dataset *dataset, const float *weights, size_t count) {
    if (!GIVEN(dataset))
        return MINNOW_ERROR_ARGUMENT;
    return replace(dataset, weights, count, dataset->count, 0.0F, "item", &dataset->weights);
}

minnow_status minnow_dataset_set_class_weights(minnow_dataset *dataset, const float *weights,
                                               size_t classes) {
    if (!GIVEN(dataset))
        return MINNOW_ERROR_ARGUMENT;
    return replace(dataset, weights, classes, dataset->classes, CLASS_WEIGHT_LEAST, "class",
                   &dataset->class_weights);
}

/* As scikit-learn's "balanced": all samples / (classes that there are · samples of the class). */
minnow_status minnow_dataset_balance_classes(minnow_dataset *dataset) {
    if (!GIVEN(dataset))
        return MINNOW_ERROR_ARGUMENT;
    if (dataset->targets != NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: samples with targets are of no class that could be balanced",
                    dataset->source);

    size_t classes = dataset->classes, present = 0;
    size_t *samples = memory_allocate(classes, sizeof *samples);
    float *weights = memory_allocate(classes, sizeof *weights);
    if (samples == NULL || weights == NULL) {
        memory_free(samples);
        memory_free(weights);
        return fail_memory("the weights of a dataset");
    }
    for (size_t i = 0; i < dataset->count; i++)
        present += samples[dataset->labels[i]]++ == 0;
    for (size_t c = 0; c < classes; c++)
        weights[c] =
            samples[c] == 0 ? 1.0F : (float)((double)dataset->count / ((double)present * (double)samples[c]));
    memory_free(samples);
    memory_free(dataset->class_weights);
    dataset->class_weights = weights;
    return MINNOW_OK;
}

double minnow_dataset_weight(const minnow_dataset *dataset, size_t index) {
    if (!GIVEN(dataset))
        return -1.0;
    if (index < dataset->count)
        return dataset_weight(dataset, index);
    fail(MINNOW_ERROR_ARGUMENT, "%s: index is %zu, expected 0 to %zu", __func__, index, dataset->count - 1);
    return -1.0;
}

/* ---- For those who train ---- */

double dataset_class_weight(const minnow_dataset *dataset, size_t sample) {
    if (dataset->class_weights == NULL)
        return 1.0;
    if (dataset->targets == NULL)
        return (double)dataset->class_weights[dataset->labels[sample]];

    const float *target = dataset->targets + sample * dataset->classes;
    double weight = 0.0;
    for (size_t c = 0; c < dataset->classes; c++)
        weight += (double)dataset->class_weights[c] * (double)target[c];
    return weight;
}

uint32_t dataset_weights_crc32(const minnow_dataset *dataset) {
    uint32_t crc = 0;
    if (dataset->weights != NULL)
        crc = crc32_floats(crc32_u64(crc, dataset->count), dataset->weights, dataset->count);
    if (dataset->class_weights != NULL)
        crc = crc32_floats(crc32_u64(crc, dataset->classes), dataset->class_weights, dataset->classes);
    return crc;
}
