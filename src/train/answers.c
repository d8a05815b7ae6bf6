#include "train/answers.h"

#include <string.h>

#include "base/status.h"

/* ---- Opening ---- */

static void open_smoothing(struct answers *answers, double smoothing) {
    const struct loss_row *row = &loss_rows[answers->network->loss];
    if (smoothing == 0.0)
        return;
    answers->smoothed = true;
    answers->kept = (float)(1.0 - smoothing);
    answers->share = (float)(smoothing * row->smoothed_share(answers->dataset->classes));
}

minnow_status answers_open(const minnow_network *network, const minnow_dataset *dataset,
                           const minnow_training_config *config, size_t batch, struct answers *out) {
    *out = (struct answers){
        .network = network,
        .dataset = dataset,
        .mixed = config->mixup > 0.0,
        .right_by_target = dataset->targets != NULL || config->mixup > 0.0,
    };
    open_smoothing(out, config->label_smoothing);
    bool takes_targets = out->right_by_target || out->smoothed;
    out->weighs_targets =
        dataset->class_weights != NULL && takes_targets && loss_rows[network->loss].weighs_targets;

    out->label = memory_allocate(batch, sizeof *out->label);
    out->predicted = memory_allocate(batch, sizeof *out->predicted);
    out->loss = memory_allocate(batch, sizeof *out->loss);
    bool complete = out->label != NULL && out->predicted != NULL && out->loss != NULL;
    if (complete && dataset_is_weighted(dataset)) {
        out->factor = memory_allocate(batch, sizeof *out->factor);
        complete = out->factor != NULL;
    }
    if (complete && takes_targets) {
        out->target.stride = size_round_up(dataset->classes, CACHE_LINE_FLOATS);
        out->target.data = memory_allocate(batch * out->target.stride, sizeof *out->target.data);
        complete = out->target.data != NULL;
    }
    return complete ? MINNOW_OK : fail_memory("training");
}

void answers_close(struct answers *answers) {
    memory_free(answers->label);
    memory_free(answers->predicted);
    memory_free(answers->loss);
    memory_free(answers->factor);
    memory_free(answers->target.data);
    *answers = (struct answers){0};
}

/* ---- Weights ---- */

minnow_status answers_check_weights(const minnow_network *network, const minnow_dataset *dataset,
                                    bool some_above_0) {
    const struct loss_row *row = &loss_rows[network->loss];
    if (dataset->class_weights != NULL && dataset->targets != NULL && !row->weighs_targets)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "%s: class weights, but with the loss %s samples with targets are of no class",
                    dataset->source, row->name);
    bool some = !some_above_0 || !dataset_is_weighted(dataset);
    for (size_t i = 0; i < dataset->count && dataset_is_weighted(dataset); i++) {
        double weight = dataset_weight(dataset, i);
        if (weight < 0.0)
            return fail(
                MINNOW_ERROR_ARGUMENT,
                "%s: item %zu weighs %g, as its targets are no shares of the classes, expected 0 or more",
                dataset->source, i, weight);
        some = some || weight > 0.0;
    }
    return some ? MINNOW_OK : fail(MINNOW_ERROR_ARGUMENT, "%s: all samples weigh 0", dataset->source);
}

/* In sample order and in double. A mixed sample weighs as much as its two parts, each for its share, so that the sum is that
   of the samples themselves. */
double answers_weighing(const struct answers *answers, const struct minibatch *batch) {
    double sum = 0.0;
    if (answers->factor == NULL)
        return 1.0;
    for (size_t i = 0; i < batch->count; i++)
        sum += dataset_weight(answers->dataset, minibatch_sample(batch, batch->position + i));
    return sum > 0.0 ? (double)batch->count / sum : 0.0;
}

/* What a sample weighs, but for what class weights multiply in its target. */
static double weight_of(const struct answers *answers, size_t sample) {
    return answers->weighs_targets ? dataset_own_weight(answers->dataset, sample)
                                   : dataset_weight(answers->dataset, sample);
}

static float factor_of(const struct answers *answers, const struct minibatch *batch, size_t i) {
    double weight = weight_of(answers, minibatch_sample(batch, batch->position + i));
    if (answers->mixed) {
        double share = (double)batch->mixing.share;
        size_t partner = minibatch_sample(batch, minibatch_partner(batch, i));
        weight = share * weight + (1.0 - share) * weight_of(answers, partner);
    }
    return (float)(weight * batch->weighing);
}

/* ---- Loading ---- */

/* The dataset's own targets, or 1 for the label and 0 for the rest. */
static void load_target(const minnow_dataset *dataset, size_t sample, float *target) {
    size_t size = dataset->classes * sizeof *target;
    if (dataset->targets != NULL) {
        memcpy(target, dataset->targets + sample * dataset->classes, size);
        return;
    }
    memset(target, 0, size);
    target[dataset->labels[sample]] = 1.0f;
}

/* Adds the partner's target. */
static void mix(const struct answers *answers, const struct minibatch *batch, size_t i, float *target) {
    const minnow_dataset *dataset = answers->dataset;
    size_t partner = minibatch_sample(batch, minibatch_partner(batch, i));
    float share = batch->mixing.share, rest = 1.0f - share;
    for (size_t c = 0; c < dataset->classes; c++) {
        float other = dataset->targets != NULL ? dataset->targets[partner * dataset->classes + c]
                                               : (float)(c == dataset->labels[partner]);
        target[c] = share * target[c] + rest * other;
    }
}

void answers_load(struct answers *answers, const struct minibatch *batch, struct range samples) {
    const minnow_dataset *dataset = answers->dataset;
    for (size_t i = samples.begin; i < samples.end; i++) {
        size_t sample = minibatch_sample(batch, batch->position + i);
        answers->label[i] = answers->right_by_target ? 1 : dataset->labels[sample];
        if (answers->factor != NULL)
            answers->factor[i] = factor_of(answers, batch, i);
        if (answers->target.data == NULL)
            continue;
        float *target = answers->target.data + i * answers->target.stride;
        load_target(dataset, sample, target);
        if (answers->mixed)
            mix(answers, batch, i, target);
    }
}

/* ---- Comparing ---- */

static void smooth(const struct answers *answers, size_t count, const struct matrix *target) {
    size_t classes = answers->dataset->classes;
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < classes; c++) {
            float *t = target->data + i * target->stride + c;
            *t = answers->kept * *t + answers->share;
        }
}

static void weigh_targets(const struct answers *answers, size_t count, const struct matrix *target) {
    const minnow_dataset *dataset = answers->dataset;
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < dataset->classes; c++)
            target->data[i * target->stride + c] *= dataset->class_weights[c];
}

/* The losses and gradients of samples that do not all weigh the same. */
static void weigh(const struct answers *answers, struct range samples, float *z, size_t ldz) {
    size_t outputs = answers->dataset->classes;
    for (size_t i = samples.begin; i < samples.end; i++) {
        float *gradient = z + (i - samples.begin) * ldz, factor = answers->factor[i];
        answers->loss[i] *= factor;
        for (size_t j = 0; j < outputs; j++)
            gradient[j] *= factor;
    }
}

void answers_compare(struct answers *answers, const struct minibatch *batch, struct range samples, float *z,
                     size_t ldz) {
    const minnow_network *network = answers->network;
    size_t count = samples.end - samples.begin, stride = answers->target.stride;
    struct matrix target = {NULL, stride};
    if (answers->target.data != NULL)
        target.data = answers->target.data + samples.begin * stride;

    if (answers->right_by_target)
        network_right(network, count, z, ldz, &target, answers->predicted + samples.begin);
    else
        network->kernels->argmax(count, answers->dataset->classes, z, ldz,
                                 answers->predicted + samples.begin);

    float *loss = answers->loss + samples.begin;
    if (answers->smoothed)
        smooth(answers, count, &target);
    if (answers->weighs_targets)
        weigh_targets(answers, count, &target);
    if (target.data != NULL)
        network_target_loss(network, count, z, ldz, &target, batch->loss_scale, loss);
    else
        network_loss(network, count, z, ldz, answers->label + samples.begin, batch->loss_scale, loss);
    if (answers->factor != NULL)
        weigh(answers, samples, z, ldz);
}
