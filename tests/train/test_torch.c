/* Optimisers, regularisation, schedules and losses beside PyTorch's in double precision: same start, same mini-batches,
   200 steps. */
#include <criterion/criterion.h>
#include <math.h>

#include "minnow/minnow.h"
#include "net/losses.h"
#include "samples.h"
#include "torch_reference.h"
#include "train/optimizers.h"
#include "train/schedules.h"

enum { TORCH_LAYERS = 3, OUTPUTS = 4, RUNS = sizeof torch_runs / sizeof *torch_runs };

/* ---- The start, as make_torch_reference.py draws it ---- */

static minnow_network *start_network(const struct torch_run *run) {
    minnow_network *network =
        samples_network(layer_sizes, TORCH_LAYERS, MINNOW_ACTIVATION_TANH, run->loss, "auto");
    samples_set_start(network);
    return network;
}

static float target_of(enum targets targets, float drawn) {
    switch (targets) {
    case TARGETS_NONE:
        break;
    case TARGETS_SHARES:
        return drawn / 2;
    case TARGETS_CLASSES:
        return drawn > 0.5f ? 1.0f : 0.0f;
    case TARGETS_NUMBERS:
        return drawn * 4 - 2;
    }
    return 0.0f;
}

/* As make_torch_reference.py has them. */
static void weigh(minnow_dataset *dataset, const struct torch_run *run) {
    static const float of_classes[OUTPUTS] = {0.5f, 1.0f, 2.0f, 3.5f};
    float weights[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++)
        weights[i] = (float)(7 * i % 9) / 4.0f;
    if (run->weights)
        cr_assert_eq(minnow_dataset_set_weights(dataset, weights, SAMPLES), MINNOW_OK);
    if (run->class_weights)
        cr_assert_eq(minnow_dataset_set_class_weights(dataset, of_classes, OUTPUTS), MINNOW_OK);
}

static minnow_dataset *make_dataset(const struct torch_run *run) {
    float inputs[SAMPLES * 10], targets[SAMPLES * OUTPUTS];
    uint32_t labels[SAMPLES];
    samples_draw_all(inputs, SAMPLES * 10, 0.0f);
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (uint32_t)(samples_draw() * (float)OUTPUTS);
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_from_floats(inputs, labels, SAMPLES, 10, OUTPUTS, &dataset), MINNOW_OK);
    if (run->targets == TARGETS_NONE)
        return dataset;

    for (size_t i = 0; i < SAMPLES * OUTPUTS; i++)
        targets[i] = target_of(run->targets, samples_draw());
    cr_assert_eq(minnow_dataset_set_targets(dataset, targets, OUTPUTS), MINNOW_OK);
    return dataset;
}

/* ---- Training ---- */

static minnow_training_config config_of(const struct torch_run *run) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.optimizer = run->optimizer;
    config.batch = BATCH;
    config.epochs = STEPS / (SAMPLES / BATCH);
    config.shuffle = false;
    config.schedule = run->schedule;
    config.warmup_epochs = run->warmup;
    config.plateau_factor = 0.5;
    config.plateau_patience = 1;
    config.learning_rate = run->rate;
    config.momentum = run->momentum;
    config.beta1 = run->beta1;
    config.beta2 = run->beta2;
    config.epsilon = run->epsilon;
    config.weight_decay = run->weight_decay;
    config.l2 = run->l2;
    config.max_norm = run->max_norm;
    config.clip_norm = run->clip_norm;
    config.ema = run->ema;
    config.label_smoothing = run->label_smoothing;
    config.input_dropout = run->input_dropout;
    config.dropout_count = 1;
    config.dropout[0] = run->dropout;
    config.noise = run->noise;
    config.mixup = run->mixup;
    return config;
}

static void train(minnow_network *network, const minnow_dataset *dataset, const struct torch_run *run) {
    const minnow_training_config config = config_of(run);
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK, "%s: %s", run->name,
                 minnow_last_error());
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    while (!progress.run_done)
        cr_assert_eq(minnow_trainer_advance(trainer, 0, &progress), MINNOW_OK, "%s", minnow_last_error());
    minnow_trainer_use_average(trainer, true);
    minnow_trainer_free(trainer);
}

/* The largest difference of any parameter, relative to its layer's largest. */
static double worst_difference(const minnow_network *network, const double *expected) {
    double worst = 0.0;
    for (size_t l = 0; l < TORCH_LAYERS; l++) {
        float found[144];
        size_t weights = layer_sizes[l] * layer_sizes[l + 1], n = weights + layer_sizes[l + 1];
        cr_assert_eq(minnow_network_get_layer(network, l, found, found + weights), MINNOW_OK);
        double largest = 0.0, difference = 0.0;
        for (size_t i = 0; i < n; i++) {
            largest = samples_worse(largest, fabs(expected[i]));
            difference = samples_worse(difference, fabs((double)found[i] - expected[i]));
        }
        worst = samples_worse(worst, difference / largest);
        expected += n;
    }
    return worst;
}

Test(torch, two_hundred_steps_agree) {
    for (size_t r = 0; r < RUNS; r++) {
        const struct torch_run *run = &torch_runs[r];
        minnow_network *network = start_network(run);
        minnow_dataset *dataset = make_dataset(run);
        weigh(dataset, run);
        train(network, dataset, run);
        double difference = worst_difference(network, run->parameters);
        cr_log_info("%s: %.3g", run->name, difference);
        cr_expect_lt(difference, 1e-4, "%s: relative difference %g", run->name, difference);
        minnow_dataset_free(dataset);
        minnow_network_free(network);
    }
}

/* Whoever adds a row must add a run. */
Test(torch, every_row_has_a_run) {
    bool optimizer[16] = {false}, schedule[16] = {false}, loss[16] = {false};
    for (size_t r = 0; r < RUNS; r++) {
        optimizer[torch_runs[r].optimizer] = true;
        schedule[torch_runs[r].schedule] = true;
        if (torch_runs[r].targets != TARGETS_NONE)
            loss[torch_runs[r].loss] = true;
    }
    for (size_t i = 0; i < optimizer_row_count; i++)
        cr_expect(optimizer[i], "make_torch_reference.py has no run of %s", optimizer_rows[i].name);
    for (size_t i = 0; i < schedule_row_count; i++)
        cr_expect(schedule[i], "make_torch_reference.py has no run of %s", schedule_rows[i].name);
    for (size_t i = 0; i < loss_row_count; i++)
        cr_expect(loss[i] || loss_rows[i].target_loss == NULL, "make_torch_reference.py has no run of %s",
                  loss_rows[i].name);
}
