/*
 * How a matrix product is cut into blocks and tiles, so that each level of cache holds what the level above
 * it reads again: a strip of b in the first level, rows of a in the second. Cutting the terms into blocks
 * changes no bit, as sums wait in memory in between.
 */

enum {
    LOOK_AHEAD = 8,  /* rows to fetch before they are copied, */
    PACK_AHEAD = 16, /* and by tiles */
    CONFLICTING_LINES =
        256, /* stride of columns of a: their lines share a quarter, or less, of a cache's sets */
    CONFLICTING_ROWS = 1024, /* stride of rows of a: all lines of a tile are in one set */
    FEW_ROWS = 96,           /* that do not repay a pass of its own to copy b */
    NEAR_B = 131072,         /* floats of b in a block that the second level may hold already */
    PANEL_STRIPS = 16,       /* that must read a panel of a to repay copying it */
    WAITING_STEPS = 256,     /* blocks where sums wait in a buffer */
    WAITING_ROWS = 132 / TILE_ROWS * TILE_ROWS,
    WAITING_COLUMNS = 128 / STRIP * STRIP
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

NOINLINE void pack_last_strip(size_t steps, size_t columns, const float *b, size_t ldb, float *packed) {
    size_t vectors = (columns + VEC - 1) / VEC, last = columns - (vectors - 1) * VEC;
    if (vectors == 1)
        pack(steps, 1, b, ldb, last, packed);
    else if (vectors == 2)
        pack(steps, 2, b, ldb, last, packed);
    else
        pack(steps, TILE_VECTORS, b, ldb, last, packed);
}

/* packed[strip][steps][STRIP] = columns of b, the last strip as many vectors wide as it needs. All strips at
   once, as a row of b is one stretch of memory: a strip's part of it, a line or two, would be a page or more
   from the next. */
NOINLINE void pack_strips(size_t steps, size_t columns, const float *b, size_t ldb, float *packed) {
    size_t whole = columns / STRIP * STRIP;
    const float *row = b;
    for (size_t s = 0; s < steps; s++, row += ldb) {
        for (size_t j = 0; j < whole; j += LINE)
            __builtin_prefetch(row + LOOK_AHEAD * ldb + j);
        for (size_t j = 0; j < whole; j += STRIP)
            UNROLL
        for (size_t v = 0; v < TILE_VECTORS; v++)
            v_store(packed + j * steps + s * STRIP + v * VEC, v_load(row + j + v * VEC));
    }
    if (whole < columns)
        pack_last_strip(steps, columns - whole, b + whole, ldb, packed + whole * steps);
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

/* to = columns of a transposed a, tile by tile in the order they are read: [steps][rows of the tile]. */
NOINLINE void copy_columns(size_t steps, size_t rows, const float *a, size_t lda, float *to) {
    for (size_t s = 0; s < steps; s++, a += lda) {
        for (size_t i = 0; i < rows; i += LINE)
            __builtin_prefetch(a + LOOK_AHEAD * lda + i);
        size_t row = 0;
        /* Whole vectors write beyond their tile's rows: there its next step comes to stand, but for the last.
         */
        if (s + 1 < steps)
            for (; row + 2 * TILE_ROWS <= rows; row += TILE_ROWS)
                UNROLL
        for (size_t v = 0; v < TILE_ROWS; v += VEC)
            v_store(to + row * steps + s * TILE_ROWS + v, v_load(a + row + v));
        for (size_t taken; row < rows; row += taken) {
            taken = next_rows(rows - row);
            for (size_t r = 0; r < taken; r++)
                to[row * steps + s * taken + r] = a[row + r];
        }
    }
}

/* to[rows][ld] = rows of an a that is not transposed. */
NOINLINE void copy_rows(size_t steps, size_t rows, const float *a, size_t lda, float *to, size_t ld) {
    for (size_t r = 0; r < rows; r++, a += lda, to += ld) {
        size_t s = 0;
        for (; s + VEC <= steps; s += VEC)
            v_store(to + s, v_load(a + s));
        for (; s < steps; s++)
            to[s] = a[s];
    }
}

/* A part of a product: rows [row, row + rows), columns [column, column + columns), terms [step, step +
 * steps). */
struct block {
    size_t row, rows, column, columns, step, steps;
    float *panel;  /* a copy of its part of a; NULL: read where it is */
    float *strips; /* a copy of its part of b; NULL: read where it is */
    bool pack;     /* whether the first tiles, of whole rows of a, are to make it */
    float *sums;   /* what is not finished waits here, in c */
    size_t ldsums;
    bool aside; /* or beside it, where there is room for whole vectors */
};

INLINE const float *block_a(const struct product *p, const struct block *k) {
    return p->a + (p->a_transposed ? k->step * p->lda + k->row : k->row * p->lda + k->step);
}

NOINLINE void block_copy_a(const struct product *p, const struct block *k) {
    if (p->a_transposed)
        copy_columns(k->steps, k->rows, block_a(p, k), p->lda, k->panel);
    else
        copy_rows(k->steps, k->rows, block_a(p, k), p->lda, k->panel, k->steps + LINE);
}

/* What the tiles will not pack: all, or but the last strip if that is not whole. */
NOINLINE void block_copy_b(const struct product *p, const struct block *k) {
    size_t done = k->pack ? k->columns / STRIP * STRIP : 0;
    if (done < k->columns)
        pack_strips(k->steps, k->columns - done, p->b + k->step * p->ldb + k->column + done, p->ldb,
                    k->strips + done * k->steps);
}

/* Where a tile finds its part of a: the block's rows from `row` on. */
INLINE void tile_set_a(struct tile *t, const struct product *p, const struct block *k, size_t row,
                       size_t taken) {
    if (!k->panel) {
        t->a = block_a(p, k) + (p->a_transposed ? row : row * p->lda);
        t->lda = p->lda;
    } else if (p->a_transposed) {
        t->a = k->panel + row * k->steps;
        t->lda = taken;
    } else {
        t->lda = k->steps + LINE;
        t->a = k->panel + row * t->lda;
    }
}

/* Where its sums start and where they go: its columns of the block are those from j on. */
INLINE void tile_set_c(struct tile *t, const struct product *p, const struct block *k, const float *start,
                       size_t row, size_t taken, size_t j) {
    bool begins = k->step == 0, ends = k->step + k->steps == p->steps;
    float *sums = k->sums + row * k->ldsums + j;
    t->c = ends ? p->c + (k->row + row) * p->ldc + k->column + j : sums;
    t->ldc = ends ? p->ldc : k->ldsums;
    t->start = begins ? start : sums;
    t->ldstart = begins ? 0 : k->ldsums;
    t->fetch_c = begins ? t->c : row + taken < k->rows ? t->c + taken * t->ldc : t->c - row * t->ldc + STRIP;
    t->finish = ends ? p->finish : FINISH_PARTIAL;
    if (finish_needs_other(t->finish)) {
        t->other = p->other + (k->row + row) * p->ldother + k->column + j;
        t->ldother = p->ldother;
    }
}

/* What to fetch during a tile. A packing tile: the rows of b it comes to next. The one behind it: the next
   strip. The others: the next tile's part of a. */
INLINE void tile_look_ahead(struct tile *t, const struct product *p, const struct block *k, bool packs,
                            size_t row, size_t column) {
    if (packs) {
        t->ahead = t->b + PACK_AHEAD * t->ldb;
        t->ldahead = t->ldb;
    } else if (k->pack && row == TILE_ROWS) {
        t->ahead = p->b + k->step * p->ldb + column + STRIP;
        t->ldahead = p->ldb;
    } else if (p->a_transposed) {
        t->ahead = t->a + TILE_ROWS;
        t->ldahead = t->lda;
    } else { /* from row to row without gaps, if the rows are short enough to be wanted so soon */
        t->ahead = t->a + TILE_ROWS * t->lda;
        t->ldahead = t->lda < 2 * t->steps ? TILE_ROWS : 0;
    }
}

INLINE void run_strip(const struct product *p, const struct block *k, size_t j, size_t columns) {
    size_t vectors = (columns + VEC - 1) / VEC, column = k->column + j;
    float start[STRIP] __attribute__((aligned(64)));
    for (size_t v = 0; v < vectors; v++)
        v_store(start + v * VEC,
                p->bias ? v_load_first(p->bias + column + v * VEC, smaller_size(columns - v * VEC, VEC))
                        : v_zero());
    enum reading reading = !p->a_transposed ? READ_ROWS : k->panel ? READ_PANEL : READ_COLUMNS;
    float *packed = k->strips ? k->strips + j * k->steps : NULL;
    struct tile t = {.steps = k->steps, .rate = p->rate, .packed = packed};
    for (size_t row = 0, taken; row < k->rows; row += taken) {
        taken = next_rows(k->rows - row);
        tile_set_a(&t, p, k, row, taken);
        tile_set_c(&t, p, k, start, row, taken, j);
        bool packs = k->pack && row == 0 && columns == STRIP;
        tile_function *run = packs ? packing_tiles[reading] : tile_functions[vectors - 1][taken - 1][reading];
        t.b = packed && !packs ? packed : p->b + k->step * p->ldb + column;
        t.ldb = packed && !packs ? vectors * VEC : p->ldb;
        tile_look_ahead(&t, p, k, packs, row, column);
        /* A buffer of sums has room for whole vectors; c may not. */
        if (columns % VEC != 0 && (t.finish != FINISH_PARTIAL || !k->aside))
            run_edge_tile(run, taken, columns, &t);
        else
            run(&t);
    }
}

NOINLINE void run_block(const struct product *p, const struct block *k) {
    for (size_t j = 0; j < k->columns; j += STRIP)
        run_strip(p, k, j, smaller_size(STRIP, k->columns - j));
}

/* x cut into equal parts of at most `most`, rounded up to a multiple; at least 1. */
INLINE size_t equal_parts(size_t x, size_t most, size_t multiple) {
    size_t parts = x / most + (x % most != 0), part = parts > 0 ? (x + parts - 1) / parts : 1;
    return (part + multiple - 1) / multiple * multiple;
}

/* Too few rows to repay copying anything, but for the last columns: only whole vectors of b can be read where
   they are. */
NOINLINE void product_few_rows(const struct product *p) {
    float strip[BLOCK_STEPS * VEC] __attribute__((aligned(64)));
    float sums[2 * TILE_ROWS * VEC] __attribute__((aligned(64)));
    size_t whole = p->columns - p->columns % VEC;
    struct block k = {.rows = p->rows, .columns = whole, .steps = p->steps, .sums = p->c, .ldsums = p->ldc};
    run_block(p, &k);
    if (whole == p->columns)
        return;
    k.column = whole;
    k.columns = p->columns - whole;
    k.strips = strip;
    k.sums = sums;
    k.ldsums = VEC;
    k.aside = true;
    do {
        k.steps = smaller_size(BLOCK_STEPS, p->steps - k.step);
        block_copy_b(p, &k);
        run_block(p, &k);
        k.step += k.steps;
    } while (k.step < p->steps);
}

/* A panel of a, copied once, meets a few strips of b at a time; where too few strips would repay the copy,
   and lines do not collide, the rows where they are. */
NOINLINE void product_panels(const struct product *p, size_t block_steps) {
    float panel[PANEL_FLOATS] __attribute__((aligned(64)));
    float strips[STRIPS_FLOATS] __attribute__((aligned(64)));
    size_t steps = equal_parts(p->steps, block_steps, 1);
    size_t rows = equal_parts(p->rows, PANEL_FLOATS / (steps + LINE) / TILE_ROWS * TILE_ROWS, TILE_ROWS);
    size_t columns = equal_parts(p->columns, STRIPS_FLOATS / steps / STRIP * STRIP, STRIP);
    bool fused = p->rows <= FEW_ROWS;
    bool copies = p->columns >= PANEL_STRIPS * STRIP || p->lda % CONFLICTING_LINES == 0;
    struct block k = {.panel = copies ? panel : NULL, .strips = strips, .pack = fused, .ldsums = p->ldc};
    do {
        k.steps = smaller_size(steps, p->steps - k.step);
        for (k.row = 0; k.row < p->rows; k.row += rows) {
            k.rows = smaller_size(rows, p->rows - k.row);
            if (copies)
                block_copy_a(p, &k);
            for (k.column = 0; k.column < p->columns; k.column += columns) {
                k.columns = smaller_size(columns, p->columns - k.column);
                k.sums = p->c + k.row * p->ldc + k.column;
                block_copy_b(p, &k);
                run_block(p, &k);
            }
        }
        k.step += k.steps;
    } while (k.step < p->steps);
}

/* Strips of b, copied once, meet all rows of a where they are. */
NOINLINE void product_strips(const struct product *p) {
    float strips[PANEL_FLOATS] __attribute__((aligned(64)));
    size_t steps = equal_parts(p->steps, BLOCK_STEPS, 1);
    size_t rows = equal_parts(p->rows, NEAR_FLOATS / steps / TILE_ROWS * TILE_ROWS, TILE_ROWS);
    size_t columns = equal_parts(p->columns, PANEL_FLOATS / steps / STRIP * STRIP, STRIP);
    bool fused = p->rows <= FEW_ROWS || p->columns <= NEAR_B / steps;
    struct block k = {.strips = strips, .ldsums = p->ldc};
    do {
        k.steps = smaller_size(steps, p->steps - k.step);
        for (k.column = 0; k.column < p->columns; k.column += columns) {
            k.columns = smaller_size(columns, p->columns - k.column);
            k.pack = fused;
            block_copy_b(p, &k);
            for (k.row = 0; k.row < p->rows; k.row += rows) {
                k.rows = smaller_size(rows, p->rows - k.row);
                k.sums = p->c + k.row * p->ldc + k.column;
                run_block(p, &k);
                k.pack = false;
            }
        }
        k.step += k.steps;
    } while (k.step < p->steps);
}

/* More terms than a block has room for, and sums cannot wait in c, which holds what finishing needs. */
NOINLINE void product_waiting_aside(const struct product *p) {
    float panel[WAITING_ROWS * (WAITING_STEPS + LINE)] __attribute__((aligned(64)));
    float strips[WAITING_STEPS * WAITING_COLUMNS] __attribute__((aligned(64)));
    float sums[WAITING_ROWS * WAITING_COLUMNS] __attribute__((aligned(64)));
    struct block k = {
        .panel = panel, .strips = strips, .sums = sums, .ldsums = WAITING_COLUMNS, .aside = true};
    for (k.column = 0; k.column < p->columns; k.column += WAITING_COLUMNS)
        for (k.row = 0; k.row < p->rows; k.row += WAITING_ROWS) {
            k.columns = smaller_size(WAITING_COLUMNS, p->columns - k.column);
            k.rows = smaller_size(WAITING_ROWS, p->rows - k.row);
            for (k.step = 0; k.step < p->steps; k.step += k.steps) {
                k.steps = smaller_size(WAITING_STEPS, p->steps - k.step);
                block_copy_a(p, &k);
                block_copy_b(p, &k);
                run_block(p, &k);
            }
        }
}

static void product(const struct product *p) {
    bool sums_may_wait = !finish_needs_other(p->finish) || p->other != p->c;
    if (p->rows == 0 || p->columns == 0)
        return;
    if (p->rows <= 2 * TILE_ROWS)
        product_few_rows(p);
    else if (!sums_may_wait && p->steps > LONG_STEPS)
        product_waiting_aside(p);
    else if (p->a_transposed || p->lda % CONFLICTING_ROWS == 0)
        product_panels(p, sums_may_wait ? PANEL_STEPS : LONG_STEPS);
    else
        product_strips(p);
}
