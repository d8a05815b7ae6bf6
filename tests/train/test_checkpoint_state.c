/* The state of training that a checkpoint holds, as text that somebody else may have written. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/checkpoint.h"

/* Each replaces a part of a good state, and is refused with the message. */
static const struct {
    const char *from, *to, *message;
} hostile[] = {
    {"{", "[", "not acceptable JSON"},
    {"\"version\":1", "\"version\":2", "version 2"},
    {"\"version\":1", "\"version\":\"1\"", "its version"},
    {"\"version\":1,", "\"version\":1,\"more\":1,", "more"},
    {"\"batch\":16,", "", "batch"},
    {"\"batch\":16,", "\"batch\":16,\"batch\":16,", "duplicate"},
    {"\"batch\":16", "\"batch\":0", "batch 0"},
    {"\"batch\":16", "\"batch\":-16", "-16"},
    {"\"batch\":16", "\"batch\":16.0", "integer"},
    {"\"batch\":16", "\"batch\":17", "where no mini-batch of 17 ends"},
    {"\"epochs\":3", "\"epochs\":0", "0 epochs"},
    {"\"epochs\":3", "\"epochs\":9223372036854775807", "9223372036854775807 epochs"},
    {"\"epochs\":3", "\"epochs\":1", "epoch 1, from 0, of 1"},
    {"1.000000000000000056e-01", "nan", "learning rate"},
    {"1.000000000000000056e-01", "-1", "learning rate"},
    {"1.000000000000000056e-01", "0,1", "learning_rate"},
    {"\"linear\"", "\"linea\"", "schedule"},
    {"\"shuffle\":true", "\"shuffle\":1", "true or false"},
    {"18446744073709551610", "18446744073709551616", "seed"},
    {"\"sgd\"", "\"lion\"", "optimizer"},
    {"\"sgd\"", "\"adam\"", "epsilon 0"}, /* without the constants that it has */
    {"\"batch\":16", "\"batch\":16,\"momentum\":\"0.9\"", "momentum 0.9 has no effect with sgd"},
    {"\"batch\":16", "\"batch\":16,\"momentum\":0.9", "momentum is not a string"},
    {"\"batch\":16", "\"batch\":16,\"label_smoothing\":\"-0.1\"", "label smoothing -0.1"},
    {"\"batch\":16", "\"batch\":16,\"dropout\":\"0.5,\"", "dropout"},
    {"\"batch\":16", "\"batch\":16,\"dropout\":\"\"", "dropout"},
    {"\"batch\":16", "\"batch\":16,\"dropout\":\"0.5,1\"", "dropout 1, expected"},
    {"\"batch\":16", "\"batch\":16,\"mixup\":\"-1\"", "mixup -1"},
    {"\"batch\":16", "\"batch\":16,\"ema\":\"nan\"", "ema"},
    {"\"batch\":16", "\"batch\":16,\"kept_crc32\":\"x\"", "kept_crc32"},
    {"\"samples\":150", "\"samples\":0", "sample 64 of 0"},
    {"\"samples\":150", "\"samples\":63", "sample 64 of 63"},
    {"\"position\":64", "\"position\":65", "sample 65 of 150"},
    {"\"correct\":9", "\"correct\":65", "65 of 64"},
    {"\"1234abcd\"", "\"1234ABCD\"", "dataset_crc32"},
    {"\"1234abcd\"", "\"1234abc\"", "dataset_crc32"},
    {"\"feature_scale\":\"1.0", "\"feature_scale\":\"1.1", "feature_scale"},
    {"\"loss_sum\":\"2", "\"loss_sum\":\"x", "loss_sum"},
    {"\"epoch_seconds\":\"", "\"epoch_seconds\":\"-", "epoch_seconds"},
    {"\"rate\":\"", "\"rate\":\"inf", "rate"},
    {"\"distortion_scale\":\"1.4", "\"distortion_scale\":\"9.4", "scale 0.95, expected 0 to 0.9"},
    {"\"distortion_rotation\":\"1.5", "\"distortion_rotation\":\"-1.5", "rotation -15"},
    {"\"distortion_elastic_fields\":4000", "\"distortion_elastic_fields\":0", "0 elastic fields"},
    {"\"distortion_elastic_fields\":4000,", "", "distortion_elastic_fields"},
    {"\"distortion_shift\":", "\"distortion_shifts\":", "distortion_shift"},
    {"\"distortion_gentle_classes\":\"130", "\"distortion_gentle_classes\":\"-130", "whole number"},
    {"\"best_epoch\":2", "\"best_epoch\":3", "best epoch is 3, but training is in epoch 2"},
    {"\"best_score\":\"5", "\"best_score\":\"inf", "best_score"},
    {"\"first_loss\":\"2", "\"first_loss\":\"x", "first_loss"},
    {"\"samples\":150", "\"samples\":150,\"plateau_judged\":2", "plateau is of more epochs"},
    {"\"samples\":150", "\"samples\":150,\"plateau_bad\":1", "plateau is of more epochs"},
    {"\"samples\":150", "\"samples\":150,\"plateau_cuts\":1", "plateau is of more epochs"},
};

Test(checkpoint_state, hostile_states_are_refused) {
    struct checkpoint state = {
        .samples = 150,
        .dataset_crc32 = 0x1234abcd,
        .feature_scale = 1,
        .state = {.epoch = 1,
                  .position = 64,
                  .correct = 9,
                  .loss_sum = 2.25,
                  .seconds = 1,
                  .last_rate = 0.05,
                  .first_loss = 2,
                  .best_epoch = 2,
                  .best_score = 0.5},
    };
    minnow_training_config_init(&state.config, sizeof state.config);
    state.config.batch = 16;
    state.config.epochs = 3;
    state.config.learning_rate = 0.1;
    state.config.seed = UINT64_MAX - 5;
    minnow_distortion_config_init(&state.distortion, sizeof state.distortion);
    state.distortion.gentle_classes = 130;
    struct checkpoint back;
    char *text = checkpoint_write(&state), changed[2000];
    cr_assert_eq(checkpoint_parse(text, &back), MINNOW_OK, "%s", minnow_last_error());
    cr_assert(back.config.batch == 16 && back.config.epochs == 3 && back.config.learning_rate == 0.1 &&
              back.config.schedule == MINNOW_SCHEDULE_LINEAR && back.config.warmup_epochs == 0.0 &&
              back.config.shuffle && back.config.seed == UINT64_MAX - 5);
    cr_assert_eq(memcmp(&back.distortion, &state.distortion, sizeof back.distortion), 0);
    cr_assert(back.samples == 150 && back.dataset_crc32 == 0x1234abcd && back.feature_scale == 1.0f);
    cr_assert(back.state.epoch == 1 && back.state.position == 64 && back.state.correct == 9 &&
              back.state.loss_sum == 2.25 && back.state.seconds == 1.0 && back.state.last_rate == 0.05);
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        const char *at = strstr(text, hostile[i].from);
        cr_assert_not_null(at, "%s is not in %s", hostile[i].from, text);
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, hostile[i].to,
                 at + strlen(hostile[i].from));
        cr_assert_eq(checkpoint_parse(changed, &back), MINNOW_ERROR_INPUT, "%s", changed);
        cr_assert_not_null(strstr(minnow_last_error(), hostile[i].message), "%s: %s", hostile[i].to,
                           minnow_last_error());
    }
    free(text);
    /* Of targets that are no shares of classes, losses may be less than 0. */
    struct checkpoint negative = state;
    negative.state.loss_sum = negative.state.first_loss = -2.25;
    text = checkpoint_write(&negative);
    cr_assert_eq(checkpoint_parse(text, &back), MINNOW_OK, "%s", minnow_last_error());
    cr_assert(back.state.loss_sum == -2.25 && back.state.first_loss == -2.25);
    free(text);
    /* Where training has all but diverged, the sum of losses is what it is. */
    state.state.loss_sum = (double)NAN;
    text = checkpoint_write(&state);
    cr_assert(checkpoint_parse(text, &back) == MINNOW_OK && isnan(back.state.loss_sum));
    free(text);
    state.state.loss_sum = (double)INFINITY;
    text = checkpoint_write(&state);
    cr_assert(checkpoint_parse(text, &back) == MINNOW_OK && isinf(back.state.loss_sum));
    free(text);
}

Test(checkpoint_state, a_distortion_of_nothing_is_none) {
    struct checkpoint state = {.samples = 1}, back;
    minnow_training_config_init(&state.config, sizeof state.config);
    minnow_distortion_config_init(&state.distortion, sizeof state.distortion);
    state.distortion.elastic_alpha = state.distortion.scale = 0;
    state.distortion.elastic_sigma = 2;
    char *text = checkpoint_write(&state), *rotation = strstr(text, "1.500000000000000000e+01");
    cr_assert_not_null(rotation, "%s", text);
    rotation[0] = '0', rotation[2] = '0'; /* 0.0…e+01 */
    cr_assert_eq(checkpoint_parse(text, &back), MINNOW_OK, "%s", minnow_last_error());
    free(text);

    struct checkpoint again;
    text = checkpoint_write(&back);
    cr_assert_null(strstr(text, "distortion"), "%s", text);
    cr_assert_eq(checkpoint_parse(text, &again), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(checkpoint_compare(CHECKPOINT_DISTORTION, &back, &again, "the first"), MINNOW_OK, "%s",
                 minnow_last_error());
    free(text);
}
