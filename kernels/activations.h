/*
 * The list of activation functions. The enumerators, the switches of both back ends, the epilogues of the
 * products and the tests follow from it: a new activation is a row here, its two functions in
 * scalar/activations.c and the same two in vector/activations.inc (kernels/README.md).
 */
#ifndef MINNOW_ACTIVATIONS_H
#define MINNOW_ACTIVATIONS_H

#include <stdbool.h>

/*
 * X(NAME, name, DERIVATIVE_OF, RUNS)
 *
 * DERIVATIVE_OF: what the derivative is a function of. OUTPUT: of the activation y = act(z), so that the
 *     weighted sum z need not be kept, and the products' epilogue can apply it. INPUT: of z, because y does
 *     not determine z (act is not monotone), or because telling it from y takes too many registers for the
 *     epilogue. NOTHING: it is 1.
 * RUNS: where the function itself is computed. IN_EPILOGUE: in the products' epilogue, while the sum is still
 *     in a register. OVER_ROWS: over the finished rows, as the function takes too many registers.
 */
#define EACH_ACTIVATION(X)                                                                                   \
    X(IDENTITY, identity, NOTHING, IN_EPILOGUE)                                                              \
    X(RELU, relu, OUTPUT, IN_EPILOGUE)                                                                       \
    X(SIGMOID, sigmoid, OUTPUT, OVER_ROWS)                                                                   \
    X(TANH, tanh, OUTPUT, OVER_ROWS)                                                                         \
    X(LEAKY_RELU, leaky_relu, OUTPUT, IN_EPILOGUE)                                                           \
    X(GELU, gelu, INPUT, OVER_ROWS)                                                                          \
    X(SILU, silu, INPUT, OVER_ROWS)                                                                          \
    X(SCALED_TANH, scaled_tanh, OUTPUT, OVER_ROWS)

#define ACTIVATION_ENUMERATOR(NAME, name, derivative_of, runs) ACTIVATION_##NAME,
enum activation { EACH_ACTIVATION(ACTIVATION_ENUMERATOR) };
#undef ACTIVATION_ENUMERATOR

/* A macro rather than an enumerator, so that a switch over all activations needs no case for it. */
#define ACTIVATION_ONE_MORE(NAME, name, derivative_of, runs) +1
#define ACTIVATION_COUNT (0 EACH_ACTIVATION(ACTIVATION_ONE_MORE))

/* Whether act's derivative is a function of the weighted sum z rather than of the activation y. Training with
   such an activation keeps z: it computes forward with ACTIVATION_IDENTITY, and `activate` after it. */
static inline bool activation_derivative_needs_input(enum activation act) {
    enum { NOTHING, OUTPUT, INPUT };
    switch (act) {
#define ACTIVATION_CASE(NAME, name, derivative_of, runs)                                                     \
    case ACTIVATION_##NAME:                                                                                  \
        return derivative_of == INPUT;
        EACH_ACTIVATION(ACTIVATION_CASE)
#undef ACTIVATION_CASE
    }
    return false;
}

/* Whether the products' epilogue computes act itself; if not, it runs over the finished rows. */
static inline bool activation_runs_in_epilogue(enum activation act) {
    enum { OVER_ROWS, IN_EPILOGUE };
    switch (act) {
#define ACTIVATION_CASE(NAME, name, derivative_of, runs)                                                     \
    case ACTIVATION_##NAME:                                                                                  \
        return runs == IN_EPILOGUE;
        EACH_ACTIVATION(ACTIVATION_CASE)
#undef ACTIVATION_CASE
    }
    return false;
}

#endif
