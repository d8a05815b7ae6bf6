#include "train/config.h"

#include <math.h>

#include "base/sized.h"
#include "base/status.h"
#include "train/optimizers.h"
#include "train/schedules.h"

enum { MAX_BATCH = 65536 };

static const minnow_training_config DEFAULTS = {
    .struct_size = sizeof(minnow_training_config),
    .batch = 64,
    .epochs = 10,
    .optimizer = MINNOW_OPTIMIZER_SGD,
    .learning_rate = 0.3,
    .schedule = MINNOW_SCHEDULE_LINEAR,
    .shuffle = true,
    .seed = 1,
};

void minnow_training_config_init(minnow_training_config *config, size_t size) {
    sized_init(config, size, &DEFAULTS, sizeof DEFAULTS);
}

minnow_status training_config_check(const minnow_training_config *config) {
    if (config->batch < 1 || config->batch > MAX_BATCH)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: batch %zu, expected 1 to %d", config->batch,
                    MAX_BATCH);
    if (config->epochs < 1 || config->epochs > UINT32_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: %zu epochs, expected 1 to %u", config->epochs,
                    UINT32_MAX);
    if ((size_t)config->optimizer >= optimizer_row_count)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: no optimizer %d", (int)config->optimizer);
    if (!isfinite(config->learning_rate) || config->learning_rate <= 0.0 || config->learning_rate > 1e30)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "training config: learning rate %g, expected a number above 0 and at most 1e30",
                    config->learning_rate);
    if ((size_t)config->schedule >= schedule_row_count)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: no schedule %d", (int)config->schedule);
    if (!(config->warmup_epochs >= 0.0 && config->warmup_epochs <= (double)config->epochs))
        return fail(MINNOW_ERROR_ARGUMENT, "training config: warm-up of %g epochs, expected 0 to %zu",
                    config->warmup_epochs, config->epochs);
    if ((unsigned)config->sparse > MINNOW_SPARSITY_OFF)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: no sparsity %d", (int)config->sparse);
    return MINNOW_OK;
}

minnow_status training_config_copy(const minnow_training_config *given, minnow_training_config *out) {
    *out = DEFAULTS;
    return sized_read("training config", given, out, sizeof *out);
}

minnow_status training_config_read(const minnow_training_config *given, minnow_training_config *out) {
    minnow_status status = training_config_copy(given, out);
    return status == MINNOW_OK ? training_config_check(out) : status;
}
