/* The products where x is sparse: the dense ones without the terms that are 0. */
#include <math.h>
#include "scalar.h"

/* sum + row · b, column j; row: the r-th sparse row, indexing the rows of b. */
static float dot(const struct sparse_rows *rows, size_t r, const float *b, size_t ldb, size_t j, float sum) {
    for (size_t e = rows->begin[r]; e < rows->end[r]; e++)
        sum = fmaf(rows->value[e], b[rows->index[e] * ldb + j], sum);
    return sum + 0.0f;
}

void scalar_sparse_forward(size_t m, size_t n, const struct sparse_rows *x, const float *w, size_t ldw,
                           const float *bias, enum activation act, float *y, size_t ldy) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            y[i * ldy + j] = scalar_activation_of(act, dot(x, i, w, ldw, j, bias ? bias[j] : 0.0f));
}

void scalar_sparse_weight_gradient(size_t k, size_t n, const struct sparse_rows *xt, const float *d,
                                   size_t ldd, float *g, size_t ldg) {
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < n; j++)
            g[i * ldg + j] = dot(xt, i, d, ldd, j, 0.0f);
}

void scalar_sparse_weight_update(size_t k, size_t n, const struct sparse_rows *xt, const float *d, size_t ldd,
                                 const struct update *update, const struct trained *to) {
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < n; j++)
            scalar_update_weight(update, dot(xt, i, d, ldd, j, 0.0f), to, i * to->ld + j);
}

void scalar_sparse_weight_update_one(size_t k, size_t n, const struct sparse_rows *x, const float *d,
                                     const struct update *update, const struct trained *to) {
    size_t e = x->begin[0], end = x->end[0];
    for (size_t i = 0; i < k; i++) {
        bool listed = e < end && x->index[e] == i;
        for (size_t j = 0; j < n && (listed || update->rule != UPDATE_PLAIN); j++) {
            float g = listed ? fmaf(x->value[e], d[j], 0.0f) + 0.0f : 0.0f;
            scalar_update_weight(update, g, to, i * to->ld + j);
        }
        e += listed;
    }
}
