/* Every number that minnow explain --json prints is the trainer's, to the last bit. */
#include <criterion/criterion.h>

#include <jansson.h>
#include <math.h>

#include "base/memory.h"
#include "cli/command.h"
#include "support/networks.h"
#include "support/scratch.h"
#include "train/trainer.h"

enum { LAYERS = 3, WIDEST = 30 };
static const size_t sizes[LAYERS + 1] = {WIDEST, 12, 7, 4};
static const char label_text[] = "2", targets_text[] = "0.125,0.5,0.25,0.0625";
static const float targets[] = {0.125F, 0.5F, 0.25F, 0.0625F};
static const double rate = 0.0625;

static float features[WIDEST];
static char net_path[PATH_MAX + 8], row_path[PATH_MAX + 8], out_path[PATH_MAX + 8];
static size_t zeros; /* activations that were 0 */

static void make_paths(void) {
    scratch_make();
    snprintf(net_path, sizeof net_path, "%s/net", scratch_folder);
    snprintf(row_path, sizeof row_path, "%s/row.csv", scratch_folder);
    snprintf(out_path, sizeof out_path, "%s/out", scratch_folder);
    FILE *file = fopen(row_path, "w");
    cr_assert_not_null(file);
    for (size_t i = 0; i < WIDEST; i++) {
        features[i] = i % 4 == 0 ? 0.0F : sinf((float)(5 * i + 1));
        fprintf(file, "%s%.9g", i > 0 ? "," : "", (double)features[i]);
    }
    fprintf(file, "\n");
    fclose(file);
}

static minnow_network *make_network(size_t activation, size_t loss) {
    const minnow_activation activations[] = {(minnow_activation)activation,
                                             (minnow_activation)((activation + 1) % activation_row_count)};
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = LAYERS;
    config.activations = activations;
    config.loss = (minnow_loss)loss;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(minnow_network_save(network, net_path), MINNOW_OK, "%s", minnow_last_error());
    return network;
}

/* What the command prints. */
static json_t *explain(const char *label) {
    char *argv[] = {(char *)"explain", (char *)"--model", net_path,          row_path,      (char *)"--json",
                    (char *)"--rate",  (char *)"0.0625",  (char *)"--label", (char *)label, NULL};
    cr_assert_not_null(freopen(out_path, "w", stdout));
    cr_assert_eq(command_explain.run(&command_explain, 9, argv), 0);
    fflush(stdout);
    json_error_t error;
    json_t *object = json_load_file(out_path, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
    cr_assert_not_null(object, "%s at %d", error.text, error.position);
    return object;
}

static float float_of(const json_t *number) {
    cr_assert(json_is_number(number));
    return (float)json_number_value(number);
}

static void expect_bits(const char *what, const json_t *number, float expected) {
    float found = float_of(number);
    cr_assert(memcmp(&found, &expected, sizeof found) == 0, "%s: %a, expected %a", what, (double)found,
              (double)expected);
}

static void expect_array(const char *what, const json_t *array, const float *expected, size_t count) {
    cr_assert_eq(json_array_size(array), count, "%s", what);
    for (size_t i = 0; i < count; i++)
        expect_bits(what, json_array_get(array, i), expected[i]);
}

/* The trainer never holds a gradient, but the parameters that it makes are w - rate * gradient, fused. */
static void compare_parameters(const json_t *layer, const minnow_network *before, const minnow_network *after,
                               size_t l) {
    for (size_t o = 0; o < sizes[l + 1]; o++) {
        const json_t *weights = json_array_get(json_object_get(layer, "weights"), o),
                     *gradients = json_array_get(json_object_get(layer, "weight_gradient"), o);
        cr_assert_eq(json_array_size(weights), sizes[l]);
        cr_assert_eq(json_array_size(gradients), sizes[l]);
        float bias_gradient = float_of(json_array_get(json_object_get(layer, "bias_gradient"), o));
        expect_bits("bias", json_array_get(json_object_get(layer, "biases"), o), *bias_at(before, l, o));
        cr_assert_eq(fmaf((float)-rate, bias_gradient, *bias_at(before, l, o)), *bias_at(after, l, o));
        for (size_t i = 0; i < sizes[l]; i++) {
            float gradient = float_of(json_array_get(gradients, i));
            expect_bits("weight", json_array_get(weights, i), *weight_at(before, l, i, o));
            cr_assert_eq(fmaf((float)-rate, gradient, *weight_at(before, l, i, o)),
                         *weight_at(after, l, i, o));
        }
    }
}

static void compare_layers(const json_t *walk, const struct plan *plan, const minnow_network *before,
                           const minnow_network *after) {
    const json_t *layers = json_object_get(walk, "layers");
    cr_assert_eq(json_array_size(layers), LAYERS);
    for (size_t l = 0; l < LAYERS; l++) {
        const json_t *layer = json_array_get(layers, l);
        const struct stage *stage = &plan->stages[l];
        expect_array("delta", json_object_get(layer, "delta"), stage->delta.data, sizes[l + 1]);
        for (size_t i = 0; l + 1 < LAYERS && i < sizes[l + 1]; i++)
            zeros += stage->output.data[i] == 0.0F;
        if (l + 1 < LAYERS)
            expect_array("a", json_object_get(layer, "a"), stage->output.data, sizes[l + 1]);
        if (l + 1 < LAYERS && stage->sums.data != stage->output.data)
            expect_array("z", json_object_get(layer, "z"), stage->sums.data, sizes[l + 1]);
        compare_parameters(layer, before, after, l);
    }
}

/* What the command says of one weight, and of the step. */
static void compare_rest(const json_t *walk, const minnow_network *before, const minnow_network *after) {
    const json_t *weight = json_object_get(walk, "weight");
    size_t l = (size_t)json_number_value(json_object_get(weight, "layer")) - 1,
           unit = (size_t)json_number_value(json_object_get(weight, "unit")),
           input = (size_t)json_number_value(json_object_get(weight, "input"));
    expect_bits("weight", json_object_get(weight, "value"), *weight_at(before, l, input, unit));
    expect_bits("weight after the step", json_object_get(weight, "after_step"),
                *weight_at(after, l, input, unit));
    double error = json_number_value(json_object_get(weight, "relative_error"));
    cr_assert(error < 1e-4, "relative error %g", error);
    cr_assert(fabs(json_number_value(json_object_get(weight, "gradient"))) > 0.0);

    float outputs[WIDEST];
    cr_assert_eq(minnow_network_predict(before, features, 1, NULL, outputs), MINNOW_OK);
    expect_array("outputs", json_object_get(json_array_get(json_object_get(walk, "layers"), LAYERS - 1), "a"),
                 outputs, sizes[LAYERS]);
    cr_assert_eq(minnow_network_predict(after, features, 1, NULL, outputs), MINNOW_OK);
    expect_array("outputs after the step", json_object_get(json_object_get(walk, "step"), "a"), outputs,
                 sizes[LAYERS]);
    expect_array("sample", json_object_get(walk, "a0"), features, sizes[0]);
}

static void compare(size_t activation, size_t loss, bool by_targets) {
    minnow_network *before = make_network(activation, loss), *after = make_network(activation, loss);
    json_t *walk = explain(by_targets ? targets_text : label_text);
    uint32_t label = by_targets ? 0 : 2;
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_from_floats(features, &label, 1, sizes[0], sizes[LAYERS], &dataset),
                 MINNOW_OK);
    if (by_targets)
        cr_assert_eq(minnow_dataset_set_targets(dataset, targets, sizes[LAYERS]), MINNOW_OK);

    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = config.epochs = 1;
    config.learning_rate = rate;
    config.schedule = MINNOW_SCHEDULE_CONSTANT;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(after, dataset, &config, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    cr_assert_eq(minnow_trainer_advance(trainer, 0, NULL), MINNOW_OK, "%s", minnow_last_error());
    expect_bits("loss", json_object_get(walk, "C"), trainer->plan->answers.loss[0]);
    compare_layers(walk, trainer->plan, before, after);
    compare_rest(walk, before, after);

    json_decref(walk);
    minnow_trainer_free(trainer);
    minnow_dataset_free(dataset);
    minnow_network_free(before);
    minnow_network_free(after);
}

Test(explain, every_number_is_the_trainers) {
    make_paths();
    for (size_t activation = 0; activation < activation_row_count; activation++)
        for (size_t loss = 0; loss < loss_row_count; loss++)
            compare(activation, loss, loss_rows[loss].loss == NULL);
    cr_expect_gt(zeros, activation_row_count);
    scratch_remove();
}
