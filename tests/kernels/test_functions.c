/* exp, log and the activations against double precision over the whole range of float. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <criterion/parameterized.h>
#include "exact.h"

enum { BLOCK = 4096, MOST_ULP = 2 };

/* Floats as integers in their order, both zeros as 0. */
static int64_t ordinal(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >= 0 ? bits : -(int64_t)(bits & 0x7FFFFFFF);
}

struct worst {
    int64_t ulp;
    float x, found, expected;
    uint64_t count, rounded; /* tried, and of them correctly rounded */
};

static void compare(const char *name, double (*exact)(double), const float *x, const float *y, size_t count,
                    struct worst *worst) {
    for (size_t i = 0; i < count; i++) {
        float expected = (float)exact((double)x[i]);
        if (isnan(expected)) {
            cr_assert(isnan(y[i]), "%s(%a) is %a, expected NaN", name, (double)x[i], (double)y[i]);
            continue;
        }
        cr_assert_not(isnan(y[i]), "%s(%a) is NaN, expected %a", name, (double)x[i], (double)expected);
        int64_t ulp = llabs(ordinal(y[i]) - ordinal(expected));
        worst->count++;
        worst->rounded += ulp == 0;
        if (ulp > worst->ulp) {
            worst->ulp = ulp;
            worst->x = x[i];
            worst->found = y[i];
            worst->expected = expected;
        }
    }
}

/* Every step-th float from `first` on. MINNOW_TEST_EVERY_FLOAT set: every one. */
static void check_function(const char *name, void (*function)(size_t, const float *, float *),
                           double (*exact)(double)) {
    uint64_t step = getenv("MINNOW_TEST_EVERY_FLOAT") ? 1 : 997;
    struct worst worst = {0};
    float x[BLOCK], y[BLOCK];
    for (uint64_t next = 0; next <= UINT32_MAX;) {
        size_t count = 0;
        for (; count < BLOCK && next <= UINT32_MAX; count++, next += step)
            memcpy(&x[count], &(uint32_t){(uint32_t)next}, sizeof(float));
        function(count, x, y);
        compare(name, exact, x, y, count, &worst);
    }
    fprintf(stderr,
            "%s: worst error %lld ulp at %a (%a, correctly rounded %a); %.4f %% of %llu correctly rounded\n",
            name, (long long)worst.ulp, (double)worst.x, (double)worst.found, (double)worst.expected,
            100 * (double)worst.rounded / (double)worst.count, (unsigned long long)worst.count);
    cr_assert_gt(worst.count, 1000000);
    cr_assert_leq(worst.ulp, MOST_ULP, "%s(%a) is %a, %lld ulp from %a", name, (double)worst.x,
                  (double)worst.found, (long long)worst.ulp, (double)worst.expected);
}

Test(functions, exp) {
    check_function("exp", kernel_tables[0]->exp, exp);
}

Test(functions, log) {
    check_function("log", kernel_tables[0]->log, log);
}

static enum activation tested;

static void activate(size_t n, const float *x, float *y) {
    kernel_tables[0]->activate(n, tested, x, y);
}

ParameterizedTestParameters(functions, activation) {
    static enum activation act[ACTIVATION_COUNT];
    for (size_t i = 0; i < ACTIVATION_COUNT; i++)
        act[i] = (enum activation)i;
    return cr_make_param_array(enum activation, act, ACTIVATION_COUNT);
}

ParameterizedTest(enum activation *act, functions, activation) {
    tested = *act;
    check_function(exact_activations[tested].name, activate, exact_activations[tested].of);
}

/* act'(s) as input_gradient has it: from a product of one term, 1 · 1. */
static void derive(size_t n, const float *s, float *derivative) {
    static float ones[BLOCK];
    for (size_t i = 0; i < n; i++)
        ones[i] = 1;
    kernel_tables[0]->input_gradient(1, 1, n, ones, 1, ones, n, tested, s, n, derivative, n);
}

ParameterizedTestParameters(functions, derivative) {
    static enum activation act[ACTIVATION_COUNT];
    for (size_t i = 0; i < ACTIVATION_COUNT; i++)
        act[i] = (enum activation)i;
    return cr_make_param_array(enum activation, act, ACTIVATION_COUNT);
}

/* At every 997th float that can be an activation's output (or input, where the derivative needs that). */
ParameterizedTest(enum activation *act, functions, derivative) {
    tested = *act;
    const struct exact_activation *exact = &exact_activations[tested];
    double worst = 0, of_bound = 0, worst_at = 0;
    float s[BLOCK], found[BLOCK];
    for (uint64_t next = 0; next <= UINT32_MAX;) {
        size_t count = 0;
        for (; count < BLOCK && next <= UINT32_MAX; next += 997) {
            memcpy(&s[count], &(uint32_t){(uint32_t)next}, sizeof(float));
            count += activation_derivative_needs_input(tested) || fabsf(s[count]) <= 1.7159f;
        }
        derive(count, s, found);
        for (size_t i = 0; i < count; i++) {
            double error = fabs((double)found[i] - exact->derivative((double)s[i]));
            double most = exact->derivative_error((double)s[i]) + 0x1p-149;
            cr_assert(isnan(s[i]) ? isnan(found[i]) : error <= most, "%s' at %a is %a, expected %a",
                      exact->name, (double)s[i], (double)found[i], exact->derivative((double)s[i]));
            of_bound = fmax(of_bound, error / most);
            if (error > worst) {
                worst = error;
                worst_at = (double)s[i];
            }
        }
    }
    fprintf(stderr, "%s': worst error %.3f · 2^-24 at %a, at most %.2f of the bound\n", exact->name,
            worst * 0x1p24, worst_at, of_bound);
}

Test(functions, relu_and_identity) {
    const float x[] = {-2, -0.0f, 0, 3, -INFINITY, INFINITY, 1e-45f, -1e-45f};
    const float relu[] = {0, 0, 0, 3, 0, INFINITY, 1e-45f, 0};
    float y[8];
    kernel_tables[0]->activate(8, ACTIVATION_RELU, x, y);
    for (int i = 0; i < 8; i++)
        cr_assert_eq(y[i], relu[i], "relu(%a) is %a", (double)x[i], (double)y[i]);
    kernel_tables[0]->activate(8, ACTIVATION_IDENTITY, x, y);
    cr_assert_arr_eq(x, y, sizeof x);
}

/* Where the tables must agree everywhere and not just on the harness's samples: all exponents, NaNs and
 * denormals. */
Test(functions, same_bits_in_every_table) {
    float x[BLOCK], scalar[BLOCK], y[BLOCK];
    uint64_t state = 7;
    for (int block = 0; block < 100; block++) {
        for (size_t i = 0; i < BLOCK; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            uint32_t bits = (uint32_t)(state >> 32);
            memcpy(&x[i], &bits, sizeof bits);
        }
        for (size_t t = 1; t < kernel_table_count; t++)
            for (int f = 0; kernels_usable(kernel_tables[t]) && f < 2 + ACTIVATION_COUNT; f++) {
                const struct kernels *of[2] = {kernel_tables[0], kernel_tables[t]};
                float *to[2] = {scalar, y};
                for (int i = 0; i < 2; i++)
                    if (f == 0)
                        of[i]->exp(BLOCK, x, to[i]);
                    else if (f == 1)
                        of[i]->log(BLOCK, x, to[i]);
                    else
                        of[i]->activate(BLOCK, (enum activation)(f - 2), x, to[i]);
                for (size_t i = 0; i < BLOCK; i++)
                    cr_assert(memcmp(&scalar[i], &y[i], sizeof y[i]) == 0 ||
                                  (isnan(scalar[i]) && isnan(y[i])),
                              "%s, function %d of %a: %a, scalar %a", of[1]->name, f, (double)x[i],
                              (double)y[i], (double)scalar[i]);
            }
    }
}
