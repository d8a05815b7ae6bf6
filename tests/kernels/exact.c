#include "exact.h"
#include <math.h>

static const double U = 0x1p-24; /* half an ulp of 1 */

static double identity(double z) {
    return z;
}

static double one(double s) {
    (void)s;
    return 1;
}

static double no_error(double s) {
    (void)s;
    return 0;
}

static double relu(double z) {
    return z <= 0 ? 0 : z; /* a NaN stays one */
}

static double relu_derivative(double y) {
    return y > 0;
}

static double leaky_relu(double z) {
    return z > 0 ? z : 0.01 * z;
}

static double leaky_relu_derivative(double y) {
    return y > 0 ? 1 : 0.01;
}

static double leaky_relu_error(double y) {
    return y > 0 ? 0 : 0.01 * U;
}

double exact_sigmoid(double z) {
    return z < 0 ? exp(z) / (1 + exp(z)) : 1 / (1 + exp(-z));
}

static double sigmoid_derivative(double y) {
    return y * (1 - y);
}

static double sigmoid_error(double y) {
    return 2 * U * fabs(y) * (1 + fabs(y));
}

static double tanh_derivative(double y) {
    return 1 - y * y;
}

static double tanh_error(double y) {
    return 2 * U * (1 + y * y);
}

static double scaled_tanh(double z) {
    return 1.7159 * tanh(z * 2 / 3);
}

static double scaled_tanh_derivative(double y) {
    return 1.7159 * 2 / 3 * (1 - y / 1.7159 * (y / 1.7159));
}

static double scaled_tanh_error(double y) {
    return 3 * U + 4 * U * y * y;
}

/* Both of these tend to 0 at -infinity, where their formulas say 0 times infinity. */
static double gelu(double z) {
    return z == -INFINITY ? 0 : 0.5 * z * erfc(-z * M_SQRT1_2);
}

static double silu(double z) {
    return z == -INFINITY ? 0 : z * exact_sigmoid(z);
}

static double gelu_derivative(double z) {
    double density = isinf(z) ? 0 : z * exp(-z * z / 2) * M_2_SQRTPI * M_SQRT1_2 / 2;
    return 0.5 * erfc(-z * M_SQRT1_2) + density;
}

static double silu_derivative(double z) {
    double sigmoid = exact_sigmoid(z);
    return sigmoid + (isinf(z) ? 0 : z * sigmoid * exact_sigmoid(-z));
}

/* Some units of rounding on a curve that is never much above 1. */
static double curve_error(double z) {
    return isnan(z) ? 0 : 6 * U;
}

const struct exact_activation exact_activations[] = {
    [ACTIVATION_IDENTITY] = {"identity", identity, one, no_error, 1},
    [ACTIVATION_RELU] = {"relu", relu, relu_derivative, no_error, 1},
    [ACTIVATION_SIGMOID] = {"sigmoid", exact_sigmoid, sigmoid_derivative, sigmoid_error, 0.25},
    [ACTIVATION_TANH] = {"tanh", tanh, tanh_derivative, tanh_error, 1},
    [ACTIVATION_LEAKY_RELU] = {"leaky relu", leaky_relu, leaky_relu_derivative, leaky_relu_error, 1},
    [ACTIVATION_GELU] = {"gelu", gelu, gelu_derivative, curve_error, 1.13},
    [ACTIVATION_SILU] = {"silu", silu, silu_derivative, curve_error, 1.1},
    [ACTIVATION_SCALED_TANH] = {"scaled tanh", scaled_tanh, scaled_tanh_derivative, scaled_tanh_error, 1.144},
};
