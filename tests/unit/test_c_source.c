/* C source: compiled by the system's compiler without a warning, run, and compared sample by sample. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include "data/dataset.h"
#include "model/quantize.h"
#include "model_samples.h"
#include "net/network.h"

TestSuite(c_source, .init = scratch_make, .fini = scratch_remove);

static const char program[] = "#include <stdio.h>\n"
                              "#include \"net.h\"\n"
                              "int main(void) {\n"
                              "    static uint8_t pixels[NET_INPUTS];\n"
                              "    static float features[NET_INPUTS], outputs[2][NET_OUTPUTS];\n"
                              "    while (fread(pixels, 1, NET_INPUTS, stdin) == NET_INPUTS) {\n"
                              "        for (int i = 0; i < NET_INPUTS; i++)\n"
                              "            features[i] = (float)pixels[i] * NET_INPUT_SCALING;\n"
                              "        uint32_t label[2];\n"
                              "        label[0] = net_predict(features, outputs[0]);\n"
                              "        label[1] = net_predict_pixels(pixels, outputs[1]);\n"
                              "        fwrite(label, sizeof label[0], 2, stdout);\n"
                              "        fwrite(outputs, sizeof outputs[0], 2, stdout);\n"
                              "    }\n"
                              "    return 0;\n"
                              "}\n";

static const char *compiler(void) {
    const char *given = getenv("CC");
    return given != NULL && given[0] != '\0' ? given : "cc";
}

static bool succeeds(const char *command) {
    return system(command) == 0; /* NOLINT: of our own making */
}

static void need_compiler(void) {
    char command[256];
    snprintf(command, sizeof command, "%s --version >/dev/null 2>&1", compiler());
    if (!succeeds(command))
        cr_skip_test("no C compiler");
}

/* Without the compiler's leave to fuse products and sums, as -std=c99 has it. */
static void build(const char *flags) {
    char command[8192];
    scratch_write(scratch_path("main.c"), program, sizeof program - 1);
    snprintf(
        command, sizeof command,
        "cd %s && %s -std=c99 %s -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wdouble-promotion -Werror "
        "-ffp-contract=off -o main main.c",
        scratch_folder, compiler(), flags);
    cr_assert(succeeds(command), "%s", command);
}

enum { INPUTS = 50, COUNT = 500, CLASSES = 7 };

/* Half of the pixels are 0. */
static void make_pixels(uint8_t pixels[COUNT * INPUTS]) {
    uint32_t state = 1;
    for (int i = 0; i < COUNT * INPUTS; i++) {
        state = state * 1664525 + 1013904223;
        pixels[i] = state >> 31 ? (uint8_t)(state >> 20) : 0;
    }
}

static uint8_t *run(const uint8_t *pixels) {
    char command[8192];
    size_t size;
    scratch_write(scratch_path("pixels"), pixels, (size_t)COUNT * INPUTS);
    snprintf(command, sizeof command, "cd %s && ./main <pixels >results", scratch_folder);
    cr_assert(succeeds(command), "%s", command);
    uint8_t *results = scratch_read(scratch_path("results"), &size);
    cr_assert_eq(size, COUNT * 2 * (4 + CLASSES * sizeof(float)));
    return results;
}

static minnow_network *small_weights(const size_t *sizes, size_t layers, minnow_activation activation,
                                     minnow_loss loss) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = layers;
    config.activation = activation;
    config.loss = loss;
    config.seed = 11;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK);
    return network;
}

/* Labels and probabilities against minnow's own: of floats exactly and within 1e-6; of bytes exactly those of
   quantized_predict, and within `apart` of the floats'. */
static void check(const minnow_network *network, bool int8, float apart) {
    static uint8_t pixels[COUNT * INPUTS];
    static float features[COUNT * INPUTS], outputs[COUNT * CLASSES];
    static uint32_t labels[COUNT];
    make_pixels(pixels);
    for (int i = 0; i < COUNT * INPUTS; i++)
        features[i] = (float)pixels[i] * minnow_network_input_scaling(network);
    cr_assert_eq(minnow_network_predict(network, features, COUNT, labels, outputs), MINNOW_OK);
    if (int8) {
        minnow_dataset *dataset;
        struct quantized quantized;
        uint32_t ignored[COUNT] = {0};
        cr_assert_eq(minnow_dataset_from_bytes(pixels, ignored, COUNT, INPUTS, CLASSES,
                                               minnow_network_input_scaling(network), &dataset),
                     MINNOW_OK);
        cr_assert_eq(quantize(network, &quantized), MINNOW_OK);
        cr_assert_eq(quantized_predict(&quantized, dataset, labels), MINNOW_OK);
        quantized_free(&quantized);
        minnow_dataset_free(dataset);
    }
    uint8_t *results = run(pixels), *at = results;
    for (int s = 0; s < COUNT; s++) {
        uint32_t label[2];
        memcpy(label, at, sizeof label);
        cr_assert(label[0] == labels[s] && label[1] == labels[s], "sample %d: label %u and %u, not %u", s,
                  (unsigned)label[0], (unsigned)label[1], (unsigned)labels[s]);
        at += sizeof label;
        for (int i = 0; i < 2 * CLASSES; i++, at += 4) {
            float value, expected = outputs[s * CLASSES + i % CLASSES];
            memcpy(&value, at, 4);
            cr_assert(fabsf(value - expected) <= apart, "sample %d, output %d: %g, not %g", s, i,
                      (double)value, (double)expected);
        }
    }
    free(results);
}

static void save_c(const minnow_network *network, bool int8) {
    cr_assert_eq(minnow_network_save_c(network, scratch_path("net.h"), NULL, int8), MINNOW_OK, "%s",
                 minnow_last_error());
}

Test(c_source, predicts_as_the_network_does) {
    need_compiler();
    for (minnow_activation activation = MINNOW_ACTIVATION_RELU; activation < activation_row_count;
         activation++) {
        minnow_network *network = small_weights((size_t[]){INPUTS, 40, 16, 33, CLASSES}, 4, activation,
                                                (minnow_loss)((size_t)activation % loss_row_count));
        /* A sigmoid, whose slope is at most ¼, brings errors of logits down to that; linear outputs have them whole. */
        const float spread = loss_rows[minnow_network_loss(network)].c_source[0] == '\0' ? 4.0f : 1.0f;
        for (int int8 = 0; int8 < 2; int8++) {
            save_c(network, int8);
            build(int8 ? "-O2" : "-O0");
            check(network, int8, int8 ? 0.02f * spread : spread * 1e-6f);
        }
        minnow_network_free(network);
    }
}

/* Three networks side by side, and their mean. */
Test(c_source, an_ensemble_predicts_as_it_does) {
    need_compiler();
    for (size_t loss = 0; loss < loss_row_count; loss++) {
        minnow_network *members[3], *ensemble;
        for (size_t i = 0; i < 3; i++)
            members[i] = make_network((size_t[]){INPUTS, 16, CLASSES}, 2, MINNOW_ACTIVATION_GELU,
                                      (minnow_loss)loss, (uint32_t)i + 2);
        const minnow_network *given[] = {members[0], members[1], members[2]};
        cr_assert_eq(minnow_ensemble_create(given, 3, &ensemble), MINNOW_OK);
        save_c(ensemble, false);
        build("-O1");
        check(ensemble, false, 1e-5f);
        minnow_network_free(ensemble);
        for (size_t i = 0; i < 3; i++)
            minnow_network_free(members[i]);
    }
}

/* Every activation in one network, so that each layer has its own, and helpers are written once. */
Test(c_source, activations_by_layer) {
    need_compiler();
    enum { HIDDEN = 24 };
    size_t sizes[NETWORK_MAX_LAYERS + 1] = {INPUTS}, hidden = 2 * activation_row_count;
    minnow_activation activations[NETWORK_MAX_LAYERS];
    for (size_t l = 0; l < hidden; l++) {
        sizes[l + 1] = HIDDEN;
        activations[l] = (minnow_activation)(l % activation_row_count);
    }
    sizes[hidden + 1] = CLASSES;
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = hidden + 1;
    config.activations = activations;
    config.seed = 3;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK);
    save_c(network, false);
    build("-O2");
    check(network, false, 2e-6f);
    minnow_network_free(network);
}

Test(c_source, a_single_layer_and_another_scaling) {
    need_compiler();
    minnow_network *network =
        make_network((size_t[]){INPUTS, CLASSES}, 1, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 2);
    cr_assert_eq(minnow_network_set_metadata(network, "input_scaling", "0.003921569"), MINNOW_OK);
    save_c(network, false);
    build("-O2");
    check(network, false, 1e-6f);
    minnow_network_free(network);
}

/* Logits of hundreds, beyond what exp can hold, and others that are equal. */
Test(c_source, extreme_logits) {
    need_compiler();
    minnow_network *network =
        make_network((size_t[]){INPUTS, CLASSES}, 1, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 2);
    float weights[INPUTS * CLASSES];
    for (int loss = 0; loss < 2; loss++) {
        for (int i = 0; i < INPUTS * CLASSES; i++)
            weights[i] = (float)(i % CLASSES - 3) * (float)(i / CLASSES % 3 - 1) * 40;
        minnow_network_set_layer(network, 0, weights, NULL);
        save_c(network, false);
        build("-O1");
        check(network, false, 2e-6f);
        minnow_network_free(network);
        network =
            make_network((size_t[]){INPUTS, CLASSES}, 1, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_LOGISTIC, 2);
    }
    minnow_network_set_layer(network, 0, (float[INPUTS * CLASSES]){0}, (float[CLASSES]){0});
    save_c(network, true);
    build("-O1");
    check(network, true, 0);
    minnow_network_free(network);
}

Test(c_source, bytes_are_the_nearest) {
    minnow_network *network =
        make_network((size_t[]){3, 4}, 1, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 2);
    const float weights[3][4] = {
        {127, 0, 0x1p-149f, -5}, {-63.4f, 0, -0x1p-149f, 2.5f}, {63.6f, 0, 0x1p-140f, 1}};
    minnow_network_set_layer(network, 0, &weights[0][0], NULL);
    struct quantized quantized;
    cr_assert_eq(quantize(network, &quantized), MINNOW_OK);
    const int8_t *bytes = quantized.layers[0].weights;
    const float *scales = quantized.layers[0].scales;
    cr_assert(bytes[0] == 127 && bytes[4] == -63 && bytes[8] == 64 && scales[0] == 1);
    cr_assert(bytes[1] == 0 && bytes[5] == 0 && bytes[9] == 0 && scales[1] == 0);
    cr_assert_eq(bytes[3], -127);
    for (int o = 0; o < 4; o++)
        for (int i = 0; i < 3; i++) {
            double restored = (double)bytes[i * 4 + o] * (double)scales[o];
            /* a denormal scale is itself rounded, and its weights end at ±127 of it */
            cr_assert(fabs(restored - (double)weights[i][o]) <= (o == 2 ? 1 : 0.5) * (double)scales[o],
                      "weight %d of %d", i, o);
        }
    quantized_free(&quantized);
    minnow_network_free(network);
}

/* ---- Names ---- */

static void expect_name(const minnow_network *network, const char *file, const char *name,
                        const char *prefix) {
    char expected[128];
    size_t size;
    cr_assert_eq(minnow_network_save_c(network, scratch_path(file), name, false), MINNOW_OK, "%s",
                 minnow_last_error());
    uint8_t *text = scratch_read(scratch_path(file), &size);
    snprintf(expected, sizeof expected, "unsigned %s_predict(", prefix);
    cr_assert_not_null(strstr((const char *)text, expected), "%s: no %s", file, expected);
    free(text);
}

Test(c_source, names_are_identifiers) {
    minnow_network *network = make_small();
    expect_name(network, "my-digits.v2.h", NULL, "my_digits");
    expect_name(network, "3d.h", NULL, "model_3d");
    expect_name(network, "-x.h", NULL, "model__x");
    expect_name(network, "_x.h", NULL, "model__x");
    expect_name(network, ".h", NULL, "model_");
    expect_name(network, "a * b\xc3\xa9.h", NULL, "a___b__");
    expect_name(network, "net.h", "Other_1", "Other_1");
    static const char *const bad[] = {
        "",    "1a",       "a-b",
        "a b", "\xc3\xa9", "a234567890123456789012345678901234567890123456789012345678901234"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_eq(minnow_network_save_c(network, scratch_path("bad.h"), bad[i], false),
                     MINNOW_ERROR_ARGUMENT);
        cr_assert_not_null(strstr(minnow_last_error(), "C identifier"), "%s", minnow_last_error());
    }
    minnow_network_set_layer(network, 0, NULL, (float[]){0, 0, INFINITY, 0});
    cr_assert_eq(minnow_network_save_c(network, scratch_path("bad.h"), NULL, false), MINNOW_ERROR_OUTPUT);
    struct stat info;
    cr_assert_neq(stat(scratch_path("bad.h"), &info), 0);
    minnow_network_free(network);
}
