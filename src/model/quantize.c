#include "model/quantize.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "net/ensemble.h"

enum { LARGEST = 127 };

/* ---- Making ---- */

static void quantize_layer(const struct layer *layer, struct matrix w, struct quantized_layer *out) {
    for (size_t o = 0; o < layer->outputs; o++) {
        float largest = 0.0f;
        for (size_t i = 0; i < layer->inputs; i++)
            largest = fmaxf(largest, fabsf(w.data[i * w.stride + o]));
        float scale = largest / LARGEST;
        out->scales[o] = scale;
        for (size_t i = 0; i < layer->inputs && scale > 0.0f; i++) {
            double steps = rint((double)w.data[i * w.stride + o] / (double)scale);
            /* where the scale is denormal, it is so coarse that a weight may lie further out */
            out->weights[i * layer->outputs + o] = (int8_t)fmax(-LARGEST, fmin(LARGEST, steps));
        }
    }
}

minnow_status quantize(const minnow_network *network, struct quantized *out) {
    *out = (struct quantized){.network = network};
    minnow_status status = network_check_single(network, "a file with weights of 8 bits");
    if (status != MINNOW_OK)
        return status;
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        struct quantized_layer *to = &out->layers[l];
        to->weights = memory_allocate(layer->inputs * layer->outputs, sizeof *to->weights);
        to->scales = memory_allocate(layer->outputs, sizeof *to->scales);
        if (to->weights == NULL || to->scales == NULL) {
            quantized_free(out);
            return fail_memory("the weights of 8 bits");
        }
        quantize_layer(layer, parameters_weights(network->parameters, l), to);
    }
    return MINNOW_OK;
}

void quantized_free(struct quantized *quantized) {
    for (size_t l = 0; l < NETWORK_MAX_LAYERS; l++) {
        memory_free(quantized->layers[l].weights);
        memory_free(quantized->layers[l].scales);
    }
    *quantized = (struct quantized){0};
}

/* ---- Running ---- */

/* y[outputs] from x[inputs], before the activation. */
static void run_layer(const struct layer *layer, const float *biases, const struct quantized_layer *quantized,
                      const float *x, float *y) {
    for (size_t o = 0; o < layer->outputs; o++)
        y[o] = 0.0f;
    for (size_t i = 0; i < layer->inputs; i++) {
        const int8_t *weights = quantized->weights + i * layer->outputs;
        if (x[i] == 0.0f)
            continue;
        for (size_t o = 0; o < layer->outputs; o++)
            y[o] += x[i] * (float)weights[o];
    }
    for (size_t o = 0; o < layer->outputs; o++)
        y[o] = y[o] * quantized->scales[o] + biases[o];
}

/* The logits end in one of the two halves of scratch, [2][widest]. */
static const float *run_layers(const struct quantized *quantized, const float *x, float *scratch,
                               size_t widest) {
    const minnow_network *network = quantized->network;
    float *y = scratch;
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        y = scratch + (l % 2) * widest;
        run_layer(layer, parameters_biases(network->parameters, l), &quantized->layers[l], x, y);
        if (l + 1 < network->layer_count)
            network->kernels->activate(layer->outputs, network_kernel_activation(network, l), y, y);
        x = y;
    }
    return y;
}

minnow_status quantized_predict(const struct quantized *quantized, const minnow_dataset *dataset,
                                uint32_t *predicted) {
    const minnow_network *network = quantized->network;
    size_t features = dataset->features, classes = network_last_layer(network)->outputs;
    size_t widest = network_widest(network), input = size_round_up(features, CACHE_LINE_FLOATS);
    float *scratch = memory_allocate(input + 2 * widest, sizeof *scratch);
    if (scratch == NULL)
        return fail_memory("a prediction");
    for (size_t s = 0; s < dataset->count; s++) {
        for (size_t i = 0; i < features && !dataset_is_sparse(dataset); i++)
            scratch[i] = dataset->bytes != NULL ? (float)dataset->bytes[s * features + i] * dataset->scale
                                                : dataset->values[s * features + i];
        if (dataset_is_sparse(dataset)) {
            memset(scratch, 0, features * sizeof *scratch);
            for (size_t e = dataset->sparse.start[s]; e < dataset->sparse.start[s + 1]; e++)
                scratch[dataset->sparse.index[e]] = dataset->sparse.value[e];
        }
        const float *z = run_layers(quantized, scratch, scratch + input, widest);
        network->kernels->argmax(1, classes, z, widest, &predicted[s]);
    }
    memory_free(scratch);
    return MINNOW_OK;
}
