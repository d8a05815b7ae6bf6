/*
 * The epilogues of the products: what happens to a sum, still in a register, once its last term is in. There
 * is one for each activation that fits into registers, and one for each derivative that is a function of the
 * activation's output; they follow from the list in activations.h.
 */

#define FORWARD_IN_EPILOGUE(...) __VA_ARGS__
#define FORWARD_OVER_ROWS(...)
#define BACKWARD_OUTPUT(...) __VA_ARGS__
#define BACKWARD_INPUT(...)
#define BACKWARD_NOTHING(...)

/* In this order: epilogue_needs_other and epilogue_is_backward rely on it. */
#define FORWARD_EPILOGUE(NAME, name, derivative_of, runs) FORWARD_##runs(EPILOGUE_##NAME, )
#define BACKWARD_EPILOGUE(NAME, name, derivative_of, runs)                                                   \
    BACKWARD_##derivative_of(EPILOGUE_##NAME##_DERIVATIVE, )
enum epilogue {
    /* The last term is not in yet: the sum is kept as it is for the next block of terms. */
    EPILOGUE_PARTIAL,
    /* EPILOGUE_IDENTITY (the sum is stored), EPILOGUE_RELU, …: the activation of the sum. */
    EACH_ACTIVATION(FORWARD_EPILOGUE)
    /* Gradient descent: `other` is the weight, the sum its gradient. */
    EPILOGUE_UPDATE,
    /* The sum times `other`, a derivative that has been computed before. */
    EPILOGUE_TIMES,
    /* EPILOGUE_RELU_DERIVATIVE, …: the sum times the derivative at `other`, the activation's output. */
    EACH_ACTIVATION(BACKWARD_EPILOGUE)
};

INLINE bool epilogue_needs_other(enum epilogue epilogue) {
    return epilogue >= EPILOGUE_UPDATE;
}

INLINE bool epilogue_is_backward(enum epilogue epilogue) {
    return epilogue >= EPILOGUE_TIMES;
}

/* The cases of a switch over an epilogue: DO_EPILOGUE(its enumerator) in each, to be defined before. It makes
   the epilogue a constant in the function called. */
#define EPILOGUE_CASE(EPILOGUE)                                                                              \
    case EPILOGUE:                                                                                           \
        DO_EPILOGUE(EPILOGUE);                                                                               \
        break;
#define FORWARD_CASE(NAME, name, derivative_of, runs) FORWARD_##runs(EPILOGUE_CASE(EPILOGUE_##NAME))
#define BACKWARD_CASE(NAME, name, derivative_of, runs)                                                       \
    BACKWARD_##derivative_of(EPILOGUE_CASE(EPILOGUE_##NAME##_DERIVATIVE))
#define EPILOGUE_CASES                                                                                       \
    EPILOGUE_CASE(EPILOGUE_PARTIAL)                                                                          \
    EACH_ACTIVATION(FORWARD_CASE)                                                                            \
    EPILOGUE_CASE(EPILOGUE_UPDATE)                                                                           \
    EPILOGUE_CASE(EPILOGUE_TIMES)                                                                            \
    EACH_ACTIVATION(BACKWARD_CASE)

/* What a sum becomes. */
INLINE vec epilogue_of(enum epilogue epilogue, vec sum, vec other, vec rate) {
    if (epilogue == EPILOGUE_PARTIAL)
        return sum;
    sum = v_add(sum, v_zero()); /* -0 becomes +0 */
    switch (epilogue) {
#define FORWARD_RESULT(NAME, name, derivative_of, runs)                                                      \
    FORWARD_##runs(case EPILOGUE_##NAME : return v_##name(sum);)
        EACH_ACTIVATION(FORWARD_RESULT)
    case EPILOGUE_UPDATE:
        return v_fnma(rate, sum, other);
    case EPILOGUE_TIMES:
        return v_mul(sum, other);
#define BACKWARD_RESULT(NAME, name, derivative_of, runs)                                                     \
    BACKWARD_##derivative_of(case EPILOGUE_##NAME##_DERIVATIVE                                               \
                             : return v_##name##_derivative_times(sum, other);)
        EACH_ACTIVATION(BACKWARD_RESULT)
    case EPILOGUE_PARTIAL:
        break;
    }
    return sum;
}

#define EPILOGUE_IF_IN_EPILOGUE(epilogue) epilogue
#define EPILOGUE_IF_OVER_ROWS(epilogue) EPILOGUE_IDENTITY
#define EPILOGUE_IF_NOTHING(epilogue) EPILOGUE_IDENTITY
#define EPILOGUE_IF_OUTPUT(epilogue) epilogue
#define EPILOGUE_IF_INPUT(epilogue) EPILOGUE_TIMES

/* The forward product's epilogue: the activation, or a plain store where it runs over the finished rows. */
INLINE enum epilogue epilogue_of_activation(enum activation act) {
    switch (act) {
#define ACTIVATION_EPILOGUE(NAME, name, derivative_of, runs)                                                 \
    case ACTIVATION_##NAME:                                                                                  \
        return EPILOGUE_IF_##runs(EPILOGUE_##NAME);
        EACH_ACTIVATION(ACTIVATION_EPILOGUE)
    }
    return EPILOGUE_IDENTITY;
}

/* The input gradient's epilogue: the derivative of the activation, or a product with it. */
INLINE enum epilogue epilogue_of_derivative(enum activation act) {
    switch (act) {
#define DERIVATIVE_EPILOGUE(NAME, name, derivative_of, runs)                                                 \
    case ACTIVATION_##NAME:                                                                                  \
        return EPILOGUE_IF_##derivative_of(EPILOGUE_##NAME##_DERIVATIVE);
        EACH_ACTIVATION(DERIVATIVE_EPILOGUE)
    }
    return EPILOGUE_IDENTITY;
}

/* What forward's epilogue has left undone, over m rows. */
INLINE void activate_rows(size_t m, size_t n, enum activation act, float *y, size_t ldy) {
    if (activation_runs_in_epilogue(act))
        return;
    for (size_t i = 0; i < m; i++)
        vector_activate(n, act, y + i * ldy, y + i * ldy);
}
