#include "train/config.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/sized.h"
#include "base/status.h"
#include "data/augmentation/distortion.h"
#include "net/network.h"
#include "train/optimizers.h"
#include "train/schedules.h"

enum { MAX_BATCH = 65536, DROPOUT_MOST = NETWORK_MAX_LAYERS - 1 };
_Static_assert(sizeof((minnow_training_config *)NULL)->dropout == DROPOUT_MOST * sizeof(double),
               "a network can have as many hidden layers as the configuration has shares");

static const minnow_training_config DEFAULTS = {
    .struct_size = sizeof(minnow_training_config),
    .batch = 64,
    .epochs = 10,
    .optimizer = MINNOW_OPTIMIZER_SGD,
    .learning_rate = 0.3,
    .schedule = MINNOW_SCHEDULE_LINEAR,
    .shuffle = true,
    .seed = 1,
    .plateau_factor = 0.2,
    .plateau_patience = 2,
    .sub_batches = 1,
};

void minnow_training_config_init(minnow_training_config *config, size_t size) {
    sized_init(config, size, &DEFAULTS, sizeof DEFAULTS);
}

/* Constants are checked one by one, each with what it is called and what it may be. */
struct constant {
    const char *name;
    double value, of_optimizer; /* the latter: what the optimiser begins with; 0: it has none */
    double low, high;           /* the latter excluded */
};

static minnow_status check_constant(const struct constant *constant, const char *optimizer) {
    if (constant->of_optimizer == 0.0 && constant->value != 0.0)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: %s %g has no effect with %s", constant->name,
                    constant->value, optimizer);
    if (constant->of_optimizer != 0.0 &&
        !(constant->value >= constant->low && constant->value < constant->high))
        return fail(MINNOW_ERROR_ARGUMENT, "training config: %s %g, expected at least %g and less than %g",
                    constant->name, constant->value, constant->low, constant->high);
    return MINNOW_OK;
}

static minnow_status check_optimizer(const minnow_training_config *config) {
    if ((size_t)config->optimizer >= optimizer_row_count)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: no optimizer %d", (int)config->optimizer);
    if (!isfinite(config->learning_rate) || config->learning_rate <= 0.0 ||
        config->learning_rate > MAX_LEARNING_RATE)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "training config: learning rate %g, expected a number above 0 and at most %g",
                    config->learning_rate, MAX_LEARNING_RATE);

    const struct optimizer_row *row = &optimizer_rows[config->optimizer];
    const struct constant constants[] = {
        {"momentum", config->momentum, row->momentum, 0.0, 1.0},
        {"beta1", config->beta1, row->beta1, 0.0, 1.0},
        {"beta2", config->beta2, row->beta2, 0.0, 1.0},
        {"epsilon", config->epsilon, row->epsilon, 1e-30, 1.0 + 1e-9},
    };
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; status == MINNOW_OK && i < sizeof constants / sizeof *constants; i++)
        status = check_constant(&constants[i], row->name);
    return status;
}

static minnow_status check_share(const char *name, double share) {
    if (share >= 0.0 && share < 1.0)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_ARGUMENT, "training config: %s %g, expected at least 0 and less than 1", name,
                share);
}

static minnow_status check_dropout(const minnow_training_config *config) {
    minnow_status status = check_share("input dropout", config->input_dropout);
    if (status == MINNOW_OK && config->dropout_count > DROPOUT_MOST)
        status = fail(MINNOW_ERROR_ARGUMENT, "training config: dropout count %zu, expected at most %d",
                      config->dropout_count, DROPOUT_MOST);
    for (size_t i = 0; status == MINNOW_OK && i < config->dropout_count; i++)
        status = check_share("dropout", config->dropout[i]);
    return status;
}

static minnow_status check_perturbation(const minnow_training_config *config) {
    const double most = 1e3;
    if (!(config->noise >= 0.0 && config->noise <= most))
        return fail(MINNOW_ERROR_ARGUMENT, "training config: noise %g, expected 0 to %g", config->noise,
                    most);
    if (!(config->mixup >= 0.0 && config->mixup <= most))
        return fail(MINNOW_ERROR_ARGUMENT, "training config: mixup %g, expected 0 to %g", config->mixup,
                    most);
    if (config->sparse == MINNOW_SPARSITY_ON && (config->noise > 0.0 || config->mixup > 0.0))
        return fail(MINNOW_ERROR_ARGUMENT,
                    "training config: sparse has no effect with %s, which leaves no zeros to skip",
                    config->noise > 0.0 ? "noise" : "mixup");
    if (config->mixup > 0.0 && config->batch < 2)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: mixup has no effect on mini-batches of 1");
    return MINNOW_OK;
}

static minnow_status check_regularisation(const minnow_training_config *config) {
    const double most = 1e3;
    if (!(config->weight_decay >= 0.0 && config->weight_decay <= most))
        return fail(MINNOW_ERROR_ARGUMENT, "training config: weight decay %g, expected 0 to %g",
                    config->weight_decay, most);
    if (!(config->l2 >= 0.0 && config->l2 <= most))
        return fail(MINNOW_ERROR_ARGUMENT, "training config: l2 %g, expected 0 to %g", config->l2, most);
    if (!(config->max_norm >= 0.0 && config->max_norm <= 1e30))
        return fail(MINNOW_ERROR_ARGUMENT, "training config: max norm %g, expected 0 to 1e30",
                    config->max_norm);
    if (!(config->clip_norm >= 0.0 && config->clip_norm <= 1e30))
        return fail(MINNOW_ERROR_ARGUMENT, "training config: clip norm %g, expected 0 to 1e30",
                    config->clip_norm);
    if (!(config->ema >= 0.0 && config->ema < 1.0))
        return fail(MINNOW_ERROR_ARGUMENT, "training config: ema %g, expected at least 0 and less than 1",
                    config->ema);
    if (!(config->label_smoothing >= 0.0 && config->label_smoothing < 1.0))
        return fail(MINNOW_ERROR_ARGUMENT,
                    "training config: label smoothing %g, expected at least 0 and less than 1",
                    config->label_smoothing);
    minnow_status status = check_dropout(config);
    return status == MINNOW_OK ? check_perturbation(config) : status;
}

/* The numbers of ranks that there may be, where there is another one. */
static minnow_status check_division(size_t sub_batches, unsigned ranks) {
    char numbers[256];
    size_t used = 0;
    if (sub_batches % ranks == 0)
        return MINNOW_OK;
    for (size_t n = 1; n <= sub_batches && used < sizeof numbers - 16; n++)
        if (sub_batches % n == 0)
            used += (size_t)snprintf(numbers + used, sizeof numbers - used, "%s%zu", n > 1 ? ", " : "", n);
    return fail(MINNOW_ERROR_ARGUMENT,
                "training config: %u ranks cannot share %zu sub-batches; expected one of %s ranks", ranks,
                sub_batches, numbers);
}

static minnow_status check_ranks(const minnow_training_config *config) {
    if (config->sub_batches < 1 || config->sub_batches > SUB_BATCHES_MOST ||
        config->sub_batches > config->batch)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "training config: %zu sub-batches, expected 1 to %d, and no more than the batch, %zu",
                    config->sub_batches, SUB_BATCHES_MOST, config->batch);
    if (config->comm == NULL)
        return MINNOW_OK;
    minnow_status status = comm_check(config->comm);
    return status == MINNOW_OK ? check_division(config->sub_batches, config->comm->ranks) : status;
}

minnow_status training_config_check(const minnow_training_config *config) {
    if (config->batch < 1 || config->batch > MAX_BATCH)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: batch %zu, expected 1 to %d", config->batch,
                    MAX_BATCH);
    if (config->epochs < 1 || config->epochs > UINT32_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: %zu epochs, expected 1 to %u", config->epochs,
                    UINT32_MAX);
    minnow_status status = check_optimizer(config);
    if (status == MINNOW_OK)
        status = check_regularisation(config);
    if (status != MINNOW_OK)
        return status;
    if ((size_t)config->schedule >= schedule_row_count)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: no schedule %d", (int)config->schedule);
    if (!(config->plateau_factor > 0.0 && config->plateau_factor < 1.0))
        return fail(MINNOW_ERROR_ARGUMENT,
                    "training config: plateau factor %g, expected a number above 0 and below 1",
                    config->plateau_factor);
    if (config->plateau_patience > UINT32_MAX)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "training config: plateau patience of %zu epochs, expected 0 to %u",
                    config->plateau_patience, UINT32_MAX);
    if (!(config->warmup_epochs >= 0.0 && config->warmup_epochs <= (double)config->epochs))
        return fail(MINNOW_ERROR_ARGUMENT, "training config: warm-up of %g epochs, expected 0 to %zu",
                    config->warmup_epochs, config->epochs);
    if ((unsigned)config->sparse > MINNOW_SPARSITY_OFF)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: no sparsity %d", (int)config->sparse);
    if (config->plan > MINNOW_PLAN_COLUMNS)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: no plan %" PRIu64, config->plan);
    return check_ranks(config);
}

minnow_status training_config_check_network(const minnow_training_config *config,
                                            const minnow_network *network) {
    const struct loss_row *row = &loss_rows[network->loss];
    size_t hidden = network->layer_count - 1, count = config->dropout_count;
    if (config->label_smoothing > 0.0 && row->smoothed_share == NULL)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "training config: label smoothing %g has no effect on the network's loss, %s",
                    config->label_smoothing, row->name);
    if (config->mixup > 0.0 && row->target_loss == NULL)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "training config: mixup %g, but the network's loss, %s, takes no targets", config->mixup,
                    row->name);
    if (count > 0 && hidden == 0)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: dropout has no effect without hidden layers");
    if (count > 1 && count != hidden)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "training config: dropout of %zu layers, but the network has %zu hidden ones", count,
                    hidden);
    return MINNOW_OK;
}

/* One share for all hidden layers where they are the same, none where all are 0, and 0 behind them: the same training
   is the same configuration. */
static void settle_dropout(minnow_training_config *config) {
    if (config->dropout_count > DROPOUT_MOST)
        return; /* to be refused */
    bool same = true;
    for (size_t i = 1; i < config->dropout_count; i++)
        same = same && config->dropout[i] == config->dropout[0];
    if (same && config->dropout_count > 0)
        config->dropout_count = config->dropout[0] == 0.0 ? 0 : 1;
    for (size_t i = config->dropout_count; i < DROPOUT_MOST; i++)
        config->dropout[i] = 0.0;
}

minnow_status training_config_copy(const minnow_training_config *given, minnow_training_config *out) {
    *out = DEFAULTS;
    minnow_status status = sized_read("training config", given, out, sizeof *out);
    settle_dropout(out);
    return status;
}

minnow_status training_config_take_distortion(minnow_training_config *config,
                                              minnow_distortion_config *distortion) {
    if (config->distortion == NULL) {
        distortion_config_none(distortion);
        return MINNOW_OK;
    }
    minnow_status status = distortion_config_read(config->distortion, distortion);
    config->distortion = distortion;
    return status;
}

minnow_status training_config_read(const minnow_training_config *given, minnow_training_config *out,
                                   minnow_distortion_config *distortion) {
    minnow_status status = training_config_copy(given, out);
    if (status == MINNOW_OK)
        status = training_config_take_distortion(out, distortion);
    if (status == MINNOW_OK)
        status = training_config_check(out);
    if (status == MINNOW_OK && distortion_is_none(distortion))
        out->distortion = NULL;
    return status;
}

minnow_comm *training_config_comm(const minnow_training_config *given) {
    minnow_training_config own;
    if (training_config_copy(given, &own) != MINNOW_OK || own.comm == NULL ||
        comm_check(own.comm) != MINNOW_OK)
        return NULL;
    return own.comm->ranks > 1 ? own.comm : NULL;
}
