#include <math.h>

#include "base/random.h"
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

void network_initialize(minnow_network *network, minnow_init init, uint64_t seed) {
    if (init == MINNOW_INIT_ZERO)
        return;
    for (size_t l = 0; l < network->layer_count; l++) {
        struct layer *layer = &network->layers[l];
        double gain = network_layer_activation(network, l) == ACTIVATION_RELU ? 2.0 : 1.0;
        double sigma = init == MINNOW_INIT_SCALED ? sqrt(gain / (double)layer->inputs) : 1.0;
        ptrdiff_t rows = (ptrdiff_t)layer->inputs;
#pragma omp parallel for if (layer->inputs * layer->outputs > 16384)
        for (ptrdiff_t i = 0; i < rows; i++)
            fill_normal(layer->weights + (size_t)i * layer->stride, layer->outputs, sigma, seed, l,
                        (uint32_t)i);
        if (init == MINNOW_INIT_STANDARD_NORMAL)
            fill_normal(layer->biases, layer->outputs, sigma, seed, l, UINT32_MAX);
    }
    network_transpose(network);
}
