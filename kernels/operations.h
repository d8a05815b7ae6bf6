/*
 * The list of the kernel table's operations. Whoever includes it defines OPERATION(type, name, parameters), what
 * to make of each, and, if the measuring loops at the end are to become something else, MEASUREMENT likewise;
 * both are undefined again after it. From this list follow struct kernels (kernels.h), the declarations and the
 * table of the scalar back end (scalar/scalar.h, scalar/table.c), those of the vector back end
 * (vector/table.inc) and the catalogue that tests and bench work from (harness/catalogue.c): none of them compiles
 * while an operation lacks its function or its description.
 *
 * Matrices are given with their shape, w[k][n]; `ld…` is the distance between rows in elements.
 */
/* clang-format off */
#ifndef MEASUREMENT
#define MEASUREMENT(type, name, parameters) OPERATION(type, name, parameters)
#endif

/*
 * ---- Products ----
 *
 * act(z): identity; relu max(z, 0); sigmoid 1/(1 + e^-z); tanh; leaky relu z > 0 ? z : 0.01 z; gelu
 * z·Φ(z) = ½ z (1 + erf(z/√2)); silu z·sigmoid(z); scaled tanh 1.7159·tanh(2z/3).
 */

/* y[m][n] = act(x[m][k] · w[k][n] + bias[n]); bias NULL: 0. */
OPERATION(void, forward,
          (size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *w, size_t ldw,
           const float *bias, enum activation act, float *y, size_t ldy))

/* dx[m][n] = (d[m][k] · wt[k][n]) · act'(s[m][n]), with wt the transposed weights and s what act' is a
   function of: act's output y, or, where activation_derivative_needs_input(act), its input, the weighted
   sum z. In terms of y: relu' = y > 0, sigmoid' = y(1-y), tanh' = 1-y², leaky relu' = y > 0 ? 1 : 0.01,
   scaled tanh' = 1.7159 · ⅔ · (1 - (y/1.7159)²). In terms of z: gelu' = Φ(z) + z·φ(z),
   silu' = sigmoid(z)·(1 + z·sigmoid(-z)). s NULL with identity. dx may be s. */
OPERATION(void, input_gradient,
          (size_t m, size_t k, size_t n, const float *d, size_t ldd, const float *wt, size_t ldwt,
           enum activation act, const float *s, size_t lds, float *dx, size_t lddx))

/* g[k][n] = x[m][k]ᵀ · d[m][n], summed over the m samples in order. */
OPERATION(void, weight_gradient,
          (size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d, size_t ldd, float *g,
           size_t ldg))

/* The same, ending in an update by the gradient instead of a stored one: see updates.h. */
OPERATION(void, weight_update,
          (size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d, size_t ldd,
           const struct update *update, const struct trained *to))

/* The update of biases to->w[n] by Σ over m of d[m][n] in order (from 0, then + 0.0f). */
OPERATION(void, bias_update,
          (size_t m, size_t n, const float *d, size_t ldd, const struct update *update,
           const struct trained *to))

/* g[n] = that sum. */
OPERATION(void, bias_gradient, (size_t m, size_t n, const float *d, size_t ldd, float *g))

/* ---- The same for one sample: vectors instead of matrices, the same bits as m = 1. ---- */

/* forward */
OPERATION(void, forward_one,
          (size_t k, size_t n, const float *x, const float *w, size_t ldw, const float *bias,
           enum activation act, float *y))

/* input_gradient */
OPERATION(void, input_gradient_one,
          (size_t k, size_t n, const float *d, const float *wt, size_t ldwt, enum activation act,
           const float *s, float *dx))

/* weight_update; by a PLAIN update, rows whose x is 0 are left alone. */
OPERATION(void, weight_update_one,
          (size_t k, size_t n, const float *x, const float *d, const struct update *update,
           const struct trained *to))

/* ---- The same where x is sparse: bits equal to the dense kernels'. ---- */

/* y[m][n] = act(x · w + bias), x: m sparse rows over k columns. Reads w rows by index, each below k. */
OPERATION(void, sparse_forward,
          (size_t m, size_t n, const struct sparse_rows *x, const float *w, size_t ldw, const float *bias,
           enum activation act, float *y, size_t ldy))

/* g[k][n] = xᵀ · d, with xt: k sparse rows (one per input), indexing the samples, rows of d. */
OPERATION(void, sparse_weight_gradient,
          (size_t k, size_t n, const struct sparse_rows *xt, const float *d, size_t ldd, float *g,
           size_t ldg))

/* weight_update from the same. */
OPERATION(void, sparse_weight_update,
          (size_t k, size_t n, const struct sparse_rows *xt, const float *d, size_t ldd,
           const struct update *update, const struct trained *to))

/* weight_update_one, with x one sparse row over the k rows of weights. */
OPERATION(void, sparse_weight_update_one,
          (size_t k, size_t n, const struct sparse_rows *x, const float *d, const struct update *update,
           const struct trained *to))

/*
 * ---- The same where x is bytes ----
 *
 * Byte b stands for value[b], of value[256] with value[0] = 0. Terms whose byte is 0 are skipped. Bits equal to
 * the dense kernels'.
 */

OPERATION(void, bytes_forward,
          (size_t m, size_t k, size_t n, const uint8_t *x, size_t ldx, const float *value, const float *w,
           size_t ldw, const float *bias, enum activation act, float *y, size_t ldy))

/* weight_update by the gradient xt[k][m] · d[m][n], with xt the transposed bytes. */
OPERATION(void, bytes_weight_update,
          (size_t m, size_t k, size_t n, const uint8_t *xt, size_t ldxt, const float *value, const float *d,
           size_t ldd, const struct update *update, const struct trained *to))

/* ---- Outputs and losses. label[m] below n. ---- */

/* p[m][n] = softmax(z[m][n]) by rows: e = exp(z - max), p = e / Σe, with Σ in 16 partial sums. p may be z. */
OPERATION(void, softmax, (size_t m, size_t n, const float *z, size_t ldz, float *p, size_t ldp))

/* From the logits z: each sample's loss into loss[m], and d[m][n] = scale · ∂loss/∂z. d may be z.
   softmax: loss = ln Σe − (z[label] − max), d = (p − y)·scale
   logistic: loss = Σ max(z,0) − z·y + ln(1 + e^-|z|), d = (σ(z) − y)·scale
   quadratic: loss = ½ Σ (a−y)², d = ((a − y)·(a·(1 − a)))·scale, a = σ(z)
   Sums over n: 16 partial sums (element i into sum i mod 16, from 0, ascending), then the tree of
   kernels/README.md. */
OPERATION(void, softmax_loss,
          (size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label, float scale, float *d,
           size_t ldd, float *loss))

OPERATION(void, logistic_loss,
          (size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label, float scale, float *d,
           size_t ldd, float *loss))

OPERATION(void, quadratic_loss,
          (size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label, float scale, float *d,
           size_t ldd, float *loss))

/* The same for targets t[m][n] instead of labels: shares of classes that sum to 1, or several classes at once, each 0
   to 1; or numbers to predict. d may be z.
   softmax: loss = T ln Σe + Σ t·(max − z), d = (T·p − t)·scale, T = Σ t
   logistic: loss = Σ max(z,0) − z·t + ln(1 + e^-|z|), d = (σ(z) − t)·scale
   squared: loss = Σ (z−t)² / n, d = 2(z−t)/n · scale
   absolute: loss = Σ |z−t| / n, d = sign(z−t)/n · scale
   huber: loss = Σ h(|z−t|) / n, d = (z−t)/n · scale, cut off at ±1/n · scale; h(a) = ½a² up to 1, then a − ½ */
OPERATION(void, softmax_target_loss,
          (size_t m, size_t n, const float *z, size_t ldz, const float *t, size_t ldt, float scale, float *d,
           size_t ldd, float *loss))

OPERATION(void, logistic_target_loss,
          (size_t m, size_t n, const float *z, size_t ldz, const float *t, size_t ldt, float scale, float *d,
           size_t ldd, float *loss))

OPERATION(void, squared_loss,
          (size_t m, size_t n, const float *z, size_t ldz, const float *t, size_t ldt, float scale, float *d,
           size_t ldd, float *loss))

OPERATION(void, absolute_loss,
          (size_t m, size_t n, const float *z, size_t ldz, const float *t, size_t ldt, float scale, float *d,
           size_t ldd, float *loss))

OPERATION(void, huber_loss,
          (size_t m, size_t n, const float *z, size_t ldz, const float *t, size_t ldt, float scale, float *d,
           size_t ldd, float *loss))

/* best[m] = the first column that holds the row's largest z; NaNs are never largest; 0 if all are. n > 0. */
OPERATION(void, argmax, (size_t m, size_t n, const float *z, size_t ldz, uint32_t *best))

/* ---- Arrays. y may be x. ---- */

/* y[n] = e^x[n], at most 2 ulp from the correctly rounded result. */
OPERATION(void, exp, (size_t n, const float *x, float *y))

/* y[n] = ln x[n], likewise. */
OPERATION(void, log, (size_t n, const float *x, float *y))

/* y[n] = act(x[n]), likewise. */
OPERATION(void, activate, (size_t n, enum activation act, const float *x, float *y))

/* The update by a gradient g[k][n] that is there already. */
OPERATION(void, apply_update,
          (size_t k, size_t n, const float *g, size_t ldg, const struct update *update,
           const struct trained *to))

/* sum[m] = Σ over n of x[m][n]², in 16 partial sums by fma, then the tree. */
OPERATION(void, sum_squares, (size_t m, size_t n, const float *x, size_t ldx, float *sum))

/* Columns of w[k][n] that are longer than `limit` get that length: s = Σ over k of w² by fma, from 0; where √s is
   larger, w = w · (limit / √s). */
OPERATION(void, limit_columns, (size_t k, size_t n, float limit, float *w, size_t ldw))

/* y[m][n] = x[row[m]][n] · scale, x bytes with ldx bytes between rows; row NULL: rows 0 … m-1. */
OPERATION(void, gather_bytes,
          (size_t m, size_t n, const uint8_t *x, size_t ldx, const uint32_t *row, float scale, float *y,
           size_t ldy))

/* y[m][n] = x[row[m]][n]; row NULL: rows 0 … m-1. */
OPERATION(void, gather_floats,
          (size_t m, size_t n, const float *x, size_t ldx, const uint32_t *row, float *y, size_t ldy))

/* y[n][m] = x[m][n]ᵀ */
OPERATION(void, transpose, (size_t m, size_t n, const float *x, size_t ldx, float *y, size_t ldy))

/* The same of bytes. */
OPERATION(void, transpose_bytes, (size_t m, size_t n, const uint8_t *x, size_t ldx, uint8_t *y, size_t ldy))

/*
 * ---- Resampling of images ----
 *
 * y[n] = the image x[m][k] at n points, interpolated between the four pixels around each (bilinear). Point i lies at
 *   column = fma(map[0], u[i], fma(map[1], v[i], map[2])) + du[i],   u = grid[0][n], du = field[0][n]
 *   row    = fma(map[3], u[i], fma(map[4], v[i], map[5])) + dv[i],   v = grid[1][n], dv = field[1][n]
 * field NULL: nothing is added. Columns are clamped to 0 … k - 4 and rows to 0 … m - 2 (so that four bytes can be read
 * from any of them), NaN to 0: an image is to be handed over with margins of what lies around it. m ≥ 2, k ≥ 4, and
 * m · ldx ≤ 2^24, or n = 0.
 */

/* A byte is the integer nearest to its interpolated value, the even one of two. */
OPERATION(void, resample_bytes,
          (size_t m, size_t k, size_t n, const uint8_t *x, size_t ldx, const float *map, const float *grid,
           size_t ldg, const float *field, size_t ldf, uint8_t *y))

OPERATION(void, resample_floats,
          (size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *map, const float *grid,
           size_t ldg, const float *field, size_t ldf, float *y))

/*
 * ---- Random draws ----
 *
 * Philox4x32-10 (Salmon et al., SC 2011) by rows: draws[m][6] holds each row's key, two words, and counter, four words
 * (c, b, a, purpose), the least significant first, as random_draw of src/base/random.h takes them. Element j of a row takes
 * word j / 16 % 4 of the block at c + j / 64 · 16 + j % 16: sixteen blocks give 64 neighbours.
 */

/* kept[m][n]: 0 where the word's upper 24 bits, as a number in [0, 1), are below `share`, else 255. */
OPERATION(void, draw_kept,
          (size_t m, size_t n, const uint32_t *draws, float share, uint8_t *kept, size_t ldkept))

/* x[m][n] += sigma · N, where N is the normal deviate of the word's upper 24 bits, by the inverse of the normal
   distribution: at most 5.4 in size. */
OPERATION(void, add_normal, (size_t m, size_t n, const uint32_t *draws, float sigma, float *x, size_t ldx))

/* y[m][n] = kept[m][n] ≠ 0 ? x[m][n] · scale : 0. y may be x. */
OPERATION(void, keep,
          (size_t m, size_t n, const uint8_t *kept, size_t ldkept, float scale, const float *x, size_t ldx,
           float *y, size_t ldy))

/* ---- Measuring the machine, for minnow bench; no part of the contract. *sink keeps the work from being
   removed. ---- */

/* Rounds of independent fused multiply-adds in registers, as many per round as hide their latency.
   Returns the floating-point operations done (two per element and fma). */
MEASUREMENT(double, measure_fma, (size_t rounds, float *sink))

/* Reads x[n] with full-width loads, `rounds` times over. */
MEASUREMENT(void, measure_read, (size_t rounds, size_t n, const float *x, float *sink))

#undef OPERATION
#undef MEASUREMENT
/* clang-format on */
