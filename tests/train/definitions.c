#include "definitions.h"

#include <math.h>

/* No default in these switches, so that the compiler names an enumerator without a definition. */

static double sigmoid(double z) {
    return 1.0 / (1.0 + exp(-z));
}

double defined_activation(minnow_activation activation, double z) {
    switch (activation) {
    case MINNOW_ACTIVATION_RELU:
        return z > 0.0 ? z : 0.0;
    case MINNOW_ACTIVATION_SIGMOID:
        return sigmoid(z);
    case MINNOW_ACTIVATION_TANH:
        return tanh(z);
    case MINNOW_ACTIVATION_IDENTITY:
        return z;
    case MINNOW_ACTIVATION_LEAKY_RELU:
        return z > 0.0 ? z : 0.01 * z;
    case MINNOW_ACTIVATION_GELU:
        return 0.5 * z * (1.0 + erf(z * sqrt(0.5)));
    case MINNOW_ACTIVATION_SILU:
        return z * sigmoid(z);
    case MINNOW_ACTIVATION_SCALED_TANH:
        return 1.7159 * tanh(2.0 / 3.0 * z);
    }
    return (double)NAN;
}

static double softmax_loss(const double *z, size_t n, size_t label) {
    double sum = 0.0;
    for (size_t j = 0; j < n; j++)
        sum += exp(z[j]);
    return log(sum) - z[label];
}

static double logistic_loss(const double *z, size_t n, size_t label) {
    double total = 0.0;
    for (size_t j = 0; j < n; j++)
        total -= log(j == label ? sigmoid(z[j]) : 1.0 - sigmoid(z[j]));
    return total;
}

static double quadratic_loss(const double *z, size_t n, size_t label) {
    double total = 0.0;
    for (size_t j = 0; j < n; j++) {
        double error = sigmoid(z[j]) - (j == label ? 1.0 : 0.0);
        total += 0.5 * error * error;
    }
    return total;
}

/* ---- Against targets ---- */

/* The cross-entropy is linear in the shares of the classes. */
static double softmax_target_loss(const double *z, size_t n, const float *target) {
    double total = 0.0;
    for (size_t j = 0; j < n; j++)
        total += (double)target[j] * softmax_loss(z, n, j);
    return total;
}

static double logistic_target_loss(const double *z, size_t n, const float *target) {
    double total = 0.0;
    for (size_t j = 0; j < n; j++)
        total -=
            (double)target[j] * log(sigmoid(z[j])) + (1.0 - (double)target[j]) * log(1.0 - sigmoid(z[j]));
    return total;
}

static double huber(double error) {
    return fabs(error) <= 1.0 ? 0.5 * error * error : fabs(error) - 0.5;
}

static double mean_of_errors(const double *z, size_t n, const float *target, minnow_loss loss) {
    double total = 0.0;
    for (size_t j = 0; j < n; j++) {
        double error = z[j] - (double)target[j];
        total += loss == MINNOW_LOSS_SQUARED ? error * error
                 : loss == MINNOW_LOSS_HUBER ? huber(error)
                                             : fabs(error);
    }
    return total / (double)n;
}

double defined_loss(minnow_loss loss, const double *z, size_t n, size_t label, const float *target) {
    switch (loss) {
    case MINNOW_LOSS_SOFTMAX:
        return target != NULL ? softmax_target_loss(z, n, target) : softmax_loss(z, n, label);
    case MINNOW_LOSS_LOGISTIC:
        return target != NULL ? logistic_target_loss(z, n, target) : logistic_loss(z, n, label);
    case MINNOW_LOSS_QUADRATIC:
        return quadratic_loss(z, n, label);
    case MINNOW_LOSS_SQUARED:
    case MINNOW_LOSS_ABSOLUTE:
    case MINNOW_LOSS_HUBER:
        return mean_of_errors(z, n, target, loss);
    }
    return (double)NAN;
}
