/* Softmax, the losses with their gradients, argmax, sums of squares. Sums over a row run in 16 parts, then up a fixed tree. */
#include <math.h>
#include "../numerics.h"
#include "scalar.h"

float scalar_tree_sum(const float part[]) {
    float sum[SUM_PARTS];
    for (size_t i = 0; i < SUM_PARTS; i++)
        sum[i] = part[i];
    for (size_t width = SUM_PARTS / 2; width > 0; width /= 2)
        for (size_t i = 0; i < width; i++)
            sum[i] += sum[i + width];
    return sum[0];
}

void scalar_sum_squares(size_t m, size_t n, const float *x, size_t ldx, float *sum) {
    for (size_t i = 0; i < m; i++) {
        float part[SUM_PARTS] = {0};
        for (size_t j = 0; j < n; j++)
            part[j % SUM_PARTS] = fmaf(x[i * ldx + j], x[i * ldx + j], part[j % SUM_PARTS]);
        sum[i] = scalar_tree_sum(part);
    }
}

/* The row's largest value, NaNs left out; -infinity when there is none. */
float scalar_row_max(size_t n, const float *z) {
    float max = -INFINITY;
    for (size_t j = 0; j < n; j++)
        if (z[j] > max)
            max = z[j];
    return max;
}

/* e[j] = exp(z[j] - max); returns their sum. */
float scalar_row_exp(size_t n, const float *z, float max, float *e) {
    float part[SUM_PARTS] = {0};
    for (size_t j = 0; j < n; j++) {
        e[j] = scalar_exp_of(z[j] - max);
        part[j % SUM_PARTS] += e[j];
    }
    return scalar_tree_sum(part);
}

void scalar_softmax(size_t m, size_t n, const float *z, size_t ldz, float *p, size_t ldp) {
    for (size_t i = 0; i < m; i++) {
        const float *zi = z + i * ldz;
        float *pi = p + i * ldp;
        float sum = scalar_row_exp(n, zi, scalar_row_max(n, zi), pi);
        for (size_t j = 0; j < n; j++)
            pi[j] /= sum;
    }
}

void scalar_softmax_loss(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label, float scale,
                         float *d, size_t ldd, float *loss) {
    for (size_t i = 0; i < m; i++) {
        const float *zi = z + i * ldz;
        float *di = d + i * ldd;
        if (n == 0) {
            loss[i] = 0.0f;
            continue;
        }
        float max = scalar_row_max(n, zi);
        float of_label = zi[label[i]] - max;
        float sum = scalar_row_exp(n, zi, max, di);
        loss[i] = scalar_log_of(sum) - of_label;
        for (size_t j = 0; j < n; j++)
            di[j] = (di[j] / sum - (j == label[i] ? 1.0f : 0.0f)) * scale;
    }
}

/* Each term max(z, 0) - z·y + ln(1 + e^-|z|) as max(∓z, 0) + ln(1 + e^-|z|), which no infinity turns into
 * NaN. */
void scalar_logistic_loss(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label, float scale,
                          float *d, size_t ldd, float *loss) {
    for (size_t i = 0; i < m; i++) {
        float part[SUM_PARTS] = {0};
        for (size_t j = 0; j < n; j++) {
            float zj = z[i * ldz + j];
            float y = j == label[i] ? 1.0f : 0.0f;
            part[j % SUM_PARTS] +=
                scalar_relu_of(y > 0.0f ? -zj : zj) + scalar_log_1_plus(scalar_exp_of(-fabsf(zj)));
            d[i * ldd + j] = (scalar_sigmoid_of(zj) - y) * scale;
        }
        loss[i] = scalar_tree_sum(part);
    }
}

void scalar_quadratic_loss(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label, float scale,
                           float *d, size_t ldd, float *loss) {
    for (size_t i = 0; i < m; i++) {
        float part[SUM_PARTS] = {0};
        for (size_t j = 0; j < n; j++) {
            float a = scalar_sigmoid_of(z[i * ldz + j]);
            float error = a - (j == label[i] ? 1.0f : 0.0f);
            part[j % SUM_PARTS] = fmaf(error, error, part[j % SUM_PARTS]);
            d[i * ldd + j] = (error * (a * (1.0f - a))) * scale;
        }
        loss[i] = 0.5f * scalar_tree_sum(part);
    }
}

void scalar_argmax(size_t m, size_t n, const float *z, size_t ldz, uint32_t *best) {
    for (size_t i = 0; i < m; i++) {
        const float *zi = z + i * ldz;
        float max = scalar_row_max(n, zi);
        size_t j = 0;
        while (j < n && !(zi[j] == max))
            j++;
        best[i] = j < n ? (uint32_t)j : 0;
    }
}
