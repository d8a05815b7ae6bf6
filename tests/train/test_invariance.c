/* The same bits for every instruction set, thread count, way of calling, and batch a sample is predicted in. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/team.h"
#include "kernels.h"
#include "samples.h"
#include "train/trainer.h"

static const unsigned thread_counts[] = {1, 2, 3, 7};

struct problem {
    const char *name;
    size_t sizes[5], layers, count, batch;
    minnow_activation activation;
    minnow_loss loss;
    size_t height; /* of images, which are distorted; 0: samples stay as they are */
};

/* Shapes that divide by nothing, mini-batches that leave a rest, deep, shallow and narrow. */
static const struct problem problems[] = {
    {"digits-like", {784, 128, 64, 10}, 3, 150, 64, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 0},
    {"odd", {101, 67, 33, 7}, 3, 255, 127, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_LOGISTIC, 0},
    {"batch of seven", {65, 129, 5}, 2, 100, 7, MINNOW_ACTIVATION_SIGMOID, MINNOW_LOSS_QUADRATIC, 0},
    {"online", {784, 16, 16, 10}, 3, 40, 1, MINNOW_ACTIVATION_SIGMOID, MINNOW_LOSS_QUADRATIC, 0},
    {"online relu", {50, 40, 30, 20, 10}, 4, 60, 1, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 0},
    {"linear", {300, 23}, 1, 200, 127, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 0},
    {"rest of one", {70, 260, 4}, 2, 129, 64, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_LOGISTIC, 0},
    {"distorted", {784, 48, 10}, 2, 130, 32, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 28},
    {"distorted odd", {99, 31, 7}, 2, 60, 13, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_SOFTMAX, 9},
    {"distorted online", {99, 16, 7}, 2, 40, 1, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 11},
};

static size_t way;    /* of samples_set_way */
static bool weighted; /* samples and classes */
static minnow_plan plan;

/* `piece` samples per call of minnow_trainer_advance; 0: whole epochs. */
static uint32_t trained_crc(const struct problem *p, const minnow_dataset *dataset, const char *isa,
                            unsigned threads, minnow_sparsity sparse, size_t piece, double *loss) {
    minnow_network *network = samples_network(p->sizes, p->layers, p->activation, p->loss, isa);
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = p->batch;
    config.epochs = 2;
    config.learning_rate = 0.1;
    config.schedule = MINNOW_SCHEDULE_COSINE;
    config.warmup_epochs = 0.5;
    config.sparse = sparse;
    config.plan = plan;
    samples_set_way(&config, way, p->loss, p->layers);
    minnow_distortion_config distortion;
    minnow_distortion_config_init(&distortion, sizeof distortion);
    distortion.shift = 1.0;
    distortion.shear = 0.1;
    distortion.elastic_fields = 10;
    distortion.gentle_classes = 1u << 1;
    config.distortion = p->height > 0 ? &distortion : NULL;
    minnow_trainer *trainer;
    cr_assert_eq(trainer_create(network, dataset, &config, threads, NULL, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    /* Nearly every mini-batch changes the number of members that train. */
    trainer->pace = (struct pace){.most = threads, .active = threads};
    cr_expect_eq(minnow_trainer_threads(trainer), p->batch > 1 ? team_threads(threads) : 1,
                 "%s: %u threads, not %u", p->name, minnow_trainer_threads(trainer), threads);
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    while (!progress.run_done)
        cr_assert_eq(minnow_trainer_advance(trainer, piece, &progress), MINNOW_OK, "%s", minnow_last_error());
    *loss = progress.train_loss;
    minnow_trainer_use_average(trainer, true);
    minnow_trainer_free(trainer);
    uint32_t crc = minnow_network_params_crc32(network);
    minnow_network_free(network);
    return crc;
}

static minnow_dataset *problem_data(const struct problem *p) {
    minnow_dataset *dataset = samples_make(p->count, p->sizes[0], p->sizes[p->layers]);
    if (p->height > 0)
        cr_assert_eq(minnow_dataset_set_image_size(dataset, p->height, p->sizes[0] / p->height), MINNOW_OK);
    if (weighted)
        samples_weigh(dataset);
    return dataset;
}

/* Whole numbers times a power of two, as the bytes stand for; but distorted they are not rounded to bytes, so that they
   train otherwise. */
static minnow_dataset *problem_floats(const struct problem *p, const minnow_dataset *dataset) {
    minnow_dataset *floats = samples_as_floats(dataset);
    if (p->height > 0)
        cr_assert_eq(minnow_dataset_set_image_size(floats, p->height, p->sizes[0] / p->height), MINNOW_OK);
    if (weighted)
        samples_weigh(floats);
    return floats;
}

struct outcome {
    uint32_t crc;
    double loss;
};

static void check_run(const struct problem *p, const minnow_dataset *dataset, const char *isa,
                      unsigned threads, minnow_sparsity sparse, size_t piece,
                      const struct outcome *expected) {
    double loss;
    uint32_t crc = trained_crc(p, dataset, isa, threads, sparse, piece, &loss);
    const char *input = sparse == MINNOW_SPARSITY_ON ? "sparse" : "dense";
    cr_expect_eq(crc, expected->crc, "%s, way %zu: %s, %u threads, %s: ends in %08x, scalar in %08x", p->name,
                 way, isa, threads, input, crc, expected->crc);
    cr_expect(memcmp(&loss, &expected->loss, sizeof loss) == 0,
              "%s, way %zu: %s, %u threads, %s: loss %.17g, scalar's %.17g", p->name, way, isa, threads,
              input, loss, expected->loss);
}

/* Whether the problem is trained on so many threads: on all numbers of them with plain gradient descent, else on three,
   and on one where no more are used. */
static bool counts(const struct problem *p, unsigned threads) {
    if (p->batch == 1)
        return threads == 1;
    return way == 0 || threads == 3;
}

static void check_problem(const struct problem *p) {
    minnow_dataset *dataset = problem_data(p), *floats = problem_floats(p, dataset);
    struct outcome expected, of_floats;
    expected.crc = trained_crc(p, dataset, "scalar", 1, MINNOW_SPARSITY_OFF, 0, &expected.loss);
    of_floats.crc = trained_crc(p, floats, "scalar", 1, MINNOW_SPARSITY_OFF, 0, &of_floats.loss);
    cr_expect_eq(of_floats.crc == expected.crc, p->height == 0, "%s: floats end in %08x, bytes in %08x",
                 p->name, of_floats.crc, expected.crc);
    for (size_t t = 0; t < kernel_table_count; t++)
        for (size_t i = 0; i < sizeof thread_counts / sizeof thread_counts[0]; i++) {
            if (!kernels_usable(kernel_tables[t]) || !counts(p, thread_counts[i]))
                continue;
            const char *isa = kernel_tables[t]->name;
            plan = (t + i) % 2 == 0 ? MINNOW_PLAN_SAMPLES : MINNOW_PLAN_COLUMNS;
            check_run(p, dataset, isa, thread_counts[i], MINNOW_SPARSITY_ON, 0, &expected);
            check_run(p, dataset, isa, thread_counts[i], MINNOW_SPARSITY_OFF, 0, &expected);
            check_run(p, floats, isa, thread_counts[i], MINNOW_SPARSITY_ON, 0, &of_floats);
        }
    plan = MINNOW_PLAN_COLUMNS;
    check_run(p, dataset, "auto", 2, MINNOW_SPARSITY_AUTO, 10, &expected);
    plan = MINNOW_PLAN_AUTO;
    check_run(p, floats, "auto", 2, MINNOW_SPARSITY_OFF, 10, &of_floats);
    minnow_dataset_free(dataset);
    minnow_dataset_free(floats);
}

Test(invariance, parameters_are_the_same_for_every_table_and_team) {
    for (way = 0; way < SAMPLES_WAYS; way++)
        for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++)
            check_problem(&problems[i]);
    way = 0;
}

/* Without more than the optimiser, smoothed, and in all ways at once. */
Test(invariance, weighted_parameters_are_the_same_for_every_table_and_team) {
    static const size_t ways[] = {0, SAMPLES_WAYS - 3, SAMPLES_WAYS - 1};
    weighted = true;
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        way = ways[w];
        for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++)
            check_problem(&problems[i]);
    }
    way = 0;
    weighted = false;
}

Test(invariance, parameters_depend_on_the_seed_and_the_data) {
    double loss;
    minnow_dataset *dataset = problem_data(&problems[1]);
    uint32_t first = trained_crc(&problems[1], dataset, "auto", 1, MINNOW_SPARSITY_AUTO, 0, &loss);
    struct problem other = problems[1];
    other.batch = 100;
    cr_expect_neq(trained_crc(&other, dataset, "auto", 1, MINNOW_SPARSITY_AUTO, 0, &loss), first);
    minnow_dataset_free(dataset);
}

Test(invariance, a_prediction_is_the_same_alone_and_in_any_batch) {
    enum { COUNT = 130, FEATURES = 101, CLASSES = 7 };
    static float inputs[COUNT * FEATURES], together[COUNT * CLASSES], alone[CLASSES];
    for (size_t i = 0; i < COUNT * FEATURES; i++)
        inputs[i] = (float)(i * 2654435761u % 1000) / 1000.0f;
    for (size_t t = 0; t < kernel_table_count; t++) {
        if (!kernels_usable(kernel_tables[t]))
            continue;
        minnow_network *network = samples_network(problems[1].sizes, 3, MINNOW_ACTIVATION_TANH,
                                                  MINNOW_LOSS_SOFTMAX, kernel_tables[t]->name);
        uint32_t labels[COUNT], label;
        cr_assert_eq(minnow_network_predict(network, inputs, COUNT, labels, together), MINNOW_OK);
        for (size_t i = 0; i < COUNT; i++) {
            cr_assert_eq(minnow_network_predict(network, inputs + i * FEATURES, 1, &label, alone), MINNOW_OK);
            cr_expect(memcmp(alone, together + i * CLASSES, sizeof alone) == 0, "%s: sample %zu",
                      kernel_tables[t]->name, i);
            cr_expect_eq(label, labels[i]);
        }
        minnow_network_free(network);
    }
}

Test(invariance, an_evaluation_is_the_same_on_any_number_of_threads) {
    enum { COUNT = 300 };
    minnow_dataset *dataset = samples_make(COUNT, 784, 10);
    minnow_network *network =
        samples_network(problems[0].sizes, 3, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_evaluation expected, found;
    minnow_evaluation_init(&expected, sizeof expected);
    minnow_evaluation_init(&found, sizeof found);
    uint32_t expected_labels[COUNT], labels[COUNT];
    cr_assert_eq(minnow_network_evaluate(network, dataset, 1, &expected, expected_labels), MINNOW_OK);
    for (size_t i = 0; i < sizeof thread_counts / sizeof thread_counts[0]; i++) {
        cr_assert_eq(minnow_network_evaluate(network, dataset, thread_counts[i], &found, labels), MINNOW_OK);
        cr_expect(memcmp(&found, &expected, sizeof found) == 0);
        cr_expect(memcmp(labels, expected_labels, sizeof labels) == 0);
    }
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}
