#include <math.h>

#include "base/random.h"
#include "base/team.h"
#include "net/network.h"

/* row[n] = sigma · N(0, 1), two draws from each block. */
static void fill_normal(float *row, size_t n, double sigma, uint64_t seed, size_t layer, uint32_t index) {
    for (size_t i = 0; i < n; i += 2) {
        double normal[2];
        random_normal_pair(random_draw(seed, RANDOM_INIT, (uint32_t)layer, index, (uint32_t)(i / 2)), normal);
        row[i] = (float)(sigma * normal[0]);
        if (i + 1 < n)
            row[i + 1] = (float)(sigma * normal[1]);
    }
}

/* What the rows of a layer are drawn with. */
struct drawing {
    const minnow_network *network;
    size_t layer;
    double sigma;
    uint64_t seed;
};

static void draw_rows(struct team_member member, void *context) {
    const struct drawing *drawing = context;
    const struct layer *layer = &drawing->network->layers[drawing->layer];
    struct matrix w = parameters_weights(drawing->network->parameters, drawing->layer);
    size_t begin, end;
    team_slice(member, layer->inputs, 1, &begin, &end);
    for (size_t i = begin; i < end; i++)
        fill_normal(w.data + i * w.stride, layer->outputs, drawing->sigma, drawing->seed, drawing->layer,
                    (uint32_t)i);
}

void network_initialize(minnow_network *network, minnow_init init, uint64_t seed) {
    enum { WORTH_THREADS = 16384 }; /* weights */
    if (init == MINNOW_INIT_ZERO)
        return;

    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        double gain = activation_rows[layer->activation].gain;
        double sigma = init == MINNOW_INIT_SCALED ? sqrt(gain / (double)layer->inputs) : 1.0;
        struct drawing drawing = {network, l, sigma, seed};
        team_run(layer->inputs * layer->outputs > WORTH_THREADS ? team_threads(0) : 1, draw_rows, &drawing);
        if (init == MINNOW_INIT_STANDARD_NORMAL)
            fill_normal(parameters_biases(network->parameters, l), layer->outputs, sigma, seed, l,
                        UINT32_MAX);
    }
    parameters_changed(network->parameters);
}
