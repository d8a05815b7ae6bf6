/*
 * Vectors of a row, the last of them perhaps partial. Below: one output row at a time, its sums in registers,
 * while rows of b that are named by an index (sparse.h) or by the bits of a mask (single.h, bytes.h) are
 * scaled and added, in blocks of up to ROW_VECTORS vectors of columns.
 */

/* The v-th vector of `vectors`, of which the last has `last` columns if it is partial. */
INLINE vec row_load(const float *p, size_t v, size_t vectors, bool partial, size_t last) {
    return partial && v + 1 == vectors ? v_load_first(p + v * VEC, last) : v_load(p + v * VEC);
}

INLINE void row_store(float *p, size_t v, size_t vectors, bool partial, size_t last, vec x) {
    if (partial && v + 1 == vectors)
        v_store_first(p + v * VEC, x, last);
    else
        v_store(p + v * VEC, x);
}

/* sum[v] = bias or 0. */
INLINE void row_start(size_t vectors, bool partial, size_t last, const float *bias, vec sum[ROW_VECTORS]) {
    UNROLL
    for (size_t v = 0; v < vectors; v++)
        sum[v] = bias ? row_load(bias, v, vectors, partial, last) : v_zero();
}

/* sum[v] += a · b[v] */
INLINE void row_add(size_t vectors, bool partial, size_t last, float a, const float *b,
                    vec sum[ROW_VECTORS]) {
    UNROLL
    for (size_t v = 0; v < vectors; v++)
        sum[v] = v_fma_by(a, row_load(b, v, vectors, partial, last), sum[v]);
}

/* row[v] -= rate · (a · d[v]), rounded as fma(a, d, 0) + 0 is. */
INLINE void row_update(size_t vectors, bool partial, size_t last, float a, const vec d[ROW_VECTORS], vec rate,
                       float *row) {
    vec factor = v_set(a), zero = v_zero();
    UNROLL
    for (size_t v = 0; v < vectors; v++) {
        vec g = v_add(v_mul(factor, d[v]), zero);
        row_store(row, v, vectors, partial, last, v_fnma(rate, g, row_load(row, v, vectors, partial, last)));
    }
}

INLINE void row_end(size_t vectors, bool partial, size_t last, enum epilogue epilogue, float rate,
                    const float *other, float *c, const vec sum[ROW_VECTORS]) {
    UNROLL
    for (size_t v = 0; v < vectors; v++) {
        vec o = v_zero();
        if (epilogue_needs_other(epilogue))
            o = row_load(other, v, vectors, partial, last);
        row_store(c, v, vectors, partial, last, epilogue_of(epilogue, sum[v], o, v_set(rate)));
    }
}

/* function_VECTORS[_partial], by [vectors - 1][partial]. */
#define ROW_TABLE_NAMES(function, vectors) {function##_##vectors, function##_##vectors##_partial},
#define ROW_TABLE(function)                                                                                  \
    {                                                                                                        \
        ROW_TABLE_NAMES(function, 1)                                                                         \
        ROW_TABLE_NAMES(function, 2)                                                                         \
        ROW_TABLE_NAMES(function, 3)                                                                         \
        ROW_TABLE_NAMES(function, 4)                                                                         \
        ROW_TABLE_NAMES(function, 5)                                                                         \
        ROW_TABLE_NAMES(function, 6)                                                                         \
        ROW_TABLE_NAMES(function, 7)                                                                         \
        ROW_TABLE_NAMES(function, 8)                                                                         \
    }
#define ROW_FUNCTIONS(define) define(1) define(2) define(3) define(4) define(5) define(6) define(7) define(8)

enum { ROW_COLUMNS = ROW_VECTORS * VEC };
