/* The products for one sample. All tables skip the terms whose factor is 0, so that they agree for infinite
 * weights too. */
#include <math.h>
#include "scalar.h"

/* sum + x[k] · w[k][n], column j. */
static float dot(size_t k, const float *x, const float *w, size_t ldw, size_t j, float sum) {
    for (size_t l = 0; l < k; l++)
        if (x[l] != 0.0f)
            sum = fmaf(x[l], w[l * ldw + j], sum);
    return sum + 0.0f;
}

void scalar_forward_one(size_t k, size_t n, const float *x, const float *w, size_t ldw, const float *bias,
                        enum activation act, float *y) {
    for (size_t j = 0; j < n; j++)
        y[j] = scalar_activation_of(act, dot(k, x, w, ldw, j, bias ? bias[j] : 0.0f));
}

void scalar_input_gradient_one(size_t k, size_t n, const float *d, const float *wt, size_t ldwt,
                               enum activation act, const float *s, float *dx) {
    for (size_t j = 0; j < n; j++)
        dx[j] = scalar_derivative_times(act, dot(k, d, wt, ldwt, j, 0.0f), s ? s[j] : 0.0f);
}

void scalar_weight_update_one(size_t k, size_t n, const float *x, const float *d, const struct update *update,
                              const struct trained *to) {
    for (size_t i = 0; i < k; i++) {
        if (x[i] == 0.0f && update->rule == UPDATE_PLAIN)
            continue;
        for (size_t j = 0; j < n; j++) {
            float g = x[i] != 0.0f ? fmaf(x[i], d[j], 0.0f) + 0.0f : 0.0f;
            scalar_update_weight(update, g, to, i * to->ld + j);
        }
    }
}
