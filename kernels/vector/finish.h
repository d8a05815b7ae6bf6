/* What happens to a sum when its last term is in. */
enum finish {
    FINISH_PARTIAL, /* it is not: keep it as it is for the next block of terms */
    FINISH_STORE,
    FINISH_RELU,
    FINISH_UPDATE,          /* other: the weight */
    FINISH_RELU_DERIVATIVE, /* other: the activation, here and below */
    FINISH_SIGMOID_DERIVATIVE,
    FINISH_TANH_DERIVATIVE
};

INLINE bool finish_needs_other(enum finish finish) {
    return finish >= FINISH_UPDATE;
}

INLINE vec finish_sum(enum finish finish, vec sum, vec other, vec rate) {
    vec zero = v_zero(), one = v_set(1.0f);
    if (finish == FINISH_PARTIAL)
        return sum;
    sum = v_add(sum, zero); /* -0 becomes +0 */
    switch (finish) {
    case FINISH_RELU:
        return v_relu(sum);
    case FINISH_UPDATE:
        return v_fnma(rate, sum, other);
    case FINISH_RELU_DERIVATIVE:
        return v_select(v_less(zero, other), sum, zero);
    case FINISH_SIGMOID_DERIVATIVE:
        return v_mul(sum, v_mul(other, v_sub(one, other)));
    case FINISH_TANH_DERIVATIVE:
        return v_mul(sum, v_fnma(other, other, one));
    case FINISH_PARTIAL:
    case FINISH_STORE:
        break;
    }
    return sum;
}

/* Sigmoid and tanh would take too many registers inside the products: they run over the finished rows. */
INLINE enum finish finish_of_activation(enum activation act) {
    return act == ACTIVATION_RELU ? FINISH_RELU : FINISH_STORE;
}

INLINE bool activates_rows(enum activation act) {
    return act == ACTIVATION_SIGMOID || act == ACTIVATION_TANH;
}

INLINE enum finish finish_of_derivative(enum activation act) {
    switch (act) {
    case ACTIVATION_RELU:
        return FINISH_RELU_DERIVATIVE;
    case ACTIVATION_SIGMOID:
        return FINISH_SIGMOID_DERIVATIVE;
    case ACTIVATION_TANH:
        return FINISH_TANH_DERIVATIVE;
    case ACTIVATION_IDENTITY:
        break;
    }
    return FINISH_STORE;
}
