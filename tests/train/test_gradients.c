/* The gradients that training uses, against central differences of the loss in double precision. */
#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

#include "support/networks.h"
#include "base/memory.h"
#include "base/random.h"
#include "samples.h"
#include "train/trainer.h"

enum { LAYERS = 3, SAMPLES = 7, WIDEST = 12 };
static const size_t sizes[LAYERS + 1] = {9, 12, 5, 4};

/* Parameters in double, beside the network's own. */
struct doubles {
    double weights[LAYERS][WIDEST][WIDEST];
    double biases[LAYERS][WIDEST];
};

static double activate(minnow_activation activation, double z) {
    if (activation == MINNOW_ACTIVATION_RELU)
        return z > 0.0 ? z : 0.0;
    return activation == MINNOW_ACTIVATION_TANH ? tanh(z) : 1.0 / (1.0 + exp(-z));
}

static double sample_loss(minnow_loss loss, const double *z, size_t n, size_t label) {
    double sum = 0.0, total = 0.0;
    for (size_t j = 0; j < n; j++) {
        double y = j == label ? 1.0 : 0.0, a = 1.0 / (1.0 + exp(-z[j]));
        sum += exp(z[j]);
        total += loss == MINNOW_LOSS_QUADRATIC ? 0.5 * (a - y) * (a - y)
                                               : -(y * log(a) + (1.0 - y) * log(1.0 - a));
    }
    return loss == MINNOW_LOSS_SOFTMAX ? log(sum) - z[label] : total;
}

/* Mean loss over the samples, in double from end to end. */
static double mean_loss(const minnow_network *network, const struct doubles *p,
                        const minnow_dataset *dataset) {
    double total = 0.0;
    for (size_t s = 0; s < SAMPLES; s++) {
        double x[WIDEST], y[WIDEST];
        for (size_t i = 0; i < sizes[0]; i++)
            x[i] = (double)dataset->values[s * sizes[0] + i];
        for (size_t l = 0; l < LAYERS; l++) {
            for (size_t j = 0; j < sizes[l + 1]; j++) {
                y[j] = p->biases[l][j];
                for (size_t i = 0; i < sizes[l]; i++)
                    y[j] += x[i] * p->weights[l][i][j];
            }
            for (size_t j = 0; j < sizes[l + 1]; j++)
                x[j] = l + 1 < LAYERS ? activate(network->layers[l].activation, y[j]) : y[j];
        }
        total += sample_loss(network->loss, x, sizes[LAYERS], dataset->labels[s]);
    }
    return total / SAMPLES;
}

static minnow_dataset *make_dataset(void) {
    float values[SAMPLES * 9];
    uint32_t labels[SAMPLES];
    for (uint32_t i = 0; i < SAMPLES * 9; i++)
        values[i] = (float)random_unit(random_draw(7, RANDOM_INIT, 1, 0, i).word[0]);
    for (uint32_t s = 0; s < SAMPLES; s++)
        labels[s] = s % 4;
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_from_floats(values, labels, SAMPLES, 9, 4, &dataset), MINNOW_OK);
    return dataset;
}

static minnow_network *make_network(minnow_activation activation, minnow_loss loss, struct doubles *p) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = LAYERS;
    config.activation = activation;
    config.loss = loss;
    config.init = MINNOW_INIT_SCALED;
    config.seed = 3;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    for (size_t l = 0; l < LAYERS; l++) {
        const struct layer *layer = &network->layers[l];
        for (size_t j = 0; j < layer->outputs; j++) {
            p->biases[l][j] = (double)*bias_at(network, l, j);
            for (size_t i = 0; i < layer->inputs; i++)
                p->weights[l][i][j] = (double)*weight_at(network, l, i, j);
        }
    }
    return network;
}

static double central_difference(const minnow_network *network, struct doubles *p, double *at,
                                 const minnow_dataset *dataset) {
    const double h = 1e-5, before = *at;
    *at = before + h;
    double above = mean_loss(network, p, dataset);
    *at = before - h;
    double below = mean_loss(network, p, dataset);
    *at = before;
    return (above - below) / (2.0 * h);
}

/* Worst |analytic - numeric| of a layer, relative to the layer's largest gradient or a hundredth of it at
   least: an element that cancels to nearly 0 carries the rounding of the sum it came from. */
struct comparison {
    double difference[WIDEST * (WIDEST + 1)], size[WIDEST * (WIDEST + 1)], largest;
    size_t count;
};

static void compare(struct comparison *c, double analytic, double numeric) {
    c->difference[c->count] = fabs(analytic - numeric);
    c->size[c->count++] = fabs(numeric);
    c->largest = fmax(c->largest, fabs(numeric));
}

static double worst(const struct comparison *c) {
    double result = 0.0;
    for (size_t i = 0; i < c->count; i++)
        result = samples_worse(result, c->difference[i] / fmax(c->size[i], 0.01 * c->largest));
    return result;
}

static double layer_error(const minnow_trainer *trainer, struct doubles *p, size_t l) {
    const struct layer *layer = &trainer->network->layers[l];
    const struct kernels *kernels = trainer->network->kernels;
    struct matrix x = trainer->plan->stages[l].input, d = trainer->plan->stages[l].delta;
    float weights[WIDEST * WIDEST], biases[WIDEST];
    kernels->weight_gradient(SAMPLES, layer->inputs, layer->outputs, x.data, x.stride, d.data, d.stride,
                             weights, layer->outputs);
    kernels->bias_gradient(SAMPLES, layer->outputs, d.data, d.stride, biases);
    struct comparison c = {.count = 0};
    for (size_t j = 0; j < layer->outputs; j++) {
        compare(&c, (double)biases[j],
                central_difference(trainer->network, p, &p->biases[l][j], trainer->dataset));
        for (size_t i = 0; i < layer->inputs; i++)
            compare(&c, (double)weights[i * layer->outputs + j],
                    central_difference(trainer->network, p, &p->weights[l][i][j], trainer->dataset));
    }
    return worst(&c);
}

static double network_error(minnow_activation activation, minnow_loss loss) {
    struct doubles *p = calloc(1, sizeof *p);
    cr_assert_not_null(p);
    minnow_dataset *dataset = make_dataset();
    minnow_network *network = make_network(activation, loss, p);
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = SAMPLES;
    config.shuffle = false;
    config.threads = 1;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    struct minibatch batch = {.count = SAMPLES, .loss_scale = 1.0f / SAMPLES};
    plan_refresh(trainer->plan);
    plan_propagate(trainer->plan, &batch, 0);
    double error = 0.0;
    for (size_t l = 0; l < LAYERS; l++)
        error = samples_worse(error, layer_error(trainer, p, l));
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
    free(p);
    return error;
}

Test(gradients, match_central_differences) {
    double largest = 0.0;
    for (int activation = MINNOW_ACTIVATION_RELU; activation <= MINNOW_ACTIVATION_TANH; activation++) {
        for (int loss = MINNOW_LOSS_SOFTMAX; loss <= MINNOW_LOSS_QUADRATIC; loss++) {
            double error = network_error((minnow_activation)activation, (minnow_loss)loss);
            largest = samples_worse(largest, error);
            cr_expect_lt(error, 1e-4, "%s, %s: relative error %g", activation_rows[activation].name,
                         loss_rows[loss].name, error);
        }
    }
    cr_log_info("worst relative error of a gradient: %.3g", largest);
}
