/* The elementary functions of scalar/math.c, operation for operation, on vectors. */

#define ALL_LANES ((1u << VEC) - 1)

/* x = n · ln 2 + r: returns r. *shifted holds n in its low bits, off by what 2^n is off by as an exponent. */
INLINE vec v_exp_reduce(vec x, vec *shifted) {
    *shifted = v_fma(x, v_set(LOG2_E), v_set(ROUND_TO_EXPONENT));
    vec whole = v_sub(*shifted, v_set(ROUND_TO_EXPONENT));
    vec r = v_fnma(whole, v_set(LN2_HIGH), x);
    return v_fnma(whole, v_set(LN2_LOW), r);
}

/* E in e^r = 1 + r + r² · E. */
INLINE vec v_exp_series(vec r, vec square) {
    vec e = v_fma(v_set(EXP_E4), square, v_fma(v_set(EXP_E3), r, v_set(EXP_E2)));
    return v_fma(e, square, v_fma(v_set(EXP_E1), r, v_set(EXP_E0)));
}

/* e^r - 1. */
INLINE vec v_exp_reduced(vec x, vec *shifted) {
    vec r = v_exp_reduce(x, shifted), square = v_mul(r, r);
    return v_fma(square, v_exp_series(r, square), r);
}

/* The same for x + x_low, where x_low is what rounding x lost. */
INLINE vec v_exp_reduced_sum(vec x, vec x_low, vec *shifted) {
    vec r = v_exp_reduce(x, shifted), square = v_mul(r, r);
    return v_add(r, v_fma(square, v_exp_series(r, square), x_low));
}

/* 2^n, which must be a normal number. */
INLINE vec v_power_of_two(vec shifted) {
    return v_from_bits(i_shift_left(v_bits(shifted), 23));
}

/* x · 2^n in two steps, as 2^n itself may be out of range: only the last can round, into denormals. */
INLINE vec v_scale(vec x, vec shifted) {
    ivec n = i_sub(v_bits(shifted), v_bits(v_set(ROUND_TO_EXPONENT)));
    ivec half = i_shift_right(n, 1), rest = i_sub(n, half), one = v_bits(v_set(1.0f));
    x = v_mul(x, v_from_bits(i_add(i_shift_left(half, 23), one)));
    return v_mul(x, v_from_bits(i_add(i_shift_left(rest, 23), one)));
}

/* For any x. */
NOINLINE vec v_exp_extreme(vec x) {
    x = v_smaller(v_set(EXP_HIGHEST), x);
    x = v_larger(v_set(EXP_LOWEST), x);
    vec shifted, power = v_add(v_exp_reduced(x, &shifted), v_set(1.0f));
    return v_scale(power, shifted);
}

INLINE vec v_size(vec x) {
    return v_and(x, v_from_bits(i_set(INT32_MAX)));
}

/* For |x| < EXP_ORDINARY: 2^n and the result are normal numbers, so that scaling is exact and can come first.
 */
INLINE vec v_exp_ordinary(vec x) {
    vec shifted, less_1 = v_exp_reduced(x, &shifted), scale = v_power_of_two(shifted);
    return v_fma(scale, less_1, scale);
}

INLINE vec v_exp(vec x) {
    bool ordinary = v_mask_bits(v_less(v_size(x), v_set(EXP_ORDINARY))) == ALL_LANES;
    return __builtin_expect(ordinary, 1) ? v_exp_ordinary(x) : v_exp_extreme(x);
}

INLINE vec v_log(vec x) {
    vmask small = v_less(x, v_set(SMALLEST_NORMAL));
    vec normal = v_select(small, v_mul(x, v_set(0x1p23f)), x);
    ivec n = i_shift_right(i_sub(v_bits(normal), i_set(LOG_LOWEST_MANTISSA)), 23);
    vec r = v_sub(v_from_bits(i_sub(v_bits(normal), i_shift_left(n, 23))), v_set(1.0f));
    vec exponent = v_add(v_select(small, v_set(-23.0f), v_zero()), v_from_int(n));
    vec l = v_set(LOG_L7);
    l = v_fma(l, r, v_set(LOG_L6));
    l = v_fma(l, r, v_set(LOG_L5));
    l = v_fma(l, r, v_set(LOG_L4));
    l = v_fma(l, r, v_set(LOG_L3));
    l = v_fma(l, r, v_set(LOG_L2));
    l = v_fma(l, r, v_set(LOG_L1));
    l = v_fma(l, r, v_set(LOG_L0));
    vec square = v_mul(r, r);
    vec tail = v_fma(exponent, v_set(LN2_LOW), v_mul(v_mul(square, r), l));
    tail = v_fnma(v_set(0.5f), square, tail);
    vec y = v_fma(exponent, v_set(LN2_HIGH), v_add(r, tail));

    y = v_select(v_less(x, v_set(INFINITY)), y, x); /* infinity and NaN are their own logarithms */
    y = v_select(v_less(x, v_zero()), v_set(NAN), y);
    return v_select(v_equal(x, v_zero()), v_set(-INFINITY), y);
}

INLINE vec v_divide_by_sum(vec numerator, vec base, vec addend, vec *rest) {
    vec sum = v_add(base, addend);
    vec lost = v_sub(addend, v_sub(sum, base));
    vec quotient = v_div(numerator, sum);
    *rest = v_fnma(quotient, sum, numerator);
    *rest = v_fnma(quotient, lost, *rest);
    return quotient;
}

INLINE vec v_log_1_plus(vec t) {
    vec sum = v_add(v_set(1.0f), t);
    return v_add(v_log(sum), v_div(v_sub(t, v_sub(sum, v_set(1.0f))), sum));
}

/* -|x| */
INLINE vec v_negative(vec x) {
    return v_or(x, v_set(-0.0f));
}

/* A function of a vector as one of an array; y may be x. */
#define ARRAY_FUNCTION(name, function)                                                                       \
    NOINLINE void name(size_t n, const float *x, float *y) {                                                 \
        size_t i = 0;                                                                                        \
        for (; i + VEC <= n; i += VEC)                                                                       \
            v_store(y + i, function(v_load(x + i)));                                                         \
        if (i < n)                                                                                           \
            v_store_first(y + i, function(v_load_first(x + i, n - i)), n - i);                               \
    }

ARRAY_FUNCTION(vector_exp, v_exp)
ARRAY_FUNCTION(vector_log, v_log)
