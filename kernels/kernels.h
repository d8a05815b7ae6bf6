/*
 * The kernel table: every arithmetic operation on arrays that training and inference need, once per
 * instruction set.
 *
 * Kernels allocate nothing, do no I/O, start no threads. Matrices are row-major; `ld…` is the distance
 * between rows in elements. Any size may be 0. Pointers need only float alignment, though 64-byte alignment
 * is faster. Nothing is read or written outside the stated elements: padding stays untouched. Outputs do not
 * overlap inputs unless said.
 *
 * The numerics contract (kernels/README.md): each output element is one fixed sequence of IEEE-754
 * single-precision operations, the same in every table, so that results agree bit for bit. Products: one
 * accumulator per output element, acc = fmaf(a[k], b[k], acc) for k ascending from its initial value, and acc
 * + 0.0f at the end. That last addition turns -0 into +0, and so makes skipping the terms whose a[k] is 0
 * invisible (for finite b). Which NaN a NaN is, is not promised.
 */
#ifndef MINNOW_KERNELS_H
#define MINNOW_KERNELS_H

#include <stddef.h>
#include <stdint.h>
#include "activations.h"

/* Sparse rows over a matrix of columns: row r's nonzeros are index[begin[r]] … index[end[r] - 1], ascending,
   with their values beside them. Rows that stand one behind the other need one array: end = begin + 1. */
struct sparse_rows {
    const uint32_t *begin, *end; /* [rows] */
    const uint32_t *index;
    const float *value;
};

/* An optimiser's constants for one mini-batch. */
struct update {
    float rate;
};

struct kernels {
    const char *name;
    uint32_t cpu_features; /* CPU_… bits of cpu.h that must all be there */
    unsigned vector_floats;
    unsigned tile_rows, tile_columns; /* register tile of the products: split work at multiples of these */

    /* ---- Products. act(z): identity, relu max(z, 0), sigmoid 1/(1+e^-z), tanh, leaky relu z > 0 ? z : 0.01 z,
       gelu z·Φ(z) = ½ z (1 + erf(z/√2)), silu z·sigmoid(z), scaled tanh 1.7159·tanh(2z/3). ---- */

    /* y[m][n] = act(x[m][k] · w[k][n] + bias[n]); bias NULL: 0. */
    void (*forward)(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *w, size_t ldw,
                    const float *bias, enum activation act, float *y, size_t ldy);

    /* dx[m][n] = (d[m][k] · wt[k][n]) · act'(s[m][n]), with wt the transposed weights and s what act' is a
       function of: act's output y, or, where activation_derivative_needs_input(act), its input, the weighted
       sum z. In terms of y: relu' = y > 0, sigmoid' = y(1-y), tanh' = 1-y², leaky relu' = y > 0 ? 1 : 0.01,
       scaled tanh' = 1.7159 · ⅔ · (1 - (y/1.7159)²). In terms of z: gelu' = Φ(z) + z·φ(z),
       silu' = sigmoid(z)·(1 + z·sigmoid(-z)). s NULL with identity. dx may be s. */
    void (*input_gradient)(size_t m, size_t k, size_t n, const float *d, size_t ldd, const float *wt,
                           size_t ldwt, enum activation act, const float *s, size_t lds, float *dx,
                           size_t lddx);

    /* g[k][n] = x[m][k]ᵀ · d[m][n], summed over the m samples in order. */
    void (*weight_gradient)(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d,
                            size_t ldd, float *g, size_t ldg);

    /* The same, ending in gradient descent instead of a stored gradient: w[k][n] = fmaf(-rate, g, w[k][n]).
     */
    void (*weight_update)(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d,
                          size_t ldd, float rate, float *w, size_t ldw);

    /* bias[n] = fmaf(-rate, Σ over m of d[m][n] in order (from 0, then + 0.0f), bias[n]). */
    void (*bias_update)(size_t m, size_t n, const float *d, size_t ldd, float rate, float *bias);
    /* g[n] = that sum. */
    void (*bias_gradient)(size_t m, size_t n, const float *d, size_t ldd, float *g);

    /* ---- The same for one sample: vectors instead of matrices, the same bits as m = 1. ---- */

    void (*forward_one)(size_t k, size_t n, const float *x, const float *w, size_t ldw, const float *bias,
                        enum activation act, float *y);
    void (*input_gradient_one)(size_t k, size_t n, const float *d, const float *wt, size_t ldwt,
                               enum activation act, const float *s, float *dx);
    void (*weight_update_one)(size_t k, size_t n, const float *x, const float *d, float rate, float *w,
                              size_t ldw);

    /* ---- The same where x is sparse: bits equal to the dense kernels'. ---- */

    /* y[m][n] = act(x · w + bias), x: m sparse rows over k columns. Reads w rows by index, each below k. */
    void (*sparse_forward)(size_t m, size_t n, const struct sparse_rows *x, const float *w, size_t ldw,
                           const float *bias, enum activation act, float *y, size_t ldy);
    /* g[k][n] = xᵀ · d, with xt: k sparse rows (one per input), indexing the samples, rows of d. */
    void (*sparse_weight_gradient)(size_t k, size_t n, const struct sparse_rows *xt, const float *d,
                                   size_t ldd, float *g, size_t ldg);
    void (*sparse_weight_update)(size_t k, size_t n, const struct sparse_rows *xt, const float *d, size_t ldd,
                                 float rate, float *w, size_t ldw);
    /* w[k][n] = fmaf(-rate, x[k]·d[n] + 0.0f, w[k][n]) where x, one sparse row, is not 0: weight_update_one.
     */
    void (*sparse_weight_update_one)(size_t n, const struct sparse_rows *x, const float *d, float rate,
                                     float *w, size_t ldw);

    /* ---- The same where x is bytes, many of them 0: byte b stands for value[b], of value[256] with value[0]
       = 0, and terms whose byte is 0 are skipped. Bits equal to the dense kernels'. ---- */

    void (*bytes_forward)(size_t m, size_t k, size_t n, const uint8_t *x, size_t ldx, const float *value,
                          const float *w, size_t ldw, const float *bias, enum activation act, float *y,
                          size_t ldy);
    /* w[k][n] = fmaf(-rate, xt[k][m] · d[m][n], w[k][n]), with xt the transposed bytes. */
    void (*bytes_weight_update)(size_t m, size_t k, size_t n, const uint8_t *xt, size_t ldxt,
                                const float *value, const float *d, size_t ldd, float rate, float *w,
                                size_t ldw);

    /* ---- Outputs and losses. label[m] below n. ---- */

    /* p[m][n] = softmax(z[m][n]) by rows: e = exp(z - max), p = e / Σe, with Σ in 16 partial sums. p may be
     * z. */
    void (*softmax)(size_t m, size_t n, const float *z, size_t ldz, float *p, size_t ldp);
    /* From the logits z: each sample's loss into loss[m], and d[m][n] = scale · ∂loss/∂z. d may be z.
       softmax: loss = ln Σe − (z[label] − max), d = (p − y)·scale
       logistic: loss = Σ max(z,0) − z·y + ln(1 + e^-|z|), d = (σ(z) − y)·scale
       quadratic: loss = ½ Σ (a−y)², d = ((a − y)·(a·(1 − a)))·scale, a = σ(z)
       Sums over n: 16 partial sums (element i into sum i mod 16, from 0, ascending), then the tree of
       kernels/README.md. */
    void (*softmax_loss)(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label, float scale,
                         float *d, size_t ldd, float *loss);
    void (*logistic_loss)(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label, float scale,
                          float *d, size_t ldd, float *loss);
    void (*quadratic_loss)(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label, float scale,
                           float *d, size_t ldd, float *loss);
    /* best[m] = the first column that holds the row's largest z; NaNs are never largest; 0 if all are. n > 0.
     */
    void (*argmax)(size_t m, size_t n, const float *z, size_t ldz, uint32_t *best);

    /* ---- Arrays. y may be x. ---- */

    void (*exp)(size_t n, const float *x, float *y); /* at most 2 ulp from the correctly rounded result, as */
    void (*log)(size_t n, const float *x, float *y); /* are log, and sigmoid and tanh in activate */
    void (*activate)(size_t n, enum activation act, const float *x, float *y);
    /* w[n] = fmaf(-rate, g[n], w[n]) */
    void (*sgd_update)(size_t n, float rate, const float *g, float *w);
    /* y[m][n] = x[row[m]][n] · scale, x bytes with ldx bytes between rows; row NULL: rows 0 … m-1. */
    void (*gather_bytes)(size_t m, size_t n, const uint8_t *x, size_t ldx, const uint32_t *row, float scale,
                         float *y, size_t ldy);
    /* y[m][n] = x[row[m]][n]; row NULL: rows 0 … m-1. */
    void (*gather_floats)(size_t m, size_t n, const float *x, size_t ldx, const uint32_t *row, float *y,
                          size_t ldy);
    /* y[n][m] = x[m][n]ᵀ */
    void (*transpose)(size_t m, size_t n, const float *x, size_t ldx, float *y, size_t ldy);

    /* The same of bytes. */
    void (*transpose_bytes)(size_t m, size_t n, const uint8_t *x, size_t ldx, uint8_t *y, size_t ldy);

    /* ---- Measuring the machine, for minnow bench; no part of the contract. *sink keeps the work from being
     * removed. ---- */

    /* Rounds of independent fused multiply-adds in registers, as many per round as hide their latency.
       Returns the floating-point operations done (two per element and fma). */
    double (*measure_fma)(size_t rounds, float *sink);
    /* Reads x[n] with full-width loads, `rounds` times over. */
    void (*measure_read)(size_t rounds, size_t n, const float *x, float *sink);
};

/* The tables built into this program, narrowest first; scalar is always the first. */
extern const struct kernels *const kernel_tables[];
extern const size_t kernel_table_count;

/* The table of that name, or NULL. */
const struct kernels *kernels_find(const char *name);
/* Whether this machine (CPU and operating system) can run the table. */
int kernels_usable(const struct kernels *table);
/* The widest table this machine runs. */
const struct kernels *kernels_best(void);

#endif
