/*
 * Matrix products c[rows][columns] = finish(Σ over steps of a[row][step] · b[step][column]), all four through
 * one tile: TILE_ROWS × TILE_VECTORS accumulators in registers, each step loading TILE_VECTORS vectors of b
 * and one number of a per row. kernels/README.md tells why the blocks around it are what they are.
 */

enum {
    STRIP = TILE_VECTORS * VEC, /* columns of a tile */
    BLOCK_ROWS = 132 / TILE_ROWS * TILE_ROWS,
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
    const float *ahead; /* one line per step to fetch for tiles to come */
    size_t ldahead;
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

INLINE void tile_product(size_t rows, size_t vectors, bool a_transposed, bool packs, const struct tile *t) {
    vec sum[TILE_ROWS][TILE_VECTORS];
    UNROLL
    for (size_t r = 0; r < rows; r++)
        UNROLL
    for (size_t v = 0; v < vectors; v++)
        sum[r][v] = v_load(t->start + r * t->ldstart + v * VEC);

    UNROLL
    for (size_t r = 0; r < rows; r++)
        __builtin_prefetch(t->c + r * t->ldc, 1);

    /* One pointer for three rows: x86 addresses the others as pointer + stride and pointer + 2 · stride. */
    const float *a[(TILE_ROWS + 2) / 3], *b = t->b;
    const float *ahead = t->ahead;
    float *packed = t->packed;
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
        __builtin_prefetch(ahead, 0, 2);
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
        tile_product(rows, vectors, false, false, t);                                                        \
    }                                                                                                        \
    static void tile_##rows##x##vectors##_transposed(const struct tile *t) {                                 \
        tile_product(rows, vectors, true, false, t);                                                         \
    }
#define TILE_NAMES(rows, vectors) {tile_##rows##x##vectors, tile_##rows##x##vectors##_transposed},

/* tile_functions[vectors - 1][rows - 1][a transposed] */
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

static tile_function *const tile_functions[TILE_VECTORS][TILE_ROWS][2] = {
    {FOR_TILE_ROWS(NAMES_1)},
    {FOR_TILE_ROWS(NAMES_2)},
#if TILE_VECTORS_3
    {FOR_TILE_ROWS(NAMES_3)},
#endif
};

/* The first tile of a strip copies b while it reads it. */
static void tile_packing(const struct tile *t) {
    tile_product(TILE_ROWS, TILE_VECTORS, false, true, t);
}

static void tile_packing_transposed(const struct tile *t) {
    tile_product(TILE_ROWS, TILE_VECTORS, true, true, t);
}

/* Rows of the next tile: the last two share what is left, as few rows do not keep the multipliers busy. */
INLINE size_t next_rows(size_t left) {
    if (left <= TILE_ROWS)
        return left;
    return left >= 2 * TILE_ROWS ? TILE_ROWS : (left + 1) / 2;
}

/* packed[steps][vectors · VEC] = the strip of b, missing columns 0. */
INLINE void pack(size_t steps, size_t vectors, const float *b, size_t ldb, size_t last, float *packed) {
    for (size_t s = 0; s < steps; s++) {
        UNROLL
        for (size_t v = 0; v + 1 < vectors; v++)
            v_store(packed + v * VEC, v_load(b + v * VEC));
        size_t v = vectors - 1;
        v_store(packed + v * VEC, last == VEC ? v_load(b + v * VEC) : v_load_first(b + v * VEC, last));
        packed += vectors * VEC;
        b += ldb;
    }
}

NOINLINE void pack_strip(size_t steps, size_t columns, const float *b, size_t ldb, float *packed) {
    if (columns == STRIP) {
        pack(steps, TILE_VECTORS, b, ldb, VEC, packed);
        return;
    }
    size_t vectors = (columns + VEC - 1) / VEC, last = columns - (vectors - 1) * VEC;
    if (vectors == 1)
        pack(steps, 1, b, ldb, last, packed);
    else if (vectors == 2)
        pack(steps, 2, b, ldb, last, packed);
    else
        pack(steps, TILE_VECTORS, b, ldb, last, packed);
}

/* Finishes a tile of a strip that is not whole vectors: sums[rows][vectors · VEC] into t's c. */
NOINLINE void finish_edge(size_t rows, size_t columns, const float *sums, const struct tile *t) {
    size_t vectors = (columns + VEC - 1) / VEC;
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < vectors; v++) {
            size_t count = smaller_size(columns - v * VEC, VEC);
            vec other = v_zero();
            if (finish_needs_other(t->finish))
                other = v_load_first(t->other + r * t->ldother + v * VEC, count);
            vec sum = v_load(sums + r * vectors * VEC + v * VEC);
            v_store_first(t->c + r * t->ldc + v * VEC, finish_sum(t->finish, sum, other, v_set(t->rate)),
                          count);
        }
}

/* What to fetch during a tile: first the next strip of b, line by line, then the next tile's part of a. */
INLINE void tile_look_ahead(struct tile *t, size_t number, const float *next_b, size_t ldb,
                            bool a_transposed) {
    enum { LINE = 16, LINES = (STRIP + LINE - 1) / LINE };
    if (number < LINES) {
        t->ahead = next_b + number * LINE;
        t->ldahead = ldb;
    } else if (a_transposed) {
        t->ahead = t->a + TILE_ROWS;
        t->ldahead = t->lda;
    } else { /* the next rows from end to end, if they are short enough to be wanted so soon */
        t->ahead = t->a + TILE_ROWS * t->lda;
        t->ldahead = t->lda < 2 * t->steps ? TILE_ROWS : 0;
    }
}

/* All tiles of `rows` rows; t describes the first and is used up. */
INLINE void run_tiles(size_t rows, size_t columns, bool a_transposed, struct tile t) {
    size_t vectors = (columns + VEC - 1) / VEC, ldb = t.ldb;
    const float *next_b = t.b + STRIP;
    bool edge = columns % VEC != 0 && t.finish != FINISH_PARTIAL;
    size_t number = 0;
    for (size_t left = rows, taken; left > 0; left -= taken, number++) {
        taken = next_rows(left);
        tile_function *run = tile_functions[vectors - 1][taken - 1][a_transposed];
        if (number == 0 && t.packed) {
            if (columns == STRIP && taken == TILE_ROWS) {
                run = a_transposed ? tile_packing_transposed : tile_packing;
            } else {
                pack_strip(t.steps, columns, t.b, ldb, t.packed);
                t.b = t.packed;
                t.ldb = vectors * VEC;
            }
        }
        tile_look_ahead(&t, number, next_b, ldb, a_transposed);
        if (!edge) {
            run(&t);
        } else {
            float sums[TILE_ROWS * STRIP] __attribute__((aligned(64)));
            struct tile whole = t;
            whole.c = sums;
            whole.ldc = vectors * VEC;
            whole.finish = FINISH_PARTIAL;
            run(&whole);
            finish_edge(taken, columns, sums, &t);
        }
        if (number == 0 && t.packed) {
            t.b = t.packed;
            t.ldb = vectors * VEC;
        }
        t.a += a_transposed ? taken : taken * t.lda;
        t.c += taken * t.ldc;
        t.start += taken * t.ldstart;
        if (t.other)
            t.other += taken * t.ldother;
    }
}

/* Rows [i, i + rows) of columns [j, j + columns), a strip at most. Terms go in blocks of as many steps as the
   packed strip of b has room for; between blocks the sums wait in memory, which changes no bit of them. */
NOINLINE void product_strip(const struct product *p, size_t i, size_t rows, size_t j, size_t columns,
                            size_t block) {
    float packed[BLOCK_STEPS * STRIP] __attribute__((aligned(64)));
    float sums[BLOCK_ROWS * STRIP] __attribute__((aligned(64)));
    float start[STRIP] __attribute__((aligned(64)));
    size_t vectors = (columns + VEC - 1) / VEC;
    for (size_t v = 0; v < vectors; v++)
        v_store(start + v * VEC,
                p->bias ? v_load_first(p->bias + j + v * VEC, smaller_size(columns - v * VEC, VEC))
                        : v_zero());

    bool packs = block <= BLOCK_STEPS;
    size_t step = 0;
    do {
        size_t steps = smaller_size(block, p->steps - step);
        bool first = step == 0, last = step + steps == p->steps;
        struct tile t = {.steps = steps,
                         .a = p->a + (p->a_transposed ? step * p->lda + i : i * p->lda + step),
                         .lda = p->lda,
                         .b = p->b + step * p->ldb + j,
                         .ldb = p->ldb,
                         .start = first ? start : sums,
                         .ldstart = first ? 0 : vectors * VEC,
                         .finish = FINISH_PARTIAL,
                         .rate = p->rate,
                         .c = sums,
                         .ldc = vectors * VEC};
        if (packs)
            t.packed = packed;
        if (last) {
            t.finish = p->finish;
            t.other = p->other ? p->other + i * p->ldother + j : NULL;
            t.ldother = p->ldother;
            t.c = p->c + i * p->ldc + j;
            t.ldc = p->ldc;
        }
        run_tiles(rows, columns, p->a_transposed, t);
        step += steps;
    } while (step < p->steps);
}

/* The most rows whose part of a stays in the second-level cache while all strips of b pass. */
INLINE size_t rows_at_once(size_t steps) {
    size_t rows = PANEL_FLOATS / (steps + 1) / TILE_ROWS * TILE_ROWS;
    return rows < BLOCK_ROWS || steps > BLOCK_STEPS ? BLOCK_ROWS : rows;
}

INLINE size_t round_up(size_t x, size_t multiple) {
    return (x + multiple - 1) / multiple * multiple;
}

static void product(const struct product *p) {
    if (p->rows == 0)
        return;
    size_t most = rows_at_once(p->steps);
    size_t row_blocks = (p->rows + most - 1) / most;
    size_t rows = round_up((p->rows + row_blocks - 1) / row_blocks, TILE_ROWS);
    /* Equal blocks of steps. */
    size_t step_blocks = p->steps / BLOCK_STEPS + (p->steps % BLOCK_STEPS != 0);
    size_t packed_block = step_blocks > 1 ? (p->steps + step_blocks - 1) / step_blocks : BLOCK_STEPS;
    for (size_t i = 0; i < p->rows; i += rows)
        for (size_t j = 0; j < p->columns; j += STRIP) {
            size_t columns = smaller_size(STRIP, p->columns - j);
            /* Few rows do not repay packing; but only whole vectors can be read where they are. */
            bool packs = p->rows > 2 * TILE_ROWS || columns % VEC != 0;
            product_strip(p, i, smaller_size(rows, p->rows - i), j, columns, packs ? packed_block : SIZE_MAX);
        }
}

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
