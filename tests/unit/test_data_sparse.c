/* LIBSVM's files, the sparse datasets they become, and that training on those gives the bits of dense ones. */
#include "data/formats/libsvm.h"
#include "data/inputs.h"
#include "support/dataset_files.h"

TestSuite(sparse, .init = scratch_make, .fini = scratch_remove);

static minnow_dataset *read_text(const char *text, size_t classes) {
    minnow_dataset *dataset = dataset_new();
    cr_assert_not_null(dataset);
    dataset->classes = classes;
    dataset->source = strdup("F");
    cr_assert_eq(libsvm_read("F", (const uint8_t *)text, strlen(text), dataset), MINNOW_OK, "%s",
                 minnow_last_error());
    return dataset;
}

static void refuse_text(const char *text, const char *why) {
    minnow_dataset *dataset = dataset_new();
    cr_assert_not_null(dataset);
    cr_assert_eq(libsvm_read("F", (const uint8_t *)text, strlen(text), dataset), MINNOW_ERROR_INPUT, "%s",
                 text);
    cr_assert_not_null(strstr(minnow_last_error(), why), "%s in: %s", why, minnow_last_error());
    minnow_dataset_free(dataset);
}

Test(sparse, lines_become_lists) {
    minnow_dataset *dataset = read_text("# of a test\n+1 1:0.5 4:2e1 # tail\n\n-1 qid:3 2:-1 3:0\r\n1\n", 0);
    cr_assert_eq(dataset->count, 3);
    cr_assert_eq(dataset->features, 4);
    cr_assert_eq(dataset->classes, 2);
    cr_assert_str_eq(dataset->class_names[0], "-1");
    const uint32_t start[] = {0, 2, 3, 3}, index[] = {0, 3, 1}, labels[] = {1, 0, 1};
    const float value[] = {0.5f, 20.0f, -1.0f};
    cr_assert_arr_eq(dataset->sparse.start, start, sizeof start);
    cr_assert_arr_eq(dataset->sparse.index, index, sizeof index);
    cr_assert_arr_eq(dataset->sparse.value, value, sizeof value);
    cr_assert_arr_eq(dataset->labels, labels, sizeof labels);
    minnow_dataset_free(dataset);

    dataset = read_text("3 0:1 2:1\n1 1:1", 0);
    cr_assert_eq(dataset->features, 3, "an index 0 makes indices count from 0");
    cr_assert_eq(dataset->classes, 4);
    minnow_dataset_free(dataset);
}

Test(sparse, damaged_lines_are_refused) {
    refuse_text("", "no samples");
    refuse_text("1 2:3\nx 1:1\n", "line 2: expected one number for a label");
    refuse_text("1 2:3 5\n", "line 1: expected INDEX:VALUE, found \"5\"");
    refuse_text("1 2:nan\n", "line 1: expected INDEX:VALUE");
    refuse_text("1 3:1 3:2\n", "index 3 behind 3");
    refuse_text("1 99999999999999999999:1\n", "expected at most 16777216");
    refuse_text("1.5 1:1\n", "label 1.5");
    refuse_text("-1 1:1\n2 1:1\n", "labels of -1 beside others");
}

Test(sparse, subsets_and_widths) {
    write_text("d", "1 1:1\n2 2:1\n1 3:1\n2 4:1\n1 9:1\n2 1:1\n");
    minnow_dataset *train = open_dataset(scratch_path("d"), MINNOW_SUBSET_TRAIN, 2);
    minnow_dataset *test = open_dataset(scratch_path("d"), MINNOW_SUBSET_TEST, 2);
    cr_assert_eq(train->count, 5);
    cr_assert_eq(test->count, 1);
    cr_assert_eq(test->sparse.index[0], 8);
    cr_assert_eq(train->sparse.index[4], 0);
    cr_assert(train->from_one);
    minnow_dataset_free(train);
    minnow_dataset_free(test);

    write_text("d.t", "1 1:1 2:5\n");
    train = open_dataset(scratch_path("d"), MINNOW_SUBSET_TRAIN, 3);
    test = open_dataset(scratch_path("d"), MINNOW_SUBSET_TEST, 3);
    cr_assert_eq(train->count, 6);
    dataset_settle_features(train, test, 7);
    cr_assert_eq(test->features, 9);
    minnow_dataset_free(train);
    minnow_dataset_free(test);
}

Test(sparse, a_sample_has_its_zeros) {
    float features[4];
    const float expected[] = {0, 7, 0, 2};
    write_text("d", "0 1:1\n1 2:7 4:2\n");
    write_text("d.t", "0 1:1\n");
    minnow_dataset *train = open_dataset(scratch_path("d"), MINNOW_SUBSET_TRAIN, 2);
    cr_assert_eq(minnow_dataset_sample(train, 1, features), MINNOW_OK);
    cr_assert_arr_eq(features, expected, sizeof expected);
    minnow_dataset_free(train);
}

/* Reads lines to predict from, of three features, up to one that is refused for that reason. */
static void read_lines(const char *text, size_t expected, const char *reason, float values[9]) {
    struct byte_stream stream;
    struct inputs *inputs;
    size_t count;
    stream_from_memory("lines", (const uint8_t *)text, strlen(text), &stream);
    cr_assert_eq(inputs_open(&stream, 3, 0.5f, &inputs), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(inputs_read(inputs, 3, values, &count), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), reason), "%s", minnow_last_error());
    cr_assert_eq(count, expected);
    inputs_close(inputs);
}

Test(sparse, lines_to_predict_from) {
    const float expected[] = {2, 0, 4, 0, 1, 0};
    float values[9];
    read_lines("1 1:2 3:4\n0 2:1\n0 4:1\n", 2, "line 3: index 4, but the network takes 3", values);
    cr_assert_arr_eq(values, expected, sizeof expected);
}

/* ---- Training ---- */

enum { COUNT = 90, FEATURES = 50, CLASSES = 3 };

/* A parameter's checksum after two epochs, and the accuracy; the bits must not depend on how zeros are kept. */
static uint32_t train(const minnow_dataset *dataset, size_t batch, minnow_sparsity sparse,
                      struct minnow_evaluation *out) {
    size_t sizes[] = {FEATURES, 20, CLASSES};
    minnow_activation activation = MINNOW_ACTIVATION_RELU;
    minnow_network_config config;
    minnow_network *network;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = 2;
    config.activations = &activation;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    minnow_training_config training;
    minnow_trainer *trainer;
    minnow_training_config_init(&training, sizeof training);
    training.batch = batch;
    training.epochs = 2;
    training.sparse = sparse;
    cr_assert_eq(minnow_trainer_create(network, dataset, &training, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    struct minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    while (!progress.run_done)
        cr_assert_eq(minnow_trainer_advance(trainer, 0, &progress), MINNOW_OK);
    minnow_evaluation_init(out, sizeof *out);
    cr_assert_eq(minnow_network_evaluate(network, dataset, 2, out, NULL), MINNOW_OK);
    uint32_t crc = minnow_network_params_crc32(network);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    return crc;
}

/* A line whose label is none ends the samples: it was once counted as one, of values that nobody had set. */
Test(sparse, a_bad_label_among_lines_to_predict_from) {
    float values[9];
    read_lines("1 2:4\nx 1:3\n0 1:5\n", 1, "line 2: expected one number for a label", values);
}

Test(sparse, training_gives_the_bits_of_dense_samples) {
    char *text = calloc(1, 1 << 20), *at = text;
    float values[COUNT * FEATURES] = {0};
    uint32_t labels[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        labels[i] = (uint32_t)(i % CLASSES);
        at += sprintf(at, "%u", labels[i]);
        for (size_t f = i % 4; f < FEATURES; f += 3 + i % 5) {
            values[i * FEATURES + f] = (float)(f + 1) / 64.0f - 0.25f * (float)labels[i];
            at += sprintf(at, " %zu:%.9g", f + 1, (double)values[i * FEATURES + f]);
        }
        at += sprintf(at, i == 0 ? " %d:0\n" : "\n", FEATURES);
    }
    minnow_dataset *dense, *sparse = read_text(text, CLASSES);
    cr_assert_eq(minnow_dataset_from_floats(values, labels, COUNT, FEATURES, CLASSES, &dense), MINNOW_OK);
    cr_assert_eq(sparse->features, FEATURES);
    static const size_t batches[] = {1, 7, 32};
    for (size_t b = 0; b < 3; b++) {
        struct minnow_evaluation expected, found;
        uint32_t crc = train(dense, batches[b], MINNOW_SPARSITY_AUTO, &expected);
        for (int s = MINNOW_SPARSITY_AUTO; s <= MINNOW_SPARSITY_OFF; s++) {
            cr_assert_eq(train(sparse, batches[b], (minnow_sparsity)s, &found), crc, "batch %zu, sparsity %d",
                         batches[b], s);
            cr_assert_eq(found.loss, expected.loss);
            cr_assert_eq(found.correct, expected.correct);
        }
    }
    minnow_dataset_free(dense);
    minnow_dataset_free(sparse);
    free(text);
}

/* Lists in memory, with a 0 among them, are the dataset of the same lines of a file. */
Test(sparse, lists_in_memory_are_those_of_a_file) {
    static const size_t starts[] = {0, 3, 3, 5};
    static const uint32_t indices[] = {0, 2, 3, 1, 2}, labels[] = {1, 0, 1};
    static const float values[] = {0.5F, 0.0F, 20.0F, -1.0F, 3.0F};
    minnow_dataset *file = read_text("1 1:0.5 4:20\n0\n1 2:-1 3:3\n", 2), *memory;
    cr_assert_eq(minnow_dataset_from_sparse(starts, indices, values, labels, 3, 4, 2, &memory), MINNOW_OK,
                 "%s", minnow_last_error());
    cr_assert_eq(dataset_crc32(memory), dataset_crc32(file));
    cr_assert_eq(memory->sparse.start[3], 4);
    cr_assert_eq(memory->features, 4);
    minnow_dataset_free(memory);
    minnow_dataset_free(file);
}

/* A million features, of which the samples list a few: what a dense copy would take is more than there is. */
Test(sparse, a_million_features_fit) {
    minnow_dataset *dataset = read_text("0 1:1 1000000:1\n1 500000:1\n0 7:1\n", 2), *tail;
    cr_assert_eq(dataset->features, 1000000);
    cr_assert_eq(minnow_dataset_split(dataset, 1, &tail), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(tail->sparse.index[0], 6);
    cr_assert_eq(tail->sparse.start[1], 1);
    minnow_dataset_free(tail);
    minnow_dataset_free(dataset);
}
