/* Matrix products: one accumulator per output element, the terms in order, + 0.0f at the end. */
#include <math.h>
#include "scalar.h"

void scalar_forward(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *w, size_t ldw,
                    const float *bias, enum activation act, float *y, size_t ldy) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            float sum = bias ? bias[j] : 0.0f;
            for (size_t l = 0; l < k; l++)
                sum = fmaf(x[i * ldx + l], w[l * ldw + j], sum);
            y[i * ldy + j] = scalar_activation_of(act, sum + 0.0f);
        }
}

void scalar_input_gradient(size_t m, size_t k, size_t n, const float *d, size_t ldd, const float *wt,
                           size_t ldwt, enum activation act, const float *s, size_t lds, float *dx,
                           size_t lddx) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            float sum = 0.0f;
            for (size_t l = 0; l < k; l++)
                sum = fmaf(d[i * ldd + l], wt[l * ldwt + j], sum);
            dx[i * lddx + j] = scalar_derivative_times(act, sum + 0.0f, s ? s[i * lds + j] : 0.0f);
        }
}

/* The gradient of w[i][j]: samples in order. */
static float gradient(size_t m, const float *x, size_t ldx, const float *d, size_t ldd, size_t i, size_t j) {
    float sum = 0.0f;
    for (size_t sample = 0; sample < m; sample++)
        sum = fmaf(x[sample * ldx + i], d[sample * ldd + j], sum);
    return sum + 0.0f;
}

void scalar_weight_gradient(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d,
                            size_t ldd, float *g, size_t ldg) {
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < n; j++)
            g[i * ldg + j] = gradient(m, x, ldx, d, ldd, i, j);
}

void scalar_weight_update(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d,
                          size_t ldd, const struct update *update, const struct trained *to) {
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < n; j++)
            scalar_update_weight(update, gradient(m, x, ldx, d, ldd, i, j), to, i * to->ld + j);
}

static float column_sum(size_t m, const float *d, size_t ldd, size_t j) {
    float sum = 0.0f;
    for (size_t sample = 0; sample < m; sample++)
        sum += d[sample * ldd + j];
    return sum + 0.0f;
}

void scalar_bias_update(size_t m, size_t n, const float *d, size_t ldd, const struct update *update,
                        const struct trained *to) {
    for (size_t j = 0; j < n; j++)
        scalar_update_weight(update, column_sum(m, d, ldd, j), to, j);
}

void scalar_bias_gradient(size_t m, size_t n, const float *d, size_t ldd, float *g) {
    for (size_t j = 0; j < n; j++)
        g[j] = column_sum(m, d, ldd, j);
}
