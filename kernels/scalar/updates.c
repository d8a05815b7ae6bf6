/* What an update does with a gradient: one weight at a time. kernels/README.md gives the sequence. */
#include <float.h>
#include <math.h>
#include "scalar.h"

/* A moment whose gradients have stayed 0 shrinks until it is denormal, and would stay there, slow to compute with:
   from there on it is 0. */
static float settled(float moment) {
    return fabsf(moment) < FLT_MIN ? 0.0f : moment;
}

static void update_first(const struct update *u, float g, float *first) {
    *first = settled(fmaf(u->momentum, *first, g));
}

static void update_second(const struct update *u, float g, float *second) {
    *second = settled(fmaf(u->second_kept, *second, (u->second_share * g) * g));
}

/* The step of the gradient g, in units of the rate; moments are the weight's own, where the rule has them. */
static float step_of(const struct update *u, float g, float *first, float *second) {
    switch (u->rule) {
    case UPDATE_PLAIN:
    case UPDATE_STORE:
    case UPDATE_DECAYING:
        break;
    case UPDATE_MOMENTUM:
        update_first(u, g, first);
        return *first;
    case UPDATE_NESTEROV:
        update_first(u, g, first);
        return fmaf(u->momentum, *first, g);
    case UPDATE_RMSPROP:
        update_second(u, g, second);
        return g / (sqrtf(*second) + u->epsilon);
    case UPDATE_ADAM:
        update_first(u, u->first_share * g, first);
        update_second(u, g, second);
        return *first / (sqrtf(*second) + u->epsilon);
    }
    return g;
}

void scalar_update_weight(const struct update *u, float g, const struct trained *to, size_t at) {
    if (u->rule == UPDATE_STORE) {
        to->w[at] = g;
        return;
    }
    if (u->rule == UPDATE_PLAIN) {
        to->w[at] = fmaf(-u->rate, g, to->w[at]);
        return;
    }

    float w = to->w[at];
    g = fmaf(u->l2, w, u->clip * g);
    w = fmaf(-u->decay, w, w);
    w = fmaf(
        -u->rate,
        step_of(u, g, to->first != NULL ? to->first + at : NULL, to->second != NULL ? to->second + at : NULL),
        w);
    to->w[at] = w;
    if (to->average != NULL)
        to->average[at] = fmaf(u->average_share, w - to->average[at], to->average[at]);
}

void scalar_limit_columns(size_t k, size_t n, float limit, float *w, size_t ldw) {
    for (size_t j = 0; j < n; j++) {
        float square = 0.0f;
        for (size_t i = 0; i < k; i++)
            square = fmaf(w[i * ldw + j], w[i * ldw + j], square);
        float length = sqrtf(square);
        for (size_t i = 0; i < k && length > limit; i++)
            w[i * ldw + j] = w[i * ldw + j] * (limit / length);
    }
}

void scalar_apply_update(size_t k, size_t n, const float *g, size_t ldg, const struct update *update,
                         const struct trained *to) {
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < n; j++)
            scalar_update_weight(update, g[i * ldg + j], to, i * to->ld + j);
}
