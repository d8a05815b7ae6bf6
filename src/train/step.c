/*
 * One mini-batch. Samples are independent until their gradients are summed, and parameters are independent in
 * that sum: so the first phase is split by samples, the second by parameters, and no two threads ever write
 * the same place.
 */
#include "base/memory.h"
#include "train/batch.h"
#include "train/trainer.h"

static void gather(minnow_trainer *trainer, const struct step *step, size_t begin, size_t end) {
    size_t first = step->position + begin;
    const uint32_t *rows = trainer->order != NULL ? trainer->order + first : NULL;
    for (size_t i = begin; i < end; i++)
        trainer->label[i] = trainer->dataset->labels[rows != NULL ? rows[i - begin] : first + (i - begin)];
    batch_gather(trainer->network->kernels, trainer->dataset, rows != NULL ? 0 : first, rows, end - begin,
                 trainer->input + begin * trainer->input_stride, trainer->input_stride);
}

/* What layer l reads: the mini-batch, or the layer before. */
static const float *layer_input(const minnow_trainer *trainer, size_t l, size_t *stride) {
    *stride = l == 0 ? trainer->input_stride : trainer->network->layers[l - 1].stride;
    return l == 0 ? trainer->input : trainer->activation[l - 1];
}

/* Where layer l's result goes: the last layer's logits become its delta in place. */
static float *layer_output(const minnow_trainer *trainer, size_t l) {
    return l + 1 == trainer->network->layer_count ? trainer->delta[l] : trainer->activation[l];
}

/* Logits of rows [begin, begin + m) to labels, losses and the last delta. */
static void finish_forward(minnow_trainer *trainer, size_t begin, size_t m, float scale) {
    const minnow_network *network = trainer->network;
    size_t last = network->layer_count - 1, stride = network->layers[last].stride;
    float *z = trainer->delta[last] + begin * stride;
    network->kernels->argmax(m, network->layers[last].outputs, z, stride, trainer->predicted + begin);
    network_loss(network, m, z, stride, trainer->label + begin, scale, trainer->loss + begin);
}

void step_propagate(minnow_trainer *trainer, const struct step *step, size_t begin, size_t end) {
    const minnow_network *network = trainer->network;
    const struct kernels *kernels = network->kernels;
    size_t m = end - begin, stride;
    gather(trainer, step, begin, end);
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        const float *x = layer_input(trainer, l, &stride);
        kernels->forward(m, layer->inputs, layer->outputs, x + begin * stride, stride, layer->weights,
                         layer->stride, layer->biases, network_layer_activation(network, l),
                         layer_output(trainer, l) + begin * layer->stride, layer->stride);
    }
    finish_forward(trainer, begin, m, step->scale);
    for (size_t l = network->layer_count - 1; l > 0; l--) {
        const struct layer *layer = &network->layers[l];
        const float *y = layer_input(trainer, l, &stride);
        kernels->input_gradient(m, layer->outputs, layer->inputs, trainer->delta[l] + begin * layer->stride,
                                layer->stride, layer->transposed, layer->transposed_stride,
                                network_layer_activation(network, l - 1), y + begin * stride, stride,
                                trainer->delta[l - 1] + begin * stride, stride);
    }
}

/* ---- Phase 2 ---- */

/* Rows are handed out in whole cache lines of the transposed copy, and worked on in pieces that stay in the
   cache from the update to the transposition. */
enum { ROW_GRAIN = 16, PIECE_FLOATS = 16384, PIECE_GRAIN = 48 };

static void update_rows(minnow_trainer *trainer, const struct step *step, size_t l, size_t begin,
                        size_t end) {
    struct layer *layer = &trainer->network->layers[l];
    const struct kernels *kernels = trainer->network->kernels;
    size_t stride, piece = end - begin;
    const float *x = layer_input(trainer, l, &stride);
    if (layer->transposed != NULL)
        piece = size_round_up(PIECE_FLOATS / layer->stride + 1, PIECE_GRAIN);
    for (size_t row = begin; row < end; row += piece) {
        size_t rows = size_min(piece, end - row);
        float *w = layer->weights + row * layer->stride;
        kernels->weight_update(step->m, rows, layer->outputs, x + row, stride, trainer->delta[l],
                               layer->stride, step->rate, w, layer->stride);
        if (layer->transposed != NULL)
            kernels->transpose(rows, layer->outputs, w, layer->stride, layer->transposed + row,
                               layer->transposed_stride);
    }
}

/* The layers' rows stand in one line, each as long as its row of weights is wide; a member takes the grains
   whose start lies in its even share of that line. */
void step_update(minnow_trainer *trainer, const struct step *step, struct team_member member) {
    const minnow_network *network = trainer->network;
    uint64_t total = 0, place = 0;
    for (size_t l = 0; l < network->layer_count; l++)
        total += (uint64_t)size_round_up(network->layers[l].inputs, ROW_GRAIN) * network->layers[l].stride;
    uint64_t from = total / member.count * member.index;
    uint64_t to = member.index + 1 == member.count ? total : total / member.count * (member.index + 1);
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        uint64_t grain = (uint64_t)ROW_GRAIN * layer->stride;
        size_t grains = size_round_up(layer->inputs, ROW_GRAIN) / ROW_GRAIN;
        /* The first grain at or after a bound. */
        uint64_t first = from <= place ? 0 : (from - place + grain - 1) / grain;
        uint64_t last = to <= place ? 0 : (to - place + grain - 1) / grain;
        size_t begin = size_min((size_t)first, grains) * ROW_GRAIN;
        size_t end = size_min((size_t)size_min((size_t)last, grains) * ROW_GRAIN, layer->inputs);
        if (begin < end)
            update_rows(trainer, step, l, begin, end);
        if (l % member.count == member.index)
            network->kernels->bias_update(step->m, layer->outputs, trainer->delta[l], layer->stride,
                                          step->rate, layer->biases);
        place += grains * grain;
    }
}

/* ---- A mini-batch of one ---- */

void step_one(minnow_trainer *trainer, const struct step *step) {
    minnow_network *network = trainer->network;
    const struct kernels *kernels = network->kernels;
    size_t stride;
    gather(trainer, step, 0, 1);
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        kernels->forward_one(layer->inputs, layer->outputs, layer_input(trainer, l, &stride), layer->weights,
                             layer->stride, layer->biases, network_layer_activation(network, l),
                             layer_output(trainer, l));
    }
    finish_forward(trainer, 0, 1, step->scale);
    for (size_t l = network->layer_count; l-- > 0;) {
        struct layer *layer = &network->layers[l];
        const float *x = layer_input(trainer, l, &stride);
        if (l > 0)
            kernels->input_gradient_one(layer->outputs, layer->inputs, trainer->delta[l], layer->transposed,
                                        layer->transposed_stride, network_layer_activation(network, l - 1), x,
                                        trainer->delta[l - 1]);
        kernels->weight_update_one(layer->inputs, layer->outputs, x, trainer->delta[l], step->rate,
                                   layer->weights, layer->stride);
        /* x·d commutes: the transposed copy's update gives the same bits, and skips where d is 0. */
        if (l > 0)
            kernels->weight_update_one(layer->outputs, layer->inputs, trainer->delta[l], x, step->rate,
                                       layer->transposed, layer->transposed_stride);
        kernels->bias_update(1, layer->outputs, trainer->delta[l], layer->stride, step->rate, layer->biases);
    }
}

void step_account(minnow_trainer *trainer, const struct step *step) {
    for (size_t i = 0; i < step->m; i++) {
        trainer->loss_sum += (double)trainer->loss[i];
        trainer->correct += trainer->predicted[i] == trainer->label[i];
    }
}
