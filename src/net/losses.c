#include "net/losses.h"

#include <float.h>
#include <math.h>
#include <string.h>

static void softmax_loss(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz,
                         const uint32_t *label, float scale, float *loss) {
    kernels->softmax_loss(m, n, z, ldz, label, scale, z, ldz, loss);
}

static void logistic_loss(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz,
                          const uint32_t *label, float scale, float *loss) {
    kernels->logistic_loss(m, n, z, ldz, label, scale, z, ldz, loss);
}

static void quadratic_loss(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz,
                           const uint32_t *label, float scale, float *loss) {
    kernels->quadratic_loss(m, n, z, ldz, label, scale, z, ldz, loss);
}

static void softmax_target_loss(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz,
                                const struct matrix *target, float scale, float *loss) {
    kernels->softmax_target_loss(m, n, z, ldz, target->data, target->stride, scale, z, ldz, loss);
}

static void logistic_target_loss(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz,
                                 const struct matrix *target, float scale, float *loss) {
    kernels->logistic_target_loss(m, n, z, ldz, target->data, target->stride, scale, z, ldz, loss);
}

static void squared_loss(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz,
                         const struct matrix *target, float scale, float *loss) {
    kernels->squared_loss(m, n, z, ldz, target->data, target->stride, scale, z, ldz, loss);
}

static void absolute_loss(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz,
                          const struct matrix *target, float scale, float *loss) {
    kernels->absolute_loss(m, n, z, ldz, target->data, target->stride, scale, z, ldz, loss);
}

static void huber_loss(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz,
                       const struct matrix *target, float scale, float *loss) {
    kernels->huber_loss(m, n, z, ldz, target->data, target->stride, scale, z, ldz, loss);
}

/* Classes share it; an output by itself says yes or no. */
static double share_of_classes(size_t n) {
    return 1.0 / (double)n;
}

static double share_of_two(size_t n) {
    (void)n;
    return 0.5;
}

/* The class with the largest share is told; the first of several. */
static bool right_class(size_t n, const float *z, const float *target) {
    size_t told = 0, wanted = 0;
    for (size_t j = 1; j < n; j++) {
        told = z[j] > z[told] ? j : told;
        wanted = target[j] > target[wanted] ? j : wanted;
    }
    return told == wanted;
}

/* Each output tells whether the sample belongs to its class, and all tell rightly. */
static bool right_classes(size_t n, const float *z, const float *target) {
    for (size_t j = 0; j < n; j++)
        if ((z[j] > 0.0f) != (target[j] > 0.5f))
            return false;
    return true;
}

static void linear_outputs(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz) {
    (void)kernels, (void)m, (void)n, (void)z, (void)ldz;
}

static void softmax_outputs(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz) {
    kernels->softmax(m, n, z, ldz, z, ldz);
}

static void sigmoid_outputs(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz) {
    for (size_t i = 0; i < m; i++)
        kernels->activate(n, ACTIVATION_SIGMOID, z + i * ldz, z + i * ldz);
}

/* ln of what is above 0; a float less than that is as good as 0. */
static void logarithms(const struct kernels *kernels, size_t n, const float *x, float *y) {
    for (size_t j = 0; j < n; j++)
        y[j] = x[j] > FLT_MIN ? x[j] : FLT_MIN;
    kernels->log(n, y, y);
}

static void softmax_logits(const struct kernels *kernels, size_t m, size_t n, float *a, size_t lda) {
    for (size_t i = 0; i < m; i++)
        logarithms(kernels, n, a + i * lda, a + i * lda);
}

/* ln a / (1 − a), some outputs at a time. */
static void sigmoid_logits(const struct kernels *kernels, size_t m, size_t n, float *a, size_t lda) {
    enum { SOME = 64 };
    float rest[SOME];
    for (size_t i = 0; i < m; i++)
        for (size_t first = 0; first < n; first += SOME) {
            size_t count = n - first < SOME ? n - first : SOME;
            float *row = a + i * lda + first;
            for (size_t j = 0; j < count; j++)
                rest[j] = 1.0f - row[j];
            logarithms(kernels, count, row, row);
            logarithms(kernels, count, rest, rest);
            for (size_t j = 0; j < count; j++)
                row[j] -= rest[j];
        }
}

/* ---- What guessing costs: each is least where the output of class c is frequency[c] ---- */

/* −p ln p, which tends to 0 as p does. */
static double surprise(double p) {
    return p > 0.0 ? -p * log(p) : 0.0;
}

/* The entropy of the classes. */
static double softmax_guess(const double *frequency, size_t classes) {
    double loss = 0.0;
    for (size_t c = 0; c < classes; c++)
        loss += surprise(frequency[c]);
    return loss;
}

/* The entropy of "this class or another", summed over the classes. */
static double logistic_guess(const double *frequency, size_t classes) {
    double loss = 0.0;
    for (size_t c = 0; c < classes; c++)
        loss += surprise(frequency[c]) + surprise(1.0 - frequency[c]);
    return loss;
}

/* Half the variance of each one-hot component. */
static double quadratic_guess(const double *frequency, size_t classes) {
    double loss = 0.0;
    for (size_t c = 0; c < classes; c++)
        loss += 0.5 * frequency[c] * (1.0 - frequency[c]);
    return loss;
}

/* ---- The table ---- */

static const char softmax_c[] = "    float sum = 0.0f, largest = outputs[label];\n"
                                "    for (int32_t o = 0; o < @_OUTPUTS; o++) {\n"
                                "        outputs[o] = $_exp(outputs[o] - largest);\n"
                                "        sum += outputs[o];\n"
                                "    }\n"
                                "    for (int32_t o = 0; o < @_OUTPUTS; o++)\n"
                                "        outputs[o] /= sum;\n";
static const char sigmoid_c[] = "    for (int32_t o = 0; o < @_OUTPUTS; o++)\n"
                                "        outputs[o] = 1.0f / (1.0f + $_exp(-outputs[o]));\n";

const struct loss_row loss_rows[] = {
    [MINNOW_LOSS_SOFTMAX] = {.name = "softmax",
                             .help = "cross-entropy over softmax outputs, which sum to 1",
                             .probabilities = true,
                             .loss = softmax_loss,
                             .guess_loss = softmax_guess,
                             .target_loss = softmax_target_loss,
                             .weighs_targets = true,
                             .smoothed_share = share_of_classes,
                             .right = right_class,
                             .outputs = softmax_outputs,
                             .logits = softmax_logits,
                             .onnx = {{.op = "Softmax", .integer_name = "axis", .integer_value = 1}},
                             .c_source = softmax_c},
    [MINNOW_LOSS_LOGISTIC] = {.name = "logistic",
                              .help = "binary cross-entropy over sigmoid outputs, each by itself",
                              .probabilities = true,
                              .loss = logistic_loss,
                              .guess_loss = logistic_guess,
                              .target_loss = logistic_target_loss,
                              .smoothed_share = share_of_two,
                              .right = right_classes,
                              .outputs = sigmoid_outputs,
                              .logits = sigmoid_logits,
                              .onnx = {{.op = "Sigmoid"}},
                              .c_source = sigmoid_c},
    [MINNOW_LOSS_QUADRATIC] = {.name = "quadratic",
                               .help = "half the squared error over sigmoid outputs",
                               .loss = quadratic_loss,
                               .guess_loss = quadratic_guess,
                               .outputs = sigmoid_outputs,
                               .logits = sigmoid_logits,
                               .onnx = {{.op = "Sigmoid"}},
                               .c_source = sigmoid_c},
    [MINNOW_LOSS_SQUARED] = {.name = "mse",
                             .help = "mean squared error of numbers, linear outputs",
                             .target_loss = squared_loss,
                             .outputs = linear_outputs,
                             .logits = linear_outputs,
                             .onnx = {{.op = "Identity"}},
                             .c_source = ""},
    [MINNOW_LOSS_ABSOLUTE] = {.name = "mae",
                              .help = "mean absolute error of numbers, linear outputs",
                              .target_loss = absolute_loss,
                              .outputs = linear_outputs,
                              .logits = linear_outputs,
                              .onnx = {{.op = "Identity"}},
                              .c_source = ""},
    [MINNOW_LOSS_HUBER] = {.name = "huber",
                           .help = "squared up to an error of 1, absolute beyond",
                           .target_loss = huber_loss,
                           .outputs = linear_outputs,
                           .logits = linear_outputs,
                           .onnx = {{.op = "Identity"}},
                           .c_source = ""},
};
const size_t loss_row_count = sizeof loss_rows / sizeof *loss_rows;

const struct loss_row *loss_row(minnow_loss loss) {
    return (size_t)loss < loss_row_count ? &loss_rows[loss] : NULL;
}

bool loss_find(const char *name, minnow_loss *out) {
    for (size_t i = 0; i < loss_row_count; i++)
        if (strcmp(loss_rows[i].name, name) == 0) {
            *out = (minnow_loss)i;
            return true;
        }
    return false;
}
