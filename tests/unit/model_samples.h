/* Small networks and their files, for the tests of model files. */
#ifndef MINNOW_TESTS_MODEL_SAMPLES_H
#define MINNOW_TESTS_MODEL_SAMPLES_H

#include "minnow/minnow.h"
#include "support/scratch.h"

static inline minnow_network *make_network(const size_t *sizes, size_t layers, minnow_activation activation,
                                           minnow_loss loss, uint64_t seed) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = layers;
    config.activation = activation;
    config.loss = loss;
    config.init = MINNOW_INIT_STANDARD_NORMAL;
    config.seed = seed;
    config.isa = "scalar";
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    return network;
}

static inline minnow_network *make_small(void) {
    return make_network((size_t[]){3, 4, 2}, 2, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_LOGISTIC, 7);
}

static inline void save(const minnow_network *network, const char *path) {
    cr_assert_eq(minnow_network_save(network, path), MINNOW_OK, "%s", minnow_last_error());
}

#endif
