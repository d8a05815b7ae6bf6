#include "net/network.h"

#include <stdio.h>
#include <string.h>

#include "base/argument.h"
#include "base/byte_order.h"
#include "base/crc32.h"
#include "base/memory.h"
#include "base/sized.h"
#include "base/status.h"
#include "data/dataset.h"
#include "net/ensemble.h"
#include "net/initialize.h"

/* ---- The table of kernels ---- */

/* "scalar, avx2": the tables this machine runs. */
static void list_usable(char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < kernel_table_count; i++) {
        if (!kernels_usable(kernel_tables[i]) || used >= size)
            continue;
        int length = snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", kernel_tables[i]->name);
        used += length > 0 ? (size_t)length : 0;
    }
}

minnow_status network_choose_kernels(const char *isa, const struct kernels **out) {
    *out = NULL;
    if (isa == NULL || strcmp(isa, "auto") == 0) {
        *out = kernels_best();
        return MINNOW_OK;
    }
    char usable[128];
    list_usable(usable, sizeof usable);
    const struct kernels *table = kernels_find(isa);
    if (table != NULL && kernels_usable(table)) {
        *out = table;
        return MINNOW_OK;
    }
    if (table != NULL)
        return fail(MINNOW_ERROR_UNSUPPORTED,
                    "instruction set '%s' is not supported by this CPU; it has: auto, %s", isa, usable);
    for (size_t i = 0; i < kernel_set_count; i++)
        if (strcmp(isa, kernel_set_names[i]) == 0)
            return fail(MINNOW_ERROR_UNSUPPORTED,
                        "instruction set '%s' is not built into this program; it has: auto, %s", isa, usable);
    return fail(MINNOW_ERROR_UNSUPPORTED, "unknown instruction set '%s'; this machine has: auto, %s", isa,
                usable);
}

/* ---- Making and releasing ---- */

static const minnow_network_config DEFAULTS = {
    .struct_size = sizeof(minnow_network_config),
    .activation = MINNOW_ACTIVATION_RELU,
    .loss = MINNOW_LOSS_SOFTMAX,
    .init = MINNOW_INIT_SCALED,
    .seed = 1,
    .isa = "auto",
};

void minnow_network_config_init(minnow_network_config *config, size_t size) {
    sized_init(config, size, &DEFAULTS, sizeof DEFAULTS);
}

static minnow_status check_sizes(const minnow_network_config *config) {
    if (config->layer_sizes == NULL)
        return fail(
            MINNOW_ERROR_ARGUMENT,
            "network config: layer_sizes is NULL, expected the sizes of inputs, hidden layers and outputs");
    if (config->layer_count < 1 || config->layer_count > NETWORK_MAX_LAYERS)
        return fail(MINNOW_ERROR_ARGUMENT, "network config: %zu layers, expected 1 to %d",
                    config->layer_count, NETWORK_MAX_LAYERS);
    for (size_t i = 0; i <= config->layer_count; i++) {
        size_t most = i == 0 ? NETWORK_MAX_INPUTS : NETWORK_MAX_SIZE;
        if (config->layer_sizes[i] < 1 || config->layer_sizes[i] > most)
            return fail(MINNOW_ERROR_ARGUMENT, "network config: layer %zu has size %zu, expected 1 to %zu", i,
                        config->layer_sizes[i], most);
    }
    return MINNOW_OK;
}

/* The activation that the configuration gives to hidden layer `layer`. */
static minnow_activation configured_activation(const minnow_network_config *config, size_t layer) {
    return config->activations != NULL ? config->activations[layer] : config->activation;
}

static minnow_status check_config(const minnow_network_config *config) {
    minnow_status status = check_sizes(config);
    if (status != MINNOW_OK)
        return status;

    if (activation_row(config->activation) == NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "network config: no activation %d", (int)config->activation);
    for (size_t l = 0; l + 1 < config->layer_count; l++)
        if (activation_row(configured_activation(config, l)) == NULL)
            return fail(MINNOW_ERROR_ARGUMENT, "network config: no activation %d",
                        (int)configured_activation(config, l));
    if (loss_row(config->loss) == NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "network config: no loss %d", (int)config->loss);
    if ((size_t)config->init >= init_row_count)
        return fail(MINNOW_ERROR_ARGUMENT, "network config: no init %d", (int)config->init);
    return MINNOW_OK;
}

minnow_status network_create_zero(const minnow_network_config *given, minnow_network **out) {
    *out = NULL;
    minnow_network_config config = DEFAULTS;
    const struct kernels *kernels = NULL;
    minnow_status status = sized_read("network config", given, &config, sizeof config);
    if (status == MINNOW_OK)
        status = check_config(&config);
    if (status == MINNOW_OK)
        status = network_choose_kernels(config.isa, &kernels);
    if (status != MINNOW_OK)
        return status;

    minnow_network *network =
        memory_allocate(1, sizeof *network + config.layer_count * sizeof *network->layers);
    if (network == NULL)
        return fail_memory("a network");
    network->kernels = kernels;
    network->loss = config.loss;
    network->layer_count = config.layer_count;
    for (size_t l = 0; l < config.layer_count; l++)
        network->layers[l] = (struct layer){
            .inputs = config.layer_sizes[l],
            .outputs = config.layer_sizes[l + 1],
            .activation =
                l + 1 < config.layer_count ? configured_activation(&config, l) : MINNOW_ACTIVATION_IDENTITY,
        };

    status = parameters_create(config.layer_count, config.layer_sizes, &network->parameters);
    if (status != MINNOW_OK) {
        minnow_network_free(network);
        return status;
    }
    *out = network;
    return MINNOW_OK;
}

minnow_status minnow_network_create(const minnow_network_config *config, minnow_network **out) {
    if (!CLEARED(out) || !GIVEN(config))
        return MINNOW_ERROR_ARGUMENT;

    minnow_network_config own = DEFAULTS;
    minnow_status status = network_create_zero(config, out);
    if (status == MINNOW_OK)
        status = sized_read("network config", config, &own, sizeof own);
    if (status == MINNOW_OK)
        status = network_initialize(*out, own.init, own.seed);
    if (status != MINNOW_OK) {
        minnow_network_free(*out);
        *out = NULL;
    }
    return status;
}

const char *const network_kept_names[NETWORK_KEPT] = {"first_moment", "second_moment", "average", "best"};

static void free_kept(minnow_network *network) {
    for (size_t i = 0; i < NETWORK_KEPT; i++) {
        parameters_free(network->kept[i]);
        network->kept[i] = NULL;
    }
}

void network_forget_checkpoint(minnow_network *network) {
    free_kept(network);
    metadata_remove(&network->metadata, CHECKPOINT_KEY);
    metadata_remove(&network->metadata, CHECKPOINT_CRC_KEY);
}

void minnow_network_free(minnow_network *network) {
    if (network == NULL)
        return;
    for (size_t i = 0; i < network->other_count; i++)
        minnow_network_free(network->others[i]);
    memory_free(network->others);
    metadata_free(&network->metadata);
    free_kept(network);
    parameters_free(network->parameters);
    memory_free(network);
}

/* ---- Looking at it ---- */

static minnow_status check_layer(const minnow_network *network, size_t layer) {
    if (layer < network->layer_count)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_ARGUMENT, "layer is %zu, expected 0 to %zu", layer, network->layer_count - 1);
}

size_t minnow_network_layer_count(const minnow_network *network) {
    return GIVEN(network) ? network->layer_count : 0;
}

size_t minnow_network_layer_size(const minnow_network *network, size_t index) {
    if (!GIVEN(network))
        return 0;
    if (index > network->layer_count) {
        fail(MINNOW_ERROR_ARGUMENT, "minnow_network_layer_size: index is %zu, expected 0 to %zu", index,
             network->layer_count);
        return 0;
    }

    return index == 0 ? network->layers[0].inputs : network->layers[index - 1].outputs;
}

minnow_activation minnow_network_activation(const minnow_network *network, size_t layer) {
    if (!GIVEN(network) || check_layer(network, layer) != MINNOW_OK)
        return MINNOW_ACTIVATION_IDENTITY;
    return network->layers[layer].activation;
}

minnow_loss minnow_network_loss(const minnow_network *network) {
    return GIVEN(network) ? network->loss : MINNOW_LOSS_SOFTMAX;
}

const char *minnow_network_isa(const minnow_network *network) {
    return GIVEN(network) ? network->kernels->name : NULL;
}

uint64_t minnow_network_parameter_count(const minnow_network *network) {
    if (!GIVEN(network))
        return 0;

    uint64_t count = 0;
    for (size_t l = 0; l < network->layer_count; l++)
        count += ((uint64_t)network->layers[l].inputs + 1) * network->layers[l].outputs;
    return count * network_members(network);
}

uint64_t minnow_network_nonfinite_count(const minnow_network *network) {
    if (!GIVEN(network))
        return 0;

    uint64_t count = 0;
    for (size_t m = 0; m < network_members(network); m++)
        for (size_t l = 0; l < network->layer_count; l++)
            count += parameters_nonfinite_count(network_member(network, m)->parameters, l);
    return count;
}

uint32_t minnow_network_params_crc32(const minnow_network *network) {
    if (!GIVEN(network))
        return 0;
    if (network->other_count == 0)
        return parameters_crc32(network->parameters);

    uint32_t crc = 0;
    for (size_t m = 0; m < network_members(network); m++) {
        uint8_t own[sizeof crc];
        store_le32(own, parameters_crc32(network_member(network, m)->parameters));
        crc = crc32_bytes(crc, own, sizeof own);
    }
    return crc;
}

minnow_status network_check_data(const minnow_network *network, const minnow_dataset *dataset) {
    const struct loss_row *row = &loss_rows[network->loss];
    if (dataset->targets == NULL && row->loss == NULL)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "the network's loss, %s, is one of numbers to predict, the data has labels", row->name);
    if (dataset->targets != NULL && row->target_loss == NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "the network's loss, %s, takes labels, the data has targets",
                    row->name);

    size_t features = dataset->features, classes = dataset->classes;
    size_t inputs = network->layers[0].inputs, outputs = network_last_layer(network)->outputs;
    if (features == inputs && classes == outputs)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_ARGUMENT,
                "the network takes %zu features and tells %zu classes, the data has %zu and %zu", inputs,
                outputs, features, classes);
}

/* ---- Parameters in and out ---- */

minnow_status minnow_network_get_layer(const minnow_network *network, size_t layer, float *weights,
                                       float *biases) {
    if (!GIVEN(network) || check_layer(network, layer) != MINNOW_OK)
        return MINNOW_ERROR_ARGUMENT;

    const struct layer *from = &network->layers[layer];
    for (size_t i = 0; weights != NULL && i < from->inputs; i++)
        parameters_read_row(network->parameters, layer, i, weights + i * from->outputs);
    if (biases != NULL)
        parameters_read_biases(network->parameters, layer, biases);
    return MINNOW_OK;
}

minnow_status minnow_network_set_layer(minnow_network *network, size_t layer, const float *weights,
                                       const float *biases) {
    if (!GIVEN(network) || check_layer(network, layer) != MINNOW_OK)
        return MINNOW_ERROR_ARGUMENT;

    const struct layer *to = &network->layers[layer];
    for (size_t i = 0; weights != NULL && i < to->inputs; i++)
        parameters_write_row(network->parameters, layer, i, weights + i * to->outputs);
    if (biases != NULL)
        parameters_write_biases(network->parameters, layer, biases);
    parameters_changed(network->parameters);
    return MINNOW_OK;
}

/* ---- The activations as text ---- */

void network_activations_text(const minnow_network *network, const char *alone, char text[ACTIVATIONS_TEXT]) {
    size_t hidden = network->layer_count - 1, used = 0;
    bool same = true;
    for (size_t l = 1; l < hidden; l++)
        same = same && network->layers[l].activation == network->layers[0].activation;

    snprintf(text, ACTIVATIONS_TEXT, "%s", alone);
    for (size_t l = 0; l < (same ? size_min(hidden, 1) : hidden); l++) {
        const char *name = activation_rows[network->layers[l].activation].name;
        used += (size_t)snprintf(text + used, ACTIVATIONS_TEXT - used, "%s%s", l > 0 ? "," : "", name);
    }
}

static minnow_status unknown_activation(const char *name, const char *text, size_t length) {
    char known[ACTIVATIONS_TEXT];
    size_t used = 0;
    for (size_t i = 0; i < activation_row_count; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "",
                                 activation_rows[i].name);
    return fail(MINNOW_ERROR_INPUT, "%s: unknown activation \"%.*s\"; known are %s", name,
                (int)size_min(length, 40), text, known);
}

minnow_status activations_parse(const char *name, const char *text, size_t hidden,
                                minnow_activation out[NETWORK_MAX_LAYERS]) {
    size_t count = 0;
    for (const char *part = text;; part++) {
        size_t length = strcspn(part, ",");
        if (count == NETWORK_MAX_LAYERS)
            return fail(MINNOW_ERROR_INPUT, "%s: more than %d activations", name, NETWORK_MAX_LAYERS);
        if (!activation_find(part, length, &out[count]))
            return unknown_activation(name, part, length);
        count++;
        part += length;
        if (*part == '\0')
            break;
    }

    if (count != 1 && count != hidden)
        return fail(MINNOW_ERROR_INPUT, "%s: %zu activations for %zu hidden layers; expected 1 or %zu", name,
                    count, hidden, hidden);
    for (size_t l = count; l < hidden; l++)
        out[l] = out[0];
    return MINNOW_OK;
}
