/*
 * c[rows][columns] = epilogue(Σ over a sparse row's terms of value · b[index][column]). A row's sums stay in
 * registers; the columns are cut into blocks so that the part of b a block needs stays in cache over all
 * rows.
 */

enum {
    SPARSE_FLOATS = 8192, /* of a copy of b's part: 32 KiB */
    SPARSE_REUSE = 6,     /* entries that must read a row of it to repay the copy */
    NARROW_COLUMNS = ROW_VECTORS / 2 * VEC
};

struct sparse_product {
    size_t rows, columns; /* of the block */
    size_t b_rows;        /* that are read */
    size_t last;          /* columns of its last vector */
    const struct sparse_rows *a;
    const float *b;
    size_t ldb;
    const float *bias;
    enum epilogue epilogue;
    float rate;
    float *c;
    size_t ldc;
};

INLINE void sparse_rows_product(size_t vectors, bool partial, enum epilogue epilogue,
                                const struct sparse_product *p) {
    const uint32_t *begin = p->a->begin, *end = p->a->end, *index = p->a->index;
    const float *value = p->a->value, *b = p->b;
    size_t ldb = p->ldb, last = p->last;
    float *c = p->c;
    for (size_t r = 0; r < p->rows; r++, c += p->ldc) {
        vec sum[ROW_VECTORS];
        row_start(vectors, partial, last, p->bias, sum);
        for (size_t e = begin[r]; e < end[r]; e++)
            row_add(vectors, partial, last, value[e], b + index[e] * ldb, sum);
        row_end(vectors, partial, last, epilogue, p->rate, c, c, sum);
    }
}

INLINE void sparse_block(size_t vectors, bool partial, const struct sparse_product *p) {
    switch (p->epilogue) {
/* No sparse product has a partial sum or a derivative to end with. */
#define DO_EPILOGUE(epilogue)                                                                                \
    if (epilogue != EPILOGUE_PARTIAL && !epilogue_is_backward(epilogue))                                     \
    sparse_rows_product(vectors, partial, epilogue, p)
        EPILOGUE_CASES
#undef DO_EPILOGUE
    }
}

#define SPARSE_BLOCK(vectors)                                                                                \
    static void sparse_block_##vectors(const struct sparse_product *p) {                                     \
        sparse_block(vectors, false, p);                                                                     \
    }                                                                                                        \
    static void sparse_block_##vectors##_partial(const struct sparse_product *p) {                           \
        sparse_block(vectors, true, p);                                                                      \
    }
ROW_FUNCTIONS(SPARSE_BLOCK)

/* In blocks of `width` columns. */
INLINE void sparse_blocks(struct sparse_product p, size_t n, size_t width,
                          void (*prepare)(struct sparse_product *, float *), float *copy) {
    static void (*const blocks[ROW_VECTORS][2])(const struct sparse_product *) = ROW_TABLE(sparse_block);
    for (size_t j = 0; j < n; j += width) {
        struct sparse_product block = p;
        block.columns = smaller_size(n - j, width);
        block.b += j;
        block.c += j;
        if (p.bias)
            block.bias += j;
        if (prepare)
            prepare(&block, copy);
        size_t vectors = (block.columns + VEC - 1) / VEC;
        block.last = block.columns - (vectors - 1) * VEC;
        blocks[vectors - 1][block.last != VEC](&block);
    }
}

/* copy[b_rows][columns] = the block's part of b, which takes its place. */
NOINLINE void sparse_copy(struct sparse_product *p, float *copy) {
    vector_gather_floats(p->b_rows, p->columns, p->b, p->ldb, NULL, copy, p->columns);
    p->b = copy;
    p->ldb = p->columns;
}

/* Where many rows read few rows of b, the block's part of b is copied together: it then fits into the
   first-level cache whatever its stride. */
NOINLINE void sparse_product_copying(struct sparse_product p, size_t n, size_t width) {
    float copy[SPARSE_FLOATS] __attribute__((aligned(64)));
    sparse_blocks(p, n, width, sparse_copy, copy);
}

/* Whether so many entries read few enough rows of b, those up to the largest index, to repay a copy. */
INLINE bool sparse_rows_repay(size_t rows, const struct sparse_rows *a, size_t *b_rows) {
    size_t entries = 0;
    *b_rows = 0;
    for (size_t r = 0; r < rows; r++) {
        entries += a->end[r] - a->begin[r];
        if (a->end[r] > a->begin[r] && a->index[a->end[r] - 1] >= *b_rows)
            *b_rows = (size_t)a->index[a->end[r] - 1] + 1;
    }
    return entries >= SPARSE_REUSE * *b_rows;
}

/* Fewer columns at a time where more of b's rows would not fit; but enough sums to hide their latency. */
INLINE void sparse_product(struct sparse_product p, size_t n) {
    bool repays = n >= NARROW_COLUMNS && sparse_rows_repay(p.rows, p.a, &p.b_rows);
    size_t width = p.b_rows <= SPARSE_FLOATS / ROW_COLUMNS ? ROW_COLUMNS : NARROW_COLUMNS;
    if (repays && p.b_rows <= SPARSE_FLOATS / width)
        sparse_product_copying(p, n, width);
    else
        sparse_blocks(p, n, ROW_COLUMNS, NULL, NULL);
}

static void vector_sparse_forward(size_t m, size_t n, const struct sparse_rows *x, const float *w, size_t ldw,
                                  const float *bias, enum activation act, float *y, size_t ldy) {
    sparse_product((struct sparse_product){.rows = m,
                                           .a = x,
                                           .b = w,
                                           .ldb = ldw,
                                           .bias = bias,
                                           .epilogue = epilogue_of_activation(act),
                                           .c = y,
                                           .ldc = ldy},
                   n);
    activate_rows(m, n, act, y, ldy);
}

static void vector_sparse_weight_gradient(size_t k, size_t n, const struct sparse_rows *xt, const float *d,
                                          size_t ldd, float *g, size_t ldg) {
    sparse_product(
        (struct sparse_product){
            .rows = k, .a = xt, .b = d, .ldb = ldd, .epilogue = EPILOGUE_IDENTITY, .c = g, .ldc = ldg},
        n);
}

static void vector_sparse_weight_update(size_t k, size_t n, const struct sparse_rows *xt, const float *d,
                                        size_t ldd, const struct update *update, float *w, size_t ldw) {
    sparse_product((struct sparse_product){.rows = k,
                                           .a = xt,
                                           .b = d,
                                           .ldb = ldd,
                                           .epilogue = EPILOGUE_UPDATE,
                                           .rate = update->rate,
                                           .c = w,
                                           .ldc = ldw},
                   n);
}

/* ---- One sample's update: each nonzero's row of w, read and written once. ---- */

struct sparse_step {
    const struct sparse_rows *x;
    const float *d;
    size_t last; /* columns of the block's last vector */
    float rate;
    float *w;
    size_t ldw;
};

INLINE void sparse_step_block(size_t vectors, bool partial, const struct sparse_step *p) {
    vec d[ROW_VECTORS], rate = v_set(p->rate);
    const uint32_t *index = p->x->index;
    const float *value = p->x->value;
    size_t last = p->last, ldw = p->ldw, end = p->x->end[0];
    float *w = p->w;
    UNROLL
    for (size_t v = 0; v < vectors; v++)
        d[v] = row_load(p->d, v, vectors, partial, last);
    for (size_t e = p->x->begin[0]; e < end; e++)
        row_update(vectors, partial, last, value[e], d, rate, w + index[e] * ldw);
}

#define SPARSE_STEP(vectors)                                                                                 \
    static void sparse_step_##vectors(const struct sparse_step *p) {                                         \
        sparse_step_block(vectors, false, p);                                                                \
    }                                                                                                        \
    static void sparse_step_##vectors##_partial(const struct sparse_step *p) {                               \
        sparse_step_block(vectors, true, p);                                                                 \
    }
ROW_FUNCTIONS(SPARSE_STEP)

static void vector_sparse_weight_update_one(size_t n, const struct sparse_rows *x, const float *d,
                                            const struct update *update, float *w, size_t ldw) {
    static void (*const blocks[ROW_VECTORS][2])(const struct sparse_step *) = ROW_TABLE(sparse_step);
    for (size_t j = 0; j < n; j += ROW_COLUMNS) {
        size_t columns = smaller_size(n - j, ROW_COLUMNS), vectors = (columns + VEC - 1) / VEC;
        struct sparse_step p = {x, d + j, columns - (vectors - 1) * VEC, update->rate, w + j, ldw};
        blocks[vectors - 1][p.last != VEC](&p);
    }
}
