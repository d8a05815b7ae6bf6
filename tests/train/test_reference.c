/* Training beside an independent implementation in double precision: same start, same mini-batches. */
#include <criterion/criterion.h>
#include <math.h>

#include "minnow/minnow.h"
#include "net/activations.h"
#include "net/losses.h"
#include "reference.h"
#include "samples.h"

static minnow_network *start_network(const struct reference *reference) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = layer_sizes;
    config.layer_count = 3;
    config.activation = reference->activation;
    config.loss = reference->loss;
    config.init = MINNOW_INIT_ZERO;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    samples_set_start(network);
    return network;
}

static minnow_dataset *make_dataset(void) {
    static float inputs[SAMPLES * 10];
    uint32_t labels[SAMPLES];
    samples_draw_all(inputs, SAMPLES * 10, 0.0f);
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (uint32_t)(samples_draw() * 4.0f);
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_from_floats(inputs, labels, SAMPLES, 10, 4, &dataset), MINNOW_OK);
    return dataset;
}

static void train(minnow_network *network, const minnow_dataset *dataset) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = BATCH;
    config.epochs = STEPS / (SAMPLES / BATCH);
    config.learning_rate = rate;
    config.schedule = MINNOW_SCHEDULE_CONSTANT;
    config.shuffle = false;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    while (!progress.run_done)
        cr_assert_eq(minnow_trainer_advance(trainer, 0, &progress), MINNOW_OK, "%s", minnow_last_error());
    minnow_trainer_free(trainer);
}

/* The largest difference of any parameter, relative to its layer's largest: single precision's share of the
   error is in proportion to the sums it comes from, not to a parameter that happens to end near 0. */
static double worst_difference(const minnow_network *network, const double *expected) {
    double worst = 0.0;
    for (size_t l = 0; l < 3; l++) {
        float found[144];
        size_t weights = layer_sizes[l] * layer_sizes[l + 1], n = weights + layer_sizes[l + 1];
        cr_assert_eq(minnow_network_get_layer(network, l, found, found + weights), MINNOW_OK);
        double largest = 0.0, difference = 0.0;
        for (size_t i = 0; i < n; i++) {
            largest = samples_worse(largest, fabs(expected[i]));
            difference = samples_worse(difference, fabs((double)found[i] - expected[i]));
        }
        worst = samples_worse(worst, difference / largest);
        expected += n;
    }
    return worst;
}

static const struct reference *find_reference(size_t activation, size_t loss) {
    for (size_t r = 0; r < sizeof references / sizeof references[0]; r++)
        if ((size_t)references[r].activation == activation && (size_t)references[r].loss == loss)
            return &references[r];
    return NULL;
}

static double difference_after_training(size_t activation, size_t loss) {
    const struct reference *reference = find_reference(activation, loss);
    cr_assert_not_null(reference, "reference.h has no %s with %s: add it to make_reference.py",
                       activation_rows[activation].name, loss_rows[loss].name);
    minnow_network *network = start_network(reference);
    minnow_dataset *dataset = make_dataset();
    train(network, dataset);
    double difference = worst_difference(network, reference->parameters);
    minnow_dataset_free(dataset);
    minnow_network_free(network);
    return difference;
}

Test(reference, hundred_steps_agree_with_double_precision) {
    double worst = 0.0;
    for (size_t activation = 0; activation < activation_row_count; activation++)
        for (size_t loss = 0; loss < loss_row_count && loss_rows[loss].loss != NULL; loss++) {
            double difference = difference_after_training(activation, loss);
            worst = samples_worse(worst, difference);
            cr_expect_lt(difference, 1e-4, "%s, %s: relative difference %g", activation_rows[activation].name,
                         loss_rows[loss].name, difference);
        }
    cr_log_info("worst relative difference after %d steps: %.3g", STEPS, worst);
}
