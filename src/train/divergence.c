#include "train/divergence.h"

#include <math.h>
#include <stdio.h>

#include "base/status.h"
#include "net/network.h"
#include "train/plan.h"

/* Losses of numbers and of features that were not scaled begin anywhere, and may fall from there: only a rise tells. */
bool divergence_in_loss(struct training_state *state, double loss) {
    const double hopeless = 1e12;
    if (!isfinite(loss))
        return true;
    if (state->first_loss == 0.0) /* also of a run that goes on from a checkpoint that does not tell it */
        state->first_loss = loss;
    return loss > hopeless * fmax(state->first_loss, 1.0);
}

static bool is_finite(const struct matrix *matrix, struct range rows, size_t columns) {
    for (size_t i = rows.begin; i < rows.end; i++)
        for (size_t j = 0; j < columns; j++)
            if (!isfinite(matrix->data[i * matrix->stride + j]))
                return false;
    return true;
}

/* The last stage's logits are gone, their delta is in their place: if the others are finite, it is that stage. */
size_t divergence_layer(const struct plan *plan, size_t count) {
    struct range own = sub_batches_samples(plan->sub.count, plan->sub.first, plan->sub.end, count);
    for (size_t l = 0; l < plan->stage_count; l++) {
        const struct stage *stage = &plan->stages[l];
        if (!is_finite(&stage->sums, own, stage->outputs) || !is_finite(&stage->output, own, stage->outputs))
            return l + 1;
    }
    for (size_t i = own.begin; i < own.end; i++)
        if (!isfinite(plan->answers.loss[i]))
            return plan->stage_count;
    return 0;
}

struct divergence divergence_in_parameters(const minnow_network *network, size_t minibatches) {
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        const struct matrix weights = parameters_weights(network->parameters, l);
        const struct matrix biases = {.data = parameters_biases(network->parameters, l)};
        if (!is_finite(&weights, (struct range){0, layer->inputs}, layer->outputs) ||
            !is_finite(&biases, (struct range){0, 1}, layer->outputs))
            return (struct divergence){.minibatch = minibatches, .layer = l + 1};
    }
    return (struct divergence){0};
}

minnow_status divergence_fail(const struct divergence *divergence, const minnow_training_config *config,
                              size_t epoch) {
    char where[96];
    snprintf(where, sizeof where, "its loss is %.3g", divergence->loss);
    if (divergence->layer != 0)
        snprintf(where, sizeof where, "the values of layer %zu are no longer finite", divergence->layer);
    return fail(MINNOW_ERROR_DIVERGED,
                "training diverged in epoch %zu, mini-batch %zu: %s; try a lower learning rate than %g, a "
                "clip norm as 1, or features whose size is about 1",
                epoch, divergence->minibatch, where, config->learning_rate);
}
