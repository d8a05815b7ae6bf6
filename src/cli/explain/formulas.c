/* Activations and losses as formulas: in double, for the central difference, and as text. Sources: the comments of
   minnow_activation and minnow_loss in minnow.h. */
#include <math.h>

#include "cli/explain/explain.h"

static double relu(double z) {
    return z > 0.0 ? z : 0.0;
}

static double sigmoid(double z) {
    return 1.0 / (1.0 + exp(-z));
}

static double identity(double z) {
    return z;
}

static double leaky_relu(double z) {
    return z > 0.0 ? z : 0.01 * z;
}

static double gelu(double z) {
    return 0.5 * z * (1.0 + erf(z / sqrt(2.0)));
}

static double silu(double z) {
    return z * sigmoid(z);
}

static double scaled_tanh(double z) {
    return 1.7159 * tanh(2.0 / 3.0 * z);
}

const struct activation_formula activation_formulas[] = {
    [MINNOW_ACTIVATION_RELU] = {relu, "1 for z > 0, else 0", "1 for z > 0, else 0", true},
    [MINNOW_ACTIVATION_SIGMOID] = {sigmoid, "a (1 − a)", "a (1 - a)", false},
    [MINNOW_ACTIVATION_TANH] = {tanh, "1 − a²", "1 - a^2", false},
    [MINNOW_ACTIVATION_IDENTITY] = {identity, "1", "1", false},
    [MINNOW_ACTIVATION_LEAKY_RELU] = {leaky_relu, "1 for z > 0, else 0.01", "1 for z > 0, else 0.01", true},
    [MINNOW_ACTIVATION_GELU] = {gelu, "Φ(z) + z φ(z)", "Phi(z) + z phi(z)", false},
    [MINNOW_ACTIVATION_SILU] = {silu, "σ(z) (1 + z (1 − σ(z)))", "s (1 + z (1 - s)), s = 1 / (1 + e^-z)",
                                false},
    [MINNOW_ACTIVATION_SCALED_TANH] = {scaled_tanh, "(1.7159² − a²) ⅔ / 1.7159",
                                       "(1.7159^2 - a^2) 2/3 / 1.7159", false},
};

/* ---- Losses ---- */

/* ln of the sum over k of e^(z[k] - z[j]). Where z[j] is the largest that is nearly 1, of which log1p keeps the
   digits. */
static double log_sum(size_t n, const double *z, size_t j) {
    double most = z[j], others = 0.0;
    for (size_t k = 0; k < n; k++)
        most = fmax(most, z[k]);
    for (size_t k = 0; k < n; k++)
        others += k != j ? exp(z[k] - most) : 0.0;
    return most == z[j] ? log1p(others) : most - z[j] + log(exp(z[j] - most) + others);
}

static double softmax(size_t n, const double *z, const double *y) {
    double loss = 0.0;
    for (size_t j = 0; j < n; j++)
        loss += y[j] != 0.0 ? y[j] * log_sum(n, z, j) : 0.0;
    return loss;
}

/* ln(1 + e^z) */
static double soft_plus(double z) {
    return fmax(z, 0.0) + log1p(exp(-fabs(z)));
}

static double logistic(size_t n, const double *z, const double *y) {
    double loss = 0.0;
    for (size_t j = 0; j < n; j++)
        loss += y[j] * soft_plus(-z[j]) + (1.0 - y[j]) * soft_plus(z[j]);
    return loss;
}

static double quadratic(size_t n, const double *z, const double *y) {
    double loss = 0.0;
    for (size_t j = 0; j < n; j++) {
        double off = sigmoid(z[j]) - y[j];
        loss += 0.5 * off * off;
    }
    return loss;
}

static double squared(size_t n, const double *z, const double *y) {
    double loss = 0.0;
    for (size_t j = 0; j < n; j++)
        loss += (z[j] - y[j]) * (z[j] - y[j]) / (double)n;
    return loss;
}

static double absolute(size_t n, const double *z, const double *y) {
    double loss = 0.0;
    for (size_t j = 0; j < n; j++)
        loss += fabs(z[j] - y[j]) / (double)n;
    return loss;
}

static double huber(size_t n, const double *z, const double *y) {
    double loss = 0.0;
    for (size_t j = 0; j < n; j++) {
        double off = fabs(z[j] - y[j]);
        loss += (off <= 1.0 ? 0.5 * off * off : off - 0.5) / (double)n;
    }
    return loss;
}

const struct loss_formula loss_formulas[] = {
    [MINNOW_LOSS_SOFTMAX] = {"softmax", "−Σ y ln a", "-sum y ln a", "a − y", "a - y", softmax, false},
    [MINNOW_LOSS_LOGISTIC] = {"sigmoid", "−Σ y ln a + (1 − y) ln(1 − a)", "-sum y ln a + (1 - y) ln(1 - a)",
                              "a − y", "a - y", logistic, false},
    [MINNOW_LOSS_QUADRATIC] = {"sigmoid", "½ Σ (a − y)²", "1/2 sum (a - y)^2", "(a − y) ⊙ a ⊙ (1 − a)",
                               "(a - y) . a . (1 - a)", quadratic, false},
    [MINNOW_LOSS_SQUARED] = {"identity", "1/n Σ (a − y)²", "1/n sum (a - y)^2", "2/n (a − y)", "2/n (a - y)",
                             squared, false},
    [MINNOW_LOSS_ABSOLUTE] = {"identity", "1/n Σ |a − y|", "1/n sum |a - y|", "1/n sign(a − y)",
                              "1/n sign(a - y)", absolute, true},
    [MINNOW_LOSS_HUBER] = {"identity", "1/n Σ h(a − y)", "1/n sum h(a - y)", "1/n (a − y), cut to ±1/n",
                           "1/n (a - y), cut to +-1/n", huber, false},
};
