#include "base/argument.h"
#include "base/memory.h"
#include "base/status.h"
#include "net/ensemble.h"
#include "net/network.h"

size_t network_widest(const minnow_network *network) {
    size_t widest = 0;
    for (size_t l = 0; l < network->layer_count; l++)
        if (network->layers[l].outputs > widest)
            widest = network->layers[l].outputs;
    return size_round_up(widest, CACHE_LINE_FLOATS);
}

void network_forward_layer(const minnow_network *network, size_t l, size_t m, const float *x, size_t ldx,
                           float *y, size_t ldy) {
    const struct layer *layer = &network->layers[l];
    struct matrix w = parameters_weights(network->parameters, l);
    const float *biases = parameters_biases(network->parameters, l);
    enum activation act = network_kernel_activation(network, l);
    if (m == 1)
        network->kernels->forward_one(layer->inputs, layer->outputs, x, w.data, w.stride, biases, act, y);
    else
        network->kernels->forward(m, layer->inputs, layer->outputs, x, ldx, w.data, w.stride, biases, act, y,
                                  ldy);
}

/* Runs x[m] through the layers from `first` on; the last one's outputs are returned, rows network_widest apart. */
static float *run_layers(const minnow_network *network, size_t first, size_t m, const float *x, size_t ldx,
                         float *scratch) {
    size_t widest = network_widest(network);
    float *halves[2] = {scratch, scratch + m * widest}, *y = scratch;

    for (size_t l = first; l < network->layer_count; l++) {
        y = halves[l % 2];
        network_forward_layer(network, l, m, x, ldx, y, widest);
        x = y;
        ldx = widest;
    }
    return y;
}

size_t network_scratch(const minnow_network *network, size_t m) {
    return (network->other_count > 0 ? 3 : 2) * m * network_widest(network);
}

static float *run_dense(const minnow_network *network, size_t m, const void *input, float *scratch) {
    const struct matrix *x = input;
    return run_layers(network, 0, m, x->data, x->stride, scratch);
}

float *network_logits(const minnow_network *network, size_t m, const float *x, size_t ldx, float *scratch) {
    if (network->other_count == 0)
        return run_layers(network, 0, m, x, ldx, scratch);
    const struct matrix input = {(float *)(uintptr_t)x, ldx}; /* only read */
    float *sum = scratch + 2 * m * network_widest(network);
    return network_ensemble_logits(network, m, sum, run_dense, &input, scratch);
}

/* Zeros add nothing to a sum, so that leaving them out gives the same bits. */
static float *run_sparse(const minnow_network *network, size_t m, const void *input, float *scratch) {
    const struct sparse_rows *x = input;
    size_t widest = network_widest(network);
    struct matrix w = parameters_weights(network->parameters, 0);
    network->kernels->sparse_forward(m, network->layers[0].outputs, x, w.data, w.stride,
                                     parameters_biases(network->parameters, 0),
                                     network_kernel_activation(network, 0), scratch, widest);
    return network->layer_count > 1 ? run_layers(network, 1, m, scratch, widest, scratch) : scratch;
}

float *network_logits_sparse(const minnow_network *network, size_t m, const struct sparse_rows *x,
                             float *scratch) {
    if (network->other_count == 0)
        return run_sparse(network, m, x, scratch);
    float *sum = scratch + 2 * m * network_widest(network);
    return network_ensemble_logits(network, m, sum, run_sparse, x, scratch);
}

void network_output_activation(const minnow_network *network, size_t m, float *z, size_t ldz) {
    loss_rows[network->loss].outputs(network->kernels, m, network_last_layer(network)->outputs, z, ldz);
}

void network_loss(const minnow_network *network, size_t m, float *z, size_t ldz, const uint32_t *label,
                  float scale, float *loss) {
    loss_rows[network->loss].loss(network->kernels, m, network_last_layer(network)->outputs, z, ldz, label,
                                  scale, loss);
}

void network_target_loss(const minnow_network *network, size_t m, float *z, size_t ldz,
                         const struct matrix *target, float scale, float *loss) {
    loss_rows[network->loss].target_loss(network->kernels, m, network_last_layer(network)->outputs, z, ldz,
                                         target, scale, loss);
}

void network_right(const minnow_network *network, size_t m, const float *z, size_t ldz,
                   const struct matrix *target, uint32_t *right) {
    const struct loss_row *row = &loss_rows[network->loss];
    size_t n = network_last_layer(network)->outputs;
    for (size_t i = 0; i < m; i++)
        right[i] = row->right != NULL && row->right(n, z + i * ldz, target->data + i * target->stride);
}

/* ---- Prediction ---- */

/* Samples in one pass through the layers, and the floats of scratch for which no memory is allocated: then a
   prediction cannot fail, and takes microseconds. */
enum { PREDICT_BLOCK = 64, STACK_FLOATS = 8192 };

/* Whether arrays of so many samples can exist. */
static bool fits_memory(const minnow_network *network, size_t count) {
    size_t widest = network_widest(network), features = network->layers[0].inputs, bytes;
    if (size_multiply(count, (features > widest ? features : widest) * sizeof(float), &bytes))
        return true;
    fail(MINNOW_ERROR_ARGUMENT, "minnow_network_predict: count is %zu, more samples than memory can hold",
         count);
    return false;
}

minnow_status minnow_network_predict(const minnow_network *network, const float *inputs, size_t count,
                                     uint32_t *labels, float *outputs) {
    if (!GIVEN(network) || (count > 0 && !GIVEN(inputs)) || !fits_memory(network, count))
        return MINNOW_ERROR_ARGUMENT;
    _Alignas(CACHE_LINE) float stack[STACK_FLOATS];
    size_t features = network->layers[0].inputs, classes = network_last_layer(network)->outputs;
    size_t widest = network_widest(network), fits = STACK_FLOATS / network_scratch(network, 1);
    size_t block = size_min(count, fits >= 8 ? size_min(fits, PREDICT_BLOCK) : PREDICT_BLOCK);
    float *scratch = block <= fits ? stack : memory_allocate(network_scratch(network, block), sizeof(float));
    if (scratch == NULL)
        return fail_memory("a prediction");
    for (size_t first = 0; first < count; first += block) {
        size_t m = size_min(block, count - first);
        float *z = network_logits(network, m, inputs + first * features, features, scratch);
        if (labels != NULL)
            network->kernels->argmax(m, classes, z, widest, labels + first);
        if (outputs == NULL)
            continue;
        network_output_activation(network, m, z, widest);
        network->kernels->gather_floats(m, classes, z, widest, NULL, outputs + first * classes, classes);
    }
    if (scratch != stack)
        memory_free(scratch);
    return MINNOW_OK;
}
