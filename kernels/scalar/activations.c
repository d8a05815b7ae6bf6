/* The activation functions, each at most 2 ulp from the correctly rounded result, and their derivatives
 * (kernels/README.md). */
#include <math.h>
#include "../numerics.h"
#include "scalar.h"

/* ---- What several of them share ---- */

/* |z|, but at most `most`. NaN stays NaN. */
static float bounded_size(float z, float most) {
    float size = fabsf(z);
    return most < size ? most : size;
}

/* e^x = (high + low) · 2^n. */
struct power {
    float high, low;
    int32_t n;
};

/* e^(x + x_low), to some 2^-25 of it. */
static struct power precise_exp(float x, float x_low) {
    struct power power;
    float less_1 = scalar_exp_reduced(x, &power.n);
    power.high = 1.0f + less_1;
    power.low = fmaf(power.high, x_low, less_1 - (power.high - 1.0f));
    return power;
}

/* x · 2^n in two steps, as 2^n itself may be out of range: only the last can round, into denormals. */
static float scale(float x, int32_t n) {
    int32_t half = n >> 1;
    return x * scalar_power_of_two(half) * scalar_power_of_two(n - half);
}

/* ---- Identity, relu, leaky relu ---- */

static float scalar_identity_of(float z) {
    return z;
}

float scalar_relu_of(float z) {
    return z < 0.0f ? 0.0f : z;
}

static float relu_derivative_times(float v, float y) {
    return y > 0.0f ? v : 0.0f;
}

static float scalar_leaky_relu_of(float z) {
    return z > 0.0f ? z : LEAKY_SLOPE * z;
}

static float leaky_relu_derivative_times(float v, float y) {
    return y > 0.0f ? v : LEAKY_SLOPE * v;
}

/* ---- Sigmoid, tanh, scaled tanh ---- */

/* From e^-|z|, so that neither end loses relative precision or overflows. */
float scalar_sigmoid_of(float z) {
    float e = scalar_exp_of(-fabsf(z));
    return (z < 0.0f ? e : 1.0f) / (1.0f + e);
}

static float sigmoid_derivative_times(float v, float y) {
    return v * (y * (1.0f - y));
}

/* With m = e^(-2|z|) - 1: tanh |z| = -m / (2 + m). */
static float scalar_tanh_of(float z) {
    float x = -2.0f * fabsf(z);
    if (x < EXPM1_LOWEST)
        x = EXPM1_LOWEST;
    if (isnan(x))
        return x;
    int32_t n;
    float m = scalar_exp_reduced(x, &n);
    float scale = scalar_power_of_two(n);
    m = fmaf(scale, m, scale - 1.0f);
    float rest, quotient = scalar_divide_by_sum(-m, 2.0f, m, &rest);
    return copysignf(fmaf(rest, fmaf(-0.5f, m, 0.5f), quotient), z);
}

static float tanh_derivative_times(float v, float y) {
    return v * fmaf(-y, y, 1.0f);
}

/* Twice tanh's care: what 4/3 |z| and the height lose to rounding is carried along in parts of their own. */
static float scalar_scaled_tanh_of(float z) {
    float size = bounded_size(z, SCALED_TANH_HIGHEST);
    if (isnan(size))
        return size;
    float x = -FOUR_THIRDS * size;
    float x_low = fmaf(-FOUR_THIRDS_LOW, size, fmaf(-FOUR_THIRDS, size, -x));

    int32_t n;
    float m = scalar_exp_reduced_sum(x, x_low, &n);
    float power = scalar_power_of_two(n);
    m = fmaf(power, m, power - 1.0f);

    float rest, quotient = scalar_divide_by_sum(-m, 2.0f, m, &rest);
    rest *= fmaf(-0.5f * SCALED_TANH_HEIGHT, m, 0.5f * SCALED_TANH_HEIGHT);
    float y = fmaf(SCALED_TANH_HEIGHT, quotient, fmaf(SCALED_TANH_HEIGHT_LOW, quotient, rest));
    return copysignf(y, z);
}

static float scaled_tanh_derivative_times(float v, float y) {
    float tanh = y * SCALED_TANH_INVERSE_HEIGHT;
    return v * (SCALED_TANH_STEEPEST * fmaf(-tanh, tanh, 1.0f));
}

/* ---- Silu and gelu: both are z · G(z) with G(-z) = 1 - G(z), so z · G(z) = max(z, 0) - |z| · G(-|z|). ---- */

/* -a · sigmoid(-a) = -a · e^-a / (1 + e^-a), 0 ≤ a ≤ SILU_HIGHEST. */
static float silu_tail(float a) {
    struct power power = precise_exp(-a, 0.0f);
    float e = scale(power.high, power.n), e_low = scale(power.low, power.n);

    float sum = 1.0f + e, lost = (e - (sum - 1.0f)) + e_low;
    float quotient = power.high / sum;
    float rest = fmaf(-quotient, sum, power.high) + power.low;
    rest = fmaf(-quotient, lost, rest);
    float quotient_low = rest * fmaf(-0.5f, e, 1.0f);

    return scale(fmaf(-a, quotient, -a * quotient_low), power.n);
}

static float scalar_silu_of(float z) {
    float a = bounded_size(z, SILU_HIGHEST);
    return isnan(a) ? a : scalar_relu_of(z) + silu_tail(a);
}

/* sigmoid(z) · (1 + z · sigmoid(-z)) */
static float silu_derivative_times(float v, float z) {
    float a = bounded_size(z, SILU_HIGHEST), e = scalar_exp_of(-a);
    float upper = 1.0f / (1.0f + e), lower = e * upper;
    bool negative = signbit(z);
    return v * ((negative ? lower : upper) * fmaf(copysignf(a, z), negative ? upper : lower, 1.0f));
}

/* R(a) = ratio + *low; GELU_R0 … in numerics.h say what it is. */
static float normal_tail_ratio(float a, float *low) {
    float stretched = fmaf(a, GELU_STRETCH, 1.0f);
    float stretched_low = fmaf(a, GELU_STRETCH, 1.0f - stretched);
    float t = 1.0f / stretched;
    float t_low = t * fmaf(-t, stretched_low, fmaf(-stretched, t, 1.0f));

    float u = t - GELU_CENTER;
    float slope = GELU_R9;
    slope = fmaf(slope, u, GELU_R8);
    slope = fmaf(slope, u, GELU_R7);
    slope = fmaf(slope, u, GELU_R6);
    slope = fmaf(slope, u, GELU_R5);
    slope = fmaf(slope, u, GELU_R4);
    slope = fmaf(slope, u, GELU_R3);
    slope = fmaf(slope, u, GELU_R2);
    slope = fmaf(slope, u, GELU_R1);
    float series = fmaf(slope, u, GELU_R0);
    float series_low = fmaf(slope, u, GELU_R0 - series);

    float ratio = t * series;
    *low = fmaf(t, series, -ratio) + fmaf(t, series_low, t_low * fmaf(t, slope, series));
    return ratio;
}

/* -a · Φ(-a), 0 ≤ a ≤ GELU_HIGHEST. */
static float gelu_tail(float a) {
    float x = -0.5f * a * a, x_low = fmaf(-0.5f * a, a, -x);
    struct power power = precise_exp(x, x_low);
    float ratio_low, ratio = normal_tail_ratio(a, &ratio_low);

    float product = -a * power.high;
    float product_low = fmaf(-a, power.low, fmaf(-a, power.high, -product));
    return scale(fmaf(product, ratio, fmaf(product, ratio_low, product_low * ratio)), power.n);
}

static float scalar_gelu_of(float z) {
    float a = bounded_size(z, GELU_HIGHEST);
    return isnan(a) ? a : scalar_relu_of(z) + gelu_tail(a);
}

/* Φ(z) + z · φ(z), where φ(z) = e^(-z²/2) / √(2π). */
static float gelu_derivative_times(float v, float z) {
    float a = bounded_size(z, GELU_HIGHEST), e = scalar_exp_of(-0.5f * a * a);
    float low, lower = e * normal_tail_ratio(a, &low);
    float phi = signbit(z) ? lower : 1.0f - lower;
    return v * fmaf(copysignf(a, z), e * INVERSE_SQRT_2PI, phi);
}

/* ---- By enumerator ---- */

float scalar_activation_of(enum activation act, float z) {
    switch (act) {
#define ACTIVATION_OF(NAME, name, derivative_of, runs)                                                       \
    case ACTIVATION_##NAME:                                                                                  \
        return scalar_##name##_of(z);
        EACH_ACTIVATION(ACTIVATION_OF)
    }
    return z;
}

#define IF_NOTHING(v, product) v
#define IF_OUTPUT(v, product) product
#define IF_INPUT(v, product) product

float scalar_derivative_times(enum activation act, float v, float s) {
    switch (act) {
#define DERIVATIVE_TIMES(NAME, name, derivative_of, runs)                                                    \
    case ACTIVATION_##NAME:                                                                                  \
        return IF_##derivative_of(v, name##_derivative_times(v, s));
        EACH_ACTIVATION(DERIVATIVE_TIMES)
    }
    return v;
}

void scalar_activate(size_t n, enum activation act, const float *x, float *y) {
    for (size_t i = 0; i < n; i++)
        y[i] = scalar_activation_of(act, x[i]);
}
