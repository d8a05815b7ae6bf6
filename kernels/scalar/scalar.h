/* The scalar table's functions: the reference that every other table equals bit for bit, so written for
 * reading. */
#ifndef MINNOW_SCALAR_H
#define MINNOW_SCALAR_H

#include "../kernels.h"

/* ---- Elementary functions of one number (math.c). ---- */

float scalar_exp_of(float x);
float scalar_log_of(float x);
/* ln(1 + t), 0 ≤ t ≤ 1. */
float scalar_log_1_plus(float t);

/* 2^n, which must be a normal number. */
float scalar_power_of_two(int32_t n);
/* e^r - 1, where x = n · ln 2 + r with |r| ≤ ½ ln 2. For NaN, NaN and any n. */
float scalar_exp_reduced(float x, int32_t *n);
/* The same for x + x_low, where x_low is what rounding x lost. */
float scalar_exp_reduced_sum(float x, float x_low, int32_t *n);
/* numerator / (base + addend) = quotient + *rest / (base + addend), to first order: *rest is what the rounding
   of the sum and of the quotient left over. base ≥ |addend|. */
float scalar_divide_by_sum(float numerator, float base, float addend, float *rest);

/* ---- Activations of one number (activations.c). ---- */

float scalar_sigmoid_of(float z);
/* max(z, 0); NaN stays NaN, -0 stays -0. */
float scalar_relu_of(float z);
float scalar_activation_of(enum activation act, float z);
/* v · act', with s what act' is a function of: act's output, or its input (activations.h). */
float scalar_derivative_times(enum activation act, float v, float s);

/* ---- Rows (losses.c). ---- */

/* The tree of kernels/README.md over 16 partial sums. */
float scalar_tree_sum(const float part[]);
/* The row's largest value, NaNs left out; -infinity when there is none. */
float scalar_row_max(size_t n, const float *z);
/* e[j] = exp(z[j] - max); returns their sum. */
float scalar_row_exp(size_t n, const float *z, float max, float *e);

/* ---- Updates of one number (updates.c). ---- */

/* The update of the weight at to->w[at], and of what is kept beside it, by its gradient g. */
void scalar_update_weight(const struct update *u, float g, const struct trained *to, size_t at);

/* ---- The operations. ---- */

#define OPERATION(type, name, parameters) type scalar_##name parameters;
#include "../operations.h"

#endif
