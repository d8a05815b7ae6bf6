/* Safetensors files that other programs wrote: PyTorch's names, layers found by them or by their sizes. */
#include <criterion/criterion.h>
#include <string.h>
#include "support/networks.h"
#include "model/model.h"
#include "net/network.h"
#include "model_samples.h"

TestSuite(foreign, .init = scratch_make, .fini = scratch_remove);

struct tensor {
    const char *name;
    int rows, columns; /* columns 0: a vector */
};

/* A file of these tensors in this order; element e of the data is e. */
static uint8_t *make_file(const char *metadata, const struct tensor *tensors, size_t count, size_t *size) {
    char header[8192];
    int length = snprintf(header, sizeof header, "{%s", metadata), elements = 0;
    for (size_t i = 0; i < count; i++) {
        const struct tensor *t = &tensors[i];
        int begin = elements;
        elements += t->rows * (t->columns ? t->columns : 1);
        char shape[32];
        snprintf(shape, sizeof shape, t->columns ? "[%d,%d]" : "[%d]", t->rows, t->columns);
        length += snprintf(header + length, sizeof header - (size_t)length,
                           "%s\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
                           length > 1 ? "," : "", t->name, shape, begin * 4, elements * 4);
    }
    header[length++] = '}';
    *size = 8 + (size_t)length + (size_t)elements * 4;
    uint8_t *bytes = malloc(*size);
    cr_assert_not_null(bytes);
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)length >> (8 * i));
    memcpy(bytes + 8, header, (size_t)length);
    for (int e = 0; e < elements; e++) {
        float value = (float)e;
        memcpy(bytes + 8 + length + 4 * e, &value, 4);
    }
    return bytes;
}

static minnow_status read_file(const char *metadata, const struct tensor *tensors, size_t count,
                               minnow_network **out) {
    size_t size;
    uint8_t *bytes = make_file(metadata, tensors, count, &size);
    *out = (minnow_network *)1;
    minnow_status status = safetensors_parse_foreign(
        "F.st", bytes, size, foreign_form(MINNOW_ACTIVATION_TANH, MINNOW_LOSS_LOGISTIC, "scalar"), out);
    free(bytes);
    return status;
}

/* first: where in the file the data of each layer's weight begins. */
static void expect_read(const char *metadata, const struct tensor *tensors, size_t count, const size_t *sizes,
                        const float *first, size_t layers) {
    minnow_network *network;
    cr_assert_eq(read_file(metadata, tensors, count, &network), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(minnow_network_layer_count(network), layers);
    for (size_t i = 0; i <= layers; i++)
        cr_assert_eq(minnow_network_layer_size(network, i), sizes[i], "%s: size %zu", tensors[0].name, i);
    for (size_t i = 0; i < layers; i++) {
        const struct layer *layer = &network->layers[i];
        for (size_t o = 0; o < layer->outputs; o++)
            for (size_t k = 0; k < layer->inputs; k++)
                cr_assert_eq(*weight_at(network, i, k, o), first[i] + (float)(o * layer->inputs + k),
                             "%s: layer %zu", tensors[0].name, i);
    }
    cr_assert_eq(minnow_network_activation(network, 0),
                 layers > 1 ? MINNOW_ACTIVATION_TANH : MINNOW_ACTIVATION_IDENTITY);
    cr_assert_eq(minnow_network_loss(network), MINNOW_LOSS_LOGISTIC);
    minnow_network_free(network);
}

#define EXPECT_READ(metadata, sizes, first, layers, ...)                                                     \
    expect_read(metadata, (struct tensor[]){__VA_ARGS__},                                                    \
                sizeof((struct tensor[]){__VA_ARGS__}) / sizeof(struct tensor), sizes, first, layers)

Test(foreign, names_as_pytorch_gives_them) {
    const size_t sizes[] = {3, 4, 2};
    const float first[] = {0, 16};
    EXPECT_READ("", sizes, first, 2, {"0.weight", 4, 3}, {"0.bias", 4, 0}, {"2.weight", 2, 4},
                {"2.bias", 2, 0});
    EXPECT_READ("\"__metadata__\":{\"format\":\"pt\"}", sizes, first, 2, {"fc1.weight", 4, 3},
                {"fc1.bias", 4, 0}, {"fc2.weight", 2, 4}, {"fc2.bias", 2, 0});
    EXPECT_READ("\"__metadata__\":{}", sizes, first, 2, {"net.0.weight", 4, 3}, {"net.0.bias", 4, 0},
                {"net.2.weight", 2, 4}, {"net.2.bias", 2, 0});
    EXPECT_READ("", sizes, first, 2, {"layers.0.weight", 4, 3}, {"layers.0.bias", 4, 0},
                {"layers.1.weight", 2, 4}, {"layers.1.bias", 2, 0});
    EXPECT_READ("", sizes, ((float[]){6, 18}), 2, {"fc1.bias", 4, 0}, {"fc2.bias", 2, 0},
                {"fc1.weight", 4, 3}, {"fc2.weight", 2, 4});
    EXPECT_READ("", sizes, first, 1, {"weight", 4, 3}, {"bias", 4, 0});
}

/* net.10 behind net.2, and a001 behind a1's zeros; all of one size, so that only names can tell. */
Test(foreign, numbers_in_names_count) {
    const size_t sizes[] = {2, 2, 2, 2};
    const float first[] = {4, 8, 0};
    EXPECT_READ("", sizes, first, 3, {"net.10.weight", 2, 2}, {"net.1.weight", 2, 2}, {"net.2.weight", 2, 2});
    EXPECT_READ("", sizes, first, 3, {"a.18446744073709551617.weight", 2, 2}, {"a.09.weight", 2, 2},
                {"a.18446744073709551616.weight", 2, 2});
    EXPECT_READ("", sizes, first, 3, {"b.0.weight", 2, 2}, {"a.1.x.weight", 2, 2}, {"a.2.weight", 2, 2});
}

Test(foreign, sizes_tell_where_names_do_not) {
    EXPECT_READ("", ((size_t[]){5, 4, 3, 2}), ((float[]){12, 0, 32}), 3, {"hidden.weight", 3, 4},
                {"input.weight", 4, 5}, {"output.weight", 2, 3});
    EXPECT_READ("", ((size_t[]){5, 4, 2}), ((float[]){8, 0}), 2, {"classifier.weight", 2, 4},
                {"hidden.weight", 4, 5});
}

Test(foreign, a_missing_bias_is_zeros) {
    minnow_network *network;
    static const struct tensor tensors[] = {{"0.weight", 2, 3}, {"1.bias", 2, 0}, {"1.weight", 2, 2}};
    cr_assert_eq(read_file("", tensors, 3, &network), MINNOW_OK, "%s", minnow_last_error());
    cr_assert(*bias_at(network, 0, 0) == 0 && *bias_at(network, 0, 1) == 0);
    cr_assert(*bias_at(network, 1, 0) == 6 && *bias_at(network, 1, 1) == 7);
    cr_assert_eq(*weight_at(network, 1, 0, 0), 8);
    minnow_network_free(network);
}

static void expect_refused(const struct tensor *tensors, size_t count, const char *message) {
    minnow_network *network;
    cr_assert_eq(read_file("", tensors, count, &network), MINNOW_ERROR_INPUT, "%s", message);
    cr_assert_null(network);
    cr_assert_eq(strncmp(minnow_last_error(), "F.st: ", 6), 0, "%s", minnow_last_error());
    cr_assert_not_null(strstr(minnow_last_error(), message), "\"%s\" in: %s", message, minnow_last_error());
}

#define EXPECT_REFUSED(message, ...)                                                                         \
    expect_refused((struct tensor[]){__VA_ARGS__},                                                           \
                   sizeof((struct tensor[]){__VA_ARGS__}) / sizeof(struct tensor), message)

Test(foreign, what_is_not_an_mlp_is_refused) {
    expect_refused(NULL, 0, "holds no tensors");
    EXPECT_REFUSED("unexpected tensor \"0.running_mean\"", {"0.weight", 2, 3}, {"0.running_mean", 2, 0});
    EXPECT_REFUSED("unexpected tensor \"0weight\"", {"0weight", 2, 3});
    EXPECT_REFUSED("tensor 1.weight is missing", {"0.weight", 2, 3}, {"1.bias", 2, 0});
    EXPECT_REFUSED("tensor weight is missing", {"bias", 2, 0});
    EXPECT_REFUSED("1.weight has 1 dimensions", {"0.weight", 2, 3}, {"1.weight", 2, 0});
    EXPECT_REFUSED("0.weight gives 2 outputs, but 0.bias has 3", {"0.weight", 2, 3}, {"0.bias", 3, 0});
    EXPECT_REFUSED("its bias 2", {"0.weight", 2, 3}, {"0.bias", 2, 1});
    EXPECT_REFUSED("0.weight gives 2 outputs, but 1.weight takes 3", {"0.weight", 2, 3}, {"1.weight", 4, 3});
    /* 2-3-3-2 and 3-3-2-3 would both do */
    EXPECT_REFUSED("do not chain", {"p.weight", 3, 2}, {"q.weight", 2, 3}, {"r.weight", 3, 3});
    struct tensor many[NETWORK_MAX_LAYERS + 1];
    char names[NETWORK_MAX_LAYERS + 1][16];
    for (int i = 0; i <= NETWORK_MAX_LAYERS; i++) {
        snprintf(names[i], sizeof names[i], "%d.weight", i);
        many[i] = (struct tensor){names[i], 1, 1};
    }
    expect_refused(many, NETWORK_MAX_LAYERS + 1, "more than 64 layers");
    minnow_network *network;
    cr_assert_eq(read_file("", many, NETWORK_MAX_LAYERS, &network), MINNOW_OK, "%s", minnow_last_error());
    minnow_network_free(network);
}

/* ---- Which function reads what ---- */

Test(foreign, is_not_taken_for_our_own) {
    static const struct tensor tensors[] = {{"0.weight", 2, 3}};
    static const char *const metadata[] = {"", "\"__metadata__\":{\"format\":\"pt\"}"};
    for (int i = 0; i < 2; i++) {
        size_t size;
        uint8_t *bytes = make_file(metadata[i], tensors, 1, &size);
        minnow_network *network;
        cr_assert_eq(safetensors_parse("F.st", bytes, size, "scalar", &network), MINNOW_ERROR_INPUT);
        cr_assert_not_null(strstr(minnow_last_error(), "activation and loss must be given"), "%s",
                           minnow_last_error());
        free(bytes);
    }
}

Test(foreign, our_own_must_agree) {
    minnow_network *network = make_small(), *loaded;
    const char *path = scratch_path("own");
    save(network, path);
    cr_assert_eq(minnow_network_load_foreign(
                     path, foreign_form(MINNOW_ACTIVATION_TANH, MINNOW_LOSS_LOGISTIC, NULL), &loaded),
                 MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(minnow_network_params_crc32(loaded), minnow_network_params_crc32(network));
    minnow_network_free(loaded);
    cr_assert_eq(minnow_network_load_foreign(
                     path, foreign_form(MINNOW_ACTIVATION_RELU, MINNOW_LOSS_LOGISTIC, NULL), &loaded),
                 MINNOW_ERROR_INPUT);
    cr_assert_null(loaded);
    cr_assert_not_null(strstr(minnow_last_error(), "activation tanh, but relu"), "%s", minnow_last_error());
    cr_assert_eq(minnow_network_load_foreign(
                     path, foreign_form(MINNOW_ACTIVATION_TANH, MINNOW_LOSS_SOFTMAX, NULL), &loaded),
                 MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "loss logistic, but softmax"), "%s", minnow_last_error());
    cr_assert_eq(minnow_network_load_foreign(
                     path, foreign_form((minnow_activation)99, MINNOW_LOSS_SOFTMAX, NULL), &loaded),
                 MINNOW_ERROR_ARGUMENT);
    cr_assert_null(loaded);
    minnow_network_free(network);
}
