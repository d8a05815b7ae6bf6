/*
 * How a matrix product is cut into tiles, so that each level of cache holds what the level above it reads
 * again: a strip of b in the first level, a panel of a in the second. Cutting the terms into blocks changes
 * no bit, as sums wait in memory in between.
 */

enum {
    LOOK_AHEAD = 16,         /* steps; too few to crowd out each other at any stride */
    CONFLICTING_STRIDE = 256 /* at multiples of it, lines share a quarter, or less, of a cache's sets */
};

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

/* Fetches the sums that wait in t's c for a tile of a strip that is not whole vectors. */
NOINLINE void resume_edge(size_t rows, size_t columns, const struct tile *t, float *sums) {
    size_t vectors = (columns + VEC - 1) / VEC;
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < vectors; v++)
            v_store(sums + r * vectors * VEC + v * VEC,
                    v_load_first(t->c + r * t->ldc + v * VEC, smaller_size(columns - v * VEC, VEC)));
}

/* A tile of a strip that is not whole vectors: it works on whole ones, beside c. */
NOINLINE void run_edge_tile(tile_function *run, size_t rows, size_t columns, const struct tile *t) {
    float sums[TILE_ROWS * STRIP] __attribute__((aligned(64)));
    struct tile whole = *t;
    whole.c = sums;
    whole.ldc = (columns + VEC - 1) / VEC * VEC;
    whole.finish = FINISH_PARTIAL;
    if (t->start == t->c) {
        resume_edge(rows, columns, t, sums);
        whole.start = sums;
        whole.ldstart = whole.ldc;
    }
    run(&whole);
    finish_edge(rows, columns, sums, t);
}

/* What to fetch during a tile. A packing tile: the rows of b it comes to next. The tiles behind it: the next
   strip, unless its stride leaves room for few of its lines. The others: the next tile's part of a. */
INLINE void tile_look_ahead(struct tile *t, size_t number, bool packs, const float *next_b, size_t ldb,
                            bool a_transposed) {
    size_t line = (number - 1) * LINE;
    if (packs) {
        t->ahead = t->b + LOOK_AHEAD * ldb;
        t->ldahead = ldb;
    } else if (number > 0 && line < STRIP && ldb % CONFLICTING_STRIDE != 0) {
        t->ahead = next_b + line;
        t->ldahead = ldb;
    } else if (a_transposed) {
        t->ahead = t->a + TILE_ROWS;
        t->ldahead = t->lda;
    } else { /* from row to row without gaps, if the rows are short enough to be wanted so soon */
        t->ahead = t->a + TILE_ROWS * t->lda;
        t->ldahead = t->lda < 2 * t->steps ? TILE_ROWS : 0;
    }
}

/* The rows of the next strip that its packing tile would fetch too late. */
INLINE void strip_look_ahead(const float *next_b, size_t ldb) {
    for (size_t s = 0; s < LOOK_AHEAD; s++)
        for (size_t line = 0; line < STRIP; line += LINE)
            __builtin_prefetch(next_b + s * ldb + line, 0, 2);
}

/* All tiles of `rows` rows; t describes the first and is used up. edge: c has not whole vectors. */
INLINE void run_tiles(size_t rows, size_t columns, bool a_transposed, bool edge, struct tile t) {
    size_t vectors = (columns + VEC - 1) / VEC, ldb = t.ldb;
    const float *next_b = t.b + STRIP;
    size_t number = 0;
    for (size_t left = rows, taken; left > 0; left -= taken, number++) {
        taken = next_rows(left);
        tile_function *run = tile_functions[vectors - 1][taken - 1][a_transposed];
        bool packs = number == 0 && t.packed, packing_tile = columns == STRIP && taken == TILE_ROWS;
        if (packs && packing_tile)
            run = a_transposed ? tile_packing_transposed : tile_packing;
        else if (packs)
            pack_strip(t.steps, columns, t.b, ldb, t.packed);
        if (packs && !packing_tile) {
            t.b = t.packed;
            t.ldb = vectors * VEC;
        }
        tile_look_ahead(&t, number, packs && packing_tile, next_b, ldb, a_transposed);
        if (left <= 2 * TILE_ROWS && t.packed)
            strip_look_ahead(next_b, ldb);
        if (edge)
            run_edge_tile(run, taken, columns, &t);
        else
            run(&t);
        if (packs) {
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

/* Rows [row, row + rows) and terms [step, step + steps) of a product, with its part of a. */
struct part {
    size_t row, rows, step, steps;
    const float *a;
    size_t lda;
};

/* The part for columns [j, j + columns), a strip at most. If the part does not begin with the first term, or
   end with the last, sums wait in c. It may be cut further, into blocks of terms, between which they wait
   here. */
NOINLINE void product_strip(const struct product *p, const struct part *part, size_t j, size_t columns,
                            size_t block) {
    float packed[BLOCK_STEPS * STRIP] __attribute__((aligned(64)));
    float sums[BLOCK_ROWS * STRIP] __attribute__((aligned(64)));
    float start[STRIP] __attribute__((aligned(64)));
    size_t vectors = (columns + VEC - 1) / VEC, done = 0;
    for (size_t v = 0; v < vectors; v++)
        v_store(start + v * VEC,
                p->bias ? v_load_first(p->bias + j + v * VEC, smaller_size(columns - v * VEC, VEC))
                        : v_zero());
    float *c = p->c + part->row * p->ldc + j;
    do {
        size_t steps = smaller_size(block, part->steps - done), step = part->step + done;
        bool ends = done + steps == part->steps;
        struct tile t = {.steps = steps,
                         .a = part->a + (p->a_transposed ? done * part->lda : done),
                         .lda = part->lda,
                         .b = p->b + step * p->ldb + j,
                         .ldb = p->ldb,
                         .start = step == 0   ? start
                                  : done == 0 ? c
                                              : sums,
                         .ldstart = step == 0   ? 0
                                    : done == 0 ? p->ldc
                                                : vectors * VEC,
                         .finish = step + steps == p->steps ? p->finish : FINISH_PARTIAL,
                         .rate = p->rate,
                         .c = ends ? c : sums,
                         .ldc = ends ? p->ldc : vectors * VEC,
                         .packed = block <= BLOCK_STEPS ? packed : NULL};
        if (finish_needs_other(t.finish)) {
            t.other = p->other + part->row * p->ldother + j;
            t.ldother = p->ldother;
        }
        run_tiles(part->rows, columns, p->a_transposed, ends && columns % VEC != 0, t);
        done += steps;
    } while (done < part->steps);
}

/* All strips of a part, its terms cut into blocks of at most `block`; b is packed if block is at most
 * BLOCK_STEPS. */
INLINE void product_strips(const struct product *p, const struct part *part, size_t block) {
    for (size_t j = 0; j < p->columns; j += STRIP) {
        size_t columns = smaller_size(STRIP, p->columns - j);
        /* Only whole vectors of b can be read where they are. */
        product_strip(p, part, j, columns, columns % VEC != 0 ? smaller_size(block, BLOCK_STEPS) : block);
    }
}

/* x cut into equal parts of at most `most`, rounded up to a multiple. */
INLINE size_t equal_parts(size_t x, size_t most, size_t multiple) {
    size_t parts = x / most + (x % most != 0), part = parts > 0 ? (x + parts - 1) / parts : 0;
    return (part + multiple - 1) / multiple * multiple;
}

/* Whether c can hold sums that are not finished: not if it holds what finishing needs. */
INLINE bool sums_may_wait(const struct product *p) {
    return !finish_needs_other(p->finish) || p->other != p->c;
}

/* to[steps][ld] = the part of a transposed a. */
NOINLINE void copy_panel(size_t steps, size_t rows, const float *a, size_t lda, float *to, size_t ld) {
    for (size_t s = 0; s < steps; s++, a += lda, to += ld) {
        size_t r = 0;
        for (; r + VEC <= rows; r += VEC)
            v_store(to + r, v_load(a + r));
        if (r < rows)
            v_store_first(to + r, v_load_first(a + r, rows - r), rows - r);
    }
}

/* A transposed a is read a few numbers at a time, a stride apart. Where that is too many lines for the first
   level, or a stride that puts them all into few sets, and enough strips use it, it is copied to a panel of
   its own. */
NOINLINE void product_copying(const struct product *p, size_t step_block) {
    float panel[COPY_FLOATS] __attribute__((aligned(64)));
    size_t row_block = equal_parts(p->rows, COPY_FLOATS / step_block / TILE_ROWS * TILE_ROWS, TILE_ROWS);
    for (size_t row = 0; row < p->rows; row += row_block)
        for (size_t step = 0; step < p->steps; step += step_block) {
            struct part part = {.row = row,
                                .rows = smaller_size(row_block, p->rows - row),
                                .step = step,
                                .steps = smaller_size(step_block, p->steps - step),
                                .a = panel,
                                .lda = row_block};
            copy_panel(part.steps, part.rows, p->a + step * p->lda + row, p->lda, panel, row_block);
            product_strips(p, &part, BLOCK_STEPS);
        }
}

static void product(const struct product *p) {
    enum { COPY_STEPS = 128, COPY_STRIPS = 4 };
    struct part part = {.rows = p->rows, .steps = p->steps, .a = p->a, .lda = p->lda};
    if (p->rows == 0)
        return;
    if (p->rows <= 2 * TILE_ROWS) { /* too few to repay copying anything */
        product_strips(p, &part, SIZE_MAX);
        return;
    }
    bool crowded = p->steps > BLOCK_STEPS / 2 || p->lda % CONFLICTING_STRIDE == 0;
    if (p->a_transposed && crowded && p->columns >= COPY_STRIPS * STRIP && p->steps > 0 &&
        (sums_may_wait(p) || p->steps <= COPY_STEPS)) {
        product_copying(p, equal_parts(p->steps, COPY_STEPS, 1));
        return;
    }
    /* Where sums cannot wait in c the terms are cut inside each strip, and rows are few enough for its
     * buffer. */
    bool waits = sums_may_wait(p);
    /* Of a transposed a, a tile uses but a part of each line; the next tiles want the rest from the first
     * level. */
    bool short_block = p->a_transposed || p->rows > PANEL_FLOATS / BLOCK_STEPS * 2;
    size_t block = equal_parts(p->steps, short_block ? BLOCK_STEPS / 2 : BLOCK_STEPS, 1);
    size_t step_block = waits ? block : p->steps;
    size_t most_rows = step_block > block ? BLOCK_ROWS : PANEL_FLOATS / (block + 1) / TILE_ROWS * TILE_ROWS;
    size_t row_block = equal_parts(p->rows, most_rows, TILE_ROWS);
    for (size_t row = 0; row < p->rows; row += row_block) {
        part.row = row;
        part.rows = smaller_size(row_block, p->rows - row);
        part.step = 0;
        do {
            part.steps = smaller_size(step_block, p->steps - part.step);
            part.a = p->a + (p->a_transposed ? part.step * p->lda + row : row * p->lda + part.step);
            product_strips(p, &part, block > 0 ? block : BLOCK_STEPS);
            part.step += part.steps;
        } while (part.step < p->steps);
    }
}
