/* Layers set between two calls of minnow_trainer_advance: training goes on exactly from the new values. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "samples.h"
#include "train/trainer.h"

enum { LAYERS = 3, COUNT = 192, BATCH = 16 };
static const size_t sizes[LAYERS + 1] = {100, 40, 33, 5};

/* One way of training; all of them must end in the same bits. */
struct way {
    size_t batch;
    unsigned threads;
    minnow_sparsity sparse;
};

static const struct way ways[] = {
    {BATCH, 1, MINNOW_SPARSITY_ON},  {BATCH, 2, MINNOW_SPARSITY_ON}, {BATCH, 1, MINNOW_SPARSITY_OFF},
    {BATCH, 2, MINNOW_SPARSITY_OFF}, {1, 1, MINNOW_SPARSITY_ON},     {1, 1, MINNOW_SPARSITY_OFF},
};

static minnow_network *make_network(uint64_t seed) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = LAYERS;
    config.activation = MINNOW_ACTIVATION_TANH;
    config.seed = seed;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    return network;
}

static minnow_trainer *make_trainer(minnow_network *network, const minnow_dataset *dataset,
                                    const struct way *way, size_t epochs) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = way->batch;
    config.epochs = epochs;
    config.learning_rate = 0.1;
    config.schedule = MINNOW_SCHEDULE_CONSTANT;
    config.shuffle = false;
    config.sparse = way->sparse;
    minnow_trainer *trainer;
    cr_assert_eq(trainer_create(network, dataset, &config, way->threads, NULL, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    return trainer;
}

static void advance(minnow_trainer *trainer, size_t samples) {
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    cr_assert_eq(minnow_trainer_advance(trainer, samples, &progress), MINNOW_OK, "%s", minnow_last_error());
}

static void copy_layer(minnow_network *to, const minnow_network *from, size_t layer) {
    static float weights[100 * 40], biases[40];
    cr_assert_eq(minnow_network_get_layer(from, layer, weights, biases), MINNOW_OK);
    cr_assert_eq(minnow_network_set_layer(to, layer, weights, biases), MINNOW_OK);
}

/* Trains an epoch, sets the layers whose bit is in `set` to those of another network, and trains an epoch. */
static uint32_t crc_of_interrupted(const minnow_dataset *dataset, const struct way *way, unsigned set) {
    minnow_network *network = make_network(1), *other = make_network(2);
    minnow_trainer *trainer = make_trainer(network, dataset, way, 2);
    advance(trainer, 0);
    for (size_t l = 0; l < LAYERS; l++)
        if (set >> l & 1)
            copy_layer(network, other, l);
    advance(trainer, 0);
    minnow_trainer_free(trainer);

    uint32_t crc = minnow_network_params_crc32(network);
    minnow_network_free(network);
    minnow_network_free(other);
    return crc;
}

/* The same with a trainer for each epoch, so that the second one has never seen anything else. */
static uint32_t crc_of_fresh(const minnow_dataset *dataset, const struct way *way, unsigned set) {
    minnow_network *network = make_network(1), *other = make_network(2), *start = make_network(3);
    minnow_trainer *trainer = make_trainer(network, dataset, way, 1);
    advance(trainer, 0);
    minnow_trainer_free(trainer);

    for (size_t l = 0; l < LAYERS; l++)
        copy_layer(start, set >> l & 1 ? other : network, l);
    trainer = make_trainer(start, dataset, way, 1);
    advance(trainer, 0);
    minnow_trainer_free(trainer);

    uint32_t crc = minnow_network_params_crc32(start);
    minnow_network_free(network);
    minnow_network_free(other);
    minnow_network_free(start);
    return crc;
}

Test(set_layer, between_epochs_counts_as_if_it_had_been_the_start) {
    minnow_dataset *bytes = samples_make(COUNT, sizes[0], sizes[LAYERS]), *floats = samples_as_floats(bytes);
    for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++)
        for (unsigned set = 0; set < 1u << LAYERS; set++) {
            const struct way plain = {ways[w].batch, 1, MINNOW_SPARSITY_OFF};
            uint32_t expected = crc_of_fresh(bytes, &plain, set);
            cr_expect_eq(crc_of_interrupted(bytes, &ways[w], set), expected, "bytes, way %zu, layers %#x", w,
                         set);
            cr_expect_eq(crc_of_interrupted(floats, &ways[w], set), expected, "floats, way %zu, layers %#x",
                         w, set);
        }
    minnow_dataset_free(bytes);
    minnow_dataset_free(floats);
}

/* Half an epoch, then the layers of another network: the second half goes as if it were all there is. */
Test(set_layer, within_an_epoch_counts_from_the_next_mini_batch) {
    for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++) {
        minnow_dataset *all = samples_make(COUNT, sizes[0], sizes[LAYERS]), *half;
        minnow_dataset *first = samples_make(COUNT, sizes[0], sizes[LAYERS]);
        cr_assert_eq(minnow_dataset_split(first, COUNT / 2, &half), MINNOW_OK);
        minnow_network *network = make_network(1), *start = make_network(2), *other = make_network(2);

        minnow_trainer *trainer = make_trainer(network, all, &ways[w], 1);
        advance(trainer, COUNT / 2);
        for (size_t l = 0; l < LAYERS; l++)
            copy_layer(network, other, l);
        advance(trainer, 0);
        minnow_trainer_free(trainer);

        trainer = make_trainer(start, half, &ways[w], 1);
        advance(trainer, 0);
        minnow_trainer_free(trainer);
        cr_expect_eq(minnow_network_params_crc32(network), minnow_network_params_crc32(start), "way %zu", w);

        minnow_network_free(network);
        minnow_network_free(start);
        minnow_network_free(other);
        minnow_dataset_free(all);
        minnow_dataset_free(first);
        minnow_dataset_free(half);
    }
}
