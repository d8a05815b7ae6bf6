/* The exact functions, against the C library's long double. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include "base/exact_math.h"
#include "base/random.h"

static double relative(double value, long double expected) {
    if (expected == 0)
        return fabs(value);
    return (double)(fabsl((long double)value - expected) / fabsl(expected));
}

static double uniform(uint32_t index, double low, double high) {
    struct random_block draw = random_draw(4, RANDOM_SHUFFLE, 0, 0, index);
    return low + (high - low) * (draw.word[0] * 0x1p-32 + draw.word[1] * 0x1p-64);
}

Test(exact_math, exact_functions_agree_with_libm) {
    for (uint32_t i = 0; i < 200000; i++) {
        double x = uniform(i, -700, 700);
        cr_assert_lt(relative(exact_exp(x), expl((long double)x)), 1e-15, "exp(%a)", x);
        x = exp(uniform(i, -740, 709));
        cr_assert_lt(relative(exact_log(x), logl((long double)x)), 1e-15, "log(%a)", x);
        x = uniform(i, 0.5, 2);
        cr_assert_lt(relative(exact_log(x), logl((long double)x)), 1e-15, "log(%a)", x);
        double t = uniform(i, -3, 3) * (i % 3 == 0 ? 0x1p28 : 1);
        long double angle = 2 * acosl(-1.0L) * ((long double)t - roundl((long double)t));
        cr_assert_lt(fabs((double)((long double)exact_cos_turn(t) - cosl(angle))), 1e-15, "cos(2π %a)", t);
        cr_assert_lt(fabs((double)((long double)exact_sin_turn(t) - sinl(angle))), 1e-15, "sin(2π %a)", t);
    }
    static const double edges[] = {
        DBL_MIN,   0x1p-1074,       0x1.8p-1060,        DBL_MAX, 1.0, 2.0, 0.5, M_SQRT2,
        M_SQRT1_2, 1 + DBL_EPSILON, 1 - DBL_EPSILON / 2};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        cr_assert_lt(relative(exact_log(edges[i]), logl((long double)edges[i])), 1e-15, "log(%a)", edges[i]);
    cr_assert_eq(exact_log(1.0), 0.0);
    cr_assert_eq(exact_exp(0.0), 1.0);
    cr_assert_eq(exact_cos_turn(0.0), 1.0);
    cr_assert_eq(exact_cos_turn(0.5), -1.0);
    cr_assert_eq(exact_sin_turn(0.25), 1.0);
    cr_assert_eq(exact_cos_turn(0.25), 0.0);
}

/* Bits fixed once, so that a machine or compiler that gives others is noticed. */
Test(exact_math, exact_functions_give_the_same_bits_everywhere) {
    uint64_t hash = 14695981039346656037u;
    for (uint32_t i = 0; i < 10000; i++) {
        double results[4] = {exact_exp(uniform(i, -700, 700)), exact_log(uniform(i, 1e-300, 10)),
                             exact_cos_turn(uniform(i, -2, 2)), exact_sin_turn(uniform(i, -2, 2))};
        for (int j = 0; j < 4; j++) {
            uint64_t bits;
            memcpy(&bits, &results[j], sizeof bits);
            hash = (hash ^ bits) * 1099511628211u;
        }
    }
    cr_assert_eq(hash, 0x2d84c51f396c0f5du, "0x%016llx", (unsigned long long)hash);
}
