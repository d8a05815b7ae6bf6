/*
 * Matrix products c[rows][columns] = epilogue(Σ over steps of a[row][step] · b[step][column]), all four through
 * one tile: TILE_ROWS × TILE_VECTORS accumulators in registers, each step loading TILE_VECTORS vectors of b
 * and one number of a per row. kernels/README.md tells why the blocks around it are what they are.
 */

enum {
    PACK_AHEAD = 16,            /* rows of b to fetch before they are copied */
    STRIP = TILE_VECTORS * VEC, /* columns of a tile */
    LINE = 16,                  /* of cache */
};

struct product {
    size_t rows, columns, steps;
    const float *a;
    size_t lda; /* between rows of a; when a is transposed, between steps */
    bool a_transposed;
    const float *b;
    size_t ldb;
    const float *bias; /* what sums start from; NULL: 0 */
    enum epilogue epilogue;
    const float *other;
    size_t ldother;
    float rate;
    float *c;
    size_t ldc;
};

/* One tile's share of a product: pointers to its first elements. */
struct tile {
    size_t steps;
    size_t last; /* columns of its last vector */
    const float *a, *b, *start, *other;
    size_t lda, ldb, ldstart, ldother;
    bool resumes; /* start: rows of sums that wait; else one row, of whole vectors, for all */
    enum epilogue epilogue;
    float rate;
    float *c;
    size_t ldc;
    float *packed;      /* where a packing tile copies its part of b to */
    const float *fetch; /* what will be loaded from c, or stored to it, next */
};

INLINE void tile_start(size_t rows, size_t vectors, bool partial, const struct tile *t,
                       vec sum[TILE_ROWS][TILE_VECTORS]) {
    if (!t->resumes) {
        UNROLL
        for (size_t v = 0; v < vectors; v++) {
            vec start = v_load(t->start + v * VEC);
            UNROLL
            for (size_t r = 0; r < rows; r++)
                sum[r][v] = start;
        }
        return;
    }
    UNROLL
    for (size_t r = 0; r < rows; r++)
        UNROLL
    for (size_t v = 0; v < vectors; v++)
        sum[r][v] = row_load(t->start + r * t->ldstart, v, vectors, partial, t->last);
}

/* Brings what will be loaded or stored next into the second level of cache: the first has no room for it yet.
 */
INLINE void tile_fetch(size_t rows, size_t vectors, const float *p, size_t ld) {
    UNROLL
    for (size_t r = 0; r < rows; r++)
        UNROLL
    for (size_t j = 0; j < vectors * VEC; j += LINE)
        __builtin_prefetch(p + r * ld + j, 0, 2);
}

/* The last terms, and what follows them, row by row: a row's stores then go beside the next row's
   multiplications. */
INLINE void tile_store(size_t steps, size_t rows, size_t vectors, bool partial, bool a_transposed,
                       enum epilogue epilogue, const struct tile *t, vec sum[TILE_ROWS][TILE_VECTORS]) {
    vec rate = v_set(t->rate), right[TAIL_STEPS + 1][TILE_VECTORS];
    size_t from = t->steps - steps;
    const float *a = t->a + from * (a_transposed ? t->lda : 1), *b = t->b + from * t->ldb;
    UNROLL
    for (size_t s = 0; s < steps; s++)
        UNROLL
    for (size_t v = 0; v < vectors; v++)
        right[s][v] = row_load(b + s * t->ldb, v, vectors, partial, t->last);
    UNROLL
    for (size_t r = 0; r < rows; r++) {
        UNROLL
        for (size_t s = 0; s < steps; s++)
            UNROLL
        for (size_t v = 0; v < vectors; v++)
            sum[r][v] =
                v_fma_by(a_transposed ? a[s * t->lda + r] : a[r * t->lda + s], right[s][v], sum[r][v]);
        UNROLL
        for (size_t v = 0; v < vectors; v++) {
            vec other = v_zero();
            if (epilogue_needs_other(epilogue))
                other = row_load(t->other + r * t->ldother, v, vectors, partial, t->last);
            row_store(t->c + r * t->ldc, v, vectors, partial, t->last,
                      epilogue_of(epilogue, sum[r][v], other, rate));
        }
    }
}

INLINE void tile_end(size_t steps, size_t rows, size_t vectors, bool partial, bool a_transposed,
                     const struct tile *t, vec sum[TILE_ROWS][TILE_VECTORS]) {
    switch (t->epilogue) {
#define DO_EPILOGUE(epilogue) tile_store(steps, rows, vectors, partial, a_transposed, epilogue, t, sum)
        EPILOGUE_CASES
#undef DO_EPILOGUE
    }
}

INLINE void tile_product(size_t rows, size_t vectors, bool partial, bool a_transposed, bool packs,
                         const struct tile *t) {
    vec sum[TILE_ROWS][TILE_VECTORS];
    tile_start(rows, vectors, partial, t, sum);
    tile_fetch(rows, vectors, t->fetch, t->ldc);
    if (epilogue_needs_other(t->epilogue) && t->other != t->c)
        tile_fetch(rows, vectors, t->other, t->ldother);

    /* One pointer for three rows: x86 addresses the others as pointer + stride and pointer + 2 · stride. */
    const float *a[(TILE_ROWS + 2) / 3], *b = t->b;
    float *packed = t->packed;
    size_t lda = t->lda, ldb = t->ldb, last = t->last, ahead = PACK_AHEAD * ldb;
    UNROLL
    for (size_t r = 0; r < rows; r += 3)
        a[r / 3] = t->a + (a_transposed ? r : r * lda);
    size_t tail = !packs && TAIL_STEPS < t->steps ? TAIL_STEPS : 0;
    UNROLL_STEPS
    for (size_t step = t->steps - tail; step > 0; step--) {
        vec right[TILE_VECTORS];
        UNROLL
        for (size_t v = 0; v < vectors; v++)
            right[v] = row_load(b, v, vectors, partial, last);
        if (packs) {
            UNROLL
            for (size_t v = 0; v < vectors; v++)
                v_store(packed + v * VEC, right[v]);
            packed += vectors * VEC;
            UNROLL
            for (size_t j = 0; j < STRIP; j += LINE)
                __builtin_prefetch(b + ahead + j, 0, 2);
        }
        b += ldb;
        UNROLL
        for (size_t r = 0; r < rows; r++) {
            float left = a_transposed ? a[0][r] : a[r / 3][r % 3 * lda];
            UNROLL
            for (size_t v = 0; v < vectors; v++)
                sum[r][v] = v_fma_by(left, right[v], sum[r][v]);
        }
        UNROLL
        for (size_t r = 0; r < rows; r += 3)
            a[r / 3] += a_transposed ? lda : 1;
    }

    if (tail > 0)
        tile_end(TAIL_STEPS, rows, vectors, partial, a_transposed, t, sum);
    else
        tile_end(0, rows, vectors, partial, a_transposed, t, sum);
}

typedef void tile_function(const struct tile *);

#define TILE(rows, vectors, name, partial, a_transposed)                                                     \
    static void tile_##rows##x##vectors##name(const struct tile *t) {                                        \
        tile_product(rows, vectors, partial, a_transposed, false, t);                                        \
    }
#define TILES(rows, vectors)                                                                                 \
    TILE(rows, vectors, _rows, false, false)                                                                 \
    TILE(rows, vectors, _columns, false, true)                                                               \
    TILE(rows, vectors, _rows_partial, true, false)                                                          \
    TILE(rows, vectors, _columns_partial, true, true)
#define TILE_NAMES(rows, vectors)                                                                            \
    {{tile_##rows##x##vectors##_rows, tile_##rows##x##vectors##_columns},                                    \
     {tile_##rows##x##vectors##_rows_partial, tile_##rows##x##vectors##_columns_partial}},

/* tile_functions[vectors - 1][rows - 1][partial][a_transposed] */
#define TILES_1(rows) TILES(rows, 1)
#define TILES_2(rows) TILES(rows, 2)
#define NAMES_1(rows) TILE_NAMES(rows, 1)
#define NAMES_2(rows) TILE_NAMES(rows, 2)
FOR_TILE_ROWS(TILES_1)
FOR_TILE_ROWS(TILES_2)
#if TILE_VECTORS_3
#define TILES_3(rows) TILES(rows, 3)
#define NAMES_3(rows) TILE_NAMES(rows, 3)
FOR_TILE_ROWS(TILES_3)
#endif

static tile_function *const tile_functions[TILE_VECTORS][TILE_ROWS][2][2] = {
    {FOR_TILE_ROWS(NAMES_1)},
    {FOR_TILE_ROWS(NAMES_2)},
#if TILE_VECTORS_3
    {FOR_TILE_ROWS(NAMES_3)},
#endif
};

/* The first tile of a strip can copy b while it reads it. */
static void tile_packing(const struct tile *t) {
    tile_product(TILE_ROWS, TILE_VECTORS, false, false, true, t);
}

static void tile_packing_columns(const struct tile *t) {
    tile_product(TILE_ROWS, TILE_VECTORS, false, true, true, t);
}

static tile_function *const packing_tiles[] = {tile_packing, tile_packing_columns};

#include "blocking.h"

static void vector_forward(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *w,
                           size_t ldw, const float *bias, enum activation act, float *y, size_t ldy) {
    product(&(struct product){.rows = m,
                              .columns = n,
                              .steps = k,
                              .a = x,
                              .lda = ldx,
                              .b = w,
                              .ldb = ldw,
                              .bias = bias,
                              .epilogue = epilogue_of_activation(act),
                              .c = y,
                              .ldc = ldy});
    activate_rows(m, n, act, y, ldy);
}

/* A derivative that is a function of the weighted sums is computed ahead, into the output, which may be where
   those sums are. */
static void vector_input_gradient(size_t m, size_t k, size_t n, const float *d, size_t ldd, const float *wt,
                                  size_t ldwt, enum activation act, const float *s, size_t lds, float *dx,
                                  size_t lddx) {
    bool ahead = activation_derivative_needs_input(act);
    for (size_t i = 0; ahead && i < m; i++)
        input_derivatives(n, act, s + i * lds, dx + i * lddx);
    product(&(struct product){.rows = m,
                              .columns = n,
                              .steps = k,
                              .a = d,
                              .lda = ldd,
                              .b = wt,
                              .ldb = ldwt,
                              .epilogue = epilogue_of_derivative(act),
                              .other = ahead ? dx : s,
                              .ldother = ahead ? lddx : lds,
                              .c = dx,
                              .ldc = lddx});
}

static void vector_weight_gradient(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d,
                                   size_t ldd, float *g, size_t ldg) {
    product(&(struct product){.rows = k,
                              .columns = n,
                              .steps = m,
                              .a = x,
                              .lda = ldx,
                              .a_transposed = true,
                              .b = d,
                              .ldb = ldd,
                              .epilogue = EPILOGUE_IDENTITY,
                              .c = g,
                              .ldc = ldg});
}

static void vector_weight_update(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d,
                                 size_t ldd, const struct update *update, float *w, size_t ldw) {
    product(&(struct product){.rows = k,
                              .columns = n,
                              .steps = m,
                              .a = x,
                              .lda = ldx,
                              .a_transposed = true,
                              .b = d,
                              .ldb = ldd,
                              .epilogue = EPILOGUE_UPDATE,
                              .other = w,
                              .ldother = ldw,
                              .rate = update->rate,
                              .c = w,
                              .ldc = ldw});
}
