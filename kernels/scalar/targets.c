/* Losses against targets, with their gradients: shares of classes, or numbers. Sums run as in losses.c. */
#include <math.h>
#include "../numerics.h"
#include "scalar.h"

/* One sample's loss, from the sums over its row; the row of d may be that of z. */
static float softmax_row(size_t n, const float *z, const float *t, float scale, float *d) {
    float total[SUM_PARTS] = {0}, below[SUM_PARTS] = {0}, max = scalar_row_max(n, z);
    for (size_t j = 0; j < n; j++) {
        total[j % SUM_PARTS] += t[j];
        below[j % SUM_PARTS] = fmaf(t[j], max - z[j], below[j % SUM_PARTS]);
    }
    float whole = scalar_tree_sum(total), sum = scalar_row_exp(n, z, max, d);
    for (size_t j = 0; j < n; j++)
        d[j] = ((d[j] / sum) * whole - t[j]) * scale;
    return fmaf(whole, scalar_log_of(sum), scalar_tree_sum(below));
}

void scalar_softmax_target_loss(size_t m, size_t n, const float *z, size_t ldz, const float *t, size_t ldt,
                                float scale, float *d, size_t ldd, float *loss) {
    for (size_t i = 0; i < m; i++)
        loss[i] = n == 0 ? 0.0f : softmax_row(n, z + i * ldz, t + i * ldt, scale, d + i * ldd);
}

void scalar_logistic_target_loss(size_t m, size_t n, const float *z, size_t ldz, const float *t, size_t ldt,
                                 float scale, float *d, size_t ldd, float *loss) {
    for (size_t i = 0; i < m; i++) {
        float part[SUM_PARTS] = {0};
        for (size_t j = 0; j < n; j++) {
            float zj = z[i * ldz + j], tj = t[i * ldt + j];
            part[j % SUM_PARTS] +=
                fmaf(-zj, tj, scalar_relu_of(zj)) + scalar_log_1_plus(scalar_exp_of(-fabsf(zj)));
            d[i * ldd + j] = (scalar_sigmoid_of(zj) - tj) * scale;
        }
        loss[i] = scalar_tree_sum(part);
    }
}

/* The share of one of n numbers in a mean. */
static float share_of(size_t n) {
    return n > 0 ? 1.0f / (float)n : 0.0f;
}

void scalar_squared_loss(size_t m, size_t n, const float *z, size_t ldz, const float *t, size_t ldt,
                         float scale, float *d, size_t ldd, float *loss) {
    float share = share_of(n), factor = 2.0f * share * scale;
    for (size_t i = 0; i < m; i++) {
        float part[SUM_PARTS] = {0};
        for (size_t j = 0; j < n; j++) {
            float error = z[i * ldz + j] - t[i * ldt + j];
            part[j % SUM_PARTS] = fmaf(error, error, part[j % SUM_PARTS]);
            d[i * ldd + j] = error * factor;
        }
        loss[i] = scalar_tree_sum(part) * share;
    }
}

void scalar_absolute_loss(size_t m, size_t n, const float *z, size_t ldz, const float *t, size_t ldt,
                          float scale, float *d, size_t ldd, float *loss) {
    float share = share_of(n), factor = share * scale;
    for (size_t i = 0; i < m; i++) {
        float part[SUM_PARTS] = {0};
        for (size_t j = 0; j < n; j++) {
            float error = z[i * ldz + j] - t[i * ldt + j];
            part[j % SUM_PARTS] += fabsf(error);
            d[i * ldd + j] = error > 0.0f ? factor : error < 0.0f ? -factor : error * factor; /* 0 or NaN */
        }
        loss[i] = scalar_tree_sum(part) * share;
    }
}

void scalar_huber_loss(size_t m, size_t n, const float *z, size_t ldz, const float *t, size_t ldt,
                       float scale, float *d, size_t ldd, float *loss) {
    float share = share_of(n), factor = share * scale;
    for (size_t i = 0; i < m; i++) {
        float part[SUM_PARTS] = {0};
        for (size_t j = 0; j < n; j++) {
            float error = z[i * ldz + j] - t[i * ldt + j], size = fabsf(error);
            float cut = size < 1.0f ? size : 1.0f; /* ½a² is (a - ½a)·a, and a - ½ is (a - ½)·1 */
            part[j % SUM_PARTS] += fmaf(-0.5f, cut, size) * cut;
            float slope = error < 1.0f ? error : 1.0f;
            d[i * ldd + j] = (slope > -1.0f ? slope : -1.0f) * factor;
        }
        loss[i] = scalar_tree_sum(part) * share;
    }
}
