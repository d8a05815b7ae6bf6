/* Structs that were never initialised: refused with a message, and left alone. test_arguments.c has everything else
   that can be wrong with a call. */
#include <criterion/criterion.h>

#include <minnow/minnow.h>

#include "support/scratch.h"

static const size_t impossible[] = {0, 1, 7, 12, 65544, SIZE_MAX, (size_t)0xA5A5A5A5A5A5A5A5u};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const size_t layer_sizes[] = {784, 16, 10};

static minnow_dataset *dataset;
static minnow_network *network, *checkpoint; /* the second is read from the first one's checkpoint */

static void start(void) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = layer_sizes;
    config.layer_count = 2;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(minnow_dataset_digits(MINNOW_SUBSET_TRAIN, 100, 1, &dataset), MINNOW_OK);

    scratch_make();
    minnow_training_config training;
    minnow_training_config_init(&training, sizeof training);
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &training, &trainer), MINNOW_OK);
    cr_assert_eq(minnow_trainer_save(trainer, scratch_path("checkpoint")), MINNOW_OK);
    minnow_trainer_free(trainer);
    cr_assert_eq(minnow_network_load(scratch_path("checkpoint"), NULL, &checkpoint), MINNOW_OK);
}

static void end(void) {
    minnow_network_free(network);
    minnow_network_free(checkpoint);
    minnow_dataset_free(dataset);
    scratch_remove();
}

TestSuite(misuse, .init = start, .fini = end);

/* ---- What the library reads ---- */

static void expect_refused(const char *call, minnow_status status, bool has_result, const char *message) {
    cr_expect_eq(status, MINNOW_ERROR_ARGUMENT, "%s: status %d", call, (int)status);
    cr_expect(!has_result, "%s: a result in spite of the error", call);
    cr_expect_not_null(strstr(minnow_last_error(), message), "%s: %s", call, minnow_last_error());
    cr_expect_null(strchr(minnow_last_error(), '\n'));
}

/* Each function that reads a struct, with these structs. */
static void expect_all_refused(const minnow_network_config *shape, const minnow_foreign_config *foreign,
                               const minnow_training_config *training, const char *message) {
    minnow_network *read = network;
    minnow_trainer *trainer = (minnow_trainer *)&trainer;
    minnow_status status = minnow_network_create(shape, &read);
    expect_refused("network_create", status, read != NULL, message);
    status = minnow_network_load_foreign(scratch_path("file"), foreign, &read);
    expect_refused("network_load_foreign", status, read != NULL, message);
    status = minnow_network_load_npy(scratch_path("npy"), foreign, &read);
    expect_refused("network_load_npy", status, read != NULL, message);

    status = minnow_trainer_create(network, dataset, training, &trainer);
    expect_refused("trainer_create", status, trainer != NULL, message);
    trainer = (minnow_trainer *)&trainer;
    status = minnow_trainer_resume(checkpoint, dataset, training, &trainer);
    expect_refused("trainer_resume", status, trainer != NULL, message);
}

Test(misuse, structs_that_were_never_initialised_are_refused) {
    cr_assert_eq(minnow_network_save(network, scratch_path("file")), MINNOW_OK);
    cr_assert_eq(minnow_network_save_npy(network, scratch_path("npy")), MINNOW_OK);
    for (size_t i = 0; i < COUNT(impossible); i++) {
        minnow_network_config shape = {.struct_size = impossible[i]};
        minnow_foreign_config foreign = {.struct_size = impossible[i]};
        minnow_training_config training = {.struct_size = impossible[i]};
        expect_all_refused(&shape, &foreign, &training, "call its _init function first");
    }
}

/* ---- What the library fills ---- */

/* Every byte the same, with a size that none can have. */
#define SPOIL(sized, size)                                                                                   \
    do {                                                                                                     \
        memset(&(sized), 0xA5, sizeof(sized));                                                               \
        (sized).struct_size = (size);                                                                        \
    } while (0)

Test(misuse, results_that_were_never_initialised_are_refused_and_left_alone) {
    minnow_training_config training;
    minnow_training_config_init(&training, sizeof training);
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &training, &trainer), MINNOW_OK);

    for (size_t i = 0; i < COUNT(impossible); i++) {
        minnow_evaluation evaluation, evaluation_before;
        minnow_progress progress, progress_before;
        minnow_training_config config, config_before;
        SPOIL(evaluation, impossible[i]);
        SPOIL(progress, impossible[i]);
        SPOIL(config, impossible[i]);
        evaluation_before = evaluation;
        progress_before = progress;
        config_before = config;

        const char *message = "call its _init function first";
        minnow_status status = minnow_network_evaluate(network, dataset, 1, &evaluation, NULL);
        expect_refused("network_evaluate", status, false, message);
        status = minnow_trainer_advance(trainer, 0, &progress);
        expect_refused("trainer_advance", status, false, message);
        minnow_trainer_progress(trainer, &progress);
        status = minnow_checkpoint_config(checkpoint, &config);
        expect_refused("checkpoint_config", status, false, message);

        cr_expect(memcmp(&evaluation, &evaluation_before, sizeof evaluation) == 0);
        cr_expect(memcmp(&progress, &progress_before, sizeof progress) == 0);
        cr_expect(memcmp(&config, &config_before, sizeof config) == 0);
    }
    minnow_trainer_free(trainer);
}

Test(misuse, init_functions_leave_alone_what_cannot_be_a_struct) {
    unsigned char bytes[64], before[64];
    memset(bytes, 0xA5, sizeof bytes);
    memcpy(before, bytes, sizeof bytes);
    for (size_t i = 0; i < COUNT(impossible); i++) {
        minnow_network_config_init((minnow_network_config *)(void *)bytes, impossible[i]);
        minnow_foreign_config_init((minnow_foreign_config *)(void *)bytes, impossible[i]);
        minnow_training_config_init((minnow_training_config *)(void *)bytes, impossible[i]);
        minnow_progress_init((minnow_progress *)(void *)bytes, impossible[i]);
        minnow_evaluation_init((minnow_evaluation *)(void *)bytes, impossible[i]);
        minnow_trace_init((minnow_trace *)(void *)bytes, impossible[i]);
    }
    cr_expect(memcmp(bytes, before, sizeof bytes) == 0);
}

Test(misuse, results_that_nobody_wants_may_be_null) {
    minnow_training_config training;
    minnow_training_config_init(&training, sizeof training);
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &training, &trainer), MINNOW_OK);
    cr_expect_eq(minnow_trainer_advance(trainer, 0, NULL), MINNOW_OK);
    uint32_t labels[100];
    cr_expect_eq(minnow_network_evaluate(network, dataset, 1, NULL, labels), MINNOW_OK);
    minnow_trainer_free(trainer);
}
