#include "train/optimizers.h"

#include <math.h>
#include <string.h>

#include "base/argument.h"
#include "base/exact_math.h"
#include "base/sized.h"
#include "base/status.h"
#include "train/config.h"

const struct optimizer_row optimizer_rows[] = {
    [MINNOW_OPTIMIZER_SGD] = {.name = "sgd",
                              .help = "plain gradient descent",
                              .rule = UPDATE_PLAIN,
                              .learning_rate = 0.3},
    [MINNOW_OPTIMIZER_MOMENTUM] = {.name = "momentum",
                                   .help = "gradient descent by a running sum of gradients",
                                   .rule = UPDATE_MOMENTUM,
                                   .learning_rate = 0.05,
                                   .momentum = 0.9,
                                   .work = 3.0},
    [MINNOW_OPTIMIZER_NESTEROV] = {.name = "nesterov",
                                   .help = "the same, looking a step ahead",
                                   .rule = UPDATE_NESTEROV,
                                   .learning_rate = 0.05,
                                   .momentum = 0.9,
                                   .work = 3.0},
    [MINNOW_OPTIMIZER_RMSPROP] = {.name = "rmsprop",
                                  .help = "gradients relative to their recent size",
                                  .rule = UPDATE_RMSPROP,
                                  .learning_rate = 0.001,
                                  .beta2 = 0.99,
                                  .epsilon = 1e-8,
                                  .work = 14.0},
    [MINNOW_OPTIMIZER_ADAM] = {.name = "adam",
                               .help = "a running mean of gradients relative to their recent size",
                               .rule = UPDATE_ADAM,
                               .learning_rate = 0.002,
                               .beta1 = 0.9,
                               .beta2 = 0.999,
                               .epsilon = 1e-8,
                               .work = 16.0},
    [MINNOW_OPTIMIZER_ADAMW] = {.name = "adamw",
                                .help = "adam with weight decay",
                                .rule = UPDATE_ADAM,
                                .learning_rate = 0.002,
                                .beta1 = 0.9,
                                .beta2 = 0.999,
                                .epsilon = 1e-8,
                                .weight_decay = 0.05,
                                .work = 16.0},
};
const size_t optimizer_row_count = sizeof optimizer_rows / sizeof *optimizer_rows;

bool optimizer_find(const char *name, minnow_optimizer *out) {
    for (size_t i = 0; i < optimizer_row_count; i++)
        if (strcmp(optimizer_rows[i].name, name) == 0) {
            *out = (minnow_optimizer)i;
            return true;
        }
    return false;
}

minnow_status minnow_training_config_set_optimizer(minnow_training_config *config,
                                                   minnow_optimizer optimizer) {
    minnow_training_config own;
    if (!GIVEN(config))
        return MINNOW_ERROR_ARGUMENT;
    minnow_status status = training_config_copy(config, &own);
    if (status != MINNOW_OK)
        return status;
    if ((size_t)optimizer >= optimizer_row_count)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: no optimizer %d", (int)optimizer);

    const struct optimizer_row *row = &optimizer_rows[optimizer];
    own.optimizer = optimizer;
    own.learning_rate = row->learning_rate;
    own.momentum = row->momentum;
    own.beta1 = row->beta1;
    own.beta2 = row->beta2;
    own.epsilon = row->epsilon;
    own.weight_decay = row->weight_decay;
    sized_write(&own, sizeof own, config);
    return MINNOW_OK;
}

/* ---- The constants of a mini-batch ---- */

/* Means that begin at 0 are too small at first. What would divide them by 1 - beta^(step + 1) (Kingma and Ba, section
   2) is brought into the rate and epsilon, in double: m/(1-β₁ᵗ) / (√(v/(1-β₂ᵗ)) + ε) is m / (√v + ε·√(1-β₂ᵗ)) times
   √(1-β₂ᵗ)/(1-β₁ᵗ). */
static void correct_bias(const minnow_training_config *config, uint64_t step, double *rate, double *epsilon) {
    double root = sqrt(1.0 - exact_power(config->beta2, step + 1));
    *rate *= root / (1.0 - exact_power(config->beta1, step + 1));
    *epsilon *= root;
}

/* The average of the first steps is their plain mean, so that the parameters that training began with, which say
   nothing, have no part in it. */
static double average_share(double ema, uint64_t step) {
    double mean = 1.0 / ((double)step + 1.0);
    return 1.0 - ema > mean ? 1.0 - ema : mean;
}

struct update optimizer_update(const minnow_training_config *config, double rate, uint64_t step) {
    enum update_rule rule = optimizer_rows[config->optimizer].rule;
    bool more =
        config->weight_decay > 0.0 || config->l2 > 0.0 || config->clip_norm > 0.0 || config->ema > 0.0;
    if (rule == UPDATE_PLAIN && !more)
        return (struct update){.rule = UPDATE_PLAIN, .rate = (float)rate};

    double decay = rate * config->weight_decay, epsilon = config->epsilon;
    if (rule == UPDATE_ADAM)
        correct_bias(config, step, &rate, &epsilon);
    return (struct update){
        .rule = rule == UPDATE_PLAIN ? UPDATE_DECAYING : rule,
        .rate = (float)rate,
        .clip = 1.0f,
        .l2 = (float)config->l2,
        .decay = (float)decay,
        .momentum = (float)(rule == UPDATE_ADAM ? config->beta1 : config->momentum),
        .first_share = (float)(1.0 - config->beta1),
        .second_kept = (float)config->beta2,
        .second_share = (float)(1.0 - config->beta2),
        .epsilon = (float)epsilon,
        .average_share = (float)average_share(config->ema, step),
    };
}

struct update optimizer_bias_update(struct update update) {
    update.l2 = update.decay = 0.0f;
    return update;
}
