/*
 * What every public function makes of wrong arguments. Each is to be refused with MINNOW_ERROR_ARGUMENT (or with the
 * value that the header states), without a result, and with one line that names the argument. arguments.sh checks that
 * no function of the header is missing here.
 */
#include <criterion/criterion.h>

#include <math.h>

#include <minnow/minnow.h>

#include "support/scratch.h"

/* ---- What the calls are made with ---- */

enum { INPUTS = 784, HIDDEN = 16, OUTPUTS = 10, SAMPLES = 100 };
static const size_t layer_sizes[] = {INPUTS, HIDDEN, OUTPUTS};

static minnow_dataset *dataset, *narrow; /* the second one does not fit the network */
static minnow_network *network, *checkpoint;
static minnow_trainer *trainer;
static const char *path; /* where a file could be written */

static float floats[INPUTS];
static uint8_t bytes[2 * 4];
static uint32_t labels[SAMPLES];

static minnow_network_config good_shape(void) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = layer_sizes;
    config.layer_count = 2;
    return config;
}

static minnow_training_config good_training(void) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    return config;
}

static minnow_foreign_config good_foreign(void) {
    minnow_foreign_config config;
    minnow_foreign_config_init(&config, sizeof config);
    return config;
}

static minnow_distortion_config good_distortion(void) {
    minnow_distortion_config config;
    minnow_distortion_config_init(&config, sizeof config);
    return config;
}

static minnow_trace good_trace(void) {
    minnow_trace trace;
    minnow_trace_init(&trace, sizeof trace);
    return trace;
}

/* A good struct with one member that is not. */
static minnow_network_config shape;
static minnow_training_config training;
static minnow_foreign_config foreign;
static minnow_distortion_config distortion;
static minnow_trace trace;
static minnow_evaluation evaluation;
static minnow_progress progress;
#define SHAPE(member, value) (shape = good_shape(), shape.member = (value), &shape)
#define TRAINING(member, value) (training = good_training(), training.member = (value), &training)
#define FOREIGN(member, value) (foreign = good_foreign(), foreign.member = (value), &foreign)
#define DISTORTION(member, value) (distortion = good_distortion(), distortion.member = (value), &distortion)
#define TRACE(member, value) (trace = good_trace(), trace.member = (value), &trace)

static void start(void) {
    minnow_network_config config = good_shape();
    minnow_training_config how = good_training();
    how.threads = 1;
    scratch_make();
    path = scratch_path("file");
    cr_assert_eq(minnow_dataset_digits(MINNOW_SUBSET_TRAIN, SAMPLES, 1, &dataset), MINNOW_OK);
    cr_assert_eq(minnow_dataset_from_bytes(bytes, labels, 2, 4, 2, 1.0f, &narrow), MINNOW_OK);
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(minnow_trainer_create(network, dataset, &how, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    cr_assert_eq(minnow_trainer_save(trainer, scratch_path("checkpoint")), MINNOW_OK);
    cr_assert_eq(minnow_network_load(scratch_path("checkpoint"), NULL, &checkpoint), MINNOW_OK);
    cr_assert_eq(minnow_network_save_npy(network, scratch_path("npy")), MINNOW_OK);
    cr_assert_eq(minnow_network_save(network, scratch_path("model")), MINNOW_OK);
}

static void end(void) {
    cr_expect_eq(scratch_count(scratch_folder), 3, "something was written by a call that was refused");
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_network_free(checkpoint);
    minnow_dataset_free(narrow);
    minnow_dataset_free(dataset);
    scratch_remove();
}

TestSuite(arguments, .init = start, .fini = end);

/* ---- One row each ---- */

/* Out-parameters for new objects. They must be NULL after each refusal. */
static minnow_dataset *made_dataset;
static minnow_network *made_network;
static minnow_trainer *made_trainer;

/* Out-parameters hold what must not stay, and the thread's last message is another one. */
static void prepare(void) {
    made_dataset = dataset;
    made_network = network;
    made_trainer = trainer;
    cr_assert_eq(minnow_network_load("/nowhere/at/all", NULL, &made_network), MINNOW_ERROR_INPUT);
    made_network = network;
}

static void expect_message(const char *call, const char *message) {
    cr_expect_not_null(strstr(minnow_last_error(), message), "%s: \"%s\", expected \"%s\"", call,
                       minnow_last_error(), message);
    cr_expect_null(strchr(minnow_last_error(), '\n'), "%s: more than one line", call);
}

static void expect_refused(const char *call, minnow_status status, const char *message) {
    cr_expect_eq(status, MINNOW_ERROR_ARGUMENT, "%s: status %d, \"%s\"", call, (int)status,
                 minnow_last_error());
    expect_message(call, message);
    cr_expect(strstr(call, "&made_dataset") == NULL || made_dataset == NULL, "%s: a result", call);
    cr_expect(strstr(call, "&made_network") == NULL || made_network == NULL, "%s: a result", call);
    cr_expect(strstr(call, "&made_trainer") == NULL || made_trainer == NULL, "%s: a result", call);
}

/* A function that returns a status. */
#define REFUSED(function, arguments, message)                                                                \
    (prepare(), expect_refused(#function #arguments, function arguments, message))

/* A function that returns a value: the one that stands for a wrong argument. */
#define ANSWERS(function, arguments, value, message)                                                         \
    do {                                                                                                     \
        prepare();                                                                                           \
        cr_expect(function arguments == (value), "%s%s", #function, #arguments);                             \
        expect_message(#function #arguments, message);                                                       \
    } while (0)

/* A function that returns nothing, and says why it does nothing. */
#define EXPLAINS(function, arguments, message)                                                               \
    (prepare(), function arguments, expect_message(#function #arguments, message))

/* A function to which such an argument means that there is nothing to do. */
#define ACCEPTS(function, arguments) (prepare(), function arguments, expect_message(#function, "/nowhere"))

#define MISSING(function, argument) #function ": " argument " is NULL"

/* ---- The table ---- */

Test(arguments, of_datasets) {
    REFUSED(minnow_dataset_open, (NULL, MINNOW_SUBSET_TRAIN, 10, &made_dataset), "folder is NULL");
    REFUSED(minnow_dataset_open, ("data", MINNOW_SUBSET_TRAIN, 10, NULL), "out is NULL");
    REFUSED(minnow_dataset_open, ("data", (minnow_subset)2, 10, &made_dataset), "subset 2");
    REFUSED(minnow_dataset_open, ("data", (minnow_subset)-1, 10, &made_dataset), "subset -1");
    REFUSED(minnow_dataset_open, ("data", MINNOW_SUBSET_TEST, 0, &made_dataset), "0 classes");
    REFUSED(minnow_dataset_open, ("data", MINNOW_SUBSET_TEST, SIZE_MAX, &made_dataset), "classes, expected");

    REFUSED(minnow_dataset_digits, (MINNOW_SUBSET_TRAIN, 10, 1, NULL), "out is NULL");
    REFUSED(minnow_dataset_digits, ((minnow_subset)7, 10, 1, &made_dataset), "subset 7");
    REFUSED(minnow_dataset_digits, (MINNOW_SUBSET_TRAIN, 0, 1, &made_dataset), "count 0");
    REFUSED(minnow_dataset_digits, (MINNOW_SUBSET_TRAIN, SIZE_MAX, 1, &made_dataset), "count 1844");

    REFUSED(minnow_dataset_set_image_size, (NULL, 28, 28), "dataset is NULL");
    REFUSED(minnow_dataset_set_image_size, (dataset, 28, 27), "784 features are no images of 28 × 27 pixels");
    REFUSED(minnow_dataset_set_image_size, (dataset, SIZE_MAX, 28), "no images");

    REFUSED(minnow_dataset_distort, (NULL, DISTORTION(shift, 1.0), 1, 0, 1, &made_dataset),
            "dataset is NULL");
    REFUSED(minnow_dataset_distort, (dataset, NULL, 1, 0, 1, &made_dataset), "config is NULL");
    REFUSED(minnow_dataset_distort, (dataset, DISTORTION(shift, 1.0), 1, 0, 1, NULL), "out is NULL");
    REFUSED(minnow_dataset_distort, (dataset, DISTORTION(shift, 1.0), 1, UINT32_MAX, 1, &made_dataset),
            "epoch is 4294967295");
    REFUSED(minnow_dataset_distort, (narrow, DISTORTION(shift, 1.0), 1, 0, 1, &made_dataset), "only images");

    REFUSED(minnow_dataset_split, (NULL, 1, &made_dataset), "dataset is NULL");
    REFUSED(minnow_dataset_split, (dataset, 1, NULL), "out is NULL");
    REFUSED(minnow_dataset_split, (dataset, 0, &made_dataset), "split 0 samples");
    REFUSED(minnow_dataset_split, (dataset, SAMPLES, &made_dataset), "split 100 samples");
    REFUSED(minnow_dataset_split, (dataset, SIZE_MAX, &made_dataset), "expected 1 to 99");
    REFUSED(minnow_dataset_hold_out, (NULL, 1, 1, &made_dataset), "dataset is NULL");
    REFUSED(minnow_dataset_hold_out, (dataset, 1, 1, NULL), "out is NULL");
    REFUSED(minnow_dataset_hold_out, (dataset, 0, 1, &made_dataset), "hold 0 samples");
    REFUSED(minnow_dataset_hold_out, (dataset, SAMPLES, 1, &made_dataset), "hold 100 samples");
    REFUSED(minnow_dataset_hold_out, (dataset, SIZE_MAX, 1, &made_dataset), "expected 1 to 99");

    ANSWERS(minnow_dataset_count, (NULL), 0, MISSING(minnow_dataset_count, "dataset"));
    ANSWERS(minnow_dataset_features, (NULL), 0, MISSING(minnow_dataset_features, "dataset"));
    ANSWERS(minnow_dataset_classes, (NULL), 0, MISSING(minnow_dataset_classes, "dataset"));
    ANSWERS(minnow_dataset_label, (NULL, 0), MINNOW_NO_LABEL, MISSING(minnow_dataset_label, "dataset"));
    ANSWERS(minnow_dataset_label, (dataset, SAMPLES), MINNOW_NO_LABEL, "index is 100, expected 0 to 99");
    ANSWERS(minnow_dataset_label, (dataset, SIZE_MAX), MINNOW_NO_LABEL, "expected 0 to 99");
    REFUSED(minnow_dataset_sample, (NULL, 0, floats), "dataset is NULL");
    REFUSED(minnow_dataset_sample, (dataset, 0, NULL), "features is NULL");
    REFUSED(minnow_dataset_sample, (dataset, SAMPLES, floats), "index is 100, expected 0 to 99");
    REFUSED(minnow_dataset_set_targets, (NULL, floats, 1), "dataset is NULL");
    REFUSED(minnow_dataset_set_targets, (dataset, NULL, 1), "targets is NULL");
    REFUSED(minnow_dataset_set_targets, (dataset, floats, 0), "0 outputs");
    REFUSED(minnow_dataset_set_targets, (dataset, floats, 65537), "65537 outputs");
    ANSWERS(minnow_dataset_targets, (NULL, 0), NULL, MISSING(minnow_dataset_targets, "dataset"));
    ANSWERS(minnow_dataset_targets, (dataset, SAMPLES), NULL, "expected 0 to 99");
    REFUSED(minnow_dataset_set_weights, (NULL, floats, 1), "dataset is NULL");
    REFUSED(minnow_dataset_set_weights, (dataset, floats, 1), "1 weights, expected one for each item, 100");
    REFUSED(minnow_dataset_set_weights, (dataset, floats, SIZE_MAX), "weights, expected one for each item");
    REFUSED(minnow_dataset_set_class_weights, (NULL, floats, 1), "dataset is NULL");
    REFUSED(minnow_dataset_set_class_weights, (dataset, floats, 0), "0 weights, expected one for each class");
    REFUSED(minnow_dataset_balance_classes, (NULL), "dataset is NULL");
    ANSWERS(minnow_dataset_weight, (NULL, 0), -1.0, MISSING(minnow_dataset_weight, "dataset"));
    ANSWERS(minnow_dataset_weight, (dataset, SAMPLES), -1.0, "expected 0 to 99");
    ACCEPTS(minnow_dataset_free, (NULL));
}

/* The arrays are too short for most of these counts, which must therefore be refused before any is read. */
Test(arguments, of_datasets_from_memory) {
    static const uint32_t too_high[] = {1, 2};
    static const float infinite[] = {0.0f, 1.0f, 2.0f, INFINITY}, undefined[] = {NAN, 0.0f, 0.0f, 0.0f};
    minnow_dataset **out = &made_dataset;

    REFUSED(minnow_dataset_from_bytes, (NULL, labels, 2, 4, 2, 1.0f, &made_dataset), "pixels is NULL");
    REFUSED(minnow_dataset_from_bytes, (bytes, NULL, 2, 4, 2, 1.0f, &made_dataset), "labels is NULL");
    REFUSED(minnow_dataset_from_bytes, (bytes, labels, 2, 4, 2, 1.0f, NULL), "out is NULL");
    REFUSED(minnow_dataset_from_bytes, (bytes, labels, 0, 4, 2, 1.0f, out), "count 0");
    REFUSED(minnow_dataset_from_bytes, (bytes, labels, SIZE_MAX, 4, 2, 1.0f, out), "count 1844");
    REFUSED(minnow_dataset_from_bytes, (bytes, labels, 2, 0, 2, 1.0f, out), "0 features");
    REFUSED(minnow_dataset_from_bytes, (bytes, labels, 2, SIZE_MAX / 2, 2, 1.0f, out), "features, expected");
    REFUSED(minnow_dataset_from_bytes, (bytes, labels, 2, 4, 0, 1.0f, out), "0 classes");
    REFUSED(minnow_dataset_from_bytes, (bytes, labels, 2, 4, 65537, 1.0f, out), "65537 classes");
    REFUSED(minnow_dataset_from_bytes, (bytes, too_high, 2, 4, 2, 1.0f, &made_dataset), "label 2 at item 1");
    REFUSED(minnow_dataset_from_bytes, (bytes, labels, 2, 4, 2, NAN, &made_dataset), "scale is nan");
    REFUSED(minnow_dataset_from_bytes, (bytes, labels, 2, 4, 2, -INFINITY, &made_dataset), "scale is -inf");

    REFUSED(minnow_dataset_from_floats, (NULL, labels, 1, 4, 2, &made_dataset), "values is NULL");
    REFUSED(minnow_dataset_from_floats, (floats, NULL, 1, 4, 2, &made_dataset), "labels is NULL");
    REFUSED(minnow_dataset_from_floats, (floats, labels, 1, 4, 2, NULL), "out is NULL");
    REFUSED(minnow_dataset_from_floats, (floats, labels, 0, 4, 2, out), "count 0");
    REFUSED(minnow_dataset_from_floats, (floats, labels, SIZE_MAX / 4, 4, 2, out), "count 4611");
    REFUSED(minnow_dataset_from_floats, (floats, labels, 1, 0, 2, out), "0 features");
    REFUSED(minnow_dataset_from_floats, (floats, labels, 1, 65537, 2, out), "65537 features");
    REFUSED(minnow_dataset_from_floats, (floats, labels, 1, 4, 0, out), "0 classes");
    REFUSED(minnow_dataset_from_floats, (floats, too_high, 1, 4, 1, &made_dataset), "label 1 at item 0");
    REFUSED(minnow_dataset_from_floats, (infinite, labels, 1, 4, 2, &made_dataset), "feature 3 of item 0");
    REFUSED(minnow_dataset_from_floats, (undefined, labels, 1, 4, 2, &made_dataset), "nan");
}

Test(arguments, of_datasets_that_borrow) {
    static const uint32_t too_high[] = {1, 2};
    static const float infinite[] = {0.0f, 1.0f, 2.0f, INFINITY};
    minnow_dataset **out = &made_dataset;

    REFUSED(minnow_dataset_borrow_bytes, (NULL, labels, 2, 4, 2, 1.0f, &made_dataset), "pixels is NULL");
    REFUSED(minnow_dataset_borrow_bytes, (bytes, NULL, 2, 4, 2, 1.0f, &made_dataset), "labels is NULL");
    REFUSED(minnow_dataset_borrow_bytes, (bytes, labels, 2, 4, 2, 1.0f, NULL), "out is NULL");
    REFUSED(minnow_dataset_borrow_bytes, (bytes, labels, 0, 4, 2, 1.0f, out), "count 0");
    REFUSED(minnow_dataset_borrow_bytes, (bytes, labels, 2, 0, 2, 1.0f, out), "0 features");
    REFUSED(minnow_dataset_borrow_bytes, (bytes, labels, 2, 4, 65537, 1.0f, out), "65537 classes");
    REFUSED(minnow_dataset_borrow_bytes, (bytes, too_high, 2, 4, 2, 1.0f, out), "label 2 at item 1");
    REFUSED(minnow_dataset_borrow_bytes, (bytes, labels, 2, 4, 2, NAN, &made_dataset), "scale is nan");

    REFUSED(minnow_dataset_borrow_floats, (NULL, labels, 1, 4, 2, &made_dataset), "values is NULL");
    REFUSED(minnow_dataset_borrow_floats, (floats, NULL, 1, 4, 2, &made_dataset), "labels is NULL");
    REFUSED(minnow_dataset_borrow_floats, (floats, labels, 1, 4, 2, NULL), "out is NULL");
    REFUSED(minnow_dataset_borrow_floats, (floats, labels, SIZE_MAX / 4, 4, 2, out), "count 4611");
    REFUSED(minnow_dataset_borrow_floats, (floats, labels, 1, 65537, 2, out), "65537 features");
    REFUSED(minnow_dataset_borrow_floats, (floats, labels, 1, 4, 0, out), "0 classes");
    REFUSED(minnow_dataset_borrow_floats, (infinite, labels, 1, 4, 2, out), "feature 3 of item 0");
}

Test(arguments, of_datasets_from_sparse_rows) {
    static const size_t starts[] = {0, 2, 3}, late[] = {1, 2, 3}, falling[] = {0, 3, 2},
                        huge[] = {0, 2, (size_t)1 << 32};
    static const uint32_t indices[] = {0, 3, 1}, wide[] = {0, 4, 1}, twice[] = {3, 3, 1}, too_high[] = {1, 2};
    static const float infinite[] = {1.0F, INFINITY, 2.0F};
    minnow_dataset **out = &made_dataset;

    REFUSED(minnow_dataset_from_sparse, (NULL, indices, floats, labels, 2, 4, 2, out), "starts is NULL");
    REFUSED(minnow_dataset_from_sparse, (starts, NULL, floats, labels, 2, 4, 2, out), "indices is NULL");
    REFUSED(minnow_dataset_from_sparse, (starts, indices, NULL, labels, 2, 4, 2, out), "values is NULL");
    REFUSED(minnow_dataset_from_sparse, (starts, indices, floats, NULL, 2, 4, 2, out), "labels is NULL");
    REFUSED(minnow_dataset_from_sparse, (starts, indices, floats, labels, 2, 4, 2, NULL), "out is NULL");
    REFUSED(minnow_dataset_from_sparse, (starts, indices, floats, labels, 0, 4, 2, out), "count 0");
    REFUSED(minnow_dataset_from_sparse, (starts, indices, floats, labels, SIZE_MAX / 4, 4, 2, out),
            "count 4611");
    REFUSED(minnow_dataset_from_sparse, (starts, indices, floats, labels, 2, 0, 2, out), "0 features");
    REFUSED(minnow_dataset_from_sparse, (starts, indices, floats, labels, 2, 16777217, 2, out),
            "16777217 features");
    REFUSED(minnow_dataset_from_sparse, (starts, indices, floats, labels, 2, 4, 0, out), "0 classes");
    REFUSED(minnow_dataset_from_sparse, (late, indices, floats, labels, 2, 4, 2, out),
            "starts at 1, expected 0");
    REFUSED(minnow_dataset_from_sparse, (falling, indices, floats, labels, 2, 4, 2, out), "item 1 ends at 2");
    REFUSED(minnow_dataset_from_sparse, (huge, indices, floats, labels, 2, 4, 2, out),
            "item 1 ends at 4294967296");
    REFUSED(minnow_dataset_from_sparse, (starts, wide, floats, labels, 2, 4, 2, out), "index 4 at item 0");
    REFUSED(minnow_dataset_from_sparse, (starts, twice, floats, labels, 2, 4, 2, out),
            "index 3 at item 0 follows 3");
    REFUSED(minnow_dataset_from_sparse, (starts, indices, infinite, labels, 2, 4, 2, out),
            "feature 3 of item 0");
    REFUSED(minnow_dataset_from_sparse, (starts, indices, floats, too_high, 2, 4, 2, out),
            "label 2 at item 1");
}

Test(arguments, of_network_create) {
    static const size_t no_outputs[] = {4, 4, 0}, wide[] = {4, 65537, 2};
    static const minnow_activation unknown[] = {(minnow_activation)200};

    REFUSED(minnow_network_create, (NULL, &made_network), "config is NULL");
    REFUSED(minnow_network_create, (SHAPE(seed, 2), NULL), "out is NULL");
    REFUSED(minnow_network_create, (SHAPE(struct_size, 0), &made_network), "struct_size is 0");
    REFUSED(minnow_network_create, (SHAPE(struct_size, SIZE_MAX), &made_network), "struct_size is 1844");
    REFUSED(minnow_network_create, (SHAPE(layer_sizes, NULL), &made_network), "layer_sizes is NULL");
    REFUSED(minnow_network_create, (SHAPE(layer_sizes, no_outputs), &made_network), "layer 2 has size 0");
    REFUSED(minnow_network_create, (SHAPE(layer_sizes, wide), &made_network), "layer 1 has size 65537");
    REFUSED(minnow_network_create, (SHAPE(layer_count, 0), &made_network), "0 layers");
    REFUSED(minnow_network_create, (SHAPE(layer_count, 65), &made_network), "65 layers");
    REFUSED(minnow_network_create, (SHAPE(layer_count, SIZE_MAX), &made_network), "layers, expected 1 to 64");
    REFUSED(minnow_network_create, (SHAPE(activation, (minnow_activation)99), &made_network),
            "activation 99");
    REFUSED(minnow_network_create, (SHAPE(activation, (minnow_activation)-1), &made_network),
            "activation -1");
    REFUSED(minnow_network_create, (SHAPE(activations, unknown), &made_network), "activation 200");
    REFUSED(minnow_network_create, (SHAPE(loss, (minnow_loss)99), &made_network), "loss 99");
    REFUSED(minnow_network_create, (SHAPE(loss, (minnow_loss)-1), &made_network), "loss -1");
    REFUSED(minnow_network_create, (SHAPE(init, (minnow_init)99), &made_network), "init 99");
    REFUSED(minnow_network_create, (SHAPE(init, (minnow_init)-1), &made_network), "init -1");
    ACCEPTS(minnow_network_free, (NULL));
}

Test(arguments, of_questions_about_networks) {
    ANSWERS(minnow_network_layer_count, (NULL), 0, MISSING(minnow_network_layer_count, "network"));
    ANSWERS(minnow_network_layer_size, (NULL, 0), 0, MISSING(minnow_network_layer_size, "network"));
    ANSWERS(minnow_network_layer_size, (network, 3), 0, "index is 3, expected 0 to 2");
    ANSWERS(minnow_network_layer_size, (network, SIZE_MAX), 0, "expected 0 to 2");
    ANSWERS(minnow_network_activation, (NULL, 0), MINNOW_ACTIVATION_IDENTITY,
            MISSING(minnow_network_activation, "network"));
    ANSWERS(minnow_network_activation, (network, 2), MINNOW_ACTIVATION_IDENTITY,
            "layer is 2, expected 0 to 1");
    const minnow_network *networks[] = {network, NULL};
    REFUSED(minnow_ensemble_create, (NULL, 2, &made_network), "networks is NULL");
    REFUSED(minnow_ensemble_create, (networks, 2, NULL), "out is NULL");
    REFUSED(minnow_ensemble_create, (networks, 2, &made_network), "network 1 is NULL");
    REFUSED(minnow_ensemble_create, (networks, 1, &made_network), "an ensemble of 1 networks");
    REFUSED(minnow_ensemble_create, (networks, 257, &made_network), "an ensemble of 257 networks");
    ANSWERS(minnow_network_member_count, (NULL), 0, MISSING(minnow_network_member_count, "network"));
    ANSWERS(minnow_network_member, (NULL, 0), NULL, MISSING(minnow_network_member, "network"));
    ANSWERS(minnow_network_member, (network, 1), NULL, "index is 1, expected 0 to 0");
    ANSWERS(minnow_network_loss, (NULL), MINNOW_LOSS_SOFTMAX, MISSING(minnow_network_loss, "network"));
    ANSWERS(minnow_network_isa, (NULL), NULL, MISSING(minnow_network_isa, "network"));
    ANSWERS(minnow_network_parameter_count, (NULL), 0, MISSING(minnow_network_parameter_count, "network"));
    ANSWERS(minnow_network_nonfinite_count, (NULL), 0, MISSING(minnow_network_nonfinite_count, "network"));
    ANSWERS(minnow_network_params_crc32, (NULL), 0, MISSING(minnow_network_params_crc32, "network"));

    REFUSED(minnow_network_get_layer, (NULL, 0, floats, NULL), "network is NULL");
    REFUSED(minnow_network_get_layer, (network, 2, floats, NULL), "layer is 2, expected 0 to 1");
    REFUSED(minnow_network_get_layer, (network, SIZE_MAX, floats, NULL), "expected 0 to 1");
    REFUSED(minnow_network_set_layer, (NULL, 0, floats, NULL), "network is NULL");
    REFUSED(minnow_network_set_layer, (network, 2, floats, NULL), "layer is 2, expected 0 to 1");
    ACCEPTS(minnow_network_get_layer, (network, 1, NULL, NULL));
    ACCEPTS(minnow_network_set_layer, (network, 1, NULL, NULL));
}

Test(arguments, of_loading) {
    static const minnow_activation unknown[] = {(minnow_activation)-3};
    const char *model = scratch_path("model"), *npy = scratch_path("npy");

    REFUSED(minnow_network_load, (NULL, NULL, &made_network), "path is NULL");
    REFUSED(minnow_network_load, (model, NULL, NULL), "out is NULL");
    REFUSED(minnow_network_load_values, (NULL, NULL, &made_network), "folder is NULL");
    REFUSED(minnow_network_load_values, (model, NULL, NULL), "out is NULL");

    REFUSED(minnow_network_load_foreign, (NULL, FOREIGN(isa, NULL), &made_network), "path is NULL");
    REFUSED(minnow_network_load_foreign, (model, NULL, &made_network), "config is NULL");
    REFUSED(minnow_network_load_foreign, (model, FOREIGN(isa, NULL), NULL), "out is NULL");
    REFUSED(minnow_network_load_foreign, (model, FOREIGN(struct_size, 12), &made_network),
            "struct_size is 12");
    REFUSED(minnow_network_load_foreign, (model, FOREIGN(activation_count, 1), &made_network),
            "activations is NULL, but activation_count is 1");
    REFUSED(minnow_network_load_foreign, (model, FOREIGN(loss, (minnow_loss)50), &made_network), "loss 50");

    REFUSED(minnow_network_load_npy, (NULL, FOREIGN(isa, NULL), &made_network), "folder is NULL");
    REFUSED(minnow_network_load_npy, (npy, NULL, &made_network), "config is NULL");
    REFUSED(minnow_network_load_npy, (npy, FOREIGN(isa, NULL), NULL), "out is NULL");
    REFUSED(minnow_network_load_npy, (npy, FOREIGN(struct_size, 0), &made_network), "struct_size is 0");
    REFUSED(minnow_network_load_npy, (npy, FOREIGN(activation, (minnow_activation)-1), &made_network),
            "activation -1");
    REFUSED(minnow_network_load_npy, (npy, FOREIGN(activations, unknown), &made_network), "0 activations");
    REFUSED(minnow_network_load_npy,
            (npy, (FOREIGN(activations, unknown)->activation_count = 1, &foreign), &made_network),
            "activation -3");
    REFUSED(minnow_network_load_npy,
            (npy, (FOREIGN(activations, unknown)->activation_count = SIZE_MAX, &foreign), &made_network),
            "activation_count is 1844");
}

Test(arguments, of_saving) {
    REFUSED(minnow_network_save, (NULL, path), "network is NULL");
    REFUSED(minnow_network_save, (network, NULL), "path is NULL");
    REFUSED(minnow_network_save_values, (NULL, path), "network is NULL");
    REFUSED(minnow_network_save_values, (network, NULL), "folder is NULL");
    REFUSED(minnow_network_save_values, (network, path), "sigmoid");
    REFUSED(minnow_network_save_npy, (NULL, path), "network is NULL");
    REFUSED(minnow_network_save_npy, (network, NULL), "folder is NULL");
    REFUSED(minnow_network_save_onnx, (NULL, path, false), "network is NULL");
    REFUSED(minnow_network_save_onnx, (network, NULL, true), "path is NULL");
    REFUSED(minnow_network_save_c, (NULL, path, NULL, false), "network is NULL");
    REFUSED(minnow_network_save_c, (network, NULL, NULL, true), "path is NULL");
    REFUSED(minnow_network_save_c, (network, path, "", false), "C identifier");
    REFUSED(minnow_network_save_c, (network, path, "no name", false), "C identifier");
}

Test(arguments, of_metadata) {
    REFUSED(minnow_network_set_metadata, (NULL, "key", "value"), "network is NULL");
    REFUSED(minnow_network_set_metadata, (network, NULL, "value"), "key is NULL");
    REFUSED(minnow_network_set_metadata, (network, "", "value"), "key is empty");
    REFUSED(minnow_network_set_metadata, (network, "\xff", "value"), "UTF-8");
    REFUSED(minnow_network_set_metadata, (network, "key", "\x80"), "UTF-8");
    REFUSED(minnow_network_set_metadata, (network, "loss", "softmax"), "loss");
    REFUSED(minnow_network_set_metadata, (network, "input_scaling", "0"), "input_scaling");
    ANSWERS(minnow_network_metadata, (NULL, "key"), NULL, MISSING(minnow_network_metadata, "network"));
    ANSWERS(minnow_network_metadata, (network, NULL), NULL, MISSING(minnow_network_metadata, "key"));
    ANSWERS(minnow_network_metadata_count, (NULL), 0, MISSING(minnow_network_metadata_count, "network"));
    ANSWERS(minnow_network_metadata_key, (NULL, 0), NULL, MISSING(minnow_network_metadata_key, "network"));
    cr_expect_null(minnow_network_metadata_key(network, SIZE_MAX));
    ANSWERS(minnow_network_input_scaling, (NULL), 0.0f, MISSING(minnow_network_input_scaling, "network"));
}

Test(arguments, of_inference) {
    size_t overflows = SIZE_MAX / sizeof(float) / INPUTS + 1;
    REFUSED(minnow_network_evaluate, (NULL, dataset, 1, NULL, NULL), "network is NULL");
    REFUSED(minnow_network_evaluate, (network, NULL, 1, NULL, NULL), "dataset is NULL");
    REFUSED(minnow_network_evaluate, (network, narrow, 1, NULL, NULL), "the network takes 784 features");
    evaluation.struct_size = 7;
    REFUSED(minnow_network_evaluate, (network, dataset, 1, &evaluation, NULL),
            "evaluation: struct_size is 7");
    cr_expect_eq(minnow_network_evaluate(network, dataset, UINT32_MAX, NULL, NULL), MINNOW_OK);

    REFUSED(minnow_network_predict, (NULL, floats, 1, labels, NULL), "network is NULL");
    REFUSED(minnow_network_predict, (network, NULL, 1, labels, NULL), "inputs is NULL");
    REFUSED(minnow_network_predict, (network, floats, SIZE_MAX, labels, NULL), "count is 1844");
    REFUSED(minnow_network_predict, (network, floats, overflows, labels, NULL), "count is");
    ACCEPTS(minnow_network_predict, (network, NULL, 0, NULL, NULL));
    ACCEPTS(minnow_network_predict, (network, floats, 1, NULL, NULL));
}

/* A label as well as targets. */
static minnow_trace *with_both(void) {
    trace = good_trace();
    trace.label = 1;
    trace.targets = floats;
    return &trace;
}

Test(arguments, of_traces) {
    float *const none[2] = {NULL, NULL};
    REFUSED(minnow_network_trace, (NULL, floats, TRACE(label, 1)), "network is NULL");
    REFUSED(minnow_network_trace, (network, NULL, TRACE(label, 1)), "input is NULL");
    REFUSED(minnow_network_trace, (network, floats, NULL), "trace is NULL");
    REFUSED(minnow_network_trace, (network, floats, TRACE(struct_size, 8191)), "struct_size is 8191");
    REFUSED(minnow_network_trace, (network, floats, TRACE(label, 10)), "label is 10, expected 0 to 9");
    REFUSED(minnow_network_trace, (network, floats, TRACE(deltas, none)), "deltas is set, but label");
    REFUSED(minnow_network_trace, (network, floats, TRACE(weight_gradients, none)),
            "weight_gradients is set");
    REFUSED(minnow_network_trace, (network, floats, TRACE(bias_gradients, none)), "bias_gradients is set");
    REFUSED(minnow_network_trace, (network, floats, TRACE(input_gradient, floats)), "input_gradient is set");
    REFUSED(minnow_network_trace, (network, floats, with_both()), "label and targets are set");
    ACCEPTS(minnow_network_trace, (network, floats, TRACE(targets, floats)));
    ACCEPTS(minnow_network_trace, (network, floats, TRACE(sums, none)));
    ACCEPTS(minnow_network_trace, (network, floats, TRACE(activations, NULL)));
}

Test(arguments, of_gradients) {
    REFUSED(minnow_network_gradients, (NULL, dataset, 1, NULL, NULL, NULL), "network is NULL");
    REFUSED(minnow_network_gradients, (network, NULL, 1, NULL, NULL, NULL), "dataset is NULL");
    REFUSED(minnow_network_gradients, (network, narrow, 1, NULL, NULL, NULL),
            "the network takes 784 features");
    ACCEPTS(minnow_network_gradients, (network, dataset, 1, NULL, NULL, NULL));
}

Test(arguments, of_going_on) {
    REFUSED(minnow_trainer_continue, (NULL, dataset, TRAINING(batch, 8), &made_trainer), "trainer is NULL");
    REFUSED(minnow_trainer_continue, (trainer, NULL, TRAINING(batch, 8), &made_trainer), "dataset is NULL");
    REFUSED(minnow_trainer_continue, (trainer, dataset, NULL, &made_trainer), "config is NULL");
    REFUSED(minnow_trainer_continue, (trainer, dataset, TRAINING(batch, 8), NULL), "out is NULL");
    REFUSED(minnow_trainer_continue, (trainer, dataset, TRAINING(batch, 0), &made_trainer), "batch 0");
    REFUSED(minnow_trainer_continue, (trainer, narrow, TRAINING(batch, 8), &made_trainer),
            "the network takes 784");
    REFUSED(minnow_trainer_continue,
            (trainer, dataset, TRAINING(optimizer, MINNOW_OPTIMIZER_MOMENTUM), &made_trainer),
            "goes on with momentum, expected the optimizer of before, sgd");
    REFUSED(minnow_trainer_continue, (trainer, dataset, TRAINING(ema, 0.9), &made_trainer),
            "sgd and an average");
}

/* What a configuration may not say, to each function that takes one. */
static void expect_refused_training(const minnow_training_config *config, const char *message) {
    REFUSED(minnow_trainer_create, (network, dataset, config, &made_trainer), message);
    REFUSED(minnow_trainer_resume, (checkpoint, dataset, config, &made_trainer), message);
}

Test(arguments, of_training) {
    expect_refused_training(NULL, "config is NULL");
    expect_refused_training(TRAINING(struct_size, 0), "struct_size is 0");
    expect_refused_training(TRAINING(struct_size, SIZE_MAX), "struct_size is 1844");
    expect_refused_training(TRAINING(batch, 0), "batch 0");
    expect_refused_training(TRAINING(batch, 65537), "batch 65537");
    expect_refused_training(TRAINING(epochs, 0), "0 epochs");
    expect_refused_training(TRAINING(epochs, SIZE_MAX), "epochs, expected 1 to 4294967295");
    expect_refused_training(TRAINING(momentum, 0.9), "momentum 0.9 has no effect with sgd");
    expect_refused_training(TRAINING(beta1, 0.9), "beta1 0.9 has no effect with sgd");
    expect_refused_training(TRAINING(beta2, 0.9), "beta2 0.9 has no effect with sgd");
    expect_refused_training(TRAINING(epsilon, 1e-8), "epsilon 1e-08 has no effect with sgd");
    expect_refused_training(TRAINING(optimizer, MINNOW_OPTIMIZER_ADAM), "epsilon 0, expected");
    expect_refused_training(TRAINING(weight_decay, -1.0), "weight decay -1");
    expect_refused_training(TRAINING(weight_decay, NAN), "weight decay nan");
    expect_refused_training(TRAINING(l2, 2000.0), "l2 2000");
    expect_refused_training(TRAINING(max_norm, -1.0), "max norm -1");
    expect_refused_training(TRAINING(clip_norm, INFINITY), "clip norm inf");
    expect_refused_training(TRAINING(ema, 1.0), "ema 1,");
    expect_refused_training(TRAINING(label_smoothing, 1.0), "label smoothing 1,");
    expect_refused_training(TRAINING(input_dropout, 1.0), "input dropout 1,");
    expect_refused_training(TRAINING(dropout_count, 64), "dropout count 64");
    expect_refused_training(TRAINING(noise, -0.1), "noise -0.1");
    expect_refused_training(TRAINING(mixup, 2000.0), "mixup 2000");
    REFUSED(minnow_training_config_set_optimizer, (NULL, MINNOW_OPTIMIZER_ADAM), "config is NULL");
    REFUSED(minnow_training_config_set_optimizer, (TRAINING(batch, 8), (minnow_optimizer)99),
            "no optimizer 99");
    expect_refused_training(TRAINING(learning_rate, 0.0), "learning rate 0");
    expect_refused_training(TRAINING(learning_rate, -1.0), "learning rate -1");
    expect_refused_training(TRAINING(learning_rate, (double)NAN), "learning rate nan");
    expect_refused_training(TRAINING(learning_rate, (double)INFINITY), "learning rate inf");
    expect_refused_training(TRAINING(warmup_epochs, -1.0), "warm-up of -1");
    expect_refused_training(TRAINING(warmup_epochs, 11.0), "warm-up of 11");
    expect_refused_training(TRAINING(warmup_epochs, (double)NAN), "warm-up of nan");
    expect_refused_training(TRAINING(optimizer, (minnow_optimizer)99), "optimizer 99");
    expect_refused_training(TRAINING(optimizer, (minnow_optimizer)-1), "optimizer -1");
    expect_refused_training(TRAINING(schedule, (minnow_schedule)99), "schedule 99");
    expect_refused_training(TRAINING(schedule, (minnow_schedule)-1), "schedule -1");
    expect_refused_training(TRAINING(sparse, (minnow_sparsity)99), "sparsity 99");
    expect_refused_training(TRAINING(sparse, (minnow_sparsity)-1), "sparsity -1");
    expect_refused_training(TRAINING(plan, 99), "plan 99");
    expect_refused_training(TRAINING(distortion, DISTORTION(struct_size, 0)), "struct_size is 0");
    expect_refused_training(TRAINING(distortion, DISTORTION(shift, -1.0)), "shift -1, expected 0 to 1024");
    expect_refused_training(TRAINING(distortion, DISTORTION(rotation, 181.0)), "rotation 181");
    expect_refused_training(TRAINING(distortion, DISTORTION(scale, 1.0)), "scale 1");
    expect_refused_training(TRAINING(distortion, DISTORTION(shear, (double)NAN)), "shear nan");
    expect_refused_training(TRAINING(distortion, DISTORTION(elastic_alpha, (double)INFINITY)),
                            "elastic_alpha inf");
    expect_refused_training(TRAINING(distortion, DISTORTION(elastic_sigma, 0.0)), "elastic_sigma 0");
    expect_refused_training(TRAINING(distortion, DISTORTION(elastic_fields, 0)), "0 elastic fields");
    expect_refused_training(TRAINING(distortion, DISTORTION(elastic_fields, SIZE_MAX)),
                            "expected 1 to 1048576");
}

Test(arguments, of_trainers) {
    REFUSED(minnow_trainer_create, (NULL, dataset, TRAINING(batch, 8), &made_trainer), "network is NULL");
    REFUSED(minnow_trainer_create, (network, NULL, TRAINING(batch, 8), &made_trainer), "dataset is NULL");
    REFUSED(minnow_trainer_create, (network, dataset, TRAINING(batch, 8), NULL), "out is NULL");
    REFUSED(minnow_trainer_create, (network, narrow, TRAINING(batch, 8), &made_trainer), "784 features");
    REFUSED(minnow_trainer_resume, (NULL, dataset, TRAINING(threads, 1), &made_trainer), "network is NULL");
    REFUSED(minnow_trainer_resume, (checkpoint, NULL, TRAINING(threads, 1), &made_trainer),
            "dataset is NULL");
    REFUSED(minnow_trainer_resume, (checkpoint, dataset, TRAINING(threads, 1), NULL), "out is NULL");
    REFUSED(minnow_trainer_resume, (checkpoint, narrow, TRAINING(threads, 1), &made_trainer), "784 features");
    REFUSED(minnow_trainer_resume, (checkpoint, dataset, TRAINING(batch, 8), &made_trainer), "batch");

    progress.struct_size = 3;
    REFUSED(minnow_trainer_advance, (NULL, 0, NULL), "trainer is NULL");
    REFUSED(minnow_trainer_advance, (trainer, 0, &progress), "progress: struct_size is 3");
    REFUSED(minnow_trainer_run, (NULL, NULL, NULL), "trainer is NULL");
    REFUSED(minnow_trainer_run, (trainer, NULL, &progress), "progress: struct_size is 3");
    minnow_callbacks callbacks = {0};
    REFUSED(minnow_trainer_run, (trainer, &callbacks, NULL), "callbacks: struct_size is 0");
    minnow_callbacks_init(&callbacks, sizeof callbacks);
    callbacks.step_interval = 0;
    REFUSED(minnow_trainer_run, (trainer, &callbacks, NULL), "step interval of 0");
    EXPLAINS(minnow_trainer_progress, (NULL, &progress), "trainer is NULL");
    EXPLAINS(minnow_trainer_progress, (trainer, NULL), "progress is NULL");
    EXPLAINS(minnow_trainer_progress, (trainer, &progress), "progress: struct_size is 3");
    minnow_progress_init(&progress, sizeof progress);
    minnow_trainer_progress(trainer, &progress);
    cr_expect_eq(progress.epoch_samples, 0, "a call that was refused has trained");
    ANSWERS(minnow_trainer_threads, (NULL), 0, MISSING(minnow_trainer_threads, "trainer"));
    REFUSED(minnow_trainer_set_learning_rate, (NULL, 0.1), "trainer is NULL");
    REFUSED(minnow_trainer_set_learning_rate, (trainer, -0.1), "learning rate -0.1");
    REFUSED(minnow_trainer_set_learning_rate, (trainer, (double)NAN), "learning rate");
    REFUSED(minnow_trainer_set_learning_rate, (trainer, 1e31), "learning rate 1e+31");
    ACCEPTS(minnow_trainer_stop, (NULL));
    ACCEPTS(minnow_trainer_use_average, (NULL, true));
    ACCEPTS(minnow_trainer_use_best, (NULL, true));
    minnow_evaluation shut = {.struct_size = 3};
    REFUSED(minnow_trainer_evaluate, (NULL, dataset, NULL, NULL), "trainer is NULL");
    REFUSED(minnow_trainer_evaluate, (trainer, NULL, NULL, NULL), "dataset is NULL");
    REFUSED(minnow_trainer_evaluate, (trainer, dataset, &shut, NULL), "evaluation: struct_size is 3");
    ACCEPTS(minnow_trainer_free, (NULL));

    REFUSED(minnow_trainer_tell_loss, (NULL, 0.5), "trainer is NULL");
    REFUSED(minnow_trainer_tell_loss, (trainer, (double)NAN), "loss nan");
    REFUSED(minnow_trainer_tell_loss, (trainer, 0.5), "no epoch has ended");
    REFUSED(minnow_trainer_keep_best, (NULL, 0.5), "trainer is NULL");
    REFUSED(minnow_trainer_keep_best, (trainer, (double)NAN), "score nan");
    REFUSED(minnow_trainer_save, (NULL, path), "trainer is NULL");
    REFUSED(minnow_trainer_save, (trainer, NULL), "path is NULL");
    REFUSED(minnow_checkpoint_config, (NULL, TRAINING(batch, 8)), "network is NULL");
    REFUSED(minnow_checkpoint_config, (checkpoint, NULL), "out is NULL");
    REFUSED(minnow_checkpoint_config, (checkpoint, TRAINING(struct_size, 0)), "struct_size is 0");
    REFUSED(minnow_checkpoint_distortion, (NULL, DISTORTION(shift, 1.0)), "network is NULL");
    REFUSED(minnow_checkpoint_distortion, (checkpoint, NULL), "out is NULL");
    REFUSED(minnow_checkpoint_distortion, (checkpoint, DISTORTION(struct_size, 0)), "struct_size is 0");
}

/* These cannot say anything; test_misuse.c has the sizes that they leave alone. */
Test(arguments, of_what_cannot_fail) {
    ACCEPTS(minnow_last_error, ());
    ACCEPTS(minnow_version, ());
    ACCEPTS(minnow_network_config_init, (NULL, sizeof shape));
    ACCEPTS(minnow_foreign_config_init, (NULL, sizeof foreign));
    ACCEPTS(minnow_training_config_init, (NULL, sizeof training));
    ACCEPTS(minnow_distortion_config_init, (NULL, sizeof distortion));
    ACCEPTS(minnow_callbacks_init, (NULL, sizeof(minnow_callbacks)));
    ACCEPTS(minnow_comm_init, (NULL, sizeof(minnow_comm)));
    ACCEPTS(minnow_progress_init, (NULL, sizeof progress));
    ACCEPTS(minnow_evaluation_init, (NULL, sizeof evaluation));
    ACCEPTS(minnow_trace_init, (NULL, sizeof trace));
}
