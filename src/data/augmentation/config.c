/* The configuration of distortions. */
#include <math.h>

#include "base/sized.h"
#include "base/status.h"
#include "data/augmentation/distortion.h"

static const minnow_distortion_config DEFAULTS = {
    .struct_size = sizeof(minnow_distortion_config),
    .rotation = 15.0,
    .scale = 0.15,
    .elastic_alpha = 36.0,
    .elastic_sigma = 5.5,
    .elastic_fields = 4000,
};

void minnow_distortion_config_init(minnow_distortion_config *config, size_t size) {
    sized_init(config, size, &DEFAULTS, sizeof DEFAULTS);
}

/* The members that are numbers, and what each may be. */
static const struct amount {
    const char *name;
    size_t offset;
    double least, most;
} AMOUNTS[] = {
    {"shift", offsetof(minnow_distortion_config, shift), 0.0, 1024.0},
    {"rotation", offsetof(minnow_distortion_config, rotation), 0.0, 180.0},
    {"scale", offsetof(minnow_distortion_config, scale), 0.0, 0.9},
    {"shear", offsetof(minnow_distortion_config, shear), 0.0, 10.0},
    {"elastic_alpha", offsetof(minnow_distortion_config, elastic_alpha), 0.0, 1e6},
    {"elastic_sigma", offsetof(minnow_distortion_config, elastic_sigma), 0.01, 1000.0},
};

minnow_status distortion_config_check(const minnow_distortion_config *config) {
    const size_t MOST_FIELDS = (size_t)1 << 20;
    for (size_t i = 0; i < sizeof AMOUNTS / sizeof *AMOUNTS; i++) {
        const struct amount *amount = &AMOUNTS[i];
        double value = *(const double *)((const char *)config + amount->offset);
        if (!(value >= amount->least && value <= amount->most))
            return fail(MINNOW_ERROR_ARGUMENT, "distortion config: %s %g, expected %g to %g", amount->name,
                        value, amount->least, amount->most);
    }
    if (config->elastic_fields < 1 || config->elastic_fields > MOST_FIELDS)
        return fail(MINNOW_ERROR_ARGUMENT, "distortion config: %zu elastic fields, expected 1 to %zu",
                    config->elastic_fields, MOST_FIELDS);
    return MINNOW_OK;
}

minnow_status distortion_config_read(const minnow_distortion_config *given, minnow_distortion_config *out) {
    *out = DEFAULTS;
    minnow_status status = sized_read("distortion config", given, out, sizeof *out);
    return status == MINNOW_OK ? distortion_config_check(out) : status;
}

void distortion_config_none(minnow_distortion_config *out) {
    *out = DEFAULTS;
    out->shift = out->rotation = out->scale = out->shear = out->elastic_alpha = 0.0;
}

bool distortion_is_none(const minnow_distortion_config *config) {
    return config->shift == 0.0 && config->rotation == 0.0 && config->scale == 0.0 && config->shear == 0.0 &&
           config->elastic_alpha == 0.0;
}
