/*
 * Matrix products c[rows][columns] = finish(Σ over steps of a[row][step] · b[step][column]), all four through
 * one tile: TILE_ROWS × TILE_VECTORS accumulators in registers, each step loading TILE_VECTORS vectors of b
 * and one number of a per row. kernels/README.md tells why the blocks around it are what they are.
 */

enum {
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
    enum finish finish;
    const float *other;
    size_t ldother;
    float rate;
    float *c;
    size_t ldc;
};

/* One tile's share of a product: pointers to its first elements. */
struct tile {
    size_t steps;
    const float *a, *b, *start, *other;
    size_t lda, ldb, ldstart, ldother;
    enum finish finish;
    float rate;
    float *c;
    size_t ldc;
    float *packed;      /* where a packing tile copies its part of b to */
    const float *ahead; /* a line per step to fetch; a packing tile, all lines of a row of its strip */
    size_t ldahead;
    const float *fetch_c; /* what will be stored to, or loaded from, next */
};

INLINE void tile_finish(size_t rows, size_t vectors, enum finish finish, const struct tile *t,
                        vec sum[TILE_ROWS][TILE_VECTORS]) {
    vec rate = v_set(t->rate);
    UNROLL
    for (size_t r = 0; r < rows; r++)
        UNROLL
    for (size_t v = 0; v < vectors; v++) {
        vec other = v_zero();
        if (finish_needs_other(finish))
            other = v_load(t->other + r * t->ldother + v * VEC);
        v_store(t->c + r * t->ldc + v * VEC, finish_sum(finish, sum[r][v], other, rate));
    }
}

/* How a tile finds a: by its rows; by its columns, whose lines the tiles to come want too; or by the columns
   of a panel, one stretch of memory that the hardware fetches ahead. */
enum reading { READ_ROWS, READ_COLUMNS, READ_PANEL };

INLINE void tile_product(size_t rows, size_t vectors, enum reading reading, bool packs,
                         const struct tile *t) {
    bool a_transposed = reading != READ_ROWS;
    vec sum[TILE_ROWS][TILE_VECTORS];
    UNROLL
    for (size_t r = 0; r < rows; r++)
        UNROLL
    for (size_t v = 0; v < vectors; v++)
        sum[r][v] = v_load(t->start + r * t->ldstart + v * VEC);

    UNROLL
    for (size_t r = 0; r < rows; r++)
        __builtin_prefetch(t->fetch_c + r * t->ldc, 1);

    /* One pointer for three rows: x86 addresses the others as pointer + stride and pointer + 2 · stride. */
    const float *a[(TILE_ROWS + 2) / 3], *b = t->b;
    float *packed = t->packed;
    const float *ahead = t->ahead;
    size_t lda = t->lda, ldb = t->ldb, ldahead = t->ldahead;
    UNROLL
    for (size_t r = 0; r < rows; r += 3)
        a[r / 3] = t->a + (a_transposed ? r : r * lda);
    UNROLL_STEPS
    for (size_t step = t->steps; step > 0; step--) {
        vec right[TILE_VECTORS];
        UNROLL
        for (size_t v = 0; v < vectors; v++)
            right[v] = v_load(b + v * VEC);
        b += ldb;
        if (packs) {
            UNROLL
            for (size_t v = 0; v < vectors; v++)
                v_store(packed + v * VEC, right[v]);
            packed += vectors * VEC;
        }
        if (packs || reading != READ_PANEL)
            __builtin_prefetch(ahead, 0, 2);
        if (packs && STRIP > LINE)
            __builtin_prefetch(ahead + LINE, 0, 2);
        ahead += ldahead;
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

    switch (t->finish) {
    case FINISH_PARTIAL:
        tile_finish(rows, vectors, FINISH_PARTIAL, t, sum);
        break;
    case FINISH_STORE:
        tile_finish(rows, vectors, FINISH_STORE, t, sum);
        break;
    case FINISH_RELU:
        tile_finish(rows, vectors, FINISH_RELU, t, sum);
        break;
    case FINISH_UPDATE:
        tile_finish(rows, vectors, FINISH_UPDATE, t, sum);
        break;
    case FINISH_RELU_DERIVATIVE:
        tile_finish(rows, vectors, FINISH_RELU_DERIVATIVE, t, sum);
        break;
    case FINISH_SIGMOID_DERIVATIVE:
        tile_finish(rows, vectors, FINISH_SIGMOID_DERIVATIVE, t, sum);
        break;
    case FINISH_TANH_DERIVATIVE:
        tile_finish(rows, vectors, FINISH_TANH_DERIVATIVE, t, sum);
        break;
    }
}

typedef void tile_function(const struct tile *);

#define TILE(rows, vectors)                                                                                  \
    static void tile_##rows##x##vectors(const struct tile *t) {                                              \
        tile_product(rows, vectors, READ_ROWS, false, t);                                                    \
    }                                                                                                        \
    static void tile_##rows##x##vectors##_columns(const struct tile *t) {                                    \
        tile_product(rows, vectors, READ_COLUMNS, false, t);                                                 \
    }                                                                                                        \
    static void tile_##rows##x##vectors##_panel(const struct tile *t) {                                      \
        tile_product(rows, vectors, READ_PANEL, false, t);                                                   \
    }
#define TILE_NAMES(rows, vectors)                                                                            \
    {tile_##rows##x##vectors, tile_##rows##x##vectors##_columns, tile_##rows##x##vectors##_panel},

/* tile_functions[vectors - 1][rows - 1][reading] */
#define TILES_1(rows) TILE(rows, 1)
#define TILES_2(rows) TILE(rows, 2)
#define NAMES_1(rows) TILE_NAMES(rows, 1)
#define NAMES_2(rows) TILE_NAMES(rows, 2)
FOR_TILE_ROWS(TILES_1)
FOR_TILE_ROWS(TILES_2)
#if TILE_VECTORS_3
#define TILES_3(rows) TILE(rows, 3)
#define NAMES_3(rows) TILE_NAMES(rows, 3)
FOR_TILE_ROWS(TILES_3)
#endif

static tile_function *const tile_functions[TILE_VECTORS][TILE_ROWS][3] = {
    {FOR_TILE_ROWS(NAMES_1)},
    {FOR_TILE_ROWS(NAMES_2)},
#if TILE_VECTORS_3
    {FOR_TILE_ROWS(NAMES_3)},
#endif
};

/* The first tile of a strip can copy b while it reads it. */
static void tile_packing(const struct tile *t) {
    tile_product(TILE_ROWS, TILE_VECTORS, READ_ROWS, true, t);
}

static void tile_packing_columns(const struct tile *t) {
    tile_product(TILE_ROWS, TILE_VECTORS, READ_COLUMNS, true, t);
}

static void tile_packing_panel(const struct tile *t) {
    tile_product(TILE_ROWS, TILE_VECTORS, READ_PANEL, true, t);
}

static tile_function *const packing_tiles[] = {tile_packing, tile_packing_columns, tile_packing_panel};

#include "blocking.h"

static void forward(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *w, size_t ldw,
                    const float *bias, enum activation act, float *y, size_t ldy) {
    product(&(struct product){.rows = m,
                              .columns = n,
                              .steps = k,
                              .a = x,
                              .lda = ldx,
                              .b = w,
                              .ldb = ldw,
                              .bias = bias,
                              .finish = finish_of_activation(act),
                              .c = y,
                              .ldc = ldy});
    if (activates_rows(act))
        for (size_t i = 0; i < m; i++)
            activate(n, act, y + i * ldy, y + i * ldy);
}

static void input_gradient(size_t m, size_t k, size_t n, const float *d, size_t ldd, const float *wt,
                           size_t ldwt, enum activation act, const float *y, size_t ldy, float *dx,
                           size_t lddx) {
    product(&(struct product){.rows = m,
                              .columns = n,
                              .steps = k,
                              .a = d,
                              .lda = ldd,
                              .b = wt,
                              .ldb = ldwt,
                              .finish = finish_of_derivative(act),
                              .other = y,
                              .ldother = ldy,
                              .c = dx,
                              .ldc = lddx});
}

static void weight_gradient(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d,
                            size_t ldd, float *g, size_t ldg) {
    product(&(struct product){.rows = k,
                              .columns = n,
                              .steps = m,
                              .a = x,
                              .lda = ldx,
                              .a_transposed = true,
                              .b = d,
                              .ldb = ldd,
                              .finish = FINISH_STORE,
                              .c = g,
                              .ldc = ldg});
}

static void weight_update(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d,
                          size_t ldd, float rate, float *w, size_t ldw) {
    product(&(struct product){.rows = k,
                              .columns = n,
                              .steps = m,
                              .a = x,
                              .lda = ldx,
                              .a_transposed = true,
                              .b = d,
                              .ldb = ldd,
                              .finish = FINISH_UPDATE,
                              .other = w,
                              .ldother = ldw,
                              .rate = rate,
                              .c = w,
                              .ldc = ldw});
}
