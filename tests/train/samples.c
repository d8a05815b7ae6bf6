#include "samples.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/random.h"
#include "data/dataset.h"

minnow_dataset *samples_make(size_t count, size_t features, size_t classes) {
    uint8_t *pixels = malloc(count * features);
    uint32_t *labels = malloc(count * sizeof *labels);
    cr_assert(pixels != NULL && labels != NULL);
    for (size_t i = 0; i < count; i++) {
        uint32_t *sum = calloc(classes, sizeof *sum);
        cr_assert_not_null(sum);
        for (size_t j = 0; j < features; j++) {
            uint32_t word = random_draw(11, RANDOM_INIT, 0, (uint32_t)i, (uint32_t)j).word[0];
            pixels[i * features + j] = word % 5 == 0 ? (uint8_t)(word >> 24) : 0;
            sum[j % classes] += pixels[i * features + j];
        }
        labels[i] = 0;
        for (uint32_t c = 1; c < classes; c++)
            labels[i] = sum[c] > sum[labels[i]] ? c : labels[i];
        free(sum);
    }
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_from_bytes(pixels, labels, count, features, classes, 1.0f / 256, &dataset),
                 MINNOW_OK);
    free(pixels);
    free(labels);
    return dataset;
}

minnow_dataset *samples_as_floats(const minnow_dataset *bytes) {
    size_t total = bytes->count * bytes->features;
    float *values = malloc(total * sizeof *values);
    cr_assert_not_null(values);
    for (size_t i = 0; i < total; i++)
        values[i] = (float)bytes->bytes[i] * bytes->scale;
    minnow_dataset *floats;
    cr_assert_eq(minnow_dataset_from_floats(values, bytes->labels, bytes->count, bytes->features,
                                            bytes->classes, &floats),
                 MINNOW_OK);
    free(values);
    return floats;
}

void samples_weigh(minnow_dataset *dataset) {
    size_t count = minnow_dataset_count(dataset), classes = minnow_dataset_classes(dataset);
    float *weights = malloc(count * sizeof *weights), *of_classes = malloc(classes * sizeof *of_classes);
    cr_assert(weights != NULL && of_classes != NULL);
    for (size_t i = 0; i < count; i++)
        weights[i] = (float)(i * 7 % 11) / 4.0f;
    for (size_t c = 0; c < classes; c++)
        of_classes[c] = 0.3f + 0.7f * (float)c;
    cr_assert_eq(minnow_dataset_set_weights(dataset, weights, count), MINNOW_OK);
    cr_assert_eq(minnow_dataset_set_class_weights(dataset, of_classes, classes), MINNOW_OK);
    free(weights);
    free(of_classes);
}

minnow_network *samples_network(const size_t *sizes, size_t layers, minnow_activation activation,
                                minnow_loss loss, const char *isa) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = layers;
    config.activation = activation;
    config.loss = loss;
    config.isa = isa;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    return network;
}

void samples_set_way(minnow_training_config *config, size_t way, minnow_loss loss, size_t layers) {
    static const struct {
        minnow_optimizer optimizer;
        double weight_decay, l2, max_norm, clip_norm, ema, label_smoothing, input_dropout, dropout, noise,
            mixup;
    } ways[SAMPLES_WAYS] = {
        {.optimizer = MINNOW_OPTIMIZER_SGD},
        {.optimizer = MINNOW_OPTIMIZER_MOMENTUM, .l2 = 0.001, .ema = 0.9},
        {.optimizer = MINNOW_OPTIMIZER_NESTEROV, .max_norm = 0.5},
        {.optimizer = MINNOW_OPTIMIZER_RMSPROP, .weight_decay = 0.1, .clip_norm = 0.2},
        {.optimizer = MINNOW_OPTIMIZER_ADAM, .l2 = 0.01},
        {.optimizer = MINNOW_OPTIMIZER_ADAMW,
         .weight_decay = 0.1,
         .max_norm = 0.7,
         .clip_norm = 0.1,
         .ema = 0.95},
        {.optimizer = MINNOW_OPTIMIZER_SGD, .weight_decay = 0.01, .clip_norm = 0.3},
        {.optimizer = MINNOW_OPTIMIZER_SGD, .max_norm = 0.6, .ema = 0.8},
        {.optimizer = MINNOW_OPTIMIZER_ADAM, .label_smoothing = 0.1},
        {.optimizer = MINNOW_OPTIMIZER_SGD, .input_dropout = 0.2, .dropout = 0.5},
        {.optimizer = MINNOW_OPTIMIZER_MOMENTUM, .noise = 0.1},
        {.optimizer = MINNOW_OPTIMIZER_SGD, .mixup = 0.2},
        {.optimizer = MINNOW_OPTIMIZER_ADAM,
         .clip_norm = 0.3,
         .max_norm = 0.7,
         .ema = 0.9,
         .label_smoothing = 0.1,
         .input_dropout = 0.1,
         .dropout = 0.4,
         .noise = 0.2,
         .mixup = 1.5},
    };
    double rate = config->learning_rate;
    cr_assert_eq(minnow_training_config_set_optimizer(config, ways[way].optimizer), MINNOW_OK);
    if (way == 0)
        config->learning_rate = rate;
    config->weight_decay = ways[way].weight_decay;
    config->l2 = ways[way].l2;
    config->max_norm = ways[way].max_norm;
    config->clip_norm = ways[way].clip_norm;
    config->ema = ways[way].ema;
    config->label_smoothing = loss != MINNOW_LOSS_QUADRATIC ? ways[way].label_smoothing : 0.0;
    config->mixup = loss != MINNOW_LOSS_QUADRATIC && config->batch > 1 ? ways[way].mixup : 0.0;
    config->noise = ways[way].noise;
    if (config->noise > 0.0 || config->mixup > 0.0)
        config->sparse = MINNOW_SPARSITY_AUTO; /* which leave no zeros to skip */
    config->input_dropout = ways[way].input_dropout;
    config->dropout[0] = ways[way].dropout;
    config->dropout_count = layers > 1 && ways[way].dropout > 0.0 ? 1 : 0;
}

minnow_progress samples_train(minnow_network *network, const minnow_dataset *dataset,
                              const minnow_training_config *config) {
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, config, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    while (!progress.run_done)
        cr_assert_eq(minnow_trainer_advance(trainer, 0, &progress), MINNOW_OK, "%s", minnow_last_error());
    minnow_trainer_free(trainer);
    return progress;
}

double samples_worse(double a, double b) {
    return a >= b || a != a ? a : b;
}

/* ---- Runs that other programs begin too ---- */

static uint32_t generator;

float samples_draw(void) {
    generator = 1664525u * generator + 1013904223u;
    return (float)(generator >> 8) * 0x1p-24f;
}

void samples_draw_all(float *x, size_t n, float shift) {
    for (size_t i = 0; i < n; i++)
        x[i] = samples_draw() + shift;
}

void samples_set_start(minnow_network *network) {
    enum { LAYERS = 8, WEIGHTS = 128, BIASES = 16 };
    static float weights[LAYERS][WEIGHTS], biases[LAYERS][BIASES];
    size_t layers = minnow_network_layer_count(network);
    cr_assert_leq(layers, LAYERS);
    for (size_t l = 0; l < layers; l++) {
        cr_assert_leq(minnow_network_layer_size(network, l) * minnow_network_layer_size(network, l + 1),
                      WEIGHTS);
        cr_assert_leq(minnow_network_layer_size(network, l + 1), BIASES);
    }

    generator = 12345;
    for (size_t l = 0; l < layers; l++)
        samples_draw_all(weights[l],
                         minnow_network_layer_size(network, l) * minnow_network_layer_size(network, l + 1),
                         -0.5f);
    for (size_t l = 0; l < layers; l++)
        samples_draw_all(biases[l], minnow_network_layer_size(network, l + 1), -0.5f);
    for (size_t l = 0; l < layers; l++)
        cr_assert_eq(minnow_network_set_layer(network, l, weights[l], biases[l]), MINNOW_OK);
}
