/* Mini-batches cut into sub-batches: where the cuts are, in which order sums are added, and what that comes to. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/dataset.h"
#include "kernels.h"
#include "samples.h"
#include "train/sub_batches.h"
#include "train/trainer.h"

Test(sub_batches, each_sample_is_in_the_part_that_the_rule_says) {
    for (size_t parts = 1; parts <= 9; parts++)
        for (size_t count = 1; count <= 40; count++)
            for (size_t i = 0; i < count; i++) {
                size_t part = i * parts / count;
                struct range own = sub_batches_samples(parts, part, part + 1, count);
                cr_expect(own.begin <= i && i < own.end, "sample %zu of %zu in %zu parts", i, count, parts);
            }
    struct range all = sub_batches_samples(7, 0, 7, 40);
    cr_expect(all.begin == 0 && all.end == 40);
}

/* ---- The tree ---- */

/* Numbers whose sum depends on the order. */
static float leaf(size_t i) {
    return (i % 3 == 0 ? 1e8f : -3e7f) + 1.37f * (float)i;
}

/* Left takes the largest power of two below the whole. */
static float tree_by_definition(size_t first, size_t count) {
    size_t left = 1;
    if (count == 1)
        return leaf(first);
    while (2 * left < count)
        left *= 2;
    return tree_by_definition(first, left) + tree_by_definition(first + left, count - left);
}

static const struct tree_shape ONE_NUMBER = {.rows = 1, .outputs = 1, .stride = 1};

/* What ranks do: each adds up its own, and one adds up the nodes of all. */
static float tree_over(size_t parts, size_t ranks, float *memory) {
    struct tree_shape shape = ONE_NUMBER;
    shape.kernels = kernels_find("scalar");
    struct tree whole = {0};
    for (size_t r = 0; r < ranks; r++) {
        struct tree own = {0};
        for (size_t i = r * parts / ranks; i < (r + 1) * parts / ranks; i++) {
            memory[i] = leaf(i);
            tree_push(&own, &shape, (struct tree_node){i, 1, memory + i});
        }
        for (size_t n = 0; n < own.depth; n++)
            tree_push(&whole, &shape, own.nodes[n]);
    }
    tree_finish(&whole, &shape);
    return whole.nodes[0].sum[0];
}

Test(sub_batches, the_tree_is_the_same_however_many_add) {
    float memory[1024];
    const size_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 12, 24, 30, 64, 100, 210, 1024};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t ranks = 1; ranks <= sizes[s]; ranks++) {
            float expected = tree_by_definition(0, sizes[s]), found;
            if (sizes[s] % ranks != 0)
                continue;
            found = tree_over(sizes[s], ranks, memory);
            cr_expect(memcmp(&found, &expected, sizeof found) == 0,
                      "%zu parts, %zu ranks: %.9g, expected %.9g", sizes[s], ranks, (double)found,
                      (double)expected);
        }
}

/* ---- Gradients ---- */

enum { INPUTS = 37, HIDDEN = 18, OUTPUTS = 5, SAMPLES = 64 };
static const size_t SIZES[] = {INPUTS, HIDDEN, OUTPUTS};

/* The gradient of a mini-batch in so many parts: with a momentum of 0 the mean of gradients is the gradient. */
static minnow_trainer *step(minnow_network *network, const minnow_dataset *dataset, size_t parts) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.optimizer = MINNOW_OPTIMIZER_MOMENTUM;
    config.momentum = 0.0;
    config.batch = minnow_dataset_count(dataset);
    config.epochs = 1;
    config.shuffle = false;
    config.sub_batches = parts;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    cr_assert_eq(minnow_trainer_advance(trainer, 0, NULL), MINNOW_OK);
    return trainer;
}

static void read_gradient(const minnow_trainer *trainer, float *weights, float *biases) {
    const struct parameters *gradient = trainer->plan->slots.of[SLOT_FIRST];
    for (size_t l = 0; l < 2; l++) {
        for (size_t i = 0; i < SIZES[l]; i++, weights += SIZES[l + 1])
            parameters_read_row(gradient, l, i, weights);
        parameters_read_biases(gradient, l, biases);
        biases += SIZES[l + 1];
    }
}

enum { WEIGHTS = INPUTS * HIDDEN + HIDDEN * OUTPUTS, BIASES = HIDDEN + OUTPUTS };

/* Four parts of 16 samples: their own gradients are of means over 16, a quarter as many samples, which multiplies all by
   a power of two. */
Test(sub_batches, a_gradient_is_the_tree_of_its_parts) {
    float whole[WEIGHTS], whole_biases[BIASES], part[4][WEIGHTS], part_biases[4][BIASES];
    minnow_dataset *dataset = samples_make(SAMPLES, INPUTS, OUTPUTS);
    minnow_network *network = samples_network(SIZES, 2, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_SOFTMAX, "auto");
    for (size_t p = 0; p < 4; p++) {
        minnow_dataset *own;
        float *weights[] = {part[p], part[p] + INPUTS * HIDDEN},
              *biases[] = {part_biases[p], part_biases[p] + HIDDEN};
        cr_assert_eq(minnow_dataset_from_bytes(dataset->bytes + p * 16 * INPUTS, dataset->labels + p * 16, 16,
                                               INPUTS, OUTPUTS, dataset->scale, &own),
                     MINNOW_OK);
        cr_assert_eq(minnow_network_gradients(network, own, 1, NULL, weights, biases), MINNOW_OK);
        minnow_dataset_free(own);
    }
    minnow_trainer *trainer = step(network, dataset, 4);
    read_gradient(trainer, whole, whole_biases);

    for (size_t i = 0; i < WEIGHTS; i++) {
        float expected = ((part[0][i] + part[1][i]) + (part[2][i] + part[3][i])) * 0.25f;
        cr_expect(memcmp(&whole[i], &expected, sizeof expected) == 0, "weight %zu: %.9g, expected %.9g", i,
                  (double)whole[i], (double)expected);
    }
    for (size_t i = 0; i < BIASES; i++) {
        float expected =
            ((part_biases[0][i] + part_biases[1][i]) + (part_biases[2][i] + part_biases[3][i])) * 0.25f;
        cr_expect(memcmp(&whole_biases[i], &expected, sizeof expected) == 0, "bias %zu", i);
    }
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

/* A mini-batch shorter than its number of parts leaves some without a sample. */
Test(sub_batches, parts_without_samples_add_nothing) {
    enum { COUNT = 11 };
    float found[2][WEIGHTS], biases[2][BIASES];
    minnow_dataset *dataset = samples_make(COUNT, INPUTS, OUTPUTS);
    for (size_t k = 0; k < 2; k++) {
        minnow_network *network =
            samples_network(SIZES, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
        minnow_training_config config;
        minnow_training_config_init(&config, sizeof config);
        config.optimizer = MINNOW_OPTIMIZER_MOMENTUM;
        config.batch = 8; /* and a rest of 3 */
        config.epochs = 3;
        config.sub_batches = 8;
        config.sparse = k == 0 ? MINNOW_SPARSITY_OFF : MINNOW_SPARSITY_ON;
        minnow_trainer *trainer;
        cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
        cr_assert_eq(minnow_trainer_run(trainer, NULL, NULL), MINNOW_OK);
        read_gradient(trainer, found[k], biases[k]);
        for (size_t i = 0; i < WEIGHTS; i++)
            cr_expect(isfinite(found[k][i]));
        minnow_trainer_free(trainer);
        minnow_network_free(network);
    }
    cr_expect(memcmp(found[0], found[1], sizeof found[0]) == 0);
    cr_expect(memcmp(biases[0], biases[1], sizeof biases[0]) == 0);
    minnow_dataset_free(dataset);
}

/* ---- The same bits ---- */

static uint32_t trained_crc(const minnow_dataset *dataset, const char *isa, size_t way, unsigned threads,
                            minnow_sparsity sparse, double *loss) {
    minnow_network *network = samples_network(SIZES, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, isa);
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = 26;
    config.epochs = 2;
    config.sub_batches = 6;
    config.sparse = sparse;
    samples_set_way(&config, way, MINNOW_LOSS_SOFTMAX, 2);
    minnow_trainer *trainer;
    cr_assert_eq(trainer_create(network, dataset, &config, threads, NULL, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    cr_assert_eq(minnow_trainer_run(trainer, NULL, &progress), MINNOW_OK, "%s", minnow_last_error());
    *loss = progress.train_loss;
    minnow_trainer_free(trainer);
    uint32_t crc = minnow_network_params_crc32(network);
    minnow_network_free(network);
    return crc;
}

static void check_way(const minnow_dataset *bytes, const minnow_dataset *floats, size_t way) {
    double expected_loss, loss;
    uint32_t expected = trained_crc(floats, "scalar", way, 1, MINNOW_SPARSITY_OFF, &expected_loss);
    for (size_t t = 0; t < kernel_table_count; t++)
        for (unsigned k = 0; k < 4 && kernels_usable(kernel_tables[t]); k++) {
            const minnow_dataset *dataset = k % 2 == 0 ? bytes : floats;
            uint32_t crc = trained_crc(dataset, kernel_tables[t]->name, way, k < 2 ? 1 : 3,
                                       k < 2 ? MINNOW_SPARSITY_ON : MINNOW_SPARSITY_AUTO, &loss);
            cr_expect(crc == expected && loss == expected_loss, "way %zu, %s, %u: %08x, expected %08x", way,
                      kernel_tables[t]->name, k, crc, expected);
        }
}

Test(sub_batches, parameters_are_the_same_for_every_table_team_and_kind) {
    minnow_dataset *bytes = samples_make(70, INPUTS, OUTPUTS), *floats = samples_as_floats(bytes);
    for (size_t way = 0; way < SAMPLES_WAYS; way++)
        check_way(bytes, floats, way);
    samples_weigh(bytes);
    samples_weigh(floats);
    check_way(bytes, floats, SAMPLES_WAYS - 1);
    minnow_dataset_free(bytes);
    minnow_dataset_free(floats);
}

/* ---- What is refused ---- */

static void expect_refused(const minnow_dataset *dataset, size_t batch, size_t parts, const char *why) {
    minnow_network *network = samples_network(SIZES, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = batch;
    config.sub_batches = parts;
    minnow_trainer *trainer;
    cr_expect_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_ERROR_ARGUMENT);
    cr_expect(strstr(minnow_last_error(), why) != NULL, "%s", minnow_last_error());
    minnow_network_free(network);
}

Test(sub_batches, more_parts_than_samples_are_refused) {
    minnow_dataset *dataset = samples_make(6, INPUTS, OUTPUTS);
    expect_refused(dataset, 64, 0, "0 sub-batches, expected 1 to 1024");
    expect_refused(dataset, 4096, 1025, "1025 sub-batches, expected 1 to 1024");
    expect_refused(dataset, 4, 5, "no more than the batch, 4");
    expect_refused(dataset, 64, 8, "6 samples, fewer than the 8 sub-batches");
    minnow_dataset_free(dataset);
}
