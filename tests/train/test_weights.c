/* Weights of samples and classes: what they come to in a dataset, in training, in an evaluation and in checkpoints. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "data/dataset.h"
#include "samples.h"
#include "support/scratch.h"
#include "train/trainer.h"

TestSuite(weights, .init = scratch_make, .fini = scratch_remove);

enum { COUNT = 120, FEATURES = 20, CLASSES = 4 };
static const size_t layer_sizes[] = {FEATURES, 12, CLASSES};

static minnow_training_config config_of(size_t batch) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = batch;
    config.epochs = 3;
    config.learning_rate = 0.1;
    return config;
}

static minnow_network *trained(const minnow_dataset *dataset, const minnow_training_config *config,
                               minnow_loss loss, minnow_progress *progress) {
    minnow_network *network = samples_network(layer_sizes, 2, MINNOW_ACTIVATION_TANH, loss, "auto");
    *progress = samples_train(network, dataset, config);
    return network;
}

static uint32_t trained_crc(const minnow_dataset *dataset, const minnow_training_config *config,
                            minnow_loss loss, double *train_loss) {
    minnow_progress progress;
    minnow_network *network = trained(dataset, config, loss, &progress);
    uint32_t crc = minnow_network_params_crc32(network);
    *train_loss = progress.train_loss;
    minnow_network_free(network);
    return crc;
}

static void set_all(minnow_dataset *dataset, float weight, float of_class) {
    float weights[COUNT], of_classes[CLASSES];
    for (size_t i = 0; i < COUNT; i++)
        weights[i] = weight;
    for (size_t c = 0; c < CLASSES; c++)
        of_classes[c] = of_class;
    cr_assert_eq(minnow_dataset_set_weights(dataset, weights, COUNT), MINNOW_OK);
    cr_assert_eq(minnow_dataset_set_class_weights(dataset, of_classes, CLASSES), MINNOW_OK);
}

/* Whatever their unit, they change no bit; and without weights again, the dataset is what it was. */
Test(weights, that_are_all_the_same_change_nothing) {
    minnow_dataset *dataset = samples_make(COUNT, FEATURES, CLASSES);
    for (int loss = MINNOW_LOSS_SOFTMAX; loss <= MINNOW_LOSS_QUADRATIC; loss++) {
        minnow_training_config config = config_of(16);
        config.label_smoothing = loss == MINNOW_LOSS_LOGISTIC ? 0.1 : 0.0;
        config.mixup = loss == MINNOW_LOSS_LOGISTIC ? 0.3 : 0.0;
        double without, with;
        uint32_t expected = trained_crc(dataset, &config, (minnow_loss)loss, &without);
        set_all(dataset, 0.1f, 7.3f);
        cr_expect_eq(trained_crc(dataset, &config, (minnow_loss)loss, &with), expected, "loss %d", loss);
        cr_expect_eq(with, without);
        samples_weigh(dataset);
        cr_expect_neq(trained_crc(dataset, &config, (minnow_loss)loss, &with), expected, "loss %d", loss);
        cr_assert_eq(minnow_dataset_set_weights(dataset, NULL, 0), MINNOW_OK);
        cr_assert_eq(minnow_dataset_set_class_weights(dataset, NULL, 0), MINNOW_OK);
        cr_expect_eq(trained_crc(dataset, &config, (minnow_loss)loss, &with), expected, "loss %d", loss);
    }
    minnow_dataset_free(dataset);
}

/* In mini-batches of all samples, a sample of weight 2 is two samples, and one of weight 0 is none. */
Test(weights, are_as_good_as_repeating_samples) {
    minnow_dataset *dataset = samples_make(COUNT, FEATURES, CLASSES);
    static uint8_t pixels[2 * COUNT * FEATURES];
    static uint32_t labels[2 * COUNT];
    float weights[COUNT];
    size_t repeated = 0;
    for (size_t i = 0; i < COUNT; i++) {
        weights[i] = (float)(i % 3);
        for (size_t n = 0; n < i % 3; n++, repeated++) {
            memcpy(pixels + repeated * FEATURES, dataset->bytes + i * FEATURES, FEATURES);
            labels[repeated] = dataset->labels[i];
        }
    }
    minnow_dataset *repeats;
    cr_assert_eq(
        minnow_dataset_from_bytes(pixels, labels, repeated, FEATURES, CLASSES, dataset->scale, &repeats),
        MINNOW_OK);
    cr_assert_eq(minnow_dataset_set_weights(dataset, weights, COUNT), MINNOW_OK);

    minnow_training_config config = config_of(2 * COUNT);
    config.epochs = 20;
    minnow_progress progress, expected;
    minnow_network *a = trained(dataset, &config, MINNOW_LOSS_SOFTMAX, &progress);
    minnow_network *b = trained(repeats, &config, MINNOW_LOSS_SOFTMAX, &expected);
    float of_a[FEATURES * 12 + 12], of_b[FEATURES * 12 + 12];
    cr_assert_eq(minnow_network_get_layer(a, 0, of_a, of_a + FEATURES * 12), MINNOW_OK);
    cr_assert_eq(minnow_network_get_layer(b, 0, of_b, of_b + FEATURES * 12), MINNOW_OK);
    for (size_t i = 0; i < FEATURES * 12 + 12; i++)
        cr_expect_float_eq(of_a[i], of_b[i], 1e-5, "parameter %zu: %g, not %g", i, (double)of_a[i],
                           (double)of_b[i]);
    cr_expect_float_eq(progress.train_loss, expected.train_loss, 1e-6);

    minnow_evaluation evaluation, repeated_evaluation;
    minnow_evaluation_init(&evaluation, sizeof evaluation);
    minnow_evaluation_init(&repeated_evaluation, sizeof repeated_evaluation);
    cr_assert_eq(minnow_network_evaluate(a, dataset, 2, &evaluation, NULL), MINNOW_OK);
    cr_assert_eq(minnow_network_evaluate(a, repeats, 2, &repeated_evaluation, NULL), MINNOW_OK);
    cr_expect_float_eq(evaluation.loss, repeated_evaluation.loss, 1e-9);
    cr_expect_eq(evaluation.total, COUNT);
    minnow_network_free(a);
    minnow_network_free(b);
    minnow_dataset_free(repeats);
    minnow_dataset_free(dataset);
}

/* A mini-batch of samples that weigh nothing has no loss and no gradient. */
Test(weights, of_a_mini_batch_may_all_be_0) {
    minnow_dataset *dataset = samples_make(COUNT, FEATURES, CLASSES);
    float weights[COUNT] = {0};
    weights[COUNT - 1] = 1.0f;
    cr_assert_eq(minnow_dataset_set_weights(dataset, weights, COUNT), MINNOW_OK);
    minnow_training_config config = config_of(10);
    config.shuffle = false;
    minnow_network *network =
        samples_network(layer_sizes, 2, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_SOFTMAX, "auto");
    uint32_t before = minnow_network_params_crc32(network);
    minnow_trainer *trainer;
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
    cr_assert_eq(minnow_trainer_advance(trainer, COUNT - 10, &progress), MINNOW_OK);
    cr_expect_eq(progress.train_loss, 0.0);
    cr_expect_eq(minnow_network_params_crc32(network), before);
    cr_assert_eq(minnow_trainer_advance(trainer, 10, &progress), MINNOW_OK);
    cr_expect_neq(minnow_network_params_crc32(network), before);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

Test(weights, of_balanced_classes_sum_to_the_same) {
    static const float values[6] = {0};
    static const uint32_t labels[6] = {0, 0, 0, 2, 0, 3};
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_from_floats(values, labels, 6, 1, 4, &dataset), MINNOW_OK);
    cr_assert_eq(minnow_dataset_weight(dataset, 0), 1.0);
    cr_assert_eq(minnow_dataset_balance_classes(dataset), MINNOW_OK);
    static const float expected[4] = {0.5f, 1.0f, 2.0f, 2.0f};
    for (size_t c = 0; c < 4; c++)
        cr_expect_eq(dataset->class_weights[c], expected[c], "class %zu: %g", c,
                     (double)dataset->class_weights[c]);
    cr_expect_eq(minnow_dataset_weight(dataset, 3), 2.0);
    minnow_dataset_free(dataset);
}

Test(weights, stay_with_their_samples) {
    minnow_dataset *dataset = samples_make(COUNT, FEATURES, CLASSES), *parts[2], *copy;
    float weights[COUNT], expected[256] = {0}; /* by the sample's first byte and the next */
    for (size_t i = 0; i < COUNT; i++) {
        weights[i] = 1.0f + (float)i;
        dataset->bytes[i * FEATURES] = (uint8_t)i;
        expected[i] = weights[i];
    }
    static const float of_classes[CLASSES] = {1, 2, 3, 4};
    cr_assert_eq(minnow_dataset_set_weights(dataset, weights, COUNT), MINNOW_OK);
    cr_assert_eq(minnow_dataset_set_class_weights(dataset, of_classes, CLASSES), MINNOW_OK);
    cr_assert_eq(minnow_dataset_hold_out(dataset, 30, 1, &parts[0]), MINNOW_OK);
    cr_assert_eq(minnow_dataset_split(dataset, 20, &parts[1]), MINNOW_OK);
    cr_assert_eq(dataset_copy(parts[0], &copy), MINNOW_OK);
    const minnow_dataset *all[] = {dataset, parts[0], parts[1], copy};
    for (size_t n = 0; n < 4; n++)
        for (size_t i = 0; i < minnow_dataset_count(all[n]); i++) {
            uint8_t sample = all[n]->bytes[i * FEATURES];
            double wanted = (double)(expected[sample] * of_classes[all[n]->labels[i]]);
            cr_expect_eq(minnow_dataset_weight(all[n], i), wanted, "part %zu, sample %zu", n, i);
        }
    minnow_dataset_free(copy);
    minnow_dataset_free(parts[0]);
    minnow_dataset_free(parts[1]);
    minnow_dataset_free(dataset);
}

/* Before an epoch of one mini-batch changes anything, an evaluation reports its loss, also of targets that are shares of
   classes. */
Test(weights, mean_the_same_in_an_evaluation) {
    minnow_dataset *dataset = samples_make(COUNT, FEATURES, CLASSES);
    static float targets[COUNT * CLASSES];
    for (size_t i = 0; i < COUNT; i++) {
        targets[i * CLASSES + i % CLASSES] = 0.75f;
        targets[i * CLASSES + i / CLASSES % CLASSES] += 0.25f;
    }
    for (int soft = 0; soft < 2; soft++) {
        if (soft)
            cr_assert_eq(minnow_dataset_set_targets(dataset, targets, CLASSES), MINNOW_OK);
        samples_weigh(dataset);
        minnow_network *network =
            samples_network(layer_sizes, 2, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_SOFTMAX, "auto");
        minnow_evaluation evaluation;
        minnow_evaluation_init(&evaluation, sizeof evaluation);
        cr_assert_eq(minnow_network_evaluate(network, dataset, 2, &evaluation, NULL), MINNOW_OK);
        minnow_training_config config = config_of(COUNT);
        config.epochs = 1;
        double expected = samples_train(network, dataset, &config).train_loss;
        cr_expect_float_eq(evaluation.loss, expected, 1e-6, "soft %d: %g, not %g", soft, evaluation.loss,
                           expected);
        minnow_network_free(network);
    }
    minnow_dataset_free(dataset);
}

/* ---- What is refused ---- */

static void refused(minnow_status status, const char *said) {
    cr_expect_eq(status, MINNOW_ERROR_ARGUMENT, "not refused: %s", said);
    cr_expect_not_null(strstr(minnow_last_error(), said), "'%s', not '%s'", minnow_last_error(), said);
}

Test(weights, that_make_no_sense_are_refused) {
    minnow_dataset *dataset = samples_make(COUNT, FEATURES, CLASSES);
    float weights[COUNT] = {0};
    refused(minnow_dataset_set_weights(dataset, weights, COUNT), "the weight of each item is 0");
    weights[7] = -1.0f;
    refused(minnow_dataset_set_weights(dataset, weights, COUNT), "the weight of item 7 is -1");
    weights[7] = NAN;
    refused(minnow_dataset_set_weights(dataset, weights, COUNT), "item 7 is nan");
    weights[7] = INFINITY;
    refused(minnow_dataset_set_weights(dataset, weights, COUNT), "item 7 is inf");
    weights[7] = 1.0f;
    refused(minnow_dataset_set_weights(dataset, weights, COUNT - 1),
            "119 weights, expected one for each item, 120");
    refused(minnow_dataset_set_class_weights(dataset, weights, CLASSES + 1),
            "5 weights, expected one for each class, 4");
    refused(minnow_dataset_set_class_weights(dataset, weights, CLASSES), "the weight of each class is 0");
    weights[0] = 1e-39f; /* divided by such sums, the factors of samples would be infinite */
    refused(minnow_dataset_set_class_weights(dataset, weights, CLASSES), "class 0 is 1e-39, expected 0 or");
    weights[0] = 0.0f;
    cr_expect_null(dataset->weights);

    /* Each by itself is possible, but no sample has both. */
    float of_classes[CLASSES] = {1, 1, 1, 1};
    of_classes[dataset->labels[7]] = 0;
    cr_assert_eq(minnow_dataset_set_weights(dataset, weights, COUNT), MINNOW_OK);
    cr_assert_eq(minnow_dataset_set_class_weights(dataset, of_classes, CLASSES), MINNOW_OK);
    minnow_network *network =
        samples_network(layer_sizes, 2, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_LOGISTIC, "auto");
    minnow_training_config config = config_of(10);
    minnow_trainer *trainer;
    minnow_evaluation evaluation;
    minnow_evaluation_init(&evaluation, sizeof evaluation);
    refused(minnow_trainer_create(network, dataset, &config, &trainer), "all samples weigh 0");
    cr_assert_eq(minnow_network_evaluate(network, dataset, 1, &evaluation, NULL), MINNOW_OK);
    cr_expect(isnan(evaluation.loss), "what can still be counted is counted");

    static float targets[COUNT * CLASSES] = {1};
    cr_assert_eq(minnow_dataset_set_targets(dataset, targets, CLASSES), MINNOW_OK);
    cr_expect_null(dataset->class_weights);
    refused(minnow_dataset_balance_classes(dataset), "samples with targets are of no class");
    of_classes[0] = 2.0f;
    cr_assert_eq(minnow_dataset_set_class_weights(dataset, of_classes, CLASSES), MINNOW_OK);
    refused(minnow_trainer_create(network, dataset, &config, &trainer), "with the loss logistic");
    refused(minnow_network_evaluate(network, dataset, 1, &evaluation, NULL), "with the loss logistic");
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

/* ---- Checkpoints ---- */

Test(weights, belong_to_a_checkpoint) {
    minnow_dataset *dataset = samples_make(COUNT, FEATURES, CLASSES);
    samples_weigh(dataset);
    minnow_training_config config = config_of(16);
    config.label_smoothing = 0.1;
    double loss;
    uint32_t expected = trained_crc(dataset, &config, MINNOW_LOSS_SOFTMAX, &loss);

    const char *path = scratch_path("checkpoint");
    minnow_network *network =
        samples_network(layer_sizes, 2, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
    cr_assert_eq(minnow_trainer_advance(trainer, 50, NULL), MINNOW_OK);
    cr_assert_eq(minnow_trainer_save(trainer, path), MINNOW_OK);
    minnow_trainer_free(trainer);
    minnow_network_free(network);

    cr_assert_eq(minnow_network_load(path, "auto", &network), MINNOW_OK);
    cr_assert_eq(minnow_trainer_resume(network, dataset, &config, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    while (!progress.run_done)
        cr_assert_eq(minnow_trainer_advance(trainer, 0, &progress), MINNOW_OK);
    cr_expect_eq(minnow_network_params_crc32(network), expected);
    minnow_trainer_free(trainer);
    minnow_network_free(network);

    cr_assert_eq(minnow_network_load(path, "auto", &network), MINNOW_OK);
    cr_assert_eq(minnow_dataset_set_weights(dataset, NULL, 0), MINNOW_OK);
    refused(minnow_trainer_resume(network, dataset, &config, &trainer),
            "the CRC-32 of the weights of samples and classes is");
    cr_assert_eq(minnow_dataset_set_class_weights(dataset, NULL, 0), MINNOW_OK);
    refused(minnow_trainer_resume(network, dataset, &config, &trainer),
            "is 00000000, but the checkpoint's is");
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}
