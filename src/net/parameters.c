#include "net/parameters.h"

#include <math.h>
#include <string.h>

#include "base/crc32.h"
#include "base/memory.h"
#include "base/status.h"
#include "net/layout.h"

/* A layer's rows, one behind the other. Rows start on cache lines unless that would take too much memory. */
struct layer_place {
    size_t inputs, outputs;
    size_t stride;  /* floats from one row of weights to the next */
    float *weights; /* [inputs][stride], padded with zeros */
    float *biases;  /* [outputs] */
};

struct parameters {
    size_t layer_count;
    size_t floats; /* of the arena */
    float *arena;
    uint64_t version;
    struct layer_place layers[];
};

/* ---- Layout ---- */

size_t parameters_padded_stride(size_t columns) {
    enum { CROWDED = 128 };
    size_t stride = size_round_up(columns, CACHE_LINE_FLOATS);
    return stride % CROWDED == 0 ? stride + CACHE_LINE_FLOATS : stride;
}

/* The widest of three strides whose padding fits into the budget of floats, which it reduces. */
static size_t choose_stride(size_t inputs, size_t outputs, size_t *budget) {
    const size_t strides[] = {parameters_padded_stride(outputs), size_round_up(outputs, CACHE_LINE_FLOATS)};
    for (size_t i = 0; i < sizeof strides / sizeof *strides; i++) {
        size_t padding = inputs * (strides[i] - outputs);
        if (padding <= *budget) {
            *budget -= padding;
            return strides[i];
        }
    }
    return outputs;
}

/* What padding may take of memory, in floats. Sizes are at most 2^16 each, so no product of two of them, nor the sum over
   layers, overflows. */
static size_t padding_budget(size_t layer_count, const size_t *sizes) {
    size_t budget = 0;
    for (size_t l = 0; l < layer_count; l++)
        budget += sizes[l] * sizes[l + 1] / 10;
    return budget;
}

void parameters_strides(size_t layer_count, const size_t *sizes, size_t *strides) {
    size_t budget = padding_budget(layer_count, sizes);
    for (size_t l = 0; l < layer_count; l++)
        strides[l] = choose_stride(sizes[l], sizes[l + 1], &budget);
}

static void choose_layout(struct parameters *parameters, const size_t *sizes) {
    size_t budget = padding_budget(parameters->layer_count, sizes);
    for (size_t l = 0; l < parameters->layer_count; l++) {
        struct layer_place *layer = &parameters->layers[l];
        layer->inputs = sizes[l];
        layer->outputs = sizes[l + 1];
        layer->stride = choose_stride(layer->inputs, layer->outputs, &budget);
        parameters->floats += size_round_up(layer->inputs * layer->stride, CACHE_LINE_FLOATS);
        parameters->floats += size_round_up(layer->outputs, CACHE_LINE_FLOATS);
    }
}

static void place_layers(struct parameters *parameters) {
    float *at = parameters->arena;
    for (size_t l = 0; l < parameters->layer_count; l++) {
        struct layer_place *layer = &parameters->layers[l];
        layer->weights = at;
        at += size_round_up(layer->inputs * layer->stride, CACHE_LINE_FLOATS);
        layer->biases = at;
        at += size_round_up(layer->outputs, CACHE_LINE_FLOATS);
    }
}

minnow_status parameters_create(size_t layer_count, const size_t *sizes, struct parameters **out) {
    *out = NULL;
    struct parameters *parameters =
        memory_allocate(1, sizeof *parameters + layer_count * sizeof *parameters->layers);
    if (parameters == NULL)
        return fail_memory("the parameters of a network");

    parameters->layer_count = layer_count;
    choose_layout(parameters, sizes);
    parameters->arena = memory_allocate(parameters->floats, sizeof *parameters->arena);
    if (parameters->arena == NULL) {
        parameters_free(parameters);
        return fail_memory("the parameters of a network");
    }

    place_layers(parameters);
    *out = parameters;
    return MINNOW_OK;
}

minnow_status parameters_create_beside(const struct parameters *parameters, struct parameters **out) {
    *out = NULL;
    size_t layers = parameters->layer_count;
    struct parameters *beside = memory_allocate(1, sizeof *beside + layers * sizeof *beside->layers);
    if (beside == NULL)
        return fail_memory("what training keeps beside the parameters");

    memcpy(beside, parameters, sizeof *beside + layers * sizeof *beside->layers);
    beside->version = 0;
    beside->arena = memory_allocate(beside->floats, sizeof *beside->arena);
    if (beside->arena == NULL) {
        parameters_free(beside);
        return fail_memory("what training keeps beside the parameters");
    }
    place_layers(beside);
    *out = beside;
    return MINNOW_OK;
}

void parameters_copy(const struct parameters *from, struct parameters *to) {
    memcpy(to->arena, from->arena, from->floats * sizeof *from->arena);
    parameters_changed(to);
}

void parameters_swap(struct parameters *a, struct parameters *b) {
    for (size_t i = 0; i < a->floats; i++) {
        float kept = a->arena[i];
        a->arena[i] = b->arena[i];
        b->arena[i] = kept;
    }
    parameters_changed(a);
    parameters_changed(b);
}

void parameters_free(struct parameters *parameters) {
    if (parameters == NULL)
        return;
    memory_free(parameters->arena);
    memory_free(parameters);
}

/* ---- Rows ---- */

static float *row_of(const struct parameters *parameters, size_t layer, size_t input) {
    const struct layer_place *place = &parameters->layers[layer];
    return place->weights + input * place->stride;
}

void parameters_read_row(const struct parameters *parameters, size_t layer, size_t input, float *to) {
    memcpy(to, row_of(parameters, layer, input), parameters->layers[layer].outputs * sizeof *to);
}

void parameters_write_row(struct parameters *parameters, size_t layer, size_t input, const float *from) {
    memcpy(row_of(parameters, layer, input), from, parameters->layers[layer].outputs * sizeof *from);
}

void parameters_read_biases(const struct parameters *parameters, size_t layer, float *to) {
    memcpy(to, parameters->layers[layer].biases, parameters->layers[layer].outputs * sizeof *to);
}

void parameters_write_biases(struct parameters *parameters, size_t layer, const float *from) {
    memcpy(parameters->layers[layer].biases, from, parameters->layers[layer].outputs * sizeof *from);
}

void parameters_changed(struct parameters *parameters) {
    parameters->version++;
}

uint64_t parameters_version(const struct parameters *parameters) {
    return parameters->version;
}

/* ---- Views ---- */

struct matrix parameters_weights(const struct parameters *parameters, size_t layer) {
    const struct layer_place *place = &parameters->layers[layer];
    return (struct matrix){place->weights, place->stride};
}

float *parameters_biases(const struct parameters *parameters, size_t layer) {
    return parameters->layers[layer].biases;
}

/* ---- Questions ---- */

uint32_t parameters_crc32(const struct parameters *parameters) {
    uint32_t crc = 0;
    for (size_t l = 0; l < parameters->layer_count; l++) {
        const struct layer_place *layer = &parameters->layers[l];
        for (size_t i = 0; i < layer->inputs; i++)
            crc = crc32_floats(crc, layer->weights + i * layer->stride, layer->outputs);
        crc = crc32_floats(crc, layer->biases, layer->outputs);
    }
    return crc;
}

static uint64_t count_nonfinite(const float *x, size_t n) {
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += !isfinite(x[i]);
    return count;
}

uint64_t parameters_nonfinite_count(const struct parameters *parameters, size_t layer) {
    const struct layer_place *place = &parameters->layers[layer];
    uint64_t count = count_nonfinite(place->biases, place->outputs);
    for (size_t i = 0; i < place->inputs; i++)
        count += count_nonfinite(place->weights + i * place->stride, place->outputs);
    return count;
}

size_t parameters_bytes(const struct parameters *parameters) {
    return parameters->floats * sizeof *parameters->arena;
}
