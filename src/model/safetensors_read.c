/* A network from a safetensors file: names, shapes and metadata as minnow_network_save writes them. */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "model/safetensors.h"
#include "net/network.h"

enum part { WEIGHT, BIAS };
static const char *const part_names[] = {"weight", "bias"};

/* The network as the file describes it. */
struct plan {
    minnow_activation activation;
    minnow_loss loss;
    const char *crc32, *architecture;
    size_t layer_count;
    size_t sizes[NETWORK_MAX_LAYERS + 1];
    const struct safetensors_tensor *parts[NETWORK_MAX_LAYERS][2];
};

/* ---- Metadata ---- */

static minnow_status metadata_string(const char *name, const struct safetensors *file, const char *key,
                                     const char **out) {
    *out = json_string_value(json_object_get(file->metadata, key));
    if (!*out)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: the metadata does not give \"%s\": the file was not written by minnow", name, key);
    return MINNOW_OK;
}

static minnow_status metadata_expect(const char *name, const struct safetensors *file, const char *key,
                                     const char *expected) {
    const char *value;
    minnow_status status = metadata_string(name, file, key, &value);
    if (status == MINNOW_OK && strcmp(value, expected) != 0)
        status =
            fail(MINNOW_ERROR_INPUT, "%s: the metadata's %s is \"%.64s\"; this version reads only \"%s\"",
                 name, key, value, expected);
    return status;
}

static minnow_status read_metadata(const char *name, const struct safetensors *file, struct plan *plan) {
    if (!file->metadata)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: no __metadata__, which gives the activation and the loss: the file was not written "
                    "by minnow",
                    name);
    minnow_status status = metadata_expect(name, file, "format", MODEL_FORMAT);
    if (status == MINNOW_OK)
        status = metadata_expect(name, file, "format_version", MODEL_FORMAT_VERSION);
    if (status == MINNOW_OK)
        status = metadata_expect(name, file, "input_scaling", MODEL_INPUT_SCALING);
    const char *activation, *loss;
    if (status == MINNOW_OK)
        status = metadata_string(name, file, "activation", &activation);
    if (status == MINNOW_OK && !activation_parse(activation, &plan->activation))
        status = fail(MINNOW_ERROR_INPUT,
                      "%s: the metadata's activation is \"%.64s\"; relu, sigmoid and tanh are known", name,
                      activation);
    if (status == MINNOW_OK)
        status = metadata_string(name, file, "loss", &loss);
    if (status == MINNOW_OK && !loss_parse(loss, &plan->loss))
        status = fail(MINNOW_ERROR_INPUT,
                      "%s: the metadata's loss is \"%.64s\"; softmax, logistic and quadratic are known", name,
                      loss);
    if (status == MINNOW_OK)
        status = metadata_string(name, file, "architecture", &plan->architecture);
    if (status == MINNOW_OK)
        status = metadata_string(name, file, "params_crc32", &plan->crc32);
    return status;
}

/* ---- Names and shapes ---- */

/* Which part of which layer a name like layers.12.bias means. */
static bool parse_name(const char *text, size_t *layer, enum part *part) {
    for (size_t i = 0; i < NETWORK_MAX_LAYERS; i++)
        for (enum part p = WEIGHT; p <= BIAS; p++) {
            char expected[32];
            snprintf(expected, sizeof expected, "layers.%zu.%s", i, part_names[p]);
            if (strcmp(text, expected) == 0) {
                *layer = i;
                *part = p;
                return true;
            }
        }
    return false;
}

static minnow_status assign_tensors(const char *name, const struct safetensors *file, struct plan *plan) {
    for (size_t i = 0; i < file->count; i++) {
        const struct safetensors_tensor *tensor = &file->tensors[i];
        size_t layer;
        enum part part;
        if (!parse_name(tensor->name, &layer, &part))
            return fail(MINNOW_ERROR_INPUT,
                        "%s: unexpected tensor \"%s\"; a network has layers.N.weight and layers.N.bias, N "
                        "from 0 to %d",
                        name, tensor->name, NETWORK_MAX_LAYERS - 1);
        plan->parts[layer][part] = tensor;
        if (layer >= plan->layer_count)
            plan->layer_count = layer + 1;
    }
    if (plan->layer_count == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: the file holds no tensors", name);
    for (size_t layer = 0; layer < plan->layer_count; layer++)
        for (enum part p = WEIGHT; p <= BIAS; p++)
            if (!plan->parts[layer][p])
                return fail(MINNOW_ERROR_INPUT, "%s: tensor layers.%zu.%s is missing", name, layer,
                            part_names[p]);
    return MINNOW_OK;
}

static minnow_status check_layer(const char *name, struct plan *plan, size_t layer) {
    const struct safetensors_tensor *weight = plan->parts[layer][WEIGHT], *bias = plan->parts[layer][BIAS];
    if (weight->rank != 2 || bias->rank != 1)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: layer %zu: its weight has %zu dimensions and its bias %zu; expected 2, [outputs, "
                    "inputs], and 1",
                    name, layer, weight->rank, bias->rank);
    size_t outputs = weight->shape[0], inputs = weight->shape[1];
    if (outputs == 0 || outputs > NETWORK_MAX_SIZE || inputs == 0 || inputs > NETWORK_MAX_SIZE)
        return fail(MINNOW_ERROR_INPUT, "%s: %s has the shape [%zu, %zu]; sizes are 1 to %d", name,
                    weight->name, outputs, inputs, NETWORK_MAX_SIZE);
    if (bias->shape[0] != outputs)
        return fail(MINNOW_ERROR_INPUT, "%s: %s gives %zu outputs, but %s has %zu elements", name,
                    weight->name, outputs, bias->name, bias->shape[0]);
    if (layer > 0 && inputs != plan->sizes[layer])
        return fail(MINNOW_ERROR_INPUT, "%s: %s takes %zu inputs, but the layer before it gives %zu", name,
                    weight->name, inputs, plan->sizes[layer]);
    plan->sizes[layer] = inputs;
    plan->sizes[layer + 1] = outputs;
    return MINNOW_OK;
}

static minnow_status check_shapes(const char *name, struct plan *plan) {
    for (size_t layer = 0; layer < plan->layer_count; layer++) {
        minnow_status status = check_layer(name, plan, layer);
        if (status != MINNOW_OK)
            return status;
    }
    char architecture[MODEL_ARCHITECTURE_TEXT];
    model_architecture(plan->sizes, plan->layer_count, architecture);
    if (strcmp(plan->architecture, architecture) != 0)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: the metadata's architecture is \"%.64s\", but the tensors make %s", name,
                    plan->architecture, architecture);
    return MINNOW_OK;
}

/* ---- Parameters ---- */

static float load_float(const uint8_t *bytes) {
    uint32_t bits =
        (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static minnow_status not_finite(const char *name, const struct safetensors_tensor *tensor, size_t element) {
    return fail(MINNOW_ERROR_INPUT,
                "%s: %s: element %zu is not a finite number: the network it was saved from had "
                "diverged, or the file is damaged",
                name, tensor->name, element);
}

/* From the file's [outputs][inputs] to our [inputs][outputs], a cache line of outputs at a time. */
static minnow_status copy_weights(const char *name, const struct safetensors_tensor *tensor,
                                  struct layer *layer) {
    for (size_t first = 0; first < layer->outputs; first += CACHE_LINE_FLOATS) {
        size_t last = size_min(first + CACHE_LINE_FLOATS, layer->outputs);
        for (size_t i = 0; i < layer->inputs; i++)
            for (size_t o = first; o < last; o++) {
                size_t element = o * layer->inputs + i;
                float value = load_float(tensor->data + element * sizeof(float));
                if (!isfinite(value))
                    return not_finite(name, tensor, element);
                layer->weights[i * layer->stride + o] = value;
            }
    }
    return MINNOW_OK;
}

static minnow_status copy_biases(const char *name, const struct safetensors_tensor *tensor,
                                 struct layer *layer) {
    for (size_t o = 0; o < layer->outputs; o++) {
        layer->biases[o] = load_float(tensor->data + o * sizeof(float));
        if (!isfinite(layer->biases[o]))
            return not_finite(name, tensor, o);
    }
    return MINNOW_OK;
}

static minnow_status copy_parameters(const char *name, const struct plan *plan, minnow_network *network) {
    for (size_t i = 0; i < plan->layer_count; i++) {
        minnow_status status = copy_weights(name, plan->parts[i][WEIGHT], &network->layers[i]);
        if (status == MINNOW_OK)
            status = copy_biases(name, plan->parts[i][BIAS], &network->layers[i]);
        if (status != MINNOW_OK)
            return status;
    }
    network_transpose(network);
    char crc32[9];
    snprintf(crc32, sizeof crc32, "%08x", (unsigned)minnow_network_params_crc32(network));
    if (strcmp(plan->crc32, crc32) != 0)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: the metadata's params_crc32 is \"%.64s\", but the parameters give %s: the file is damaged",
            name, plan->crc32, crc32);
    return MINNOW_OK;
}

static minnow_status make_network(const char *name, const struct plan *plan, const char *isa,
                                  minnow_network **out) {
    minnow_network_config config = minnow_network_config_default();
    config.layer_sizes = plan->sizes;
    config.layer_count = plan->layer_count;
    config.activation = plan->activation;
    config.loss = plan->loss;
    config.init = MINNOW_INIT_ZERO;
    config.isa = isa;
    minnow_network *network;
    minnow_status status = minnow_network_create(&config, &network);
    if (status != MINNOW_OK)
        return status;
    status = copy_parameters(name, plan, network);
    if (status == MINNOW_OK)
        *out = network;
    else
        minnow_network_free(network);
    return status;
}

minnow_status safetensors_parse(const char *name, const uint8_t *bytes, size_t size, const char *isa,
                                minnow_network **out) {
    *out = NULL;
    struct safetensors file;
    minnow_status status = safetensors_open(name, bytes, size, &file);
    if (status != MINNOW_OK)
        return status;
    struct plan plan = {0};
    status = read_metadata(name, &file, &plan);
    if (status == MINNOW_OK)
        status = assign_tensors(name, &file, &plan);
    if (status == MINNOW_OK)
        status = check_shapes(name, &plan);
    if (status == MINNOW_OK)
        status = make_network(name, &plan, isa, out);
    safetensors_close(&file);
    return status;
}

minnow_status minnow_network_load(const char *path, const char *isa, minnow_network **out) {
    *out = NULL;
    struct file_bytes bytes;
    minnow_status status = model_file_read(path, &bytes);
    if (status != MINNOW_OK)
        return status;
    status = safetensors_parse(path, bytes.data, bytes.size, isa, out);
    file_bytes_free(&bytes);
    return status;
}
