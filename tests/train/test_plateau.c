/* The schedule that waits for the loss to stop falling. */
#include <criterion/criterion.h>
#include <stdint.h>

#include "samples.h"
#include "support/scratch.h"
#include "train/plateau.h"

/* Behind which of 200 epochs PyTorch's ReduceLROnPlateau(factor=0.5, patience=3, eps=0) reduces the rate, for the losses
   below:

       x = 7
       for epoch in range(200):
           x = (1664525 * x + 1013904223) % 2**32
           schedule.step((1.0 + (x >> 8) / 2**24) / (1.0 + 0.05 * epoch)) */
static const size_t cuts[] = {13,  17,  40,  44,  50,  56,  64,  68,  72,  76,  86,  90,  94,  98,  105, 109,
                              114, 119, 123, 130, 134, 142, 146, 154, 158, 164, 168, 175, 179, 185, 193, 197};

static minnow_training_config config_of(double factor, size_t patience) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.schedule = MINNOW_SCHEDULE_PLATEAU;
    config.learning_rate = 0.25;
    config.plateau_factor = factor;
    config.plateau_patience = patience;
    return config;
}

Test(plateau, reduces_where_pytorch_does) {
    const minnow_training_config config = config_of(0.5, 3);
    struct plateau plateau = {0};
    uint32_t x = 7;
    size_t seen = 0;
    double share = 1.0;
    for (size_t epoch = 0; epoch < 200; epoch++) {
        x = 1664525U * x + 1013904223U;
        plateau_judge(&plateau, &config, epoch + 1,
                      (1.0 + (double)(x >> 8) / 16777216.0) / (1.0 + 0.05 * (double)epoch));
        if (plateau_share(&plateau, &config) == share)
            continue;
        cr_assert_lt(seen, sizeof cuts / sizeof *cuts);
        cr_expect_eq(epoch + 1, cuts[seen], "cut %zu behind epoch %zu, not %zu", seen, epoch + 1, cuts[seen]);
        cr_expect_eq(plateau_share(&plateau, &config), share / 2);
        share = plateau_share(&plateau, &config);
        seen++;
    }
    cr_expect_eq(seen, sizeof cuts / sizeof *cuts);
}

/* However many cuts a checkpoint claims. */
Test(plateau, takes_no_time_for_many_cuts, .timeout = 20) {
    const struct plateau plateau = {.cuts = SIZE_MAX};
    const double factors[] = {0.0625, 0.9, 0.999999999};
    for (size_t i = 0; i < 3; i++) {
        const minnow_training_config config = config_of(factors[i], 0);
        double share = plateau_share(&plateau, &config);
        cr_expect(share >= 0.0 && share < 1.0, "%g", share);
    }
}

/* Trains four epochs whose losses somebody tells, or not, through a checkpoint behind the second one if there is a path.
   Returns the last rate, and the parameters' CRC-32. */
static double train(const minnow_dataset *dataset, const double *told, const char *path, uint32_t *crc32) {
    const size_t sizes[] = {40, 24, 4};
    minnow_network *network = samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config = config_of(0.5, 0);
    minnow_trainer *trainer;
    minnow_progress progress;
    config.epochs = 4;
    minnow_progress_init(&progress, sizeof progress);
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(minnow_trainer_advance(trainer, 0, &progress), MINNOW_OK, "%s", minnow_last_error());
        if (told != NULL)
            cr_assert_eq(minnow_trainer_tell_loss(trainer, told[i]), MINNOW_OK);
        if (i != 1 || path == NULL)
            continue;
        cr_assert_eq(minnow_trainer_save(trainer, path), MINNOW_OK, "%s", minnow_last_error());
        minnow_trainer_free(trainer);
        minnow_network_free(network);
        cr_assert_eq(minnow_network_load(path, "auto", &network), MINNOW_OK, "%s", minnow_last_error());
        cr_assert_eq(minnow_checkpoint_config(network, &config), MINNOW_OK);
        cr_assert_eq(minnow_trainer_resume(network, dataset, &config, &trainer), MINNOW_OK, "%s",
                     minnow_last_error());
    }
    *crc32 = minnow_network_params_crc32(network);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    return progress.learning_rate;
}

Test(plateau, takes_the_loss_that_is_told_also_when_resumed) {
    const double falling[] = {4, 3, 2, 1}, rising[] = {1, 2, 3, 4};
    scratch_make();
    minnow_dataset *dataset = samples_make(100, 40, 4);
    uint32_t straight, resumed, of_training;
    cr_expect_eq(train(dataset, falling, NULL, &straight), 0.25);
    cr_expect_eq(train(dataset, NULL, NULL, &of_training), 0.25, "the training loss falls too");
    cr_expect_eq(straight, of_training);

    cr_expect_eq(train(dataset, rising, NULL, &straight), 0.0625, "behind epochs 2 and 3");
    cr_expect_eq(train(dataset, rising, scratch_path("plateau"), &resumed), 0.0625);
    cr_expect_eq(straight, resumed);
    cr_expect_neq(straight, of_training);
    minnow_dataset_free(dataset);
    scratch_remove();
}
