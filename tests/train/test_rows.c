/* Every row of the tables of activations, losses, optimisers and schedules says all that it must say, and works: a
   network is trained with it, and its run goes on from a checkpoint. tests/unit/rows.sh finds rows that are missing. */
#include <criterion/criterion.h>

#include <string.h>

#include "net/network.h"
#include "samples.h"
#include "support/scratch.h"
#include "train/optimizers.h"
#include "train/schedules.h"

/* ---- What rows say ---- */

/* A name that files and command lines can hold, and no other row's. */
static void expect_name(const char *table, size_t row, const char *name, const char *before) {
    cr_assert(name != NULL && name[0] != '\0', "%s %zu has no name", table, row);
    cr_expect_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name), "%s %s", table, name);
    cr_expect(before == NULL || strcmp(name, before) != 0, "%s %s twice", table, name);
}

static void expect_help(const char *table, const char *name, const char *help) {
    cr_expect(help != NULL && help[0] != '\0', "%s %s has no help", table, name);
    cr_expect_null(strchr(help != NULL ? help : "", '\n'), "%s %s: help of several lines", table, name);
}

/* The operators of an ONNX graph end within the row. */
static void expect_onnx(const char *table, const char *name, const struct onnx_step *steps) {
    size_t count = 0;
    while (count < ONNX_STEPS_MOST && steps[count].op != NULL)
        count++;
    cr_expect(count > 0 && count < ONNX_STEPS_MOST, "%s %s has %zu operators of ONNX", table, name, count);
}

Test(rows, of_activations_are_complete) {
    for (size_t i = 0; i < activation_row_count; i++) {
        const struct activation_row *row = &activation_rows[i];
        minnow_activation found;
        expect_name("activation", i, row->name, i > 0 ? row[-1].name : NULL);
        expect_help("activation", row->name, row->help);
        expect_onnx("activation", row->name, row->onnx);
        cr_expect_lt(strlen(row->name), ACTIVATION_NAME_MOST, "%s", row->name);
        cr_expect_gt(row->gain, 0.0, "%s", row->name);
        cr_expect(row->c_source.text != NULL && strchr(row->c_source.text, 'z') != NULL, "%s", row->name);
        cr_expect(activation_find(row->name, strlen(row->name), &found) && found == i, "%s", row->name);
        cr_expect_eq(activation_row((minnow_activation)i), row);
        for (size_t k = 0; k < i; k++)
            cr_expect_neq(row->kernel, activation_rows[k].kernel, "%s and %s are one to the kernels",
                          row->name, activation_rows[k].name);
    }
    cr_expect_eq(activation_row_count, ACTIVATION_COUNT, "the kernels have an activation without a row");
    cr_expect_null(activation_row((minnow_activation)activation_row_count));
}

Test(rows, of_losses_are_complete) {
    for (size_t i = 0; i < loss_row_count; i++) {
        const struct loss_row *row = &loss_rows[i];
        minnow_loss found;
        expect_name("loss", i, row->name, i > 0 ? row[-1].name : NULL);
        expect_help("loss", row->name, row->help);
        expect_onnx("loss", row->name, row->onnx);
        cr_expect(row->loss != NULL || row->target_loss != NULL, "%s", row->name);
        cr_expect((row->loss != NULL) == (row->guess_loss != NULL), "%s", row->name);
        cr_expect(row->outputs != NULL && row->c_source != NULL, "%s", row->name);
        cr_expect(loss_find(row->name, &found) && found == i, "%s", row->name);
        cr_expect_eq(loss_row((minnow_loss)i), row);
    }
    cr_expect_null(loss_row((minnow_loss)loss_row_count));
}

Test(rows, of_optimizers_and_schedules_are_complete) {
    for (size_t i = 0; i < optimizer_row_count; i++) {
        const struct optimizer_row *row = &optimizer_rows[i];
        minnow_optimizer found;
        expect_name("optimizer", i, row->name, i > 0 ? row[-1].name : NULL);
        expect_help("optimizer", row->name, row->help);
        cr_expect(optimizer_find(row->name, &found) && found == i, "%s", row->name);
    }
    for (size_t i = 0; i < schedule_row_count; i++) {
        const struct schedule_row *row = &schedule_rows[i];
        minnow_schedule found;
        expect_name("schedule", i, row->name, i > 0 ? row[-1].name : NULL);
        expect_help("schedule", row->name, row->help);
        cr_expect(schedule_find(row->name, &found) && found == i, "%s", row->name);
        cr_expect_leq(schedule_rate((minnow_schedule)i, 0.5, 0, 50, 100), 0.5, "%s", row->name);
    }
}

/* ---- What rows do ---- */

enum { SAMPLES = 200, EPOCHS = 12, ROUNDS = 2 };
static const size_t sizes[] = {40, 24, 4};

/* A row of each table. */
struct choice {
    minnow_activation activation;
    minnow_loss loss;
    minnow_optimizer optimizer;
    minnow_schedule schedule;
};

static void describe(const struct choice *choice, char text[128]) {
    snprintf(text, 128, "%s, %s, %s, %s", activation_rows[choice->activation].name,
             loss_rows[choice->loss].name, optimizer_rows[choice->optimizer].name,
             schedule_rows[choice->schedule].name);
}

static double mean_loss(const minnow_network *network, const minnow_dataset *dataset) {
    minnow_evaluation evaluation;
    minnow_evaluation_init(&evaluation, sizeof evaluation);
    cr_assert_eq(minnow_network_evaluate(network, dataset, 1, &evaluation, NULL), MINNOW_OK);
    return evaluation.loss;
}

/* Trains to the end of the epoch, or of the run. */
static void train(minnow_trainer *trainer, size_t epochs) {
    for (size_t i = 0; i < epochs; i++)
        cr_assert_eq(minnow_trainer_advance(trainer, 0, NULL), MINNOW_OK, "%s", minnow_last_error());
}

/* The parameters of the run that goes on from the checkpoint. */
static uint32_t finish_resumed(const char *path, const minnow_dataset *dataset, size_t epochs) {
    minnow_network *network;
    minnow_trainer *trainer;
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    cr_assert_eq(minnow_network_load(path, NULL, &network), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(minnow_checkpoint_config(network, &config), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(minnow_trainer_resume(network, dataset, &config, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    train(trainer, epochs);
    uint32_t crc32 = minnow_network_params_crc32(network);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    return crc32;
}

static void try_choice(const struct choice *choice, const minnow_dataset *dataset) {
    char text[128];
    describe(choice, text);
    minnow_network *network = samples_network(sizes, 2, choice->activation, choice->loss, "auto");
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = 16;
    config.epochs = EPOCHS;
    cr_assert_eq(minnow_training_config_set_optimizer(&config, choice->optimizer), MINNOW_OK);
    config.schedule = choice->schedule;
    if (choice->optimizer == MINNOW_OPTIMIZER_SGD)
        config.learning_rate = 0.05;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK, "%s: %s", text,
                 minnow_last_error());

    double before = mean_loss(network, dataset);
    train(trainer, EPOCHS / 2);
    const char *path = scratch_path("checkpoint");
    cr_assert_eq(minnow_trainer_save(trainer, path), MINNOW_OK, "%s: %s", text, minnow_last_error());
    train(trainer, EPOCHS - EPOCHS / 2);

    double after = mean_loss(network, dataset);
    cr_expect_lt(after, 0.97 * before, "%s: a loss of %g after %g", text, after, before);
    cr_expect_eq(finish_resumed(path, dataset, EPOCHS - EPOCHS / 2), minnow_network_params_crc32(network),
                 "%s: other parameters from a checkpoint", text);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
}

/* The same samples with targets instead of labels: 1 for the class, 0 for the others. */
static minnow_dataset *with_targets(void) {
    static float targets[SAMPLES * 4];
    minnow_dataset *dataset = samples_make(SAMPLES, sizes[0], sizes[2]);
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t j = 0; j < sizes[2]; j++)
            targets[i * sizes[2] + j] = minnow_dataset_label(dataset, i) == j ? 1.0f : 0.0f;
    cr_assert_eq(minnow_dataset_set_targets(dataset, targets, sizes[2]), MINNOW_OK);
    return dataset;
}

/* Each loss with each optimiser twice, with two of the schedules, which follow each other so that each optimiser and each
   loss meets all of them; the activations in turn. Not all losses with all optimisers with all schedules, which would take
   longest of all tests under an emulator and find no more. */
Test(rows, train_and_go_on_from_checkpoints) {
    scratch_make();
    minnow_dataset *dataset = samples_make(SAMPLES, sizes[0], sizes[2]), *targets = with_targets();
    size_t pairs = loss_row_count * optimizer_row_count;
    for (size_t i = 0; i < ROUNDS * pairs || i < activation_row_count; i++) {
        size_t loss = i % loss_row_count, optimizer = i / loss_row_count % optimizer_row_count;
        size_t schedule = (loss + optimizer + i / pairs * (schedule_row_count / ROUNDS)) % schedule_row_count;
        try_choice(
            &(struct choice){
                .activation = (minnow_activation)(i % activation_row_count),
                .loss = (minnow_loss)loss,
                .optimizer = (minnow_optimizer)optimizer,
                .schedule = (minnow_schedule)schedule,
            },
            loss_rows[loss].loss != NULL ? dataset : targets);
    }
    minnow_dataset_free(targets);
    minnow_dataset_free(dataset);
    scratch_remove();
}
