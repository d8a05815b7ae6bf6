/* exp, log, sigmoid and tanh against double precision over the whole range of float. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels.h"

enum { BLOCK = 4096, MOST_ULP = 2 };

/* Floats as integers in their order, both zeros as 0. */
static int64_t ordinal(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >= 0 ? bits : -(int64_t)(bits & 0x7FFFFFFF);
}

static double sigmoid(double x) {
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

static void activate_sigmoid(size_t n, const float *x, float *y) {
    kernel_tables[0]->activate(n, ACTIVATION_SIGMOID, x, y);
}

static void activate_tanh(size_t n, const float *x, float *y) {
    kernel_tables[0]->activate(n, ACTIVATION_TANH, x, y);
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

Test(functions, sigmoid) {
    check_function("sigmoid", activate_sigmoid, sigmoid);
}

Test(functions, tanh) {
    check_function("tanh", activate_tanh, tanh);
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
            for (int f = 0; kernels_usable(kernel_tables[t]) && f < 5; f++) {
                const struct kernels *of[2] = {kernel_tables[0], kernel_tables[t]};
                float *to[2] = {scalar, y};
                for (int i = 0; i < 2; i++)
                    if (f == 0)
                        of[i]->exp(BLOCK, x, to[i]);
                    else if (f == 1)
                        of[i]->log(BLOCK, x, to[i]);
                    else
                        of[i]->activate(BLOCK, (enum activation)(f - 1), x, to[i]);
                for (size_t i = 0; i < BLOCK; i++)
                    cr_assert(memcmp(&scalar[i], &y[i], sizeof y[i]) == 0 ||
                                  (isnan(scalar[i]) && isnan(y[i])),
                              "%s, function %d of %a: %a, scalar %a", of[1]->name, f, (double)x[i],
                              (double)y[i], (double)scalar[i]);
            }
    }
}
