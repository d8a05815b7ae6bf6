/* Gathers, transpose, and the measuring loops. */
#include <math.h>
#include "scalar.h"

void scalar_gather_bytes(size_t m, size_t n, const uint8_t *x, size_t ldx, const uint32_t *row, float scale,
                         float *y, size_t ldy) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            y[i * ldy + j] = (float)x[(row ? row[i] : i) * ldx + j] * scale;
}

void scalar_gather_floats(size_t m, size_t n, const float *x, size_t ldx, const uint32_t *row, float *y,
                          size_t ldy) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            y[i * ldy + j] = x[(row ? row[i] : i) * ldx + j];
}

void scalar_transpose(size_t m, size_t n, const float *x, size_t ldx, float *y, size_t ldy) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            y[j * ldy + i] = x[i * ldx + j];
}

void scalar_transpose_bytes(size_t m, size_t n, const uint8_t *x, size_t ldx, uint8_t *y, size_t ldy) {
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++)
            y[j * ldy + i] = x[i * ldx + j];
}

double scalar_measure_fma(size_t rounds, float *sink) {
    enum { CHAINS = 8 };
    float factor = *sink,
          sum[CHAINS] = {0, 1, 2, 3, 4, 5, 6, 7}; /* different, or compilers make one of them */
    for (size_t i = 0; i < rounds; i++)
        for (size_t j = 0; j < CHAINS; j++)
            sum[j] = fmaf(sum[j], factor, factor);
    for (size_t j = 0; j < CHAINS; j++)
        *sink += sum[j];
    return 2.0 * CHAINS * (double)rounds;
}

void scalar_measure_read(size_t rounds, size_t n, const float *x, float *sink) {
    float sum = 0.0f;
    for (size_t i = 0; i < rounds; i++) {
        for (size_t j = 0; j < n; j++)
            sum += x[j];
        __asm__ volatile("" ::: "memory"); /* each round reads again */
    }
    *sink += sum;
}
