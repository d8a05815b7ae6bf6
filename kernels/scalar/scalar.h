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

void scalar_exp(size_t n, const float *x, float *y);
void scalar_log(size_t n, const float *x, float *y);
void scalar_activate(size_t n, enum activation act, const float *x, float *y);

/* ---- Products (products.c, single.c, sparse.c, bytes.c). ---- */

void scalar_forward(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *w, size_t ldw,
                    const float *bias, enum activation act, float *y, size_t ldy);
void scalar_input_gradient(size_t m, size_t k, size_t n, const float *d, size_t ldd, const float *wt,
                           size_t ldwt, enum activation act, const float *s, size_t lds, float *dx,
                           size_t lddx);
void scalar_weight_gradient(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d,
                            size_t ldd, float *g, size_t ldg);
void scalar_weight_update(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d,
                          size_t ldd, float rate, float *w, size_t ldw);
void scalar_bias_update(size_t m, size_t n, const float *d, size_t ldd, float rate, float *bias);
void scalar_bias_gradient(size_t m, size_t n, const float *d, size_t ldd, float *g);

void scalar_forward_one(size_t k, size_t n, const float *x, const float *w, size_t ldw, const float *bias,
                        enum activation act, float *y);
void scalar_input_gradient_one(size_t k, size_t n, const float *d, const float *wt, size_t ldwt,
                               enum activation act, const float *s, float *dx);
void scalar_weight_update_one(size_t k, size_t n, const float *x, const float *d, float rate, float *w,
                              size_t ldw);

void scalar_sparse_forward(size_t m, size_t n, const struct sparse_rows *x, const float *w, size_t ldw,
                           const float *bias, enum activation act, float *y, size_t ldy);
void scalar_sparse_weight_gradient(size_t k, size_t n, const struct sparse_rows *xt, const float *d,
                                   size_t ldd, float *g, size_t ldg);
void scalar_sparse_weight_update_one(size_t n, const struct sparse_rows *x, const float *d, float rate,
                                     float *w, size_t ldw);
void scalar_sparse_weight_update(size_t k, size_t n, const struct sparse_rows *xt, const float *d, size_t ldd,
                                 float rate, float *w, size_t ldw);

void scalar_bytes_forward(size_t m, size_t k, size_t n, const uint8_t *x, size_t ldx, const float *value,
                          const float *w, size_t ldw, const float *bias, enum activation act, float *y,
                          size_t ldy);
void scalar_bytes_weight_update(size_t m, size_t k, size_t n, const uint8_t *xt, size_t ldxt,
                                const float *value, const float *d, size_t ldd, float rate, float *w,
                                size_t ldw);

/* ---- Losses (losses.c). ---- */

void scalar_softmax(size_t m, size_t n, const float *z, size_t ldz, float *p, size_t ldp);
void scalar_softmax_loss(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label, float scale,
                         float *d, size_t ldd, float *loss);
void scalar_logistic_loss(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label, float scale,
                          float *d, size_t ldd, float *loss);
void scalar_quadratic_loss(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label, float scale,
                           float *d, size_t ldd, float *loss);
void scalar_argmax(size_t m, size_t n, const float *z, size_t ldz, uint32_t *best);

/* ---- Arrays (arrays.c). ---- */

void scalar_sgd_update(size_t n, float rate, const float *g, float *w);
void scalar_gather_bytes(size_t m, size_t n, const uint8_t *x, size_t ldx, const uint32_t *row, float scale,
                         float *y, size_t ldy);
void scalar_gather_floats(size_t m, size_t n, const float *x, size_t ldx, const uint32_t *row, float *y,
                          size_t ldy);
void scalar_transpose(size_t m, size_t n, const float *x, size_t ldx, float *y, size_t ldy);
void scalar_transpose_bytes(size_t m, size_t n, const uint8_t *x, size_t ldx, uint8_t *y, size_t ldy);
double scalar_measure_fma(size_t rounds, float *sink);
void scalar_measure_read(size_t rounds, size_t n, const float *x, float *sink);

#endif
