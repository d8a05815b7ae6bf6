/* The training loop: what it learns, reports and refuses. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/team.h"
#include "samples.h"
#include "train/schedules.h"
#include "train/trainer.h"

static const size_t sizes[] = {40, 24, 4};

Test(trainer, learns_a_problem) {
    minnow_dataset *dataset = samples_make(400, 40, 4);
    for (int loss = MINNOW_LOSS_SOFTMAX; loss < (int)loss_row_count && loss_rows[loss].loss != NULL; loss++) {
        minnow_network *network =
            samples_network(sizes, 2, MINNOW_ACTIVATION_TANH, (minnow_loss)loss, "auto");
        minnow_training_config config;
        minnow_training_config_init(&config, sizeof config);
        config.batch = 16;
        config.epochs = 60;
        config.learning_rate = loss == MINNOW_LOSS_QUADRATIC ? 3.0 : 0.5;
        minnow_evaluation before, after;
        minnow_evaluation_init(&before, sizeof before);
        minnow_evaluation_init(&after, sizeof after);
        cr_assert_eq(minnow_network_evaluate(network, dataset, 0, &before, NULL), MINNOW_OK);
        minnow_progress progress = samples_train(network, dataset, &config);
        cr_assert_eq(minnow_network_evaluate(network, dataset, 0, &after, NULL), MINNOW_OK);
        cr_expect_lt(after.loss, 0.5 * before.loss, "loss %d: %g before, %g after", loss, before.loss,
                     after.loss);
        cr_expect_gt(after.correct, 300, "loss %d: %zu of 400 right", loss, after.correct);
        cr_expect_eq(progress.epoch, 60);
        cr_expect(progress.epoch_done);
        cr_expect_eq(progress.epoch_samples, 400);
        minnow_network_free(network);
    }
    minnow_dataset_free(dataset);
}

Test(trainer, reports_progress_in_whole_mini_batches) {
    minnow_dataset *dataset = samples_make(100, 40, 4);
    minnow_network *network = samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = 32;
    config.epochs = 2;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    const size_t reached[] = {64, 100, 64, 100};
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(minnow_trainer_advance(trainer, 33, &progress), MINNOW_OK);
        cr_expect_eq(progress.epoch_samples, reached[i]);
        cr_expect_eq(progress.epoch, 1 + i / 2);
        cr_expect_eq(progress.epoch_done, i % 2 == 1);
        cr_expect_eq(progress.run_done, i == 3);
        cr_expect(progress.train_loss > 0.0 && progress.train_accuracy <= 1.0 &&
                  progress.epoch_seconds > 0.0);
    }
    cr_expect_eq(minnow_trainer_advance(trainer, 0, &progress), MINNOW_ERROR_ARGUMENT);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

/* A rate from outside takes the place of the schedule's until 0 gives it back; a checkpoint would not know of it. */
Test(trainer, takes_a_learning_rate_from_outside) {
    minnow_dataset *dataset = samples_make(100, 40, 4);
    uint32_t crc[2];
    for (size_t set = 0; set < 2; set++) {
        minnow_network *network =
            samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
        minnow_training_config config;
        minnow_training_config_init(&config, sizeof config);
        config.batch = 32;
        config.epochs = 2;
        config.learning_rate = set ? 9.0 : 0.125;
        config.schedule = set ? MINNOW_SCHEDULE_LINEAR : MINNOW_SCHEDULE_CONSTANT;
        minnow_trainer *trainer;
        cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
        if (set)
            cr_assert_eq(minnow_trainer_set_learning_rate(trainer, 0.125), MINNOW_OK);
        minnow_progress progress;
        minnow_progress_init(&progress, sizeof progress);
        cr_assert_eq(minnow_trainer_advance(trainer, 64, &progress), MINNOW_OK);
        cr_expect_eq(progress.learning_rate, 0.125);
        crc[set] = minnow_network_params_crc32(network);

        if (set) {
            cr_expect_eq(minnow_trainer_save(trainer, "checkpoint"), MINNOW_ERROR_ARGUMENT);
            cr_expect_neq(strstr(minnow_last_error(), "learning rate"), NULL, "%s", minnow_last_error());
            cr_assert_eq(minnow_trainer_set_learning_rate(trainer, 0.0), MINNOW_OK);
            cr_assert_eq(minnow_trainer_advance(trainer, 0, &progress), MINNOW_OK);
            cr_expect_float_eq(progress.learning_rate, 9.0 * 5.0 / 8.0, 1e-6, "step 3 of 8");
        }
        minnow_trainer_free(trainer);
        minnow_network_free(network);
    }
    cr_expect_eq(crc[0], crc[1]);
    minnow_dataset_free(dataset);
}

/* Changed by hand, a rate bends the schedule from there on, and a checkpoint's run goes on with it. */
Test(trainer, changes_its_rate_and_keeps_it_in_checkpoints) {
    minnow_dataset *dataset = samples_make(100, 40, 4);
    minnow_network *network = samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = 32;
    config.epochs = 2;
    config.learning_rate = 0.5;
    config.schedule = MINNOW_SCHEDULE_LINEAR;
    minnow_trainer *trainer, *resumed;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    cr_assert_eq(minnow_trainer_advance(trainer, 64, &progress), MINNOW_OK);
    cr_expect_eq(trainer_change_rate(trainer, 0.0), MINNOW_ERROR_ARGUMENT);
    cr_expect_eq(trainer_change_rate(trainer, (double)NAN), MINNOW_ERROR_ARGUMENT);
    cr_assert_eq(trainer_change_rate(trainer, 0.25), MINNOW_OK);
    cr_assert_eq(minnow_trainer_save(trainer, "changed"), MINNOW_OK, "%s", minnow_last_error());
    while (!progress.run_done) {
        cr_assert_eq(minnow_trainer_advance(trainer, 1, &progress), MINNOW_OK);
        size_t step = 4 * (progress.epoch - 1) + (progress.epoch_samples + 31) / 32 - 1;
        cr_expect_float_eq(progress.learning_rate, 0.25 * (8.0 - (double)step) / 8.0, 1e-6, "step %zu", step);
    }

    minnow_network *loaded;
    cr_assert_eq(minnow_network_load("changed", "auto", &loaded), MINNOW_OK);
    minnow_training_config_init(&config, sizeof config);
    cr_assert_eq(minnow_checkpoint_config(loaded, &config), MINNOW_OK);
    cr_expect_eq(config.learning_rate, 0.25);
    cr_assert_eq(minnow_trainer_resume(loaded, dataset, &config, &resumed), MINNOW_OK, "%s",
                 minnow_last_error());
    for (progress.run_done = false; !progress.run_done;)
        cr_assert_eq(minnow_trainer_advance(resumed, 0, &progress), MINNOW_OK);
    cr_expect_eq(minnow_network_params_crc32(loaded), minnow_network_params_crc32(network));
    minnow_trainer_free(resumed);
    minnow_network_free(loaded);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

Test(trainer, tells_that_training_diverged) {
    minnow_dataset *dataset = samples_make(100, 40, 4);
    minnow_network *network = samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.learning_rate = 1e20;
    config.batch = 8;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    minnow_status status = MINNOW_OK;
    for (int i = 0; i < 3 && status == MINNOW_OK; i++)
        status = minnow_trainer_advance(trainer, 0, &progress);
    cr_expect_eq(status, MINNOW_ERROR_DIVERGED);
    cr_expect_not_null(strstr(minnow_last_error(), "lower learning rate"));
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

/* The mini-batch is named, and the network is what it was when the last epoch ended. */
Test(trainer, ends_at_once_when_it_diverges) {
    static float values[100 * 40];
    static uint32_t labels[100];
    for (size_t i = 0; i < 100 * 40; i++)
        values[i] = (float)(i % 7) / 7.0F;
    for (size_t i = 0; i < 100; i++)
        labels[i] = (uint32_t)(i % 4);
    values[50 * 40 + 3] = 3e38F; /* of mini-batch 7: its products overflow */
    minnow_dataset *dataset;
    minnow_network *network = samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = 8;
    config.shuffle = false;
    config.learning_rate = 1e-3;
    cr_assert_eq(minnow_dataset_from_floats(values, labels, 100, 40, 4, &dataset), MINNOW_OK);
    uint32_t before = minnow_network_params_crc32(network);
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);

    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    cr_expect_eq(minnow_trainer_advance(trainer, 0, &progress), MINNOW_ERROR_DIVERGED);
    cr_expect_eq(progress.epoch, 1);
    cr_expect_eq(progress.diverged_minibatch, 7, "%zu", progress.diverged_minibatch);
    cr_expect_not_null(strstr(minnow_last_error(), "epoch 1, mini-batch 7: "), "%s", minnow_last_error());
    cr_expect_eq(progress.epoch_samples, 56);
    cr_expect_eq(minnow_network_params_crc32(network), before);
    cr_expect_eq(minnow_trainer_advance(trainer, 0, &progress), MINNOW_ERROR_ARGUMENT);
    cr_expect_eq(minnow_trainer_save(trainer, "never written"), MINNOW_ERROR_ARGUMENT);
    minnow_trainer *next;
    cr_expect_eq(minnow_trainer_continue(trainer, dataset, &config, &next), MINNOW_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(minnow_last_error(), "nothing can go on from there"), "%s",
                       minnow_last_error());
    cr_expect_null(next);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

/* Older checkpoints do not tell the loss that a run began with: then it is the first one behind them. */
Test(trainer, measures_a_rise_from_the_first_loss_that_it_knows) {
    struct training_state state = {.epoch = 3, .position = 64};
    cr_expect_not(divergence_in_loss(&state, 1e13));
    cr_expect_not(divergence_in_loss(&state, 2e13));
    cr_expect(divergence_in_loss(&state, 2e25));
    cr_expect(divergence_in_loss(&state, (double)NAN));
}

/* The best parameters and the average each take the network's place and give it back. */
Test(trainer, keeps_the_best_parameters) {
    minnow_dataset *dataset = samples_make(100, 40, 4);
    minnow_network *network = samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.ema = 0.9;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
    uint32_t start = minnow_network_params_crc32(network);
    minnow_trainer_use_best(trainer, true);
    cr_expect_eq(minnow_network_params_crc32(network), start, "there are none yet");

    cr_assert_eq(minnow_trainer_advance(trainer, 0, NULL), MINNOW_OK);
    uint32_t trained = minnow_network_params_crc32(network);
    minnow_trainer_use_average(trainer, true);
    uint32_t average = minnow_network_params_crc32(network);
    cr_expect_neq(average, trained);
    cr_assert_eq(minnow_trainer_keep_best(trainer, 0.75), MINNOW_OK);
    cr_assert_eq(minnow_trainer_advance(trainer, 0, NULL), MINNOW_OK);
    uint32_t later = minnow_network_params_crc32(network);
    minnow_trainer_use_best(trainer, true);
    cr_expect_eq(minnow_network_params_crc32(network), average);
    minnow_trainer_use_average(trainer, true);
    cr_expect_neq(minnow_network_params_crc32(network), average);
    minnow_trainer_use_best(trainer, false);
    cr_expect_eq(minnow_network_params_crc32(network), later);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

/* What one trainer shows is in the network for the other one too, which trains it and nothing else, whichever of the
   two is freed first. */
Test(trainer, may_show_and_be_freed_behind_another_of_the_same_network) {
    for (int continued = 0; continued < 2; continued++) {
        minnow_dataset *dataset = samples_make(100, 40, 4);
        minnow_network *network =
            samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
        minnow_training_config config;
        minnow_training_config_init(&config, sizeof config);
        minnow_trainer *trainer, *next;
        cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
        cr_assert_eq(minnow_trainer_advance(trainer, 0, NULL), MINNOW_OK);
        uint32_t best = minnow_network_params_crc32(network);
        cr_assert_eq(minnow_trainer_keep_best(trainer, 1.0), MINNOW_OK);
        cr_assert_eq(minnow_trainer_advance(trainer, 0, NULL), MINNOW_OK);
        cr_assert_eq(continued ? minnow_trainer_continue(trainer, dataset, &config, &next)
                               : minnow_trainer_create(network, dataset, &config, &next),
                     MINNOW_OK);

        minnow_trainer_use_best(trainer, true);
        cr_expect_eq(minnow_network_params_crc32(network), best);
        minnow_trainer_free(trainer);
        cr_assert_eq(minnow_trainer_advance(next, 0, NULL), MINNOW_OK);
        cr_expect_neq(minnow_network_params_crc32(network), best, "trains what the network does not have");
        minnow_trainer_free(next);
        minnow_network_free(network);
        minnow_dataset_free(dataset);
    }
}

/* The kind that AUTO gives to a first layer of so many outputs. */
static const char *chosen_kind(const minnow_dataset *dataset, size_t outputs, size_t batch) {
    const size_t shape[] = {40, outputs, 4};
    minnow_network *network = samples_network(shape, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = batch;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
    const char *name = trainer->plan->stages[0].kind->name;
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    return name;
}

Test(trainer, chooses_by_density_and_shape_whether_to_skip_zeros) {
    enum { COUNT = 100, FEATURES = 40 };
    static uint8_t full[COUNT * FEATURES], tenth[COUNT * FEATURES];
    static float third[COUNT * FEATURES];
    static uint32_t labels[COUNT];
    for (size_t i = 0; i < COUNT * FEATURES; i++) {
        full[i] = i % 5 < 4;
        third[i] = i % 3 == 0 ? 1.0f : 0.0f;
        tenth[i] = i % 10 == 0;
    }
    minnow_dataset *dense, *fifth = samples_make(COUNT, FEATURES, 4), *sparse, *floats;
    cr_assert_eq(minnow_dataset_from_bytes(full, labels, COUNT, FEATURES, 4, 1.0f, &dense), MINNOW_OK);
    cr_assert_eq(minnow_dataset_from_bytes(tenth, labels, COUNT, FEATURES, 4, 1.0f, &sparse), MINNOW_OK);
    cr_expect_str_eq(chosen_kind(fifth, 128, 64), "bytes");
    cr_expect_str_eq(chosen_kind(dense, 128, 64), "dense", "four fifths are too many");
    cr_expect_str_eq(chosen_kind(fifth, 16, 8), "dense", "finding them costs more than so few outputs");
    cr_expect_str_eq(chosen_kind(sparse, 32, 64), "bytes");
    cr_expect_str_eq(chosen_kind(sparse, 32, 2), "dense", "each feature's update pays for no two samples");
    cr_expect_str_eq(chosen_kind(fifth, 16, 1), "one-listed", "one sample's bytes are listed beforehand");
    cr_assert_eq(minnow_dataset_from_floats(third, labels, COUNT, FEATURES, 4, &floats), MINNOW_OK);
    cr_expect_str_eq(chosen_kind(floats, 32, 64), "dense",
                     "floats are listed, which costs more than so few outputs");
    cr_expect_str_eq(chosen_kind(floats, 128, 64), "lists");
    cr_expect_str_eq(chosen_kind(floats, 128, 1), "one-listed");
    minnow_dataset_free(floats);
    minnow_dataset_free(dense);
    minnow_dataset_free(fifth);
    minnow_dataset_free(sparse);
}

static unsigned chosen_threads(const size_t *shape, size_t batch, unsigned threads) {
    minnow_dataset *dataset = samples_make(batch, shape[0], shape[2]);
    minnow_network *network = samples_network(shape, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = batch;
    config.threads = threads;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
    unsigned chosen = minnow_trainer_threads(trainer);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
    return chosen;
}

Test(trainer, uses_as_many_threads_as_pay) {
    static const size_t wide[] = {500, 400, 10};
    cr_expect_eq(chosen_threads(sizes, 2, 7), 1, "two samples of a small network are no work for two");
    cr_expect_eq(chosen_threads(wide, 1, 7), 1);
    cr_expect_eq(chosen_threads(wide, 500, 1), 1);
    unsigned most = team_threads(7) < team_processors() ? team_threads(7) : team_processors();
    cr_expect_eq(chosen_threads(wide, 500, 7), most, "%u threads, not %u", chosen_threads(wide, 500, 7),
                 most);
}

static void expect_refused(minnow_training_config config) {
    minnow_dataset *dataset = samples_make(10, 40, 4);
    minnow_network *network = samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_trainer *trainer = (minnow_trainer *)&config;
    cr_expect_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_ERROR_ARGUMENT);
    cr_expect_null(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

Test(trainer, refuses_what_makes_no_sense) {
    const double rates[] = {0.0, -1.0, (double)NAN, (double)INFINITY};
    minnow_training_config config;
    for (size_t i = 0; i < 4; i++) {
        minnow_training_config_init(&config, sizeof config);
        config.learning_rate = rates[i];
        expect_refused(config);
    }
    minnow_training_config_init(&config, sizeof config);
    config.batch = 0;
    expect_refused(config);
    config.batch = 65537;
    expect_refused(config);
    minnow_training_config_init(&config, sizeof config);
    config.epochs = 0;
    expect_refused(config);
    minnow_training_config_init(&config, sizeof config);
    config.warmup_epochs = 11.0;
    expect_refused(config);
    config.warmup_epochs = (double)NAN;
    expect_refused(config);
    minnow_training_config_init(&config, sizeof config);
    config.struct_size = 4;
    expect_refused(config);
}

Test(trainer, refuses_data_of_another_shape) {
    minnow_dataset *narrow = samples_make(10, 39, 4), *more = samples_make(10, 40, 5);
    minnow_network *network = samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    minnow_trainer *trainer;
    minnow_evaluation evaluation;
    minnow_evaluation_init(&evaluation, sizeof evaluation);
    cr_expect_eq(minnow_trainer_create(network, narrow, &config, &trainer), MINNOW_ERROR_ARGUMENT);
    cr_expect_eq(minnow_trainer_create(network, more, &config, &trainer), MINNOW_ERROR_ARGUMENT);
    cr_expect_eq(minnow_network_evaluate(network, narrow, 0, &evaluation, NULL), MINNOW_ERROR_ARGUMENT);
    minnow_network_free(network);
    minnow_dataset_free(narrow);
    minnow_dataset_free(more);
}

Test(network, refuses_impossible_shapes) {
    minnow_network *network;
    size_t shapes[][3] = {{0, 1, 1}, {1, 65537, 1}, {1, 1, 0}};
    for (size_t i = 0; i < 3; i++) {
        minnow_network_config config;
        minnow_network_config_init(&config, sizeof config);
        config.layer_sizes = shapes[i];
        config.layer_count = 2;
        cr_expect_eq(minnow_network_create(&config, &network), MINNOW_ERROR_ARGUMENT);
        cr_expect_null(network);
    }
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    cr_expect_eq(minnow_network_create(&config, &network), MINNOW_ERROR_ARGUMENT);
    config.layer_sizes = sizes;
    config.layer_count = 2;
    config.isa = "mmx";
    cr_expect_eq(minnow_network_create(&config, &network), MINNOW_ERROR_UNSUPPORTED);
    cr_expect_not_null(strstr(minnow_last_error(), "scalar"));
}

Test(network, layers_read_back_what_was_set) {
    minnow_network *network = samples_network(sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    float weights[24 * 4], biases[4], back[24 * 4], back_biases[4];
    for (size_t i = 0; i < 96; i++)
        weights[i] = (float)i;
    for (size_t i = 0; i < 4; i++)
        biases[i] = -(float)i;
    uint32_t before = minnow_network_params_crc32(network);
    cr_assert_eq(minnow_network_set_layer(network, 1, weights, biases), MINNOW_OK);
    cr_assert_eq(minnow_network_get_layer(network, 1, back, back_biases), MINNOW_OK);
    cr_expect(memcmp(weights, back, sizeof back) == 0 && memcmp(biases, back_biases, sizeof biases) == 0);
    cr_expect_neq(minnow_network_params_crc32(network), before);
    cr_expect_eq(minnow_network_set_layer(network, 2, weights, biases), MINNOW_ERROR_ARGUMENT);
    cr_expect_eq(minnow_network_parameter_count(network), 41u * 24 + 25 * 4);
    minnow_network_free(network);
}

Test(schedule, follows_its_formulas) {
    /* Warm-up of 10 in 110 steps: reaches the rate with step 9; the schedule covers steps 10 to 109. */
    cr_expect_float_eq(schedule_rate(MINNOW_SCHEDULE_CONSTANT, 0.5, 10, 0, 110), 0.05, 1e-12);
    cr_expect_float_eq(schedule_rate(MINNOW_SCHEDULE_CONSTANT, 0.5, 10, 9, 110), 0.5, 1e-12);
    cr_expect_float_eq(schedule_rate(MINNOW_SCHEDULE_CONSTANT, 0.5, 10, 109, 110), 0.5, 1e-12);
    cr_expect_float_eq(schedule_rate(MINNOW_SCHEDULE_LINEAR, 0.5, 10, 10, 110), 0.5, 1e-12);
    cr_expect_float_eq(schedule_rate(MINNOW_SCHEDULE_LINEAR, 0.5, 10, 60, 110), 0.25, 1e-12);
    cr_expect_float_eq(schedule_rate(MINNOW_SCHEDULE_LINEAR, 0.5, 10, 109, 110), 0.005, 1e-12);
    for (uint64_t step = 0; step < 100; step++)
        cr_expect_float_eq(schedule_rate(MINNOW_SCHEDULE_COSINE, 0.5, 0, step, 100),
                           0.25 * (1.0 + cos(3.14159265358979323846 * (double)step / 100.0)), 1e-12);
}

/* ---- Distortion ---- */

static uint32_t trained(minnow_network *network, const minnow_dataset *dataset, size_t epochs,
                        const minnow_distortion_config *distortion) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = 16;
    config.epochs = epochs;
    config.schedule = MINNOW_SCHEDULE_CONSTANT;
    config.shuffle = false;
    config.distortion = distortion;
    samples_train(network, dataset, &config);
    return minnow_network_params_crc32(network);
}

Test(trainer, each_epoch_sees_the_samples_that_the_dataset_distorts_to) {
    static const size_t shape[] = {99, 20, 5};
    minnow_dataset *dataset = samples_make(70, 99, 5), *one;
    cr_assert_eq(minnow_dataset_set_image_size(dataset, 11, 9), MINNOW_OK);
    minnow_distortion_config distortion;
    minnow_distortion_config_init(&distortion, sizeof distortion);
    distortion.elastic_fields = 20;

    minnow_network *network = samples_network(shape, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    uint32_t expected = trained(network, dataset, 3, &distortion), found = 0;
    minnow_network_free(network);

    network = samples_network(shape, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    for (size_t epoch = 0; epoch < 3; epoch++) {
        cr_assert_eq(minnow_dataset_distort(dataset, &distortion, 1, epoch, 0, &one), MINNOW_OK);
        found = trained(network, one, 1, NULL);
        minnow_dataset_free(one);
    }
    cr_expect_eq(found, expected, "one by one %08x, together %08x", found, expected);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}
