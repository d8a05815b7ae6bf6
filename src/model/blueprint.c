#include "model/blueprint.h"

#include <math.h>
#include "base/byte_order.h"
#include "base/memory.h"
#include "base/sized.h"
#include "base/status.h"

minnow_status blueprint_check_layer(const char *name, struct blueprint *blueprint, size_t layer) {
    const struct model_array *weight = &blueprint->parts[layer][PART_WEIGHT];
    const struct model_array *bias = &blueprint->parts[layer][PART_BIAS];
    if (weight->rank != 2 || (bias->data != NULL && bias->rank != 1))
        return fail(MINNOW_ERROR_INPUT,
                    "%s: layer %zu: its weight has %zu dimensions and its bias %zu; expected 2, [outputs, "
                    "inputs], and 1",
                    name, layer, weight->rank, bias->rank);
    size_t outputs = weight->shape[0], inputs = weight->shape[1];
    size_t most = layer == 0 ? NETWORK_MAX_INPUTS : NETWORK_MAX_SIZE;
    if (outputs == 0 || outputs > NETWORK_MAX_SIZE || inputs == 0 || inputs > most)
        return fail(MINNOW_ERROR_INPUT, "%s: %s has the shape [%zu, %zu]; sizes are 1 to %d", name,
                    weight->name, outputs, inputs, NETWORK_MAX_SIZE);
    if (bias->data != NULL && bias->shape[0] != outputs)
        return fail(MINNOW_ERROR_INPUT, "%s: %s gives %zu outputs, but %s has %zu elements", name,
                    weight->name, outputs, bias->name, bias->shape[0]);
    if (layer > 0 && inputs != blueprint->sizes[layer])
        return fail(MINNOW_ERROR_INPUT, "%s: %s takes %zu inputs, but the layer before it gives %zu", name,
                    weight->name, inputs, blueprint->sizes[layer]);
    blueprint->sizes[layer] = inputs;
    blueprint->sizes[layer + 1] = outputs;
    return MINNOW_OK;
}

/* NaN and infinity are taken as they are; false for a number that is neither and would become infinite. */
static bool load_element(const struct model_array *array, size_t element, float *out) {
    if (array->is_double) {
        const uint8_t *at = array->data + element * sizeof(double);
        double value = array->big_endian ? load_be_double(at) : load_le_double(at);
        *out = (float)value;
        return isfinite(*out) || !isfinite(value);
    }

    const uint8_t *at = array->data + element * sizeof(float);
    *out = array->big_endian ? load_be_float(at) : load_le_float(at);
    return true;
}

static minnow_status too_large(const char *name, const struct model_array *array, size_t element) {
    return fail(MINNOW_ERROR_INPUT, "%s: %s: element %zu is too large for single precision", name,
                array->name, element);
}

/* From the file's [outputs][inputs] to our [inputs][outputs], a cache line of outputs at a time. */
static minnow_status copy_weights(const char *name, const struct model_array *array,
                                  const struct layer *layer, struct matrix w) {
    size_t row = array->fortran_order ? 1 : layer->inputs;
    size_t column = array->fortran_order ? layer->outputs : 1;
    for (size_t first = 0; first < layer->outputs; first += CACHE_LINE_FLOATS) {
        size_t last = size_min(first + CACHE_LINE_FLOATS, layer->outputs);
        for (size_t i = 0; i < layer->inputs; i++)
            for (size_t o = first; o < last; o++) {
                size_t element = o * row + i * column;
                if (!load_element(array, element, &w.data[i * w.stride + o]))
                    return too_large(name, array, element);
            }
    }
    return MINNOW_OK;
}

static minnow_status copy_biases(const char *name, const struct model_array *array, size_t outputs,
                                 float *biases) {
    for (size_t o = 0; array->data != NULL && o < outputs; o++)
        if (!load_element(array, o, &biases[o]))
            return too_large(name, array, o);
    return MINNOW_OK;
}

minnow_status blueprint_fill(const char *name, const minnow_network *network,
                             const struct model_array parts[][PART_COUNT], struct parameters *block) {
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        minnow_status status =
            copy_weights(name, &parts[i][PART_WEIGHT], layer, parameters_weights(block, i));
        if (status == MINNOW_OK)
            status = copy_biases(name, &parts[i][PART_BIAS], layer->outputs, parameters_biases(block, i));
        if (status != MINNOW_OK)
            return status;
    }
    parameters_changed(block);
    return MINNOW_OK;
}

static const minnow_foreign_config FOREIGN_DEFAULTS = {
    .struct_size = sizeof(minnow_foreign_config),
    .activation = MINNOW_ACTIVATION_RELU,
    .loss = MINNOW_LOSS_SOFTMAX,
    .isa = "auto",
};

void minnow_foreign_config_init(minnow_foreign_config *config, size_t size) {
    sized_init(config, size, &FOREIGN_DEFAULTS, sizeof FOREIGN_DEFAULTS);
}

minnow_status foreign_config_read(const minnow_foreign_config *given, minnow_foreign_config *out) {
    *out = FOREIGN_DEFAULTS;
    minnow_status status = sized_read("foreign config", given, out, sizeof *out);
    if (status != MINNOW_OK)
        return status;

    if (out->activations == NULL && out->activation_count > 0)
        return fail(MINNOW_ERROR_ARGUMENT, "foreign config: activations is NULL, but activation_count is %zu",
                    out->activation_count);
    if (out->activation_count > NETWORK_MAX_LAYERS)
        return fail(MINNOW_ERROR_ARGUMENT, "foreign config: activation_count is %zu, expected at most %d",
                    out->activation_count, NETWORK_MAX_LAYERS);
    for (size_t i = 0; i < out->activation_count; i++)
        if (activation_row(out->activations[i]) == NULL)
            return fail(MINNOW_ERROR_ARGUMENT, "foreign config: no activation %d", (int)out->activations[i]);
    if (activation_row(out->activation) == NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "foreign config: no activation %d", (int)out->activation);
    if (loss_row(out->loss) == NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "foreign config: no loss %d", (int)out->loss);
    return MINNOW_OK;
}

minnow_status blueprint_set_form(const char *name, struct blueprint *blueprint,
                                 const minnow_foreign_config *config) {
    size_t hidden = blueprint->layer_count - 1;
    if (config->activations != NULL && config->activation_count != hidden)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: %zu activations given for %zu hidden layer%s", name,
                    config->activation_count, hidden, hidden == 1 ? "" : "s");

    blueprint->loss = config->loss;
    for (size_t l = 0; l < hidden; l++)
        blueprint->activations[l] = config->activations != NULL ? config->activations[l] : config->activation;
    return MINNOW_OK;
}

minnow_status blueprint_build(const char *name, const struct blueprint *blueprint, const char *isa,
                              minnow_network **out) {
    *out = NULL;
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = blueprint->sizes;
    config.layer_count = blueprint->layer_count;
    config.activations = blueprint->activations;
    config.loss = blueprint->loss;
    config.isa = isa;
    minnow_network *network;
    minnow_status status = network_create_zero(&config, &network);
    if (status != MINNOW_OK)
        return status;
    status = blueprint_fill(name, network, blueprint->parts, network->parameters);
    if (status == MINNOW_OK)
        *out = network;
    else
        minnow_network_free(network);
    return status;
}
