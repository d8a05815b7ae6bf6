#include <math.h>

#include "base/random.h"
#include "base/team.h"
#include "net/initialize.h"

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

/* ---- The table ---- */

static double of_activation(const struct layer *layer, double gain) {
    return gain / (double)layer->inputs;
}

static double of_one(const struct layer *layer, double gain) {
    (void)layer, (void)gain;
    return 1.0;
}

static double of_inputs(const struct layer *layer, double gain) {
    (void)gain;
    return 1.0 / (double)layer->inputs;
}

static double of_inputs_for_relu(const struct layer *layer, double gain) {
    (void)gain;
    return 2.0 / (double)layer->inputs;
}

static double of_both_sides(const struct layer *layer, double gain) {
    (void)gain;
    return 2.0 / (double)(layer->inputs + layer->outputs);
}

static double of_gain(const struct layer *layer, double gain) {
    (void)layer;
    return gain;
}

const struct init_row init_rows[] = {
    [MINNOW_INIT_SCALED] = {.name = "scaled",
                            .help = "he before relu and its relatives, else lecun",
                            .variance = of_activation},
    [MINNOW_INIT_STANDARD_NORMAL] = {.name = "normal",
                                     .help = "N(0, 1), biases too",
                                     .variance = of_one,
                                     .draws_biases = true},
    [MINNOW_INIT_ZERO] = {.name = "zero"},
    [MINNOW_INIT_HE] = {.name = "he", .help = "N(0, 2/inputs)", .variance = of_inputs_for_relu},
    [MINNOW_INIT_GLOROT] = {.name = "glorot",
                            .help = "N(0, 2/(inputs + outputs))",
                            .variance = of_both_sides},
    [MINNOW_INIT_LECUN] = {.name = "lecun", .help = "N(0, 1/inputs)", .variance = of_inputs},
    [MINNOW_INIT_ORTHOGONAL] = {.name = "orthogonal",
                                .help = "orthogonal rows or columns",
                                .variance = of_gain,
                                .orthogonal = true},
};
const size_t init_row_count = sizeof init_rows / sizeof *init_rows;

/* ---- Drawing ---- */

static void draw_layer(minnow_network *network, size_t l, const struct init_row *row, double sigma,
                       uint64_t seed) {
    enum { WORTH_THREADS = 16384 }; /* weights */
    const struct layer *layer = &network->layers[l];
    struct drawing drawing = {network, l, sigma, seed};
    team_run(layer->inputs * layer->outputs > WORTH_THREADS ? team_threads(0) : 1, draw_rows, &drawing);
    if (row->draws_biases)
        fill_normal(parameters_biases(network->parameters, l), layer->outputs, sigma, seed, l, UINT32_MAX);
}

minnow_status network_initialize(minnow_network *network, minnow_init init, uint64_t seed) {
    const struct init_row *row = &init_rows[init];
    minnow_status status = MINNOW_OK;
    for (size_t l = 0; status == MINNOW_OK && row->variance != NULL && l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        double sigma = sqrt(row->variance(layer, activation_rows[layer->activation].gain));
        if (row->orthogonal)
            status = orthogonal_weights(network, l, sigma, seed);
        else
            draw_layer(network, l, row, sigma, seed);
    }
    parameters_changed(network->parameters);
    return status;
}
