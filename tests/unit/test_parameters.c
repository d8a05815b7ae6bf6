/* Parameters behind rows: what is written is read back, whatever padding lies between, and how much that is. */
#include <criterion/criterion.h>

#include <libdeflate.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/network.h"
#include "net/parameters.h"

enum { MAX_LAYERS = 6 };

static const struct shape {
    size_t layers;
    size_t sizes[MAX_LAYERS + 1];
} shapes[] = {
    {3, {784, 128, 64, 10}},
    {1, {784, 10}},
    {3, {784, 1024, 512, 10}},
    {1, {1, 1}},
    {1, {65536, 1}},
    {3, {3, 7, 5, 2}},
    {2, {1, 65536, 1}},
    {4, {5, 1, 1, 1, 3}},
    {2, {100, 128, 128}},
    {2, {784, 256, 10}},
    {6, {33, 17, 16, 15, 128, 129, 1}},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct parameters *create(const struct shape *shape) {
    struct parameters *parameters;
    cr_assert_eq(parameters_create(shape->layers, shape->sizes, &parameters), MINNOW_OK, "%s",
                 minnow_last_error());
    return parameters;
}

/* A value for each place in a layer that no other place of any layer near it has. */
static float value_at(size_t layer, size_t row, size_t column) {
    return (float)(layer * 4099 + row * 31 + column) + 0.25f;
}

static void fill_row(float *row, size_t layer, size_t input, size_t outputs) {
    for (size_t j = 0; j < outputs; j++)
        row[j] = value_at(layer, input, j);
}

/* Writes a value of its own everywhere; the biases count as the row after the last input's. */
static void write_all(struct parameters *parameters, const struct shape *shape) {
    float *row = malloc(65536 * sizeof *row);
    cr_assert_not_null(row);
    for (size_t l = 0; l < shape->layers; l++) {
        for (size_t i = 0; i < shape->sizes[l]; i++) {
            fill_row(row, l, i, shape->sizes[l + 1]);
            parameters_write_row(parameters, l, i, row);
        }
        fill_row(row, l, shape->sizes[l], shape->sizes[l + 1]);
        parameters_write_biases(parameters, l, row);
    }
    free(row);
}

static size_t parameter_count(const struct shape *shape) {
    size_t count = 0;
    for (size_t l = 0; l < shape->layers; l++)
        count += (shape->sizes[l] + 1) * shape->sizes[l + 1];
    return count;
}

/* ---- Rows ---- */

Test(parameters, start_as_zeros) {
    for (size_t s = 0; s < COUNT(shapes); s++) {
        struct parameters *parameters = create(&shapes[s]);
        for (size_t l = 0; l < shapes[s].layers; l++) {
            struct matrix w = parameters_weights(parameters, l);
            for (size_t j = 0; j < shapes[s].sizes[l + 1]; j++)
                cr_assert(w.data[j] == 0.0f && parameters_biases(parameters, l)[j] == 0.0f);
        }
        parameters_free(parameters);
    }
}

static void expect_rows(const struct parameters *parameters, const struct shape *shape, size_t l) {
    size_t outputs = shape->sizes[l + 1];
    float *expected = malloc(outputs * sizeof *expected), *found = malloc(outputs * sizeof *found);
    cr_assert(expected != NULL && found != NULL);
    for (size_t i = 0; i <= shape->sizes[l]; i++) {
        fill_row(expected, l, i, outputs);
        if (i < shape->sizes[l])
            parameters_read_row(parameters, l, i, found);
        else
            parameters_read_biases(parameters, l, found);
        cr_assert(memcmp(expected, found, outputs * sizeof *found) == 0, "%zu inputs: layer %zu, row %zu",
                  shape->sizes[0], l, i);
    }
    free(expected);
    free(found);
}

Test(parameters, rows_read_back_what_was_written) {
    for (size_t s = 0; s < COUNT(shapes); s++) {
        struct parameters *parameters = create(&shapes[s]);
        write_all(parameters, &shapes[s]);
        for (size_t l = 0; l < shapes[s].layers; l++)
            expect_rows(parameters, &shapes[s], l);
        parameters_free(parameters);
    }
}

Test(parameters, views_show_the_same_rows) {
    for (size_t s = 0; s < COUNT(shapes); s++) {
        struct parameters *parameters = create(&shapes[s]);
        write_all(parameters, &shapes[s]);
        for (size_t l = 0; l < shapes[s].layers; l++) {
            struct matrix w = parameters_weights(parameters, l);
            size_t inputs = shapes[s].sizes[l], outputs = shapes[s].sizes[l + 1];
            for (size_t i = 0; i < inputs; i++)
                for (size_t j = 0; j < outputs; j++)
                    cr_assert_eq(w.data[i * w.stride + j], value_at(l, i, j));
            for (size_t j = 0; j < outputs; j++)
                cr_assert_eq(parameters_biases(parameters, l)[j], value_at(l, inputs, j));
        }
        parameters_free(parameters);
    }
}

/* ---- The checksum and the count of what is not finite ---- */

/* From the values alone, as if the parameters stood in one array without any padding. */
static uint32_t expected_crc32(const struct shape *shape) {
    float *values = malloc(parameter_count(shape) * sizeof *values);
    cr_assert_not_null(values);
    size_t used = 0;
    for (size_t l = 0; l < shape->layers; l++)
        for (size_t i = 0; i <= shape->sizes[l]; i++, used += shape->sizes[l + 1])
            fill_row(values + used, l, i, shape->sizes[l + 1]);
    uint32_t crc = libdeflate_crc32(0, values, used * sizeof *values);
    free(values);
    return crc;
}

/* Writes NaN wherever a row has padding. */
static void spoil_padding(struct parameters *parameters, const struct shape *shape) {
    for (size_t l = 0; l < shape->layers; l++) {
        struct matrix w = parameters_weights(parameters, l);
        for (size_t i = 0; i < shape->sizes[l]; i++)
            for (size_t j = shape->sizes[l + 1]; j < w.stride; j++)
                w.data[i * w.stride + j] = NAN;
    }
}

Test(parameters, questions_do_not_see_the_padding) {
    for (size_t s = 0; s < COUNT(shapes); s++) {
        struct parameters *parameters = create(&shapes[s]);
        write_all(parameters, &shapes[s]);
        spoil_padding(parameters, &shapes[s]);

        cr_expect_eq(parameters_crc32(parameters), expected_crc32(&shapes[s]), "%zu inputs",
                     shapes[s].sizes[0]);
        for (size_t l = 0; l < shapes[s].layers; l++)
            cr_expect_eq(parameters_nonfinite_count(parameters, l), 0);
        parameters_free(parameters);
    }
}

Test(parameters, counts_what_is_not_finite_layer_by_layer) {
    struct parameters *parameters = create(&shapes[0]);
    write_all(parameters, &shapes[0]);
    struct matrix w = parameters_weights(parameters, 1);
    w.data[0] = NAN;
    w.data[127 * w.stride + 63] = INFINITY;
    parameters_biases(parameters, 1)[63] = -INFINITY;

    cr_expect_eq(parameters_nonfinite_count(parameters, 0), 0);
    cr_expect_eq(parameters_nonfinite_count(parameters, 1), 3);
    cr_expect_eq(parameters_nonfinite_count(parameters, 2), 0);
    parameters_free(parameters);
}

/* ---- Memory and strides ---- */

/* A tenth more than the parameters, and a cache line for each array: weights and biases of each layer. */
static size_t most_bytes(const struct shape *shape) {
    size_t bytes = parameter_count(shape) * sizeof(float);
    return bytes + bytes / 10 + 2 * shape->layers * CACHE_LINE;
}

Test(parameters, take_a_tenth_more_than_themselves_at_most) {
    for (size_t s = 0; s < COUNT(shapes); s++) {
        struct parameters *parameters = create(&shapes[s]);
        cr_expect_leq(parameters_bytes(parameters), most_bytes(&shapes[s]), "%zu inputs: %zu bytes of %zu",
                      shapes[s].sizes[0], parameters_bytes(parameters), most_bytes(&shapes[s]));
        cr_expect_geq(parameters_bytes(parameters), parameter_count(&shapes[s]) * sizeof(float));
        parameters_free(parameters);
    }
}

static size_t stride(size_t layers, const size_t *sizes, size_t layer) {
    struct parameters *parameters;
    cr_assert_eq(parameters_create(layers, sizes, &parameters), MINNOW_OK);
    size_t result = parameters_weights(parameters, layer).stride;
    parameters_free(parameters);
    return result;
}

Test(parameters, rows_avoid_multiples_of_128_floats_where_the_tenth_allows) {
    const size_t wide[] = {784, 1024, 512, 10}, narrow[] = {784, 128, 64, 10}, column[] = {65536, 1};
    cr_expect_eq(stride(3, wide, 0), 1024 + 16);
    cr_expect_eq(stride(3, wide, 1), 512 + 16);
    cr_expect_eq(stride(3, wide, 2), 16, "rows of 10 start on cache lines");
    cr_expect_eq(stride(3, narrow, 0), 128, "16 of 128 would be more than a tenth of all");
    cr_expect_eq(stride(3, narrow, 1), 64);
    cr_expect_eq(stride(1, column, 0), 1, "a cache line for each float would be 16 times as much");

    for (size_t columns = 1; columns <= 4096; columns++) {
        size_t padded = parameters_padded_stride(columns);
        cr_expect(padded >= columns && padded < columns + 32 && padded % CACHE_LINE_FLOATS == 0 &&
                      padded % 128 != 0,
                  "%zu columns: %zu", columns, padded);
    }
}

Test(parameters, start_on_cache_lines) {
    for (size_t s = 0; s < COUNT(shapes); s++) {
        struct parameters *parameters = create(&shapes[s]);
        for (size_t l = 0; l < shapes[s].layers; l++) {
            cr_expect_eq((uintptr_t)parameters_weights(parameters, l).data % CACHE_LINE, 0);
            cr_expect_eq((uintptr_t)parameters_biases(parameters, l) % CACHE_LINE, 0);
        }
        parameters_free(parameters);
    }
}

/* ---- Networks ---- */

static minnow_network *make_network(const struct shape *shape) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = shape->sizes;
    config.layer_count = shape->layers;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    return network;
}

Test(parameters, the_version_moves_whenever_a_layer_is_set) {
    minnow_network *network = make_network(&shapes[5]);
    float weights[7 * 5] = {0}, biases[5] = {0};
    uint64_t before = parameters_version(network->parameters);
    cr_assert_eq(minnow_network_get_layer(network, 1, weights, biases), MINNOW_OK);
    cr_expect_eq(parameters_version(network->parameters), before, "reading changes nothing");

    cr_assert_eq(minnow_network_set_layer(network, 1, weights, biases), MINNOW_OK);
    uint64_t after = parameters_version(network->parameters);
    cr_expect_neq(after, before);
    cr_assert_eq(minnow_network_set_layer(network, 1, NULL, biases), MINNOW_OK);
    cr_expect_neq(parameters_version(network->parameters), after);
    minnow_network_free(network);
}

Test(parameters, setting_a_layer_touches_no_other) {
    const struct shape *shape = &shapes[10];
    for (size_t set = 0; set < shape->layers; set++) {
        minnow_network *network = make_network(shape), *same = make_network(shape);
        size_t size = parameters_bytes(network->parameters);
        float *ones = malloc(129 * 129 * sizeof *ones);
        cr_assert_not_null(ones);
        for (size_t i = 0; i < 129 * 129; i++)
            ones[i] = 1.0f;
        cr_assert_eq(minnow_network_set_layer(network, set, ones, ones), MINNOW_OK);

        /* Both blocks are alike: compare what stands before the layer's weights and what follows its biases. */
        const char *block = (const char *)parameters_weights(network->parameters, 0).data;
        const char *other = (const char *)parameters_weights(same->parameters, 0).data;
        size_t begin = (size_t)((const char *)parameters_weights(network->parameters, set).data - block);
        size_t end = (size_t)((const char *)parameters_biases(network->parameters, set) - block) +
                     shape->sizes[set + 1] * sizeof(float);
        cr_expect(memcmp(block, other, begin) == 0, "layer %zu: what is before it", set);
        cr_expect(memcmp(block + begin, other + begin, end - begin) != 0, "layer %zu itself", set);
        cr_expect(memcmp(block + end, other + end, size - end) == 0, "layer %zu: what is behind it", set);

        free(ones);
        minnow_network_free(network);
        minnow_network_free(same);
    }
}
