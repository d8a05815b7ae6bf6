/*
 * How a matrix product is cut into blocks and tiles, so that each level of cache holds what the level above
 * it reads again. Cutting the terms into blocks changes no bit, as sums wait in memory in between.
 */

enum {
    LOOK_AHEAD = 8, /* rows of a to fetch before they are copied */
    COLLIDING_COLUMNS =
        256, /* stride of columns of a: their lines share a quarter, or less, of a cache's sets */
    COLLIDING_ROWS = 1024, /* stride of rows of a: all lines of a tile are in one set */
    MANY_ROWS = 128,       /* that repay copying a strip of b */
    SHORT_STRIP = 4096,    /* floats of a strip that stays in the first-level cache once it is copied */
    WAITING_STEPS = 256,   /* blocks where sums wait in a buffer */
    WAITING_ROWS = 132 / TILE_ROWS * TILE_ROWS,
    WAITING_COLUMNS = 128 / STRIP * STRIP
};

/* Rows of the next tile: the last two share what is left, as few rows do not keep the multipliers busy. */
INLINE size_t next_rows(size_t left) {
    if (left <= TILE_ROWS)
        return left;
    return left >= 2 * TILE_ROWS ? TILE_ROWS : (left + 1) / 2;
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
    float *panel; /* a copy of its part of a; NULL: read where it is */
    float *strip; /* room for a copy of a strip of b; NULL: read where it is */
    float *sums;  /* what is not finished waits here, in c or beside it */
    size_t ldsums;
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
    t->ldstart = k->ldsums;
    t->resumes = !begins;
    /* What waits is wanted at the next tile's very start. */
    t->fetch = begins ? t->c : row + taken < k->rows ? t->c + taken * t->ldc : t->c - row * t->ldc + STRIP;
    t->epilogue = ends ? p->epilogue : EPILOGUE_PARTIAL;
    if (epilogue_needs_other(t->epilogue)) {
        t->other = p->other + (k->row + row) * p->ldother + k->column + j;
        t->ldother = p->ldother;
    }
}

INLINE void run_strip(const struct product *p, const struct block *k, size_t j, size_t columns) {
    size_t vectors = (columns + VEC - 1) / VEC, column = k->column + j;
    float start[STRIP] __attribute__((aligned(64)));
    for (size_t v = 0; v < vectors; v++)
        v_store(start + v * VEC,
                p->bias ? v_load_first(p->bias + column + v * VEC, smaller_size(columns - v * VEC, VEC))
                        : v_zero());
    struct tile t = {.steps = k->steps, .last = columns - (vectors - 1) * VEC, .rate = p->rate};
    t.b = p->b + k->step * p->ldb + column;
    t.ldb = p->ldb;
    t.packed = k->strip;
    bool packs = k->strip && columns == STRIP && k->rows >= 2 * TILE_ROWS;
    for (size_t row = 0, taken; row < k->rows; row += taken) {
        taken = next_rows(k->rows - row);
        tile_set_a(&t, p, k, row, taken);
        tile_set_c(&t, p, k, start, row, taken, j);
        if (packs && row == 0) {
            packing_tiles[p->a_transposed](&t);
            t.b = k->strip;
            t.ldb = STRIP;
        } else {
            tile_functions[vectors - 1][taken - 1][t.last != VEC][p->a_transposed](&t);
        }
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

/* The blocks of a product, of at most so many terms and floats of a. Within a block, all its rows of a meet
   one strip of b after the other. */
NOINLINE void product_blocks(const struct product *p, size_t block_steps, size_t block_a, float *panel,
                             float *strip) {
    size_t steps = equal_parts(p->steps, block_steps, 1);
    size_t rows = equal_parts(p->rows, block_a / (steps + LINE) / TILE_ROWS * TILE_ROWS, TILE_ROWS);
    size_t columns = equal_parts(p->columns, FAR_FLOATS / steps / STRIP * STRIP, STRIP);
    struct block k = {.panel = panel, .strip = strip, .ldsums = p->ldc};
    for (k.column = 0; k.column < p->columns; k.column += columns) {
        k.columns = smaller_size(columns, p->columns - k.column);
        k.step = 0;
        do {
            k.steps = smaller_size(steps, p->steps - k.step);
            for (k.row = 0; k.row < p->rows; k.row += rows) {
                k.rows = smaller_size(rows, p->rows - k.row);
                k.sums = p->c + k.row * p->ldc + k.column;
                if (panel)
                    block_copy_a(p, &k);
                run_block(p, &k);
            }
            k.step += k.steps;
        } while (k.step < p->steps);
    }
}

NOINLINE void product_packing(const struct product *p) {
    float strip[LONG_STEPS * STRIP] __attribute__((aligned(64)));
    product_blocks(p, LONG_STEPS, FAR_FLOATS, NULL, strip);
}

NOINLINE void product_copying(const struct product *p, size_t block_steps) {
    float panel[PANEL_FLOATS] __attribute__((aligned(64)));
    float strip[LONG_STEPS * STRIP] __attribute__((aligned(64)));
    product_blocks(p, block_steps, PANEL_FLOATS, panel, strip);
}

/* More terms than a block has room for, and sums cannot wait in c, which holds what finishing needs. */
NOINLINE void product_waiting_aside(const struct product *p) {
    float panel[WAITING_ROWS * (WAITING_STEPS + LINE)] __attribute__((aligned(64)));
    float strip[WAITING_STEPS * STRIP] __attribute__((aligned(64)));
    float sums[WAITING_ROWS * WAITING_COLUMNS] __attribute__((aligned(64)));
    struct block k = {.panel = panel, .strip = strip, .sums = sums, .ldsums = WAITING_COLUMNS};
    for (k.column = 0; k.column < p->columns; k.column += WAITING_COLUMNS)
        for (k.row = 0; k.row < p->rows; k.row += WAITING_ROWS) {
            k.columns = smaller_size(WAITING_COLUMNS, p->columns - k.column);
            k.rows = smaller_size(WAITING_ROWS, p->rows - k.row);
            for (k.step = 0; k.step < p->steps; k.step += k.steps) {
                k.steps = smaller_size(WAITING_STEPS, p->steps - k.step);
                block_copy_a(p, &k);
                run_block(p, &k);
            }
        }
}

/* Whether a is better copied: where the lines of its part of a tile collide in the caches, or where many
   strips would fetch whole lines for the few columns of a tile. */
INLINE bool copies_a(const struct product *p) {
    if (!p->a_transposed)
        return p->lda % COLLIDING_ROWS == 0 && p->rows > TILE_ROWS;
    return (p->columns >= COPY_STRIPS * STRIP && p->rows >= TILE_ROWS) ||
           (p->lda % COLLIDING_COLUMNS == 0 && p->columns >= 8 * STRIP && p->steps >= 512);
}

/* Whether the first tile of a strip of b is to copy it for the others. */
INLINE bool packs_b(const struct product *p) {
    bool wide = smaller_size(p->steps, LONG_STEPS) * p->ldb > WIDE_FLOATS;
    return (wide && p->rows >= MANY_ROWS) || (p->steps * STRIP <= SHORT_STRIP && p->rows >= SHORT_STRIP_ROWS);
}

static void product(const struct product *p) {
    bool sums_may_wait = !epilogue_needs_other(p->epilogue) || p->other != p->c;
    if (p->rows == 0 || p->columns == 0)
        return;
    if (!sums_may_wait && p->steps > LONG_STEPS)
        product_waiting_aside(p);
    else if (copies_a(p))
        product_copying(p, sums_may_wait ? PANEL_STEPS : LONG_STEPS);
    else if (packs_b(p))
        product_packing(p);
    else
        product_blocks(p, LONG_STEPS, FAR_FLOATS, NULL, NULL);
}
