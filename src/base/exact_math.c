#include "base/exact_math.h"

#include <math.h>
#include <stdint.h>

#include "base/byte_order.h"

static const double PI = 3.14159265358979323846;
static const double LN2 = 0.69314718055994530942;

/* x = 2^exponent · m with m in [√½, √2), by its bits; subnormals are scaled up first. */
static double split(double x, int *exponent) {
    int scaled = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        scaled = -54;
    }
    uint64_t bits = double_to_bits(x);
    *exponent = (int)(bits >> 52) - 1023 + scaled;
    x = double_from_bits((bits & 0x000fffffffffffffu) | 0x3ff0000000000000u);
    if (x > 1.41421356237309504880) {
        x *= 0.5;
        *exponent += 1;
    }
    return x;
}

double exact_log(double x) {
    /* ln m = 2 artanh(s) = 2 (s + s³/3 + s⁵/5 + …), s = (m-1)/(m+1), |s| < 0.172: 11 terms reach 1e-17. */
    int exponent;
    double m = split(x, &exponent);
    double s = (m - 1.0) / (m + 1.0), s2 = s * s, sum = 0.0;
    static const double term[] = {1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13,
                                  1.0 / 11, 1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3};
    for (int n = 0; n < 10; n++)
        sum = (sum + term[n]) * s2;
    return exponent * LN2 + 2.0 * (s + s * sum);
}

double exact_power(double base, uint64_t exponent) {
    double power = 1.0;
    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1)
            power *= base;
        base *= base;
    }
    return power;
}

/* Taylor series on |a| ≤ π/4; the factorials are exact doubles, their reciprocals are rounded once, by the
 * compiler. */
static double sin_series(double a) {
    static const double term[] = {
        1.0 / 355687428096000.0, -1.0 / 1307674368000.0, 1.0 / 6227020800.0, -1.0 / 39916800.0,
        1.0 / 362880.0,          -1.0 / 5040.0,          1.0 / 120.0,        -1.0 / 6.0};
    double a2 = a * a, sum = 0.0;
    for (int n = 0; n < 8; n++)
        sum = (sum + term[n]) * a2;
    return a + a * sum;
}

static double cos_series(double a) {
    static const double term[] = {-1.0 / 6402373705728000.0,
                                  1.0 / 20922789888000.0,
                                  -1.0 / 87178291200.0,
                                  1.0 / 479001600.0,
                                  -1.0 / 3628800.0,
                                  1.0 / 40320.0,
                                  -1.0 / 720.0,
                                  1.0 / 24.0,
                                  -1.0 / 2.0};
    double a2 = a * a, sum = 0.0;
    for (int n = 0; n < 9; n++)
        sum = (sum + term[n]) * a2;
    return 1.0 + sum;
}

/* Turns make the reduction exact: the nearest quarter turn is subtracted without rounding. */
double exact_cos_turn(double t) {
    t -= floor(t);
    double quarter = floor(4.0 * t + 0.5);
    double a = 2.0 * PI * (t - 0.25 * quarter);
    switch ((int)quarter & 3) {
    case 0:
        return cos_series(a);
    case 1:
        return -sin_series(a);
    case 2:
        return -cos_series(a);
    default:
        return sin_series(a);
    }
}

double exact_sin_turn(double t) {
    /* Reduced first, as t - 0.25 may be rounded more coarsely than t. */
    return exact_cos_turn(t - floor(t) - 0.25);
}

double exact_exp(double x) {
    /* e^x = 2^k · e^r, |r| ≤ ln2/2: 14 terms reach 1e-17. */
    double k = floor(x / LN2 + 0.5);
    double r = (x - k * 0x1.62e42fee00000p-1) - k * 0x1.a39ef35793c76p-33; /* ln 2 in two parts */
    double sum = 1.0;
    for (int n = 14; n >= 1; n--)
        sum = 1.0 + r * sum / n;
    double power = double_from_bits((uint64_t)((int64_t)k + 1023) << 52);
    return sum * power;
}
