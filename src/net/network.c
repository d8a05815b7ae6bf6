#include "net/network.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <libdeflate.h>

#include "base/memory.h"
#include "base/status.h"

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
    static const char *const known[] = {"scalar", "avx2", "avx512", "neon"};
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
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(isa, known[i]) == 0)
            return fail(MINNOW_ERROR_UNSUPPORTED,
                        "instruction set '%s' is not built into this program; it has: auto, %s", isa, usable);
    return fail(MINNOW_ERROR_UNSUPPORTED, "unknown instruction set '%s'; this machine has: auto, %s", isa,
                usable);
}

/* ---- Making and releasing ---- */

minnow_network_config minnow_network_config_default(void) {
    return (minnow_network_config){
        .struct_size = sizeof(minnow_network_config),
        .activation = MINNOW_RELU,
        .loss = MINNOW_SOFTMAX,
        .init = MINNOW_INIT_SCALED,
        .seed = 1,
        .isa = "auto",
    };
}

static minnow_status check_config(const minnow_network_config *config) {
    if (config == NULL || config->struct_size < sizeof(minnow_network_config))
        return fail(MINNOW_ERROR_ARGUMENT, "network config: not made by minnow_network_config_default");
    if (config->layer_sizes == NULL || config->layer_count < 1 || config->layer_count > NETWORK_MAX_LAYERS)
        return fail(MINNOW_ERROR_ARGUMENT, "network config: %zu layers, expected 1 to %d",
                    config->layer_count, NETWORK_MAX_LAYERS);
    for (size_t i = 0; i <= config->layer_count; i++)
        if (config->layer_sizes[i] < 1 || config->layer_sizes[i] > NETWORK_MAX_SIZE)
            return fail(MINNOW_ERROR_ARGUMENT, "network config: layer %zu has size %zu, expected 1 to %d", i,
                        config->layer_sizes[i], NETWORK_MAX_SIZE);
    if (activation_name(config->activation) == NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "network config: no activation %d", (int)config->activation);
    if (loss_name(config->loss) == NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "network config: no loss %d", (int)config->loss);
    if ((unsigned)config->init > MINNOW_INIT_ZERO)
        return fail(MINNOW_ERROR_ARGUMENT, "network config: no init %d", (int)config->init);
    return MINNOW_OK;
}

/* Lays the layers out one after the other in an arena that starts at `base`, which may be NULL to find the
   size alone. Sizes are at most 2^16 each, so no product below overflows 64 bits. */
static size_t lay_out(minnow_network *network, const size_t *sizes, float *base) {
    size_t used = 0;
    for (size_t l = 0; l < network->layer_count; l++) {
        struct layer *layer = &network->layers[l];
        layer->inputs = sizes[l];
        layer->outputs = sizes[l + 1];
        layer->stride = size_round_up(layer->outputs, CACHE_LINE_FLOATS);
        layer->transposed_stride = size_round_up(layer->inputs, CACHE_LINE_FLOATS);
        size_t weights = used, biases = weights + layer->inputs * layer->stride;
        size_t transposed = biases + layer->stride;
        used = transposed + (l > 0 ? layer->outputs * layer->transposed_stride : 0);
        if (base == NULL)
            continue;
        layer->weights = base + weights;
        layer->biases = base + biases;
        layer->transposed = l > 0 ? base + transposed : NULL;
    }
    return used;
}

minnow_status minnow_network_create(const minnow_network_config *config, minnow_network **out) {
    *out = NULL;
    minnow_status status = check_config(config);
    const struct kernels *kernels = NULL;
    if (status == MINNOW_OK)
        status = network_choose_kernels(config->isa, &kernels);
    if (status != MINNOW_OK)
        return status;
    minnow_network *network =
        memory_allocate(1, sizeof *network + config->layer_count * sizeof(struct layer));
    if (network == NULL)
        return fail_memory("a network");
    network->kernels = kernels;
    network->activation = config->activation;
    network->loss = config->loss;
    network->layer_count = config->layer_count;
    network->arena = memory_allocate(lay_out(network, config->layer_sizes, NULL), sizeof(float));
    if (network->arena == NULL) {
        minnow_network_free(network);
        return fail_memory("the parameters of a network");
    }
    lay_out(network, config->layer_sizes, network->arena);
    network_initialize(network, config->init, config->seed);
    *out = network;
    return MINNOW_OK;
}

void minnow_network_free(minnow_network *network) {
    if (network == NULL)
        return;
    metadata_free(&network->metadata);
    memory_free(network->arena);
    memory_free(network);
}

/* ---- Looking at it ---- */

size_t minnow_network_layer_count(const minnow_network *network) {
    return network->layer_count;
}

size_t minnow_network_layer_size(const minnow_network *network, size_t index) {
    if (index > network->layer_count)
        return 0;
    return index == 0 ? network->layers[0].inputs : network->layers[index - 1].outputs;
}

minnow_activation minnow_network_activation(const minnow_network *network) {
    return network->activation;
}

minnow_loss minnow_network_loss(const minnow_network *network) {
    return network->loss;
}

const char *minnow_network_isa(const minnow_network *network) {
    return network->kernels->name;
}

uint64_t minnow_network_parameter_count(const minnow_network *network) {
    uint64_t count = 0;
    for (size_t l = 0; l < network->layer_count; l++)
        count += ((uint64_t)network->layers[l].inputs + 1) * network->layers[l].outputs;
    return count;
}

static uint64_t count_nonfinite(const float *x, size_t n) {
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += !isfinite(x[i]);
    return count;
}

uint64_t layer_nonfinite_count(const struct layer *layer) {
    uint64_t count = count_nonfinite(layer->biases, layer->outputs);
    for (size_t i = 0; i < layer->inputs; i++)
        count += count_nonfinite(layer->weights + i * layer->stride, layer->outputs);
    return count;
}

uint64_t minnow_network_nonfinite_count(const minnow_network *network) {
    uint64_t count = 0;
    for (size_t l = 0; l < network->layer_count; l++)
        count += layer_nonfinite_count(&network->layers[l]);
    return count;
}

/* Continues a CRC over n floats as little-endian bytes. */
static uint32_t crc_floats(uint32_t crc, const float *x, size_t n) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return libdeflate_crc32(crc, x, n * sizeof *x);
#else
    for (size_t i = 0; i < n; i++) {
        uint32_t word;
        memcpy(&word, &x[i], sizeof word);
        word = __builtin_bswap32(word);
        crc = libdeflate_crc32(crc, &word, sizeof word);
    }
    return crc;
#endif
}

uint32_t minnow_network_params_crc32(const minnow_network *network) {
    uint32_t crc = 0;
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        for (size_t i = 0; i < layer->inputs; i++)
            crc = crc_floats(crc, layer->weights + i * layer->stride, layer->outputs);
        crc = crc_floats(crc, layer->biases, layer->outputs);
    }
    return crc;
}

static minnow_status check_layer(const minnow_network *network, size_t layer) {
    if (layer < network->layer_count)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_ARGUMENT, "layer %zu of a network of %zu", layer, network->layer_count);
}

minnow_status minnow_network_get_layer(const minnow_network *network, size_t layer, float *weights,
                                       float *biases) {
    minnow_status status = check_layer(network, layer);
    if (status != MINNOW_OK)
        return status;
    const struct layer *from = &network->layers[layer];
    for (size_t i = 0; weights != NULL && i < from->inputs; i++)
        memcpy(weights + i * from->outputs, from->weights + i * from->stride, from->outputs * sizeof(float));
    if (biases != NULL)
        memcpy(biases, from->biases, from->outputs * sizeof(float));
    return MINNOW_OK;
}

minnow_status minnow_network_set_layer(minnow_network *network, size_t layer, const float *weights,
                                       const float *biases) {
    minnow_status status = check_layer(network, layer);
    if (status != MINNOW_OK)
        return status;
    struct layer *to = &network->layers[layer];
    for (size_t i = 0; weights != NULL && i < to->inputs; i++)
        memcpy(to->weights + i * to->stride, weights + i * to->outputs, to->outputs * sizeof(float));
    if (biases != NULL)
        memcpy(to->biases, biases, to->outputs * sizeof(float));
    network_transpose(network);
    return MINNOW_OK;
}
