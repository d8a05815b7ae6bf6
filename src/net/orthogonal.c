/*
 * Orthogonal weights (Saxe, McClelland and Ganguli: Exact solutions to the nonlinear dynamics of learning in deep linear
 * neural networks, ICLR 2014): normal deviates, made orthonormal by the modified method of Gram and Schmidt. That leaves
 * the matrices uniformly distributed, as each vector keeps its own direction's sign. In double, whose rounding stays far
 * below a float's, with sums in a fixed order, so that the bits are the same on every machine and for every number of threads.
 */
#include <math.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "base/team.h"
#include "net/initialize.h"

struct vectors {
    size_t count, length, stride;
    double *data; /* [count][stride] */
};

static double *vector_at(const struct vectors *v, size_t i) {
    return v->data + i * v->stride;
}

/* Eight partial sums, so that no addition waits for the one before. */
static double dot(const struct vectors *v, const double *a, const double *b) {
    enum { PARTS = 8 };
    double part[PARTS] = {0};
    for (size_t i = 0; i < v->length / PARTS * PARTS; i += PARTS)
        for (size_t p = 0; p < PARTS; p++)
            part[p] += a[i + p] * b[i + p];
    for (size_t i = v->length / PARTS * PARTS; i < v->length; i++)
        part[i % PARTS] += a[i] * b[i];
    return ((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7]));
}

static void normalise(const struct vectors *v, double *a) {
    double length = sqrt(dot(v, a, a));
    for (size_t i = 0; length > 0.0 && i < v->length; i++)
        a[i] /= length;
}

static void subtract_projection(const struct vectors *v, const double *unit, double *a) {
    double share = dot(v, unit, a);
    for (size_t i = 0; i < v->length; i++)
        a[i] -= share * unit[i];
}

/* Each member has every so-manieth vector. Once a vector is of length 1, all that follow lose their part of it. */
static void orthonormalise(struct team_member member, void *context) {
    const struct vectors *v = context;
    for (size_t k = 0; k < v->count; k++) {
        if (k % member.count == member.index)
            normalise(v, vector_at(v, k));
        if (member.count > 1)
            team_barrier(member);
        for (size_t i = k + 1; i < v->count; i++)
            if (i % member.count == member.index)
                subtract_projection(v, vector_at(v, k), vector_at(v, i));
    }
}

/* The draws of any other initialisation: for weight (row, column), by row and pair of columns. */
static void draw(const struct vectors *v, const struct layer *layer, size_t number, uint64_t seed) {
    bool by_rows = v->count == layer->inputs;
    for (size_t row = 0; row < layer->inputs; row++)
        for (size_t column = 0; column < layer->outputs; column++) {
            double normal[2];
            if (column % 2 == 0)
                random_normal_pair(
                    random_draw(seed, RANDOM_INIT, (uint32_t)number, (uint32_t)row, (uint32_t)(column / 2)),
                    normal);
            *(by_rows ? vector_at(v, row) + column : vector_at(v, column) + row) = normal[column % 2];
        }
}

minnow_status orthogonal_weights(const minnow_network *network, size_t layer, double length, uint64_t seed) {
    enum { WORTH_THREADS = 16384 }; /* weights */
    const struct layer *shape = &network->layers[layer];
    bool by_rows = shape->inputs <= shape->outputs;
    struct vectors v = {.count = by_rows ? shape->inputs : shape->outputs,
                        .length = by_rows ? shape->outputs : shape->inputs};
    v.stride = size_round_up(v.length, CACHE_LINE / sizeof *v.data);
    v.data = memory_allocate(v.count, v.stride * sizeof *v.data);
    if (v.data == NULL)
        return fail_memory("orthogonal weights");

    draw(&v, shape, layer, seed);
    team_run(v.count * v.length > WORTH_THREADS ? team_threads(0) : 1, orthonormalise, &v);
    struct matrix w = parameters_weights(network->parameters, layer);
    for (size_t i = 0; i < shape->inputs; i++)
        for (size_t j = 0; j < shape->outputs; j++)
            w.data[i * w.stride + j] =
                (float)(length * (by_rows ? vector_at(&v, i)[j] : vector_at(&v, j)[i]));
    memory_free(v.data);
    return MINNOW_OK;
}
