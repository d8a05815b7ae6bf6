/* The elementary functions of scalar/math.c, operation for operation, on vectors. */

/* Returns e^r - 1 where x = n · ln 2 + r, and n. */
INLINE vec v_exp_reduced(vec x, ivec *n) {
    vec shifted = v_fma(x, v_set(LOG2_E), v_set(ROUND_TO_INTEGER));
    vec whole = v_sub(shifted, v_set(ROUND_TO_INTEGER));
    vec r = v_fnma(whole, v_set(LN2_HIGH), x);
    r = v_fnma(whole, v_set(LN2_LOW), r);
    vec e = v_set(EXP_E4);
    e = v_fma(e, r, v_set(EXP_E3));
    e = v_fma(e, r, v_set(EXP_E2));
    e = v_fma(e, r, v_set(EXP_E1));
    e = v_fma(e, r, v_set(EXP_E0));
    *n = i_sub(v_bits(shifted), v_bits(v_set(ROUND_TO_INTEGER)));
    return v_fma(v_mul(r, r), e, r);
}

/* 2^n for a normal result. */
INLINE vec v_power_of_two(ivec n) {
    return v_from_bits(i_add(i_shift_left(n, 23), v_bits(v_set(1.0f))));
}

INLINE vec v_exp(vec x) {
    x = v_smaller(v_set(EXP_HIGHEST), x);
    x = v_larger(v_set(EXP_LOWEST), x);
    ivec n;
    vec power = v_add(v_exp_reduced(x, &n), v_set(1.0f));
    ivec half = i_shift_right(n, 1);
    return v_mul(v_mul(power, v_power_of_two(half)), v_power_of_two(i_sub(n, half)));
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
    vec numerator = v_select(v_less(z, v_zero()), e, one);
    return v_divide_by_sum(numerator, one, e, v_fnma(v_set(0.5f), e, one));
}

INLINE vec v_sigmoid(vec z) {
    return v_sigmoid_from(z, v_exp(v_negative(z)));
}

INLINE vec v_tanh(vec z) {
    vec x = v_larger(v_set(EXPM1_LOWEST), v_mul(v_set(2.0f), v_negative(z)));
    ivec n;
    vec m = v_exp_reduced(x, &n);
    vec scale = v_power_of_two(n);
    m = v_fma(scale, m, v_sub(scale, v_set(1.0f)));
    vec half = v_set(0.5f);
    vec size = v_divide_by_sum(v_xor(m, v_set(-0.0f)), v_set(2.0f), m, v_fnma(half, m, half));
    /* size is -0 or more: take the sign of z alone. */
    return v_or(v_and(size, v_from_bits(i_set(INT32_MAX))), v_and(z, v_set(-0.0f)));
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
