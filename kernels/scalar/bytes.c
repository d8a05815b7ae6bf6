/* The products where x is bytes: the dense ones over value[byte], without the terms whose byte is 0. */
#include <math.h>
#include "scalar.h"

/* sum + row · b, column j, of k bytes. */
static float dot(size_t k, const uint8_t *row, const float *value, const float *b, size_t ldb, size_t j,
                 float sum) {
    for (size_t l = 0; l < k; l++)
        if (row[l] != 0)
            sum = fmaf(value[row[l]], b[l * ldb + j], sum);
    return sum + 0.0f;
}

void scalar_bytes_forward(size_t m, size_t k, size_t n, const uint8_t *x, size_t ldx, const float *value,
                          const float *w, size_t ldw, const float *bias, enum activation act, float *y,
                          size_t ldy) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            y[i * ldy + j] =
                scalar_activation_of(act, dot(k, x + i * ldx, value, w, ldw, j, bias ? bias[j] : 0.0f));
}

void scalar_bytes_weight_update(size_t m, size_t k, size_t n, const uint8_t *xt, size_t ldxt,
                                const float *value, const float *d, size_t ldd, const struct update *update,
                                const struct trained *to) {
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < n; j++)
            scalar_update_weight(update, dot(m, xt + i * ldxt, value, d, ldd, j, 0.0f), to, i * to->ld + j);
}
