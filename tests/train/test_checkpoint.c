/* A run that is interrupted, saved and resumed gives the bits of one that was not; anything else is refused. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/team.h"
#include "kernels.h"
#include "model/model.h"
#include "runs.h"
#include "samples.h"
#include "support/scratch.h"
#include "train/slots.h"
#include "train/trainer.h"

/* In place of the system's: hundreds of checkpoints need not wait for the disk. */
int fsync(int fd) {
    return fd < 0;
}

TestSuite(checkpoint, .init = scratch_make, .fini = scratch_remove);

/* A draw below `below`, for purposes of the test alone. */
static size_t draw(uint32_t a, uint32_t b, size_t below) {
    return random_draw(5, RANDOM_INIT, a, b, 0).word[0] % below;
}

/* ---- The same bits ---- */

static const struct kernels *usable_table(uint32_t a, uint32_t b) {
    const struct kernels *usable[16];
    size_t count = 0;
    for (size_t i = 0; i < kernel_table_count && count < 16; i++)
        if (kernels_usable(kernel_tables[i]))
            usable[count++] = kernel_tables[i];
    return usable[draw(a, b, count)];
}

/* Interrupted up to three times, each time going on in another way. */
static void interrupt(const struct problem *problem, const minnow_dataset *dataset,
                      const struct outcome *expected, uint32_t trial) {
    static const unsigned thread_counts[] = {1, 2, 3, 7};
    const char *path = scratch_path("run.safetensors");
    struct session session = runs_start(problem, dataset);
    struct outcome outcome;
    bool over = false;
    for (uint32_t leg = 0; leg < 3 && !over; leg++) {
        size_t samples = 1 + draw(trial, 8 * leg, problem->count * RUNS_EPOCHS / 2);
        for (size_t done = 0; done < samples && !over;) {
            minnow_progress before, after;
            minnow_progress_init(&before, sizeof before);
            minnow_progress_init(&after, sizeof after);
            minnow_trainer_progress(session.trainer, &before);
            over = runs_advance(&session, samples - done, &outcome);
            minnow_trainer_progress(session.trainer, &after);
            done += after.epoch_samples - (before.epoch == after.epoch ? before.epoch_samples : 0);
        }
        minnow_progress before, after;
        minnow_progress_init(&before, sizeof before);
        minnow_progress_init(&after, sizeof after);
        minnow_trainer_progress(session.trainer, &before);
        cr_assert_eq(minnow_trainer_save(session.trainer, path), MINNOW_OK, "%s", minnow_last_error());
        runs_end(&session);
        const struct kernels *table = usable_table(trial, 8 * leg + 1);
        unsigned threads = thread_counts[draw(trial, 8 * leg + 2, 4)];
        minnow_sparsity sparse = (minnow_sparsity)draw(trial, 8 * leg + 3, 3);
        runs_resume(path, table->name, dataset, threads, sparse, &session);
        cr_assert_eq(minnow_trainer_threads(session.trainer), problem->batch > 1 ? team_threads(threads) : 1);
        minnow_trainer_progress(session.trainer, &after);
        cr_assert(before.epoch == after.epoch && before.epoch_samples == after.epoch_samples &&
                  before.epoch_done == after.epoch_done && before.run_done == after.run_done &&
                  before.train_loss == after.train_loss && before.train_accuracy == after.train_accuracy &&
                  before.epoch_seconds == after.epoch_seconds && before.learning_rate == after.learning_rate);
    }
    if (!over)
        runs_to_end(&session, &outcome);
    minnow_trainer_use_average(session.trainer, true);
    outcome.crc32 = minnow_network_params_crc32(session.network);
    runs_end(&session);
    char what[64];
    snprintf(what, sizeof what, "problem %td, way %zu, trial %u", problem - runs_problems, runs_way,
             (unsigned)trial);
    runs_expect_same(&outcome, expected, what);
}

Test(checkpoint, resumed_runs_have_the_bits_of_uninterrupted_ones) {
    enum { TRIALS = 60, TRIALS_OF_OTHER_WAYS = 16 };
    for (uint32_t p = 0; p < RUNS_PROBLEMS; p++) {
        minnow_dataset *dataset = runs_data(&runs_problems[p]);
        for (runs_way = 0; runs_way < SAMPLES_WAYS; runs_way++) {
            struct outcome expected = runs_uninterrupted(&runs_problems[p], dataset);
            for (uint32_t trial = p; trial < (runs_way == 0 ? TRIALS : TRIALS_OF_OTHER_WAYS);
                 trial += RUNS_PROBLEMS)
                interrupt(&runs_problems[p], dataset, &expected, trial);
        }
        minnow_dataset_free(dataset);
    }
    runs_way = 0;
}

/* The first problem, interrupted within its second epoch; its checkpoint is the file returned. */
static const char *saved(const minnow_dataset *dataset) {
    const char *path = scratch_path("saved.safetensors");
    struct session session = runs_start(&runs_problems[0], dataset);
    struct outcome outcome;
    runs_advance(&session, 0, &outcome);
    runs_advance(&session, 40, &outcome);
    cr_assert_eq(minnow_network_set_metadata(session.network, "note", "of the caller"), MINNOW_OK);
    cr_assert_eq(minnow_trainer_save(session.trainer, path), MINNOW_OK, "%s", minnow_last_error());
    runs_end(&session);
    return path;
}

Test(checkpoint, a_finished_run_stays_finished) {
    minnow_dataset *dataset = runs_data(&runs_problems[0]);
    const char *path = scratch_path("finished.safetensors");
    struct session session = runs_start(&runs_problems[0], dataset);
    struct outcome outcome;
    runs_to_end(&session, &outcome);
    cr_assert_eq(minnow_trainer_save(session.trainer, path), MINNOW_OK);
    runs_end(&session);
    runs_resume(path, "auto", dataset, 0, MINNOW_SPARSITY_AUTO, &session);
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    minnow_trainer_progress(session.trainer, &progress);
    cr_assert(progress.run_done && progress.epoch_done && progress.epoch == RUNS_EPOCHS);
    cr_assert_eq(progress.train_loss, outcome.loss[RUNS_EPOCHS - 1]);
    cr_assert_eq(minnow_trainer_advance(session.trainer, 0, &progress), MINNOW_ERROR_ARGUMENT);
    runs_end(&session);
    minnow_dataset_free(dataset);
}

/* ---- Distortion ---- */

static minnow_network *saved_network(const struct problem *problem, const minnow_dataset *dataset) {
    const char *path = scratch_path("distorted.safetensors");
    struct session session = runs_start(problem, dataset);
    struct outcome outcome;
    minnow_network *network;
    runs_advance(&session, 32, &outcome);
    cr_assert_eq(minnow_trainer_save(session.trainer, path), MINNOW_OK, "%s", minnow_last_error());
    runs_end(&session);
    cr_assert_eq(minnow_network_load(path, "auto", &network), MINNOW_OK, "%s", minnow_last_error());
    return network;
}

static void try_to_resume(minnow_network *network, const minnow_dataset *dataset,
                          const minnow_distortion_config *distortion, const char *why) {
    minnow_training_config config;
    minnow_trainer *trainer;
    minnow_training_config_init(&config, sizeof config);
    cr_assert_eq(minnow_checkpoint_config(network, &config), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_null(config.distortion);
    config.distortion = distortion;
    cr_expect_eq(minnow_trainer_resume(network, dataset, &config, &trainer), MINNOW_ERROR_ARGUMENT);
    cr_expect_null(trainer);
    cr_expect_not_null(strstr(minnow_last_error(), why), "%s", minnow_last_error());
}

Test(checkpoint, tells_how_samples_were_distorted) {
    const struct problem *distorted = &runs_problems[RUNS_PROBLEMS - 1];
    minnow_dataset *dataset = runs_data(distorted);
    minnow_network *network = saved_network(distorted, dataset);
    minnow_distortion_config expected = runs_distortion(), found;
    minnow_distortion_config_init(&found, sizeof found);
    cr_assert_eq(minnow_checkpoint_distortion(network, &found), MINNOW_OK, "%s", minnow_last_error());
    cr_expect_eq(memcmp(&found, &expected, sizeof found), 0);

    found.rotation = 0.5;
    try_to_resume(network, dataset, &found,
                  "the rotation is 0.5, but the checkpoint's is 0.33333333333333331");
    found = expected;
    found.gentle_classes = 2;
    try_to_resume(network, dataset, &found,
                  "gentle classes is 2, but the checkpoint's is 9223372036854775810");
    found.scale = -1.0;
    try_to_resume(network, dataset, &found, "scale -1, expected 0 to 0.9");
    found =
        (minnow_distortion_config){.struct_size = sizeof found, .elastic_sigma = 1.0, .elastic_fields = 1};
    try_to_resume(network, dataset, &found, "the rotation is 0, but");
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

Test(checkpoint, tells_that_samples_were_not_distorted) {
    minnow_dataset *dataset = runs_data(&runs_problems[0]);
    minnow_network *network = saved_network(&runs_problems[0], dataset);
    minnow_distortion_config found;
    minnow_distortion_config_init(&found, sizeof found);
    cr_assert_eq(minnow_checkpoint_distortion(network, &found), MINNOW_OK, "%s", minnow_last_error());
    cr_expect(found.rotation == 0 && found.scale == 0 && found.elastic_alpha == 0);
    try_to_resume(
        network, dataset,
        &(minnow_distortion_config){sizeof found, .shift = 1, .elastic_sigma = 1, .elastic_fields = 1},
        "the shift is 1, but the checkpoint's is 0");

    /* None is none, whatever its fields would be. */
    found.elastic_fields = 7;
    minnow_training_config config;
    minnow_trainer *trainer;
    minnow_training_config_init(&config, sizeof config);
    cr_assert_eq(minnow_checkpoint_config(network, &config), MINNOW_OK);
    config.distortion = &found;
    cr_expect_eq(minnow_trainer_resume(network, dataset, &config, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

/* ---- A checkpoint is a model ---- */

Test(checkpoint, is_a_model_and_a_model_is_none) {
    minnow_dataset *dataset = runs_data(&runs_problems[0]);
    const char *path = saved(dataset), *copy = scratch_path("copy.safetensors");
    minnow_network *network, *again;
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    minnow_trainer *trainer;
    cr_assert_eq(minnow_network_load(path, "auto", &network), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_str_eq(minnow_network_metadata(network, "note"), "of the caller");
    cr_assert_eq(minnow_network_layer_size(network, 1), runs_problems[0].sizes[1]);
    /* Saved as it is, it still is one. */
    cr_assert_eq(minnow_network_save(network, copy), MINNOW_OK);
    cr_assert_eq(minnow_network_load(copy, "auto", &again), MINNOW_OK);
    cr_assert_eq(minnow_checkpoint_config(again, &config), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(config.batch, runs_problems[0].batch);
    cr_assert_eq(config.seed, UINT64_MAX - 5);
    minnow_network_free(again);
    /* With other parameters it is not. */
    float biases[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    cr_assert_eq(minnow_network_set_layer(network, 2, NULL, biases), MINNOW_OK);
    cr_assert_eq(minnow_checkpoint_config(network, &config), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "CRC-32"), "%s", minnow_last_error());
    /* A new run makes a model of it. */
    cr_assert_eq(minnow_trainer_create(network, dataset, &(minnow_training_config){0}, &trainer),
                 MINNOW_ERROR_ARGUMENT);
    cr_assert_not_null(minnow_network_metadata(network, "checkpoint"));
    minnow_training_config_init(&config, sizeof config);
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
    minnow_trainer_free(trainer);
    cr_assert_null(minnow_network_metadata(network, "checkpoint"));
    cr_assert_eq(minnow_checkpoint_config(network, &config), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "no checkpoint"), "%s", minnow_last_error());
    cr_assert_eq(minnow_trainer_resume(network, dataset, &config, &trainer), MINNOW_ERROR_INPUT);
    cr_assert_null(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

Test(checkpoint, saving_changes_nothing_and_needs_a_finite_network) {
    minnow_dataset *dataset = runs_data(&runs_problems[0]);
    struct outcome expected = runs_uninterrupted(&runs_problems[0], dataset), outcome;
    struct session session = runs_start(&runs_problems[0], dataset);
    bool over = false;
    while (!over) {
        over = runs_advance(&session, 48, &outcome);
        cr_assert_eq(minnow_trainer_save(session.trainer, scratch_path("c")), MINNOW_OK);
        cr_assert_eq(minnow_network_metadata_count(session.network), 0);
        cr_assert_neq(minnow_trainer_save(session.trainer, scratch_path("none/c")), MINNOW_OK);
        cr_assert_eq(minnow_network_metadata_count(session.network), 0);
    }
    outcome.crc32 = minnow_network_params_crc32(session.network);
    runs_expect_same(&outcome, &expected, "saved often");
    float biases[10] = {[3] = NAN};
    cr_assert_eq(minnow_network_set_layer(session.network, 2, NULL, biases), MINNOW_OK);
    cr_assert_eq(minnow_trainer_save(session.trainer, scratch_path("c")), MINNOW_ERROR_OUTPUT);
    cr_assert_eq(scratch_count(scratch_folder), 1);
    runs_end(&session);
    minnow_dataset_free(dataset);
}

/* ---- Contradictions ---- */

static void expect_contradiction(const minnow_dataset *dataset, minnow_training_config config,
                                 const char *given, const char *recorded) {
    minnow_network *network;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_network_load(scratch_path("saved.safetensors"), "auto", &network), MINNOW_OK);
    cr_assert_eq(minnow_trainer_resume(network, dataset, &config, &trainer), MINNOW_ERROR_ARGUMENT, "%s",
                 given);
    cr_assert_null(trainer);
    cr_assert_not_null(strstr(minnow_last_error(), given), "%s: %s", given, minnow_last_error());
    cr_assert_not_null(strstr(minnow_last_error(), recorded), "%s: %s", recorded, minnow_last_error());
    minnow_network_free(network);
}

Test(checkpoint, contradicting_options_are_named_with_both_values) {
    minnow_dataset *dataset = runs_data(&runs_problems[0]);
    saved(dataset);
    const minnow_training_config right = runs_config(&runs_problems[0]);
    minnow_training_config config = right;
    config.batch = 17;
    expect_contradiction(dataset, config, "batch is 17", "is 16");
    config = right;
    config.epochs = 4;
    expect_contradiction(dataset, config, "epochs is 4", "is 3");
    config = right;
    config.learning_rate = nextafter(0.1, 1);
    expect_contradiction(dataset, config, "0.10000000000000002", "0.10000000000000001");
    config = right;
    config.schedule = MINNOW_SCHEDULE_COSINE;
    expect_contradiction(dataset, config, "is cosine", "is linear");
    config = right;
    config.warmup_epochs = 0.5;
    expect_contradiction(dataset, config, "is 0.5", "is 0");
    config = right;
    config.shuffle = false;
    expect_contradiction(dataset, config, "is off", "is on");
    config = right;
    config.seed = 12;
    expect_contradiction(dataset, config, "is 12", "18446744073709551610");
    config = right;
    config.l2 = 0.5;
    expect_contradiction(dataset, config, "L2 penalty is 0.5", "is 0");
    config = right;
    cr_assert_eq(minnow_training_config_set_optimizer(&config, MINNOW_OPTIMIZER_ADAM), MINNOW_OK);
    expect_contradiction(dataset, config, "is adam", "is sgd");
    config = right;
    config.batch = 0;
    expect_contradiction(dataset, config, "batch 0", "expected");
    minnow_dataset_free(dataset);
}

Test(checkpoint, other_data_is_named_with_both_fingerprints) {
    const struct problem *problem = &runs_problems[0];
    minnow_dataset *dataset = runs_data(problem), *other, *tail;
    saved(dataset);
    const minnow_training_config config = runs_config(problem);
    other = samples_make(problem->count + 1, problem->sizes[0], 10);
    expect_contradiction(other, config, "is 151", "is 150");
    cr_assert_eq(minnow_dataset_split(other, 1, &tail), MINNOW_OK);
    struct session session;
    runs_resume(scratch_path("saved.safetensors"), "auto", other, 0, MINNOW_SPARSITY_AUTO, &session);
    runs_end(&session);
    minnow_dataset_free(other);
    minnow_dataset_free(tail);
    other = samples_make(problem->count, problem->sizes[0] + 1, 10);
    expect_contradiction(other, config, "101", "100");
    minnow_dataset_free(other);
    /* One pixel, one label, and the scale of the pixels. */
    for (int difference = 0; difference < 3; difference++) {
        uint8_t *pixels = calloc(problem->count * problem->sizes[0], 1);
        uint32_t *labels = calloc(problem->count, sizeof *labels);
        pixels[777] = difference == 0;
        labels[77] = difference == 1;
        cr_assert_eq(minnow_dataset_from_bytes(pixels, labels, problem->count, problem->sizes[0], 10,
                                               difference == 2 ? 0.5f : 1.0f / 256, &other),
                     MINNOW_OK);
        expect_contradiction(other, config, difference == 2 ? "is 0.5" : "CRC-32 of the training data is ",
                             difference == 2 ? "0.00390625" : "checkpoint's is ");
        minnow_dataset_free(other);
        pixels[777] = 0;
        labels[77] = 0;
        free(pixels);
        free(labels);
    }
    minnow_dataset_free(dataset);
}

/* What the optimiser keeps is no part of the model, and a run does not go on without it. */
Test(checkpoint, moments_are_in_the_checkpoint_alone) {
    minnow_dataset *dataset = runs_data(&runs_problems[0]);
    runs_way = 5;
    saved(dataset);
    minnow_network *network;
    const char *path = scratch_path("saved.safetensors"), *model = scratch_path("model.safetensors");
    cr_assert_eq(minnow_network_load(path, "auto", &network), MINNOW_OK, "%s", minnow_last_error());
    for (size_t i = 0; i < NETWORK_KEPT; i++)
        cr_expect_eq(network->kept[i] != NULL, i != SLOT_BEST, "%zu", i);
    cr_assert_eq(minnow_network_save(network, model), MINNOW_OK);
    minnow_network_free(network);

    struct session session;
    cr_assert_eq(minnow_network_load(model, "auto", &network), MINNOW_OK, "%s", minnow_last_error());
    for (size_t i = 0; i < NETWORK_KEPT; i++)
        cr_expect_null(network->kept[i]);
    cr_assert_eq(runs_go_on(network, dataset, 1, MINNOW_SPARSITY_AUTO, &session), MINNOW_ERROR_INPUT);
    cr_expect_not_null(strstr(minnow_last_error(), "moments and averages"), "%s", minnow_last_error());
    runs_way = 0;
    minnow_dataset_free(dataset);
}

/* So are the best parameters, with their epoch and score; a file that tells of them without having them is refused. */
Test(checkpoint, the_best_parameters_are_in_it) {
    minnow_dataset *dataset = runs_data(&runs_problems[0]);
    struct session session = runs_start(&runs_problems[0], dataset);
    struct outcome outcome;
    const char *path = scratch_path("best.safetensors");
    runs_advance(&session, 0, &outcome);
    uint32_t best = minnow_network_params_crc32(session.network);
    cr_assert_eq(minnow_trainer_keep_best(session.trainer, -0.25), MINNOW_OK);
    runs_advance(&session, 3, &outcome);
    uint32_t later = minnow_network_params_crc32(session.network);
    minnow_trainer_use_best(session.trainer, true); /* which the file does not care about */
    cr_assert_eq(minnow_trainer_save(session.trainer, path), MINNOW_OK, "%s", minnow_last_error());
    runs_end(&session);

    minnow_network *network;
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    cr_assert_eq(minnow_network_load(path, "auto", &network), MINNOW_OK, "%s", minnow_last_error());
    cr_expect_eq(minnow_network_params_crc32(network), later);
    cr_assert_eq(runs_go_on(network, dataset, 1, MINNOW_SPARSITY_AUTO, &session), MINNOW_OK, "%s",
                 minnow_last_error());
    minnow_trainer_progress(session.trainer, &progress);
    cr_expect(progress.best_epoch == 1 && progress.best_score == -0.25);
    runs_advance(&session, 0, &outcome);
    minnow_trainer_progress(session.trainer, &progress);
    cr_expect(progress.epoch == 2 && progress.best_epoch == 1 && progress.best_score == -0.25);
    minnow_trainer_use_best(session.trainer, true);
    cr_expect_eq(minnow_network_params_crc32(session.network), best);
    runs_end(&session);
    minnow_dataset_free(dataset);
}
