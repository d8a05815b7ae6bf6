/* Elementary functions, each at most 2 ulp from the correctly rounded result (kernels/README.md). */
#include <math.h>
#include <string.h>
#include "../numerics.h"
#include "scalar.h"

static int32_t bits_of(float x) {
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static float float_of(int32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

float scalar_power_of_two(int32_t n) {
    return float_of((int32_t)((uint32_t)(n + 127) << 23));
}

/* x = n · ln 2 + r with |r| ≤ ½ ln 2: returns r, and n. For NaN, NaN and any n. */
static float exp_reduce(float x, int32_t *n) {
    float shifted = fmaf(x, LOG2_E, ROUND_TO_INTEGER);
    float whole = shifted - ROUND_TO_INTEGER;
    float r = fmaf(whole, -LN2_HIGH, x); /* exact */
    *n = (int32_t)((uint32_t)bits_of(shifted) - (uint32_t)bits_of(ROUND_TO_INTEGER));
    return fmaf(whole, -LN2_LOW, r);
}

/* E in e^r = 1 + r + r² · E. */
static float exp_series(float r, float square) {
    float e = fmaf(EXP_E4, square, fmaf(EXP_E3, r, EXP_E2));
    return fmaf(e, square, fmaf(EXP_E1, r, EXP_E0));
}

float scalar_exp_reduced(float x, int32_t *n) {
    float r = exp_reduce(x, n), square = r * r;
    return fmaf(square, exp_series(r, square), r);
}

float scalar_exp_reduced_sum(float x, float x_low, int32_t *n) {
    float r = exp_reduce(x, n), square = r * r;
    return r + fmaf(square, exp_series(r, square), x_low);
}

float scalar_exp_of(float x) {
    if (x > EXP_HIGHEST)
        x = EXP_HIGHEST;
    if (x < EXP_LOWEST)
        x = EXP_LOWEST;
    if (isnan(x))
        return x;
    int32_t n;
    float power = scalar_exp_reduced(x, &n) + 1.0f;
    /* 2^n may be out of range where the result is not, or is denormal: two factors round once, at the end. */
    int32_t half = n >> 1;
    return power * scalar_power_of_two(half) * scalar_power_of_two(n - half);
}

float scalar_log_of(float x) {
    if (!(x > 0.0f))
        return x == 0.0f ? -INFINITY : NAN;
    if (x == INFINITY)
        return x;
    float exponent = 0.0f;
    if (x < SMALLEST_NORMAL) {
        x *= 0x1p23f;
        exponent = -23.0f;
    }
    int32_t n = (bits_of(x) - LOG_LOWEST_MANTISSA) >> 23;
    float r = float_of(bits_of(x) - (int32_t)((uint32_t)n << 23)) - 1.0f;
    exponent += (float)n;
    float l = LOG_L7;
    l = fmaf(l, r, LOG_L6);
    l = fmaf(l, r, LOG_L5);
    l = fmaf(l, r, LOG_L4);
    l = fmaf(l, r, LOG_L3);
    l = fmaf(l, r, LOG_L2);
    l = fmaf(l, r, LOG_L1);
    l = fmaf(l, r, LOG_L0);
    float square = r * r;
    float tail = fmaf(exponent, LN2_LOW, square * r * l);
    tail = fmaf(-0.5f, square, tail);
    return fmaf(exponent, LN2_HIGH, r + tail);
}

/* The rounding of 1 + t, (1 + t) - 1 - t, is put right to first order. */
float scalar_log_1_plus(float t) {
    float sum = 1.0f + t;
    return scalar_log_of(sum) + (t - (sum - 1.0f)) / sum;
}

float scalar_divide_by_sum(float numerator, float base, float addend, float *rest) {
    float sum = base + addend;
    float lost = addend - (sum - base);
    float quotient = numerator / sum;
    *rest = fmaf(-quotient, sum, numerator);
    *rest = fmaf(-quotient, lost, *rest);
    return quotient;
}

void scalar_exp(size_t n, const float *x, float *y) {
    for (size_t i = 0; i < n; i++)
        y[i] = scalar_exp_of(x[i]);
}

void scalar_log(size_t n, const float *x, float *y) {
    for (size_t i = 0; i < n; i++)
        y[i] = scalar_log_of(x[i]);
}
