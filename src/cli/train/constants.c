/* The constants of the optimiser and the regularisation: which options set which member of the configuration. */
#include <string.h>

#include "cli/inputs/choices.h"
#include "cli/train/train.h"
#include "train/optimizers.h"

struct constant {
    const char *option;
    size_t setting, member; /* offsets in the settings and in the configuration, of doubles */
    bool of_optimizer;      /* only some optimisers have it: those that do not begin with 0 */
};

#define CONSTANT(option, member, of_optimizer)                                                               \
    {                                                                                                        \
        option, offsetof(struct train_settings, member), offsetof(minnow_training_config, member),           \
            of_optimizer                                                                                     \
    }

static const struct constant CONSTANTS[] = {
    {"lr", offsetof(struct train_settings, rate), offsetof(minnow_training_config, learning_rate), false},
    CONSTANT("momentum", momentum, true),
    CONSTANT("beta1", beta1, true),
    CONSTANT("beta2", beta2, true),
    CONSTANT("epsilon", epsilon, true),
    CONSTANT("weight-decay", weight_decay, false),
    CONSTANT("l2", l2, false),
    CONSTANT("max-norm", max_norm, false),
    CONSTANT("clip-norm", clip_norm, false),
    CONSTANT("ema", ema, false),
    CONSTANT("label-smoothing", label_smoothing, false),
    CONSTANT("dropout-input", input_dropout, false),
    CONSTANT("noise", noise, false),
    CONSTANT("mixup", mixup, false),
    CONSTANT("plateau-factor", plateau_factor, false),
};
enum { CONSTANTS_LENGTH = sizeof CONSTANTS / sizeof *CONSTANTS };

static double *setting_of(struct train_settings *settings, const struct constant *constant) {
    return (double *)(void *)((char *)settings + constant->setting);
}

static double value_of(const minnow_training_config *config, const struct constant *constant) {
    return *(const double *)(const void *)((const char *)config + constant->member);
}

void train_constants_to_config(const struct train_settings *settings, minnow_training_config *config) {
    struct train_settings copy = *settings;
    for (size_t i = 0; i < CONSTANTS_LENGTH; i++)
        *(double *)(void *)((char *)config + CONSTANTS[i].member) = *setting_of(&copy, &CONSTANTS[i]);
    config->dropout_count = settings->dropout.count;
    memcpy(config->dropout, settings->dropout.value, sizeof config->dropout);
}

void train_constants_from_config(const minnow_training_config *config, struct train_settings *settings) {
    for (size_t i = 0; i < CONSTANTS_LENGTH; i++)
        *setting_of(settings, &CONSTANTS[i]) = value_of(config, &CONSTANTS[i]);
    settings->dropout.count = config->dropout_count;
    memcpy(settings->dropout.value, config->dropout, sizeof settings->dropout.value);
}

/* What a configuration for the settings' optimiser begins with. */
static minnow_training_config beginning(const struct train_settings *settings) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    (void)minnow_training_config_set_optimizer(&config, (minnow_optimizer)settings->optimizer);
    return config;
}

void train_settle_constants(const struct command_line *line, struct train_settings *settings) {
    const minnow_training_config config = beginning(settings);
    for (size_t i = 0; i < CONSTANTS_LENGTH; i++)
        if (!option_given(line, CONSTANTS[i].option))
            *setting_of(settings, &CONSTANTS[i]) = value_of(&config, &CONSTANTS[i]);
}

int train_check_constants(const struct command_line *line, const struct train_settings *settings) {
    const minnow_training_config config = beginning(settings);
    for (size_t i = 0; i < CONSTANTS_LENGTH; i++)
        if (CONSTANTS[i].of_optimizer && option_given(line, CONSTANTS[i].option) &&
            value_of(&config, &CONSTANTS[i]) == 0.0)
            return command_refuse(line->command, CONSTANTS[i].option, "has no effect with --optimizer %s",
                                  choice_optimizer((size_t)settings->optimizer));
    return STATUS_SUCCESS;
}
