/* The elementary functions of scalar/math.c, operation for operation, on vectors. */

#define ALL_LANES ((1u << VEC) - 1)

/* x = n · ln 2 + r: returns e^r - 1. *shifted holds n in its low bits, off by what 2^n is off by as an
 * exponent. */
INLINE vec v_exp_reduced(vec x, vec *shifted) {
    *shifted = v_fma(x, v_set(LOG2_E), v_set(ROUND_TO_EXPONENT));
    vec whole = v_sub(*shifted, v_set(ROUND_TO_EXPONENT));
    vec r = v_fnma(whole, v_set(LN2_HIGH), x);
    r = v_fnma(whole, v_set(LN2_LOW), r);
    vec square = v_mul(r, r);
    vec e = v_fma(v_set(EXP_E4), square, v_fma(v_set(EXP_E3), r, v_set(EXP_E2)));
    e = v_fma(e, square, v_fma(v_set(EXP_E1), r, v_set(EXP_E0)));
    return v_fma(square, e, r);
}

/* 2^n, which must be a normal number. */
INLINE vec v_power_of_two(vec shifted) {
    return v_from_bits(i_shift_left(v_bits(shifted), 23));
}

/* For any x. */
NOINLINE vec v_exp_extreme(vec x) {
    x = v_smaller(v_set(EXP_HIGHEST), x);
    x = v_larger(v_set(EXP_LOWEST), x);
    vec shifted;
    vec power = v_add(v_exp_reduced(x, &shifted), v_set(1.0f));
    ivec n = i_sub(v_bits(shifted), v_bits(v_set(ROUND_TO_EXPONENT)));
    ivec half = i_shift_right(n, 1), rest = i_sub(n, half), one = v_bits(v_set(1.0f));
    power = v_mul(power, v_from_bits(i_add(i_shift_left(half, 23), one)));
    return v_mul(power, v_from_bits(i_add(i_shift_left(rest, 23), one)));
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

INLINE vec v_divide_by_sum(vec numerator, vec base, vec addend, vec near_inverse) {
    vec sum = v_add(base, addend);
    vec lost = v_sub(addend, v_sub(sum, base));
    vec quotient = v_div(numerator, sum);
    vec rest = v_fnma(quotient, sum, numerator);
    rest = v_fnma(quotient, lost, rest);
    return v_fma(rest, near_inverse, quotient);
}

INLINE vec v_log_1_plus(vec t) {
    vec sum = v_add(v_set(1.0f), t);
    return v_add(v_log(sum), v_div(v_sub(t, v_sub(sum, v_set(1.0f))), sum));
}

/* -|x| */
INLINE vec v_negative(vec x) {
    return v_or(x, v_set(-0.0f));
}

/* The sigmoid of z from e = e^-|z|. */
INLINE vec v_sigmoid_from(vec z, vec e) {
    vec one = v_set(1.0f);
    vec numerator = v_select_negative(z, e, one);
    return v_div(numerator, v_add(one, e));
}

INLINE vec v_sigmoid(vec z) {
    return v_sigmoid_from(z, v_exp(v_negative(z)));
}

INLINE vec v_tanh(vec z) {
    vec x = v_larger(v_set(EXPM1_LOWEST), v_mul(v_set(2.0f), v_negative(z)));
    vec shifted;
    vec m = v_exp_reduced(x, &shifted);
    vec scale = v_power_of_two(shifted);
    m = v_fma(scale, m, v_sub(scale, v_set(1.0f)));
    vec half = v_set(0.5f);
    vec size = v_divide_by_sum(v_xor(m, v_set(-0.0f)), v_set(2.0f), m, v_fnma(half, m, half));
    /* size is -0 or more: take the sign of z alone. */
    return v_or(v_size(size), v_and(z, v_set(-0.0f)));
}

INLINE vec v_relu(vec z) {
    return v_larger(v_zero(), z);
}

enum elementary { IDENTITY, EXP, LOG, RELU, SIGMOID, TANH };

INLINE vec v_elementary(enum elementary function, vec x) {
    switch (function) {
    case IDENTITY:
        break;
    case EXP:
        return v_exp(x);
    case LOG:
        return v_log(x);
    case RELU:
        return v_relu(x);
    case SIGMOID:
        return v_sigmoid(x);
    case TANH:
        return v_tanh(x);
    }
    return x;
}

INLINE void apply(enum elementary function, size_t n, const float *x, float *y) {
    size_t i = 0;
    for (; i + VEC <= n; i += VEC)
        v_store(y + i, v_elementary(function, v_load(x + i)));
    if (i < n)
        v_store_first(y + i, v_elementary(function, v_load_first(x + i, n - i)), n - i);
}

static void exp_array(size_t n, const float *x, float *y) {
    apply(EXP, n, x, y);
}

static void log_array(size_t n, const float *x, float *y) {
    apply(LOG, n, x, y);
}

NOINLINE void activate(size_t n, enum activation act, const float *x, float *y) {
    switch (act) {
    case ACTIVATION_RELU:
        apply(RELU, n, x, y);
        break;
    case ACTIVATION_SIGMOID:
        apply(SIGMOID, n, x, y);
        break;
    case ACTIVATION_TANH:
        apply(TANH, n, x, y);
        break;
    case ACTIVATION_IDENTITY:
        apply(IDENTITY, n, x, y);
        break;
    }
}
