/* Training that goes on with other samples, or the same: minnow_trainer_continue. */
#include <criterion/criterion.h>

#include "samples.h"
#include "train/trainer.h"

static const size_t sizes[] = {40, 24, 4};

/* A trainer that cannot be continued shows what it showed before; one that can gives back what it trains. */
Test(continuing, leaves_a_trainer_as_it_was_behind_a_failure) {
    minnow_dataset *dataset = samples_make(100, 40, 4), *narrow = samples_make(100, 39, 4);
    minnow_network *network = samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.ema = 0.9;
    minnow_trainer *trainer, *next;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
    cr_assert_eq(minnow_trainer_advance(trainer, 0, NULL), MINNOW_OK);
    uint32_t trained = minnow_network_params_crc32(network);
    minnow_trainer_use_average(trainer, true);
    uint32_t average = minnow_network_params_crc32(network);
    cr_expect_eq(minnow_trainer_continue(trainer, narrow, &config, &next), MINNOW_ERROR_ARGUMENT);
    cr_expect_eq(minnow_network_params_crc32(network), average);
    cr_assert_eq(minnow_trainer_continue(trainer, dataset, &config, &next), MINNOW_OK);
    cr_expect_eq(minnow_network_params_crc32(network), trained);
    cr_expect_eq(parameters_crc32(next->good), trained, "what it returns to when it diverges");
    minnow_trainer_free(next);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(narrow);
    minnow_dataset_free(dataset);
}

static uint32_t train(const minnow_dataset *dataset, const minnow_training_config *config, size_t epochs,
                      bool anew) {
    minnow_network *network = samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_trainer *trainer, *next;
    cr_assert_eq(minnow_trainer_create(network, dataset, config, &trainer), MINNOW_OK);
    for (size_t epoch = 0; epoch < epochs; epoch++) {
        cr_assert_eq(minnow_trainer_advance(trainer, SIZE_MAX, NULL), MINNOW_OK, "%s", minnow_last_error());
        if (!anew)
            continue;
        cr_assert_eq(minnow_trainer_continue(trainer, dataset, config, &next), MINNOW_OK);
        minnow_trainer_free(trainer);
        trainer = next;
    }
    uint32_t crc = minnow_network_params_crc32(network);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    return crc;
}

/* With the order of samples, noise, mixing and dropout all drawn. */
Test(continuing, goes_on_with_the_draws) {
    minnow_dataset *dataset = samples_make(100, 40, 4);
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    minnow_training_config_set_optimizer(&config, MINNOW_OPTIMIZER_ADAM);
    config.epochs = 10;
    config.schedule = MINNOW_SCHEDULE_CONSTANT;
    config.batch = 16;
    config.noise = 0.1;
    config.mixup = 0.2;
    config.dropout_count = 1;
    config.dropout[0] = 0.25;
    cr_expect_eq(train(dataset, &config, 4, true), train(dataset, &config, 4, false));
    minnow_dataset_free(dataset);
}
