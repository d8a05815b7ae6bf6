/* minnow_network_trace gives the very floats that training on a mini-batch of one sample computes. */
#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "samples.h"
#include "support/networks.h"
#include "train/trainer.h"

/* Wider and narrower than vectors, and the first layer wider than the pieces in which the trace transposes it. */
enum { LAYERS = 3, WIDEST = 300, SAMPLES = 3, TRAIN_RATE = 1 };
static const size_t sizes[LAYERS + 1] = {WIDEST, 70, 33, 10};

struct buffers {
    float sums[LAYERS][WIDEST], activations[LAYERS][WIDEST], deltas[LAYERS][WIDEST];
    float weights[LAYERS][WIDEST * WIDEST], biases[LAYERS][WIDEST];
    float input_gradient[WIDEST];
    float *pointers[5][LAYERS];
};
static struct buffers buffers;

/* A trace that wants everything. */
static minnow_trace trace_all(uint32_t label) {
    minnow_trace trace;
    minnow_trace_init(&trace, sizeof trace);
    for (size_t l = 0; l < LAYERS; l++) {
        buffers.pointers[0][l] = buffers.sums[l];
        buffers.pointers[1][l] = buffers.activations[l];
        buffers.pointers[2][l] = buffers.deltas[l];
        buffers.pointers[3][l] = buffers.weights[l];
        buffers.pointers[4][l] = buffers.biases[l];
    }
    trace.label = label;
    trace.sums = buffers.pointers[0];
    trace.activations = buffers.pointers[1];
    trace.deltas = buffers.pointers[2];
    trace.weight_gradients = buffers.pointers[3];
    trace.bias_gradients = buffers.pointers[4];
    trace.input_gradient = buffers.input_gradient;
    return trace;
}

static void expect_same(const char *what, const float *found, const float *expected, size_t count) {
    for (size_t i = 0; i < count; i++)
        cr_assert(memcmp(&found[i], &expected[i], sizeof *found) == 0, "%s: %zu: %a, expected %a", what, i,
                  (double)found[i], (double)expected[i]);
}

/* ---- Against the trainer ---- */

/* What the trainer has after its forward and backward pass. It keeps weighted sums only where it needs them. */
static void compare_values(const struct plan *plan, const minnow_trace *trace) {
    cr_expect(memcmp(&trace->loss, &plan->answers.loss[0], sizeof trace->loss) == 0);
    for (size_t l = 0; l < LAYERS; l++) {
        const struct stage *stage = &plan->stages[l];
        expect_same("delta", buffers.deltas[l], stage->delta.data, stage->outputs);
        if (l + 1 == LAYERS)
            continue;
        expect_same("activation", buffers.activations[l], stage->output.data, stage->outputs);
        if (stage->sums.data != stage->output.data)
            expect_same("sum", buffers.sums[l], stage->sums.data, stage->outputs);
    }
}

/* The trainer never holds a gradient, but the parameters that it makes are w − rate · gradient, fused. */
static void compare_update(const minnow_network *before, const minnow_network *after) {
    for (size_t l = 0; l < LAYERS; l++)
        for (size_t o = 0; o < sizes[l + 1]; o++) {
            float bias = fmaf(-TRAIN_RATE, buffers.biases[l][o], *bias_at(before, l, o));
            expect_same("bias", bias_at(after, l, o), &bias, 1);
            for (size_t i = 0; i < sizes[l]; i++) {
                float weight =
                    fmaf(-TRAIN_RATE, buffers.weights[l][i * sizes[l + 1] + o], *weight_at(before, l, i, o));
                expect_same("weight", weight_at(after, l, i, o), &weight, 1);
            }
        }
}

static void compare_outputs(const minnow_network *network, const float *features) {
    float outputs[WIDEST], unfused[WIDEST];
    cr_assert_eq(minnow_network_predict(network, features, 1, NULL, outputs), MINNOW_OK);
    expect_same("output", buffers.activations[LAYERS - 1], outputs, sizes[LAYERS]);

    /* The activation that was computed with the sums is the one of the sums. */
    for (size_t l = 0; l + 1 < LAYERS; l++) {
        const float *x = l == 0 ? features : buffers.activations[l - 1];
        struct matrix w = parameters_weights(network->parameters, l);
        network->kernels->forward_one(sizes[l], sizes[l + 1], x, w.data, w.stride, bias_at(network, l, 0),
                                      network_kernel_activation(network, l), unfused);
        expect_same("activation", buffers.activations[l], unfused, sizes[l + 1]);
    }
}

/* In double, to what float can tell: the trainer has no such gradient. */
static void compare_input_gradient(const minnow_network *network) {
    for (size_t i = 0; i < sizes[0]; i++) {
        double sum = 0.0, size = 0.0;
        for (size_t o = 0; o < sizes[1]; o++) {
            double term = (double)*weight_at(network, 0, i, o) * (double)buffers.deltas[0][o];
            sum += term;
            size += fabs(term);
        }
        cr_assert(fabs(sum - (double)buffers.input_gradient[i]) <= 1e-5 * size + 1e-30,
                  "%zu: %g, expected %g", i, (double)buffers.input_gradient[i], sum);
    }
}

static minnow_network *make_network(minnow_activation first, minnow_activation second, minnow_loss loss,
                                    const char *isa) {
    const minnow_activation activations[] = {first, second};
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = LAYERS;
    config.activations = activations;
    config.loss = loss;
    config.isa = isa;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    return network;
}

/* Targets in place of labels: shares of the classes, which are numbers as well. */
static void give_targets(minnow_dataset *dataset) {
    float targets[SAMPLES * 10];
    for (size_t i = 0; i < SAMPLES * sizes[LAYERS]; i++)
        targets[i] = (float)((7 * i + 3) % 16) / 16.0f;
    cr_assert_eq(minnow_dataset_set_targets(dataset, targets, sizes[LAYERS]), MINNOW_OK, "%s",
                 minnow_last_error());
}

/* Some samples, one after the other, each a step of training whose start the other network keeps. */
static void compare_run(minnow_network *network, minnow_network *kept, minnow_sparsity sparse, bool targets) {
    minnow_dataset *dataset = samples_make(SAMPLES, sizes[0], sizes[LAYERS]);
    if (targets)
        give_targets(dataset);
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = 1;
    config.learning_rate = TRAIN_RATE;
    config.schedule = MINNOW_SCHEDULE_CONSTANT;
    config.shuffle = false;
    config.sparse = sparse;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());

    for (size_t s = 0; s < SAMPLES; s++) {
        static float row[WIDEST * WIDEST], biases[WIDEST], features[WIDEST];
        for (size_t l = 0; l < LAYERS; l++) {
            cr_assert_eq(minnow_network_get_layer(network, l, row, biases), MINNOW_OK);
            cr_assert_eq(minnow_network_set_layer(kept, l, row, biases), MINNOW_OK);
        }
        cr_assert_eq(minnow_dataset_sample(dataset, s, features), MINNOW_OK);
        minnow_trace trace = trace_all(targets ? MINNOW_NO_LABEL : minnow_dataset_label(dataset, s));
        trace.targets = minnow_dataset_targets(dataset, s);
        cr_assert_eq(minnow_network_trace(kept, features, &trace), MINNOW_OK, "%s", minnow_last_error());

        cr_assert_eq(minnow_trainer_advance(trainer, 1, NULL), MINNOW_OK, "%s", minnow_last_error());
        compare_values(trainer->plan, &trace);
        compare_update(kept, network);
        compare_outputs(kept, features);
        compare_input_gradient(kept);
    }
    minnow_trainer_free(trainer);
    minnow_dataset_free(dataset);
}

static void compare_network(minnow_activation first, minnow_activation second, minnow_loss loss,
                            const char *isa, minnow_sparsity sparse, bool targets) {
    minnow_network *network = make_network(first, second, loss, isa);
    minnow_network *kept = make_network(first, second, loss, isa);
    compare_run(network, kept, sparse, targets);
    minnow_network_free(network);
    minnow_network_free(kept);
}

/* Every activation with every loss, and with another one behind it; against labels and targets, as the loss takes
   them. */
Test(trace, is_what_the_trainer_computes) {
    for (size_t a = 0; a < activation_row_count; a++)
        for (size_t loss = 0; loss < loss_row_count; loss++)
            for (int targets = 0; targets < 2; targets++) {
                bool taken = targets ? loss_rows[loss].target_loss != NULL : loss_rows[loss].loss != NULL;
                if (taken)
                    compare_network((minnow_activation)a, (minnow_activation)((a + 1) % activation_row_count),
                                    (minnow_loss)loss, "auto",
                                    loss % 2 == 0 ? MINNOW_SPARSITY_ON : MINNOW_SPARSITY_OFF, targets != 0);
            }
}

Test(trace, is_the_same_on_every_instruction_set) {
    for (size_t i = 0; i < kernel_table_count; i++)
        if (kernels_usable(kernel_tables[i]))
            compare_network(MINNOW_ACTIVATION_RELU, MINNOW_ACTIVATION_GELU, MINNOW_LOSS_SOFTMAX,
                            kernel_tables[i]->name, MINNOW_SPARSITY_AUTO, false);
}

/* ---- What is not wanted ---- */

static float features[WIDEST];

static minnow_network *some_network(void) {
    for (size_t i = 0; i < WIDEST; i++)
        features[i] = (float)i / WIDEST;
    return make_network(MINNOW_ACTIVATION_RELU, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_SOFTMAX, "auto");
}

Test(trace, without_a_label_goes_forward_only) {
    minnow_network *network = some_network();
    minnow_trace trace = trace_all(3);
    cr_assert_eq(minnow_network_trace(network, features, &trace), MINNOW_OK);
    float expected[2][WIDEST];
    memcpy(expected[0], buffers.sums[LAYERS - 1], sizeof expected[0]);
    memcpy(expected[1], buffers.activations[LAYERS - 1], sizeof expected[1]);
    cr_expect_gt(trace.loss, 0.0f);

    memset(&buffers, 0, sizeof buffers);
    trace = trace_all(MINNOW_NO_LABEL);
    trace.deltas = trace.weight_gradients = trace.bias_gradients = NULL;
    trace.input_gradient = NULL;
    trace.loss = 5.0f;
    cr_assert_eq(minnow_network_trace(network, features, &trace), MINNOW_OK, "%s", minnow_last_error());
    expect_same("sum", buffers.sums[LAYERS - 1], expected[0], sizes[LAYERS]);
    expect_same("activation", buffers.activations[LAYERS - 1], expected[1], sizes[LAYERS]);
    cr_expect(trace.loss == 0.0f);
    minnow_network_free(network);
}

Test(trace, gives_single_results_alone) {
    minnow_network *network = some_network();
    minnow_trace all = trace_all(3);
    cr_assert_eq(minnow_network_trace(network, features, &all), MINNOW_OK);
    float gradients[33 * 10], gradient[WIDEST];
    float *pointers[LAYERS] = {NULL, NULL, gradients};

    minnow_trace trace;
    minnow_trace_init(&trace, sizeof trace);
    trace.label = 3;
    trace.weight_gradients = pointers;
    cr_assert_eq(minnow_network_trace(network, features, &trace), MINNOW_OK, "%s", minnow_last_error());
    expect_same("gradient", gradients, buffers.weights[2], 33 * 10);

    trace.weight_gradients = NULL;
    trace.input_gradient = gradient;
    cr_assert_eq(minnow_network_trace(network, features, &trace), MINNOW_OK, "%s", minnow_last_error());
    expect_same("input gradient", gradient, buffers.input_gradient, WIDEST);
    minnow_network_free(network);
}
