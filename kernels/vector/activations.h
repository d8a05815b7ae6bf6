/* The activation functions of scalar/activations.c, operation for operation, on vectors. */

/* ---- What several of them share ---- */

/* |z|, but at most `most`. NaN stays NaN. */
INLINE vec v_bounded_size(vec z, float most) {
    return v_smaller(v_set(most), v_size(z));
}

/* `size` with the sign of z; size has none, or is -0. */
INLINE vec v_with_sign(vec size, vec z) {
    return v_or(v_size(size), v_and(z, v_set(-0.0f)));
}

/* e^(x + x_low) = (returned + *low) · 2^n, to some 2^-25 of it; n is in *shifted. */
INLINE vec v_precise_exp(vec x, vec x_low, vec *low, vec *shifted) {
    vec one = v_set(1.0f), less_1 = v_exp_reduced(x, shifted);
    vec high = v_add(one, less_1);
    *low = v_fma(high, x_low, v_sub(less_1, v_sub(high, one)));
    return high;
}

/* ---- Identity, relu, leaky relu ---- */

INLINE vec v_identity(vec z) {
    return z;
}

INLINE vec v_relu(vec z) {
    return v_larger(v_zero(), z);
}

INLINE vec v_relu_derivative_times(vec v, vec y) {
    return v_select(v_less(v_zero(), y), v, v_zero());
}

INLINE vec v_leaky_relu(vec z) {
    return v_select(v_less(v_zero(), z), z, v_mul(v_set(LEAKY_SLOPE), z));
}

INLINE vec v_leaky_relu_derivative_times(vec v, vec y) {
    return v_select(v_less(v_zero(), y), v, v_mul(v_set(LEAKY_SLOPE), v));
}

/* ---- Sigmoid, tanh, scaled tanh ---- */

/* The sigmoid of z from e = e^-|z|. */
INLINE vec v_sigmoid_from(vec z, vec e) {
    vec one = v_set(1.0f);
    vec numerator = v_select_negative(z, e, one);
    return v_div(numerator, v_add(one, e));
}

INLINE vec v_sigmoid(vec z) {
    return v_sigmoid_from(z, v_exp(v_negative(z)));
}

INLINE vec v_sigmoid_derivative_times(vec v, vec y) {
    return v_mul(v, v_mul(y, v_sub(v_set(1.0f), y)));
}

INLINE vec v_tanh(vec z) {
    vec x = v_larger(v_set(EXPM1_LOWEST), v_mul(v_set(2.0f), v_negative(z)));
    vec shifted, m = v_exp_reduced(x, &shifted);
    vec power = v_power_of_two(shifted);
    m = v_fma(power, m, v_sub(power, v_set(1.0f)));

    vec half = v_set(0.5f), rest;
    vec quotient = v_divide_by_sum(v_xor(m, v_set(-0.0f)), v_set(2.0f), m, &rest);
    return v_with_sign(v_fma(rest, v_fnma(half, m, half), quotient), z);
}

INLINE vec v_tanh_derivative_times(vec v, vec y) {
    return v_mul(v, v_fnma(y, y, v_set(1.0f)));
}

INLINE vec v_scaled_tanh(vec z) {
    vec size = v_bounded_size(z, SCALED_TANH_HIGHEST);
    vec x = v_mul(v_set(-FOUR_THIRDS), size);
    vec x_low =
        v_fnma(v_set(FOUR_THIRDS_LOW), size, v_fnma(v_set(FOUR_THIRDS), size, v_xor(x, v_set(-0.0f))));

    vec shifted, m = v_exp_reduced_sum(x, x_low, &shifted);
    vec power = v_power_of_two(shifted);
    m = v_fma(power, m, v_sub(power, v_set(1.0f)));

    vec half = v_set(0.5f * SCALED_TANH_HEIGHT), rest;
    vec quotient = v_divide_by_sum(v_xor(m, v_set(-0.0f)), v_set(2.0f), m, &rest);
    rest = v_mul(rest, v_fnma(half, m, half));
    vec y = v_fma(v_set(SCALED_TANH_HEIGHT), quotient, v_fma(v_set(SCALED_TANH_HEIGHT_LOW), quotient, rest));
    return v_with_sign(y, z);
}

INLINE vec v_scaled_tanh_derivative_times(vec v, vec y) {
    vec tanh = v_mul(y, v_set(SCALED_TANH_INVERSE_HEIGHT));
    return v_mul(v, v_mul(v_set(SCALED_TANH_STEEPEST), v_fnma(tanh, tanh, v_set(1.0f))));
}

/* ---- Silu and gelu: max(z, 0) - |z| · G(-|z|) ---- */

/* -a · sigmoid(-a) */
INLINE vec v_silu_tail(vec a) {
    vec low, shifted, high = v_precise_exp(v_negative(a), v_zero(), &low, &shifted);
    vec e = v_scale(high, shifted), e_low = v_scale(low, shifted), one = v_set(1.0f);

    vec sum = v_add(one, e), lost = v_add(v_sub(e, v_sub(sum, one)), e_low);
    vec quotient = v_div(high, sum);
    vec rest = v_add(v_fnma(quotient, sum, high), low);
    rest = v_fnma(quotient, lost, rest);
    vec quotient_low = v_mul(rest, v_fnma(v_set(0.5f), e, one));

    vec minus_a = v_negative(a);
    return v_scale(v_fma(minus_a, quotient, v_mul(minus_a, quotient_low)), shifted);
}

INLINE vec v_silu(vec z) {
    return v_add(v_relu(z), v_silu_tail(v_bounded_size(z, SILU_HIGHEST)));
}

/* sigmoid(z) · (1 + z · sigmoid(-z)) */
INLINE vec v_silu_derivative_times(vec v, vec z) {
    vec a = v_bounded_size(z, SILU_HIGHEST), e = v_exp(v_negative(a)), one = v_set(1.0f);
    vec upper = v_div(one, v_add(one, e)), lower = v_mul(e, upper);
    vec of_z = v_select_negative(z, lower, upper), of_minus_z = v_select_negative(z, upper, lower);
    return v_mul(v, v_mul(of_z, v_fma(v_with_sign(a, z), of_minus_z, one)));
}

/* R(a) = returned + *low; GELU_R0 … in numerics.h say what it is. */
INLINE vec v_normal_tail_ratio(vec a, vec *low) {
    vec one = v_set(1.0f), stretch = v_set(GELU_STRETCH);
    vec stretched = v_fma(a, stretch, one);
    vec stretched_low = v_fma(a, stretch, v_sub(one, stretched));
    vec t = v_div(one, stretched);
    vec t_low = v_mul(t, v_fnma(t, stretched_low, v_fnma(stretched, t, one)));

    vec u = v_sub(t, v_set(GELU_CENTER));
    vec slope = v_set(GELU_R9);
    slope = v_fma(slope, u, v_set(GELU_R8));
    slope = v_fma(slope, u, v_set(GELU_R7));
    slope = v_fma(slope, u, v_set(GELU_R6));
    slope = v_fma(slope, u, v_set(GELU_R5));
    slope = v_fma(slope, u, v_set(GELU_R4));
    slope = v_fma(slope, u, v_set(GELU_R3));
    slope = v_fma(slope, u, v_set(GELU_R2));
    slope = v_fma(slope, u, v_set(GELU_R1));
    vec series = v_fma(slope, u, v_set(GELU_R0));
    vec series_low = v_fma(slope, u, v_sub(v_set(GELU_R0), series));

    vec ratio = v_mul(t, series);
    vec ratio_lost = v_fma(t, series, v_xor(ratio, v_set(-0.0f)));
    *low = v_add(ratio_lost, v_fma(t, series_low, v_mul(t_low, v_fma(t, slope, series))));
    return ratio;
}

/* -a · Φ(-a) */
INLINE vec v_gelu_tail(vec a) {
    vec minus_half_a = v_mul(v_set(-0.5f), a), x = v_mul(minus_half_a, a);
    vec x_low = v_fma(minus_half_a, a, v_xor(x, v_set(-0.0f)));
    vec low, shifted, high = v_precise_exp(x, x_low, &low, &shifted);
    vec ratio_low, ratio = v_normal_tail_ratio(a, &ratio_low);

    vec minus_a = v_negative(a), product = v_mul(minus_a, high);
    vec product_lost = v_fma(minus_a, high, v_xor(product, v_set(-0.0f)));
    vec product_low = v_fma(minus_a, low, product_lost);
    vec tail = v_fma(product, ratio, v_fma(product, ratio_low, v_mul(product_low, ratio)));
    return v_scale(tail, shifted);
}

INLINE vec v_gelu(vec z) {
    return v_add(v_relu(z), v_gelu_tail(v_bounded_size(z, GELU_HIGHEST)));
}

/* Φ(z) + z · φ(z) */
INLINE vec v_gelu_derivative_times(vec v, vec z) {
    vec a = v_bounded_size(z, GELU_HIGHEST), e = v_exp(v_mul(v_mul(v_set(-0.5f), a), a));
    vec low, lower = v_mul(e, v_normal_tail_ratio(a, &low));
    vec phi = v_select_negative(z, lower, v_sub(v_set(1.0f), lower));
    return v_mul(v, v_fma(v_with_sign(a, z), v_mul(e, v_set(INVERSE_SQRT_2PI)), phi));
}

/* ---- Over arrays ---- */

#define ACTIVATION_ARRAY(NAME, name, derivative_of, runs) ARRAY_FUNCTION(name##_array, v_##name)
EACH_ACTIVATION(ACTIVATION_ARRAY)

NOINLINE void vector_activate(size_t n, enum activation act, const float *x, float *y) {
    switch (act) {
#define ACTIVATE(NAME, name, derivative_of, runs)                                                            \
    case ACTIVATION_##NAME:                                                                                  \
        name##_array(n, x, y);                                                                               \
        break;
        EACH_ACTIVATION(ACTIVATE)
    }
}

/* y = act'(x), for those activations whose derivative is a function of their input. */
#define IF_NOTHING(...)
#define IF_OUTPUT(...)
#define IF_INPUT(...) __VA_ARGS__
#define DERIVATIVE_ARRAY(NAME, name, derivative_of, runs)                                                    \
    IF_##derivative_of(INLINE vec v_##name##_derivative(vec z) {                                             \
        return v_##name##_derivative_times(v_set(1.0f), z);                                                  \
    } ARRAY_FUNCTION(name##_derivative_array, v_##name##_derivative))
EACH_ACTIVATION(DERIVATIVE_ARRAY)

NOINLINE void input_derivatives(size_t n, enum activation act, const float *x, float *y) {
    switch (act) {
#define DERIVE(NAME, name, derivative_of, runs)                                                              \
    case ACTIVATION_##NAME:                                                                                  \
        IF_##derivative_of(name##_derivative_array(n, x, y);) break;
        EACH_ACTIVATION(DERIVE)
    }
}
#undef IF_NOTHING
#undef IF_OUTPUT
#undef IF_INPUT
