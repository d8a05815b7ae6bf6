/* One sample's way forward and backward through a network, with every value on it. The kernels and their order are
   those of training on a mini-batch of one, and so the values have the same bits. */
#include <string.h>

#include "base/argument.h"
#include "base/memory.h"
#include "base/sized.h"
#include "base/status.h"
#include "net/ensemble.h"
#include "net/network.h"

void minnow_trace_init(minnow_trace *trace, size_t size) {
    sized_init(trace, size, &(minnow_trace){.label = MINNOW_NO_LABEL}, sizeof(minnow_trace));
}

/* ---- What is wanted ---- */

/* Where the caller wants a result of a layer; NULL if it is not wanted. */
static float *wanted(float *const *buffers, size_t layer) {
    return buffers != NULL ? buffers[layer] : NULL;
}

/* Copies a result to where it is wanted. */
static void give(float *const *buffers, size_t layer, const float *values, size_t count) {
    float *to = wanted(buffers, layer);
    if (to != NULL)
        memcpy(to, values, count * sizeof *to);
}

/* Whether the loss takes the label, or the targets, that there are. */
static minnow_status check_answer(const minnow_network *network, const minnow_trace *trace) {
    const struct loss_row *loss = &loss_rows[network->loss];
    size_t outputs = network_last_layer(network)->outputs;

    if (trace->label != MINNOW_NO_LABEL && trace->targets != NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "trace: label and targets are set, expected one of them");
    if (trace->label != MINNOW_NO_LABEL && loss->loss == NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "trace: the network's loss, %s, takes no label; set targets",
                    loss->name);
    if (trace->targets != NULL && loss->target_loss == NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "trace: the network's loss, %s, takes no targets; set label",
                    loss->name);
    if (trace->label != MINNOW_NO_LABEL && trace->label >= outputs)
        return fail(MINNOW_ERROR_ARGUMENT, "trace: label is %u, expected 0 to %zu, or MINNOW_NO_LABEL",
                    (unsigned)trace->label, outputs - 1);
    return MINNOW_OK;
}

/* Results of the way back begin with the loss. */
static minnow_status check_results(const minnow_trace *trace) {
    const struct {
        const char *name;
        bool wanted;
    } results[] = {
        {"deltas", trace->deltas != NULL},
        {"weight_gradients", trace->weight_gradients != NULL},
        {"bias_gradients", trace->bias_gradients != NULL},
        {"input_gradient", trace->input_gradient != NULL},
    };
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (results[i].wanted && trace->label == MINNOW_NO_LABEL && trace->targets == NULL)
            return fail(MINNOW_ERROR_ARGUMENT,
                        "trace: %s is set, but label is MINNOW_NO_LABEL; set the label, or targets",
                        results[i].name);
    return MINNOW_OK;
}

/* ---- The walk ---- */

/* Inputs of a layer whose weights are transposed at a time, to multiply a delta by them. */
enum { TRACE_BLOCK = 256 };

/* All of them are rows of one allocation. */
struct walk {
    const minnow_network *network;
    size_t widest;                     /* floats from one row to the next */
    float *rows;                       /* [2 · layer_count + 2][widest] */
    float *sums[NETWORK_MAX_LAYERS];   /* z of each layer, in a row each */
    float *values[NETWORK_MAX_LAYERS]; /* a = f(z) of each layer, likewise; the last layer's are its logits */
    float *delta, *before;             /* of the layer the walk is at, and of the one before it */
    float *transposed;                 /* [outputs][TRACE_BLOCK]: a part of a layer's weights */
};

static minnow_status walk_open(const minnow_network *network, struct walk *walk) {
    *walk = (struct walk){.network = network, .widest = network_widest(network)};
    walk->rows = memory_allocate(2 * network->layer_count + 2, walk->widest * sizeof(float));
    walk->transposed = memory_allocate(walk->widest, TRACE_BLOCK * sizeof(float));
    if (walk->rows == NULL || walk->transposed == NULL)
        return fail_memory("a trace");

    float *row = walk->rows;
    for (size_t l = 0; l < network->layer_count; l++, row += 2 * walk->widest) {
        walk->sums[l] = row;
        walk->values[l] = row + walk->widest;
    }
    walk->delta = row;
    walk->before = row + walk->widest;
    return MINNOW_OK;
}

static void walk_close(struct walk *walk) {
    memory_free(walk->rows);
    memory_free(walk->transposed);
}

static void walk_forward(struct walk *walk, const float *x, const minnow_trace *trace) {
    const minnow_network *network = walk->network;
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        struct matrix w = parameters_weights(network->parameters, l);
        network->kernels->forward_one(layer->inputs, layer->outputs, x, w.data, w.stride,
                                      parameters_biases(network->parameters, l), ACTIVATION_IDENTITY,
                                      walk->sums[l]);
        network->kernels->activate(layer->outputs, network_kernel_activation(network, l), walk->sums[l],
                                   walk->values[l]);
        x = walk->values[l];

        give(trace->sums, l, walk->sums[l], layer->outputs);
        if (l + 1 < network->layer_count)
            give(trace->activations, l, walk->values[l], layer->outputs);
    }
}

/* The loss, and the last layer's delta. */
static float walk_loss(struct walk *walk, const minnow_trace *trace) {
    size_t last = walk->network->layer_count - 1, outputs = walk->network->layers[last].outputs;
    float loss;
    memcpy(walk->delta, walk->sums[last], outputs * sizeof *walk->delta);

    if (trace->targets == NULL) {
        network_loss(walk->network, 1, walk->delta, walk->widest, &trace->label, 1.0f, &loss);
        return loss;
    }
    /* In the walk's own memory, which the loss's signature may write to. */
    memcpy(walk->before, trace->targets, outputs * sizeof *walk->before);
    struct matrix target = {walk->before, walk->widest};
    network_target_loss(walk->network, 1, walk->delta, walk->widest, &target, 1.0f, &loss);
    return loss;
}

/* The delta of a layer's inputs, which have the activation f(z) = s, or, if its derivative needs that, z = s. The
   product is taken for some inputs at a time: each has a sum of its own, so that the bits are the same. */
static void walk_backward(const struct walk *walk, size_t l, enum activation activation, const float *s,
                          float *out) {
    const struct kernels *kernels = walk->network->kernels;
    const struct layer *layer = &walk->network->layers[l];
    struct matrix w = parameters_weights(walk->network->parameters, l);
    for (size_t first = 0; first < layer->inputs; first += TRACE_BLOCK) {
        size_t count = size_min(TRACE_BLOCK, layer->inputs - first);
        kernels->transpose(count, layer->outputs, w.data + first * w.stride, w.stride, walk->transposed,
                           TRACE_BLOCK);
        kernels->input_gradient_one(layer->outputs, count, walk->delta, walk->transposed, TRACE_BLOCK,
                                    activation, s != NULL ? s + first : NULL, out + first);
    }
}

/* Gives what the delta of a layer makes of its parameters. */
static void give_gradients(const struct walk *walk, size_t l, const float *x, const minnow_trace *trace) {
    const struct kernels *kernels = walk->network->kernels;
    const struct layer *layer = &walk->network->layers[l];
    float *weights = wanted(trace->weight_gradients, l), *biases = wanted(trace->bias_gradients, l);
    give(trace->deltas, l, walk->delta, layer->outputs);
    if (weights != NULL)
        kernels->weight_gradient(1, layer->inputs, layer->outputs, x, layer->inputs, walk->delta,
                                 walk->widest, weights, layer->outputs);
    if (biases != NULL)
        kernels->bias_gradient(1, layer->outputs, walk->delta, walk->widest, biases);
}

static void walk_back(struct walk *walk, const float *input, const minnow_trace *trace) {
    for (size_t l = walk->network->layer_count - 1; l > 0; l--) {
        give_gradients(walk, l, walk->values[l - 1], trace);

        enum activation activation = network_kernel_activation(walk->network, l - 1);
        bool needs_sums = activation_derivative_needs_input(activation);
        walk_backward(walk, l, activation, needs_sums ? walk->sums[l - 1] : walk->values[l - 1],
                      walk->before);

        float *done = walk->delta;
        walk->delta = walk->before;
        walk->before = done;
    }

    give_gradients(walk, 0, input, trace);
    if (trace->input_gradient != NULL)
        walk_backward(walk, 0, ACTIVATION_IDENTITY, NULL, trace->input_gradient);
}

/* What the output layer makes of its logits. */
static void give_outputs(const struct walk *walk, const minnow_trace *trace) {
    size_t last = walk->network->layer_count - 1;
    network_output_activation(walk->network, 1, walk->values[last], walk->widest);
    give(trace->activations, last, walk->values[last], walk->network->layers[last].outputs);
}

minnow_status minnow_network_trace(const minnow_network *network, const float *input, minnow_trace *trace) {
    if (!GIVEN(network) || !GIVEN(input) || !GIVEN(trace))
        return MINNOW_ERROR_ARGUMENT;

    struct walk walk = {0};
    minnow_trace own;
    minnow_status status = sized_read("trace", trace, &own, sizeof own);
    if (status == MINNOW_OK)
        status = network_check_single(network, "minnow_network_trace");
    if (status == MINNOW_OK)
        status = check_answer(network, &own);
    if (status == MINNOW_OK)
        status = check_results(&own);
    if (status == MINNOW_OK)
        status = walk_open(network, &walk);

    if (status == MINNOW_OK) {
        walk_forward(&walk, input, &own);
        give_outputs(&walk, &own);
        own.loss = 0.0f;
        if (own.label != MINNOW_NO_LABEL || own.targets != NULL) {
            own.loss = walk_loss(&walk, &own);
            walk_back(&walk, input, &own);
        }
        sized_write(&own, sizeof own, trace);
    }
    walk_close(&walk);
    return status;
}
