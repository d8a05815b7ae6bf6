/* The gradients of one mini-batch, and runs that go on with other samples. */
#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

#include <minnow/minnow.h>

#include "support/scratch.h"

enum { INPUTS = 9, HIDDEN = 7, OUTPUTS = 3, COUNT = 40, WEIGHTS = INPUTS * HIDDEN, LAST = HIDDEN * OUTPUTS };

static float samples[COUNT * INPUTS];
static uint32_t labels[COUNT];

static void fill(void) {
    for (size_t i = 0; i < COUNT * INPUTS; i++)
        samples[i] = i % 4 == 0 ? 0.0F : (float)((i * 7919) % 101) / 50.0F - 1.0F;
    for (size_t i = 0; i < COUNT; i++)
        labels[i] = (uint32_t)(i * i % OUTPUTS);
}

static minnow_dataset *part(size_t first, size_t count) {
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_from_floats(samples + first * INPUTS, labels + first, count, INPUTS, OUTPUTS,
                                            &dataset),
                 MINNOW_OK, "%s", minnow_last_error());
    return dataset;
}

static minnow_network *make_network(void) {
    static const size_t sizes[] = {INPUTS, HIDDEN, OUTPUTS};
    minnow_network_config config;
    minnow_network *network;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = 2;
    config.activation = MINNOW_ACTIVATION_TANH;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK);
    return network;
}

/* Of each sample alone, by minnow_network_trace, the mean in double. */
static double mean_of_traces(const minnow_network *network, size_t count, double *mean) {
    float first[WEIGHTS], *gradients[] = {first, NULL};
    double loss = 0.0;
    memset(mean, 0, WEIGHTS * sizeof *mean);
    for (size_t i = 0; i < count; i++) {
        minnow_trace trace;
        minnow_trace_init(&trace, sizeof trace);
        trace.label = labels[i];
        trace.weight_gradients = gradients;
        cr_assert_eq(minnow_network_trace(network, samples + i * INPUTS, &trace), MINNOW_OK);
        loss += (double)trace.loss / (double)count;
        for (size_t w = 0; w < WEIGHTS; w++)
            mean[w] += (double)first[w] / (double)count;
    }
    return loss;
}

TestSuite(batches, .init = fill);

Test(batches, gradients_are_the_mean_of_the_samples) {
    static const size_t counts[] = {1, 5, COUNT};
    minnow_network *network = make_network();
    uint32_t before = minnow_network_params_crc32(network);
    for (size_t c = 0; c < 3; c++) {
        float first[WEIGHTS], biases[OUTPUTS], *weights[] = {first, NULL}, *bias[] = {NULL, biases};
        double mean[WEIGHTS], loss = 0.0, expected = mean_of_traces(network, counts[c], mean);
        minnow_dataset *batch = part(0, counts[c]);
        cr_assert_eq(minnow_network_gradients(network, batch, 2, &loss, weights, bias), MINNOW_OK, "%s",
                     minnow_last_error());
        cr_assert_float_eq(loss, expected, 1e-6);
        for (size_t w = 0; w < WEIGHTS; w++)
            cr_assert_float_eq((double)first[w], mean[w], 1e-6, "weight %zu of %zu samples", w, counts[c]);
        cr_assert_float_eq((double)(biases[0] + biases[1] + biases[2]), 0.0, 1e-6,
                           "softmax's deltas add up to 0");
        minnow_dataset_free(batch);
    }
    cr_assert_eq(minnow_network_params_crc32(network), before);
    minnow_network_free(network);
}

static minnow_training_config plain(minnow_optimizer optimizer, double ema) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    cr_assert_eq(minnow_training_config_set_optimizer(&config, optimizer), MINNOW_OK);
    config.schedule = MINNOW_SCHEDULE_CONSTANT;
    config.shuffle = false;
    config.batch = 8;
    config.epochs = 1;
    config.ema = ema;
    return config;
}

/* Trains on the samples in parts of `size`, each of which goes on where the last one was. */
static uint32_t train_in_parts(minnow_optimizer optimizer, double ema, size_t size) {
    minnow_training_config config = plain(optimizer, ema);
    minnow_network *network = make_network();
    minnow_dataset *data = NULL;
    minnow_trainer *trainer = NULL;
    for (size_t first = 0; first < COUNT; first += size) {
        minnow_dataset *next = part(first, size);
        minnow_trainer *following;
        minnow_status status = trainer == NULL ? minnow_trainer_create(network, next, &config, &following)
                                               : minnow_trainer_continue(trainer, next, &config, &following);
        cr_assert_eq(status, MINNOW_OK, "%s", minnow_last_error());
        minnow_trainer_free(trainer);
        minnow_dataset_free(data);
        trainer = following;
        data = next;
        cr_assert_eq(minnow_trainer_advance(trainer, 0, NULL), MINNOW_OK);
        minnow_trainer_use_average(trainer, true); /* which the next part must not train on */
    }
    uint32_t crc = minnow_network_params_crc32(network);
    minnow_trainer_free(trainer);
    minnow_dataset_free(data);
    minnow_network_free(network);
    return crc;
}

Test(batches, parts_give_the_bits_of_the_whole) {
    for (int optimizer = MINNOW_OPTIMIZER_SGD; optimizer <= MINNOW_OPTIMIZER_ADAMW; optimizer++)
        for (int averaged = 0; averaged < 2; averaged++) {
            double ema = averaged ? 0.9 : 0.0;
            cr_assert_eq(train_in_parts((minnow_optimizer)optimizer, ema, 8),
                         train_in_parts((minnow_optimizer)optimizer, ema, COUNT), "optimizer %d, average %g",
                         optimizer, ema);
        }
}

Test(batches, a_run_that_went_on_has_no_checkpoint, .init = scratch_make, .fini = scratch_remove) {
    fill();
    minnow_training_config config = plain(MINNOW_OPTIMIZER_ADAM, 0.0);
    minnow_network *network = make_network();
    minnow_dataset *data = part(0, COUNT);
    minnow_trainer *first, *second;
    cr_assert_eq(minnow_trainer_create(network, data, &config, &first), MINNOW_OK);
    cr_assert_eq(minnow_trainer_advance(first, 0, NULL), MINNOW_OK);
    cr_assert_eq(minnow_trainer_continue(first, data, &config, &second), MINNOW_OK);
    cr_assert_eq(minnow_trainer_save(second, scratch_path("run.safetensors")), MINNOW_ERROR_ARGUMENT);
    cr_assert_not_null(strstr(minnow_last_error(), "other samples"), "%s", minnow_last_error());
    minnow_trainer_free(first);
    minnow_trainer_free(second);
    minnow_dataset_free(data);
    minnow_network_free(network);
}
