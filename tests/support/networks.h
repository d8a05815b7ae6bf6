/* What tests look at in a network, and how they ask for one of another program. */
#ifndef MINNOW_TESTS_NETWORKS_H
#define MINNOW_TESTS_NETWORKS_H

#include "net/network.h"

/* The weight from an input to an output of a layer. */
static inline float *weight_at(const minnow_network *network, size_t layer, size_t input, size_t output) {
    struct matrix w = parameters_weights(network->parameters, layer);
    return w.data + input * w.stride + output;
}

static inline float *bias_at(const minnow_network *network, size_t layer, size_t output) {
    return parameters_biases(network->parameters, layer) + output;
}

/* One activation for all hidden layers. */
static inline const minnow_foreign_config *foreign_form(minnow_activation activation, minnow_loss loss,
                                                        const char *isa) {
    static minnow_foreign_config config;
    minnow_foreign_config_init(&config, sizeof config);
    config.activation = activation;
    config.loss = loss;
    config.isa = isa;
    return &config;
}

#endif
