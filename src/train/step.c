/*
 * One mini-batch. Samples are independent until their gradients are summed, and parameters are independent in
 * that sum: so the first phase is split by samples, the second by parameters, and no two threads ever write
 * the same place.
 */
#include "base/memory.h"
#include "train/batch.h"
#include "train/trainer.h"

/* The dataset's sample at a place of the epoch's order. */
static size_t sample_at(const minnow_trainer *trainer, size_t position) {
    return trainer->order != NULL ? trainer->order[position] : position;
}

/* Shuffled samples lie anywhere in memory: each is asked for some samples before it is needed, even when that
   will be in the next mini-batch. */
static void gather_lists(minnow_trainer *trainer, size_t position, size_t row, size_t m) {
    enum { NEAR = 6, FAR = 14 };
    struct sparse_batch *sparse = &trainer->sparse;
    size_t count = trainer->dataset->count;
    for (size_t i = 0; i < m; i++) {
        if (position + i + FAR < count)
            sparse_batch_prefetch_place(sparse, sample_at(trainer, position + i + FAR));
        if (position + i + NEAR < count)
            sparse_batch_prefetch(sparse, sample_at(trainer, position + i + NEAR));
        sparse_batch_gather(sparse, trainer->dataset, row + i, sample_at(trainer, position + i));
    }
}

static void gather_byte_samples(minnow_trainer *trainer, size_t position, size_t row, size_t m) {
    enum { NEAR = 6 };
    for (size_t i = 0; i < m; i++) {
        if (position + i + NEAR < trainer->dataset->count)
            byte_batch_prefetch(trainer->dataset, sample_at(trainer, position + i + NEAR));
        byte_batch_gather(&trainer->bytes, trainer->dataset, row + i, sample_at(trainer, position + i));
    }
}

static void gather(minnow_trainer *trainer, const struct step *step, size_t begin, size_t end) {
    size_t first = step->position + begin, m = end - begin;
    for (size_t i = 0; i < m; i++)
        trainer->label[begin + i] = trainer->dataset->labels[sample_at(trainer, first + i)];
    if (trainer->form == INPUT_BYTES)
        gather_byte_samples(trainer, first, begin, m);
    else if (trainer->form == INPUT_LISTS)
        gather_lists(trainer, first, begin, m);
    else
        batch_gather(trainer->network->kernels, trainer->dataset, trainer->order != NULL ? 0 : first,
                     trainer->order != NULL ? trainer->order + first : NULL, m,
                     trainer->input + begin * trainer->input_stride, trainer->input_stride);
}

/* What layer l reads: the mini-batch, or the layer before. */
static const float *layer_input(const minnow_trainer *trainer, size_t l, size_t *stride) {
    *stride = l == 0 ? trainer->input_stride : trainer->stride[l - 1];
    return l == 0 ? trainer->input : trainer->activation[l - 1];
}

/* Where layer l's result goes: the last layer's logits become its delta in place. */
static float *layer_output(const minnow_trainer *trainer, size_t l) {
    return l + 1 == trainer->network->layer_count ? trainer->delta[l] : trainer->activation[l];
}

/* Logits of rows [begin, begin + m) to labels, losses and the last delta. */
static void finish_forward(minnow_trainer *trainer, size_t begin, size_t m, float scale) {
    const minnow_network *network = trainer->network;
    size_t last = network->layer_count - 1, stride = trainer->stride[last];
    float *z = trainer->delta[last] + begin * stride;
    network->kernels->argmax(m, network->layers[last].outputs, z, stride, trainer->predicted + begin);
    network_loss(network, m, z, stride, trainer->label + begin, scale, trainer->loss + begin);
}

static void forward_layer(minnow_trainer *trainer, size_t l, size_t begin, size_t m) {
    const minnow_network *network = trainer->network;
    const struct layer *layer = &network->layers[l];
    enum activation act = network_kernel_activation(network, l);
    size_t ldy = trainer->stride[l];
    struct matrix w = parameters_weights(network->parameters, l);
    const float *biases = parameters_biases(network->parameters, l);
    float *y = layer_output(trainer, l) + begin * ldy;
    if (l == 0 && trainer->form == INPUT_BYTES) {
        const struct byte_batch *bytes = &trainer->bytes;
        network->kernels->bytes_forward(m, layer->inputs, layer->outputs,
                                        bytes->samples + begin * bytes->sample_stride, bytes->sample_stride,
                                        bytes->value, w.data, w.stride, biases, act, y, ldy);
        return;
    }
    if (l == 0 && trainer->form == INPUT_LISTS) {
        struct sparse_rows x = sparse_slots_rows(&trainer->sparse.samples, begin);
        network->kernels->sparse_forward(m, layer->outputs, &x, w.data, w.stride, biases, act, y, ldy);
        return;
    }
    size_t stride;
    const float *x = layer_input(trainer, l, &stride);
    network->kernels->forward(m, layer->inputs, layer->outputs, x + begin * stride, stride, w.data, w.stride,
                              biases, act, y, ldy);
}

void step_propagate(minnow_trainer *trainer, const struct step *step, size_t begin, size_t end) {
    const minnow_network *network = trainer->network;
    size_t m = end - begin, stride;
    gather(trainer, step, begin, end);
    for (size_t l = 0; l < network->layer_count; l++)
        forward_layer(trainer, l, begin, m);
    finish_forward(trainer, begin, m, step->scale);
    for (size_t l = network->layer_count - 1; l > 0; l--) {
        const struct layer *layer = &network->layers[l];
        const float *y = layer_input(trainer, l, &stride);
        network->kernels->input_gradient(m, layer->outputs, layer->inputs,
                                         trainer->delta[l] + begin * trainer->stride[l], trainer->stride[l],
                                         trainer->transposed[l].data, trainer->transposed[l].stride,
                                         network_kernel_activation(network, l - 1), y + begin * stride,
                                         stride, trainer->delta[l - 1] + begin * stride, stride);
    }
}

/* ---- Phase 2 ---- */

/* Rows whose transposed copy is to be refreshed are worked on in pieces that stay in the cache meanwhile; a
   multiple of every table's tile rows. */
enum { PIECE_FLOATS = 65536, PIECE_GRAIN = 48 };

static void update_byte_rows(minnow_trainer *trainer, const struct step *step, size_t begin, size_t end) {
    struct layer *layer = &trainer->network->layers[0];
    struct matrix w = parameters_weights(trainer->network->parameters, 0);
    struct byte_batch *bytes = &trainer->bytes;
    const struct kernels *kernels = trainer->network->kernels;
    byte_batch_transpose(bytes, kernels, step->m, begin, end);
    kernels->bytes_weight_update(step->m, end - begin, layer->outputs,
                                 bytes->features + begin * bytes->feature_stride, bytes->feature_stride,
                                 bytes->value, trainer->delta[0], trainer->stride[0], step->rate,
                                 w.data + begin * w.stride, w.stride);
}

static void update_listed_rows(minnow_trainer *trainer, const struct step *step, unsigned thread,
                               size_t begin, size_t end) {
    struct layer *layer = &trainer->network->layers[0];
    struct matrix w = parameters_weights(trainer->network->parameters, 0);
    sparse_batch_seek(&trainer->sparse, thread, step->m, begin);
    for (size_t first = begin, last; first < end; first = last) {
        last = size_min(first + trainer->sparse.feature_block, end);
        struct sparse_rows xt = sparse_batch_list(&trainer->sparse, thread, step->m, first, last);
        trainer->network->kernels->sparse_weight_update(last - first, layer->outputs, &xt, trainer->delta[0],
                                                        trainer->stride[0], step->rate,
                                                        w.data + first * w.stride, w.stride);
    }
}

static void update_rows(minnow_trainer *trainer, const struct step *step, unsigned thread, size_t l,
                        size_t begin, size_t end) {
    if (l == 0 && trainer->form == INPUT_BYTES) {
        update_byte_rows(trainer, step, begin, end);
        return;
    }
    if (l == 0 && trainer->form == INPUT_LISTS) {
        update_listed_rows(trainer, step, thread, begin, end);
        return;
    }
    struct layer *layer = &trainer->network->layers[l];
    const struct kernels *kernels = trainer->network->kernels;
    struct matrix all = parameters_weights(trainer->network->parameters, l), wt = trainer->transposed[l];
    size_t stride, piece = end - begin;
    const float *x = layer_input(trainer, l, &stride);
    if (wt.data != NULL)
        piece = size_round_up(PIECE_FLOATS / all.stride + 1, PIECE_GRAIN);
    for (size_t row = begin; row < end; row += piece) {
        size_t rows = size_min(piece, end - row);
        float *w = all.data + row * all.stride;
        kernels->weight_update(step->m, rows, layer->outputs, x + row, stride, trainer->delta[l],
                               trainer->stride[l], step->rate, w, all.stride);
        if (wt.data != NULL)
            kernels->transpose(rows, layer->outputs, w, all.stride, wt.data + row, wt.stride);
    }
}

/* The first grain before which at least share / count of the whole work lies. */
static size_t grain_at_share(const minnow_trainer *trainer, unsigned share, unsigned count) {
    double bound = trainer->cost[trainer->grains] * share / count;
    size_t low = 0, high = trainer->grains;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (trainer->cost[middle] < bound)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void step_update(minnow_trainer *trainer, const struct step *step, struct team_member member) {
    const minnow_network *network = trainer->network;
    size_t from = grain_at_share(trainer, member.index, member.count), place = 0;
    size_t to = member.index + 1 == member.count ? trainer->grains
                                                 : grain_at_share(trainer, member.index + 1, member.count);
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        size_t grains = size_round_up(layer->inputs, ROW_GRAIN) / ROW_GRAIN;
        size_t first = from > place ? size_min(from - place, grains) : 0;
        size_t last = to > place ? size_min(to - place, grains) : 0;
        if (first < last)
            update_rows(trainer, step, member.index, l, first * ROW_GRAIN,
                        size_min(last * ROW_GRAIN, layer->inputs));
        if (l % member.count == member.index)
            network->kernels->bias_update(step->m, layer->outputs, trainer->delta[l], trainer->stride[l],
                                          step->rate, parameters_biases(network->parameters, l));
        place += grains;
    }
}

/* ---- A mini-batch of one ---- */

static void forward_layer_one(minnow_trainer *trainer, size_t l) {
    if (l == 0 && trainer->form == INPUT_LISTS) {
        forward_layer(trainer, 0, 0, 1);
        return;
    }
    const minnow_network *network = trainer->network;
    const struct layer *layer = &network->layers[l];
    struct matrix w = parameters_weights(network->parameters, l);
    size_t stride;
    network->kernels->forward_one(layer->inputs, layer->outputs, layer_input(trainer, l, &stride), w.data,
                                  w.stride, parameters_biases(network->parameters, l),
                                  network_kernel_activation(network, l), layer_output(trainer, l));
}

static void update_layer_one(minnow_trainer *trainer, size_t l, float rate) {
    const struct layer *layer = &trainer->network->layers[l];
    const struct kernels *kernels = trainer->network->kernels;
    struct matrix w = parameters_weights(trainer->network->parameters, l);
    const float *d = trainer->delta[l];
    size_t stride;
    const float *x = layer_input(trainer, l, &stride);
    if (l == 0 && trainer->form == INPUT_LISTS) {
        struct sparse_rows row = sparse_slots_rows(&trainer->sparse.samples, 0);
        kernels->sparse_weight_update_one(layer->outputs, &row, d, rate, w.data, w.stride);
    } else {
        kernels->weight_update_one(layer->inputs, layer->outputs, x, d, rate, w.data, w.stride);
    }
    /* x·d commutes: the transposed copy's update gives the same bits, and skips where d is 0. */
    if (l > 0)
        kernels->weight_update_one(layer->outputs, layer->inputs, d, x, rate, trainer->transposed[l].data,
                                   trainer->transposed[l].stride);
    /* A bias is the weight of an input that is always 1. */
    static const float one = 1.0f;
    kernels->weight_update_one(1, layer->outputs, &one, d, rate,
                               parameters_biases(trainer->network->parameters, l), 0);
}

void step_one(minnow_trainer *trainer, const struct step *step) {
    const minnow_network *network = trainer->network;
    size_t stride;
    gather(trainer, step, 0, 1);
    for (size_t l = 0; l < network->layer_count; l++)
        forward_layer_one(trainer, l);
    finish_forward(trainer, 0, 1, step->scale);
    for (size_t l = network->layer_count; l-- > 0;) {
        const struct layer *layer = &network->layers[l];
        if (l > 0)
            network->kernels->input_gradient_one(layer->outputs, layer->inputs, trainer->delta[l],
                                                 trainer->transposed[l].data, trainer->transposed[l].stride,
                                                 network_kernel_activation(network, l - 1),
                                                 layer_input(trainer, l, &stride), trainer->delta[l - 1]);
        update_layer_one(trainer, l, step->rate);
    }
}

void step_account(minnow_trainer *trainer, const struct step *step) {
    for (size_t i = 0; i < step->m; i++) {
        trainer->loss_sum += (double)trainer->loss[i];
        trainer->correct += trainer->predicted[i] == trainer->label[i];
    }
}
