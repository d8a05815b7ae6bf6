/* What is drawn for training: shares of mixing, what dropout keeps, and noise; and how networks begin. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "samples.h"
#include "support/networks.h"
#include "train/draws.h"
#include "train/perturb.h"

/* Mean ½ and variance 1 / (4 (2a + 1)), as Beta(a, a) has. */
Test(perturb, shares_are_beta) {
    static const double shapes[] = {0.01, 0.2, 0.4, 1.0, 1.5, 8.0, 1000.0};
    enum { DRAWS = 20000, COUNT = 16 };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        double sum = 0.0, squares = 0.0, variance = 1.0 / (4.0 * (2.0 * shapes[i] + 1.0));
        size_t shifts[COUNT] = {0};
        for (uint32_t d = 0; d < DRAWS; d++) {
            struct minibatch batch = {.position = 64 * (size_t)(d % 100), .count = COUNT, .epoch = d / 100};
            struct mixing mixing = mixing_draw(shapes[i], 7, &batch);
            cr_assert(mixing.share >= 0.0f && mixing.share <= 1.0f && mixing.shift >= 1 &&
                      mixing.shift < COUNT);
            sum += (double)mixing.share - 0.5;
            squares += ((double)mixing.share - 0.5) * ((double)mixing.share - 0.5);
            shifts[mixing.shift]++;
        }
        cr_expect_lt(fabs(sum / DRAWS), 5.0 * sqrt(variance / DRAWS), "shape %g: mean ½ %+g", shapes[i],
                     sum / DRAWS);
        cr_expect_lt(fabs(squares / DRAWS / variance - 1.0), 0.06, "shape %g: variance %g, not %g", shapes[i],
                     squares / DRAWS, variance);
        for (size_t s = 1; s < COUNT; s++)
            cr_expect(shifts[s] > DRAWS / COUNT / 2, "shift %zu came %zu times", s, shifts[s]);
    }
}

/* What a sample keeps depends on the epoch, the sample and the layer, and not on its mini-batch. */
Test(perturb, dropout_is_of_the_sample) {
    enum { UNITS = 1000, BATCH = 40 };
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.dropout_count = 1;
    config.dropout[0] = 0.3;
    const struct kernels *kernels = kernels_best();
    struct dropout first = dropout_of(&config, 1), second = dropout_of(&config, 1),
                   other = dropout_of(&config, 2);
    cr_assert_eq(dropout_open(BATCH, UNITS, &first), MINNOW_OK);
    cr_assert_eq(dropout_open(BATCH, UNITS, &second), MINNOW_OK);
    cr_assert_eq(dropout_open(BATCH, UNITS, &other), MINNOW_OK);
    static float given[BATCH * UNITS];
    for (size_t i = 0; i < BATCH * UNITS; i++)
        given[i] = (float)(i + 1);
    const struct matrix outputs = {given, UNITS};

    struct minibatch batch = {.position = 10, .count = BATCH, .epoch = 3}, later = batch;
    later.position = 15;
    dropout_forward(&first, kernels, &batch, (struct range){0, BATCH}, &outputs);
    dropout_forward(&second, kernels, &later, (struct range){3, BATCH - 5}, &outputs);
    dropout_forward(&other, kernels, &batch, (struct range){0, BATCH}, &outputs);
    for (size_t i = 3; i < BATCH - 5; i++)
        cr_assert_eq(memcmp(first.kept + (i + 5) * first.stride, second.kept + i * second.stride, UNITS), 0);
    cr_assert_neq(memcmp(first.kept, other.kept, UNITS), 0, "each layer draws for itself");
    cr_assert_neq(memcmp(first.kept, first.kept + first.stride, UNITS), 0, "each sample draws for itself");

    size_t kept = 0;
    for (size_t i = 0; i < BATCH; i++)
        for (size_t j = 0; j < UNITS; j++) {
            bool in = first.kept[i * first.stride + j] != 0;
            float expected = in ? given[i * UNITS + j] * (float)(1.0 / 0.7) : 0.0f;
            cr_assert_eq(first.output.data[i * first.output.stride + j], expected);
            kept += in;
        }
    cr_expect_float_eq((double)kept / (BATCH * UNITS), 0.7, 0.01);
    dropout_close(&first);
    dropout_close(&second);
    dropout_close(&other);
}

Test(perturb, noise_is_normal) {
    enum { COUNT = 100000 };
    static float x[COUNT];
    uint32_t draws[DRAWS_WORDS];
    struct minibatch batch = {.epoch = 1};
    draws_of(5, RANDOM_NOISE, &batch, 3, draws);
    kernels_best()->add_normal(1, COUNT, draws, 0.5f, x, COUNT);
    double moment[5] = {0};
    for (size_t i = 0; i < COUNT; i++)
        for (int k = 1; k <= 4; k++)
            moment[k] += pow(2.0 * (double)x[i], k) / COUNT;
    cr_expect_float_eq(moment[1], 0.0, 0.015);
    cr_expect_float_eq(moment[2], 1.0, 0.02);
    cr_expect_float_eq(moment[3], 0.0, 0.06);
    cr_expect_float_eq(moment[4], 3.0, 0.12);
}

/* ---- How networks begin ---- */

static const uint32_t ORTHOGONAL_CRC = 0x2a131e66;

static minnow_network *begin(minnow_init init, minnow_activation activation) {
    static const size_t sizes[] = {120, 70, 90, 5};
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = 3;
    config.activation = activation;
    config.init = init;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    return network;
}

static double product_of(const minnow_network *network, size_t l, bool rows, size_t a, size_t b, size_t n) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += rows ? (double)*weight_at(network, l, a, i) * (double)*weight_at(network, l, b, i)
                    : (double)*weight_at(network, l, i, a) * (double)*weight_at(network, l, i, b);
    return sum;
}

Test(begin, orthogonal_is_orthogonal) {
    minnow_network *network = begin(MINNOW_INIT_ORTHOGONAL, MINNOW_ACTIVATION_RELU);
    for (size_t l = 0; l < 3; l++) {
        const struct layer *layer = &network->layers[l];
        bool rows = layer->inputs <= layer->outputs;
        size_t count = rows ? layer->inputs : layer->outputs, n = rows ? layer->outputs : layer->inputs;
        double square = l < 2 ? 2.0 : 1.0;
        for (size_t a = 0; a < count; a++)
            for (size_t b = 0; b <= a; b++)
                cr_assert_float_eq(product_of(network, l, rows, a, b, n), a == b ? square : 0.0, 1e-6);
    }
    minnow_network_free(network);
}

Test(begin, variances_are_as_documented) {
    static const struct {
        minnow_init init;
        double variance; /* of the first layer: 120 inputs, 70 outputs */
    } rows[] = {{MINNOW_INIT_HE, 2.0 / 120},
                {MINNOW_INIT_GLOROT, 2.0 / 190},
                {MINNOW_INIT_LECUN, 1.0 / 120},
                {MINNOW_INIT_SCALED, 1.0 / 120},
                {MINNOW_INIT_STANDARD_NORMAL, 1.0}};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        minnow_network *network = begin(rows[r].init, MINNOW_ACTIVATION_TANH);
        double sum = 0.0;
        for (size_t i = 0; i < 120; i++)
            for (size_t j = 0; j < 70; j++)
                sum += (double)*weight_at(network, 0, i, j) * (double)*weight_at(network, 0, i, j);
        cr_expect_float_eq(sum / (120 * 70) / rows[r].variance, 1.0, 0.05);
        minnow_network_free(network);
    }
}

/* The bits that x86-64 and aarch64 must find. */
Test(begin, bits_are_recorded) {
    minnow_network *network = begin(MINNOW_INIT_ORTHOGONAL, MINNOW_ACTIVATION_RELU);
    cr_expect_eq(minnow_network_params_crc32(network), ORTHOGONAL_CRC, "%08x",
                 minnow_network_params_crc32(network));
    minnow_network_free(network);
}
