/*
 * c[rows][columns] = epilogue(start + Σ over the bytes of a row that are not 0 of value[byte] · b[its place]).
 * Which bytes are not 0 is read off 64 at a time: nothing needs listing beforehand.
 */

enum {
    BYTE_TERMS = 64,     /* of b in a block: 32 KiB in a block of columns at most */
    BYTE_ROWS = 256,     /* whose sums wait together between blocks */
    BYTE_FEW_ROWS = 8,   /* for which blocks do not pay */
    BYTE_SAMPLES = 512,  /* of a block in an update */
    BYTE_COPY_ROWS = 32, /* that repay a copy of their block's b */
    BYTE_CROWDED = 256, /* floats: rows of b so far apart, or a multiple, crowd each other out of the cache */
};

struct byte_product {
    size_t rows, k;
    const uint8_t *a; /* [rows][k] */
    size_t lda;
    const float *value; /* [256] */
    const float *b;     /* [k][columns] */
    size_t ldb;
    const float *start; /* [rows][columns]: bias or partial sums; NULL: 0 */
    size_t ldstart;     /* 0: the same for all rows */
    enum epilogue epilogue;
    float rate;
    size_t last; /* columns of the last vector */
    float *c;    /* [rows][columns] */
    size_t ldc;
};

INLINE uint64_t byte_bits(const uint8_t *a, size_t count) {
    return count >= BYTE_TERMS ? v_byte_bits(a) : v_byte_bits_first(a, count);
}

INLINE void byte_row(size_t vectors, bool partial, enum epilogue epilogue, const struct byte_product *p,
                     size_t row) {
    const uint8_t *a = p->a + row * p->lda;
    float *c = p->c + row * p->ldc;
    const float *value = p->value;
    size_t ldb = p->ldb, last = p->last;
    vec sum[ROW_VECTORS];
    row_start(vectors, partial, last, p->start ? p->start + row * p->ldstart : NULL, sum);
    for (size_t i = 0; i < p->k; i += BYTE_TERMS)
        for (uint64_t bits = byte_bits(a + i, p->k - i); bits; bits &= bits - 1) {
            size_t l = i + (size_t)__builtin_ctzll(bits);
            row_add(vectors, partial, last, value[a[l]], p->b + l * ldb, sum);
        }
    row_end(vectors, partial, last, epilogue, p->rate, c, c, sum);
}

/* Two rows that share what they load of b: of neighbouring features most samples have both or neither. */
INLINE void byte_row_pair(size_t vectors, bool partial, enum epilogue epilogue, const struct byte_product *p,
                          size_t row) {
    const uint8_t *a = p->a + row * p->lda, *other = a + p->lda;
    float *c = p->c + row * p->ldc;
    const float *start = p->start ? p->start + row * p->ldstart : NULL, *value = p->value;
    size_t ldb = p->ldb, last = p->last;
    vec sum[2][ROW_VECTORS];
    row_start(vectors, partial, last, start, sum[0]);
    row_start(vectors, partial, last, start ? start + p->ldstart : NULL, sum[1]);
    for (size_t i = 0; i < p->k; i += BYTE_TERMS) {
        uint64_t bits = byte_bits(a + i, p->k - i) | byte_bits(other + i, p->k - i);
        for (; bits; bits &= bits - 1) {
            size_t l = i + (size_t)__builtin_ctzll(bits);
            const float *b = p->b + l * ldb;
            vmask in[2] = {v_mask_if(a[l] != 0), v_mask_if(other[l] != 0)};
            vec factor[2] = {v_set(value[a[l]]), v_set(value[other[l]])};
            UNROLL
            for (size_t v = 0; v < vectors; v++) {
                vec x = row_load(b, v, vectors, partial, last);
                sum[0][v] = v_fma_where(in[0], factor[0], x, sum[0][v]);
                sum[1][v] = v_fma_where(in[1], factor[1], x, sum[1][v]);
            }
        }
    }
    row_end(vectors, partial, last, epilogue, p->rate, c, c, sum[0]);
    row_end(vectors, partial, last, epilogue, p->rate, c + p->ldc, c + p->ldc, sum[1]);
}

INLINE void byte_block_rows(size_t together, size_t vectors, bool partial, enum epilogue epilogue,
                            const struct byte_product *p) {
    size_t row = 0;
    for (; together == 2 && row + 2 <= p->rows; row += 2)
        byte_row_pair(vectors, partial, epilogue, p, row);
    for (; row < p->rows; row++)
        byte_row(vectors, partial, epilogue, p, row);
}

INLINE void byte_block(size_t vectors, bool partial, const struct byte_product *p) {
    switch (p->epilogue) {
/* No product of bytes has a derivative to end with. */
#define DO_EPILOGUE(epilogue)                                                                                \
    if (!epilogue_is_backward(epilogue))                                                                     \
    byte_block_rows(epilogue == EPILOGUE_UPDATE ? UPDATE_ROWS : 1, vectors, partial, epilogue, p)
        EPILOGUE_CASES
#undef DO_EPILOGUE
    }
}

#define BYTE_BLOCK(vectors)                                                                                  \
    static void byte_block_##vectors(const struct byte_product *p) {                                         \
        byte_block(vectors, false, p);                                                                       \
    }                                                                                                        \
    static void byte_block_##vectors##_partial(const struct byte_product *p) {                               \
        byte_block(vectors, true, p);                                                                        \
    }
ROW_FUNCTIONS(BYTE_BLOCK)

static void byte_columns(struct byte_product p, size_t columns) {
    static void (*const blocks[ROW_VECTORS][2])(const struct byte_product *) = ROW_TABLE(byte_block);
    size_t vectors = (columns + VEC - 1) / VEC;
    p.last = columns - (vectors - 1) * VEC;
    blocks[vectors - 1][p.last != VEC](&p);
}

/* ---- Forward: in blocks of terms, so that their rows of w stay in the first-level cache. ---- */

INLINE size_t byte_copy_width(size_t columns) {
    return (columns + VEC - 1) / VEC * VEC;
}

/* copy[k][columns rounded up] = the block's part of b, which takes its place. */
INLINE void byte_copy(struct byte_product *p, size_t columns, float *copy) {
    size_t width = byte_copy_width(columns);
    vector_gather_floats(p->k, columns, p->b, p->ldb, NULL, copy, width);
    p->b = copy;
    p->ldb = width;
}

NOINLINE void byte_forward_crowded(struct byte_product p, size_t columns) {
    float copy[BYTE_TERMS * ROW_COLUMNS] __attribute__((aligned(64)));
    byte_copy(&p, columns, copy);
    byte_columns(p, columns);
}

/* All terms of up to BYTE_ROWS rows and a block of columns; p.k: all terms. */
static void byte_forward_rows(struct byte_product p, size_t columns, bool crowded) {
    size_t left = p.k, block = p.rows < BYTE_FEW_ROWS ? left : BYTE_TERMS;
    enum epilogue epilogue = p.epilogue;
    for (bool end = false; !end; left -= p.k) {
        end = left <= block;
        p.k = smaller_size(left, block);
        p.epilogue = end ? epilogue : EPILOGUE_PARTIAL;
        if (crowded && p.rows >= BYTE_COPY_ROWS)
            byte_forward_crowded(p, columns);
        else
            byte_columns(p, columns);
        p.start = p.c;
        p.ldstart = p.ldc;
        p.a += p.k;
        p.b += p.k * p.ldb;
    }
}

static void vector_bytes_forward(size_t m, size_t k, size_t n, const uint8_t *x, size_t ldx,
                                 const float *value, const float *w, size_t ldw, const float *bias,
                                 enum activation act, float *y, size_t ldy) {
    for (size_t j = 0; j < n; j += ROW_COLUMNS)
        for (size_t r = 0; r < m; r += BYTE_ROWS)
            byte_forward_rows((struct byte_product){.rows = smaller_size(m - r, BYTE_ROWS),
                                                    .k = k,
                                                    .a = x + r * ldx,
                                                    .lda = ldx,
                                                    .value = value,
                                                    .b = w + j,
                                                    .ldb = ldw,
                                                    .start = bias ? bias + j : NULL,
                                                    .epilogue = epilogue_of_activation(act),
                                                    .c = y + r * ldy + j,
                                                    .ldc = ldy},
                              smaller_size(n - j, ROW_COLUMNS), ldw % BYTE_CROWDED == 0 && n > ROW_COLUMNS);
    activate_rows(m, n, act, y, ldy);
}

/* ---- Update: d's block of columns copied together, as all features read it. ---- */

NOINLINE void byte_update_copying(struct byte_product p, size_t columns) {
    float copy[BYTE_SAMPLES * ROW_COLUMNS] __attribute__((aligned(64)));
    byte_copy(&p, columns, copy);
    byte_columns(p, columns);
}

static void byte_update_block(struct byte_product p, size_t columns) {
    if (p.ldb > byte_copy_width(columns) && p.rows >= BYTE_COPY_ROWS)
        byte_update_copying(p, columns);
    else
        byte_columns(p, columns);
}

/* Of more samples than a block: sums wait in between. */
NOINLINE void byte_update_long(struct byte_product p, size_t columns) {
    float sums[BYTE_ROWS * ROW_COLUMNS] __attribute__((aligned(64)));
    struct byte_product part = p;
    for (size_t r = 0; r < p.rows; r += BYTE_ROWS) {
        part.rows = smaller_size(p.rows - r, BYTE_ROWS);
        part.start = NULL;
        for (size_t s = 0; s < p.k; s += BYTE_SAMPLES) {
            bool end = s + BYTE_SAMPLES >= p.k;
            part.k = end ? p.k - s : BYTE_SAMPLES;
            part.a = p.a + r * p.lda + s;
            part.b = p.b + s * p.ldb;
            part.epilogue = end ? EPILOGUE_UPDATE : EPILOGUE_PARTIAL;
            part.c = end ? p.c + r * p.ldc : sums;
            part.ldc = end ? p.ldc : ROW_COLUMNS;
            byte_update_block(part, columns);
            part.start = sums;
            part.ldstart = ROW_COLUMNS;
        }
    }
}

static void vector_bytes_weight_update(size_t m, size_t k, size_t n, const uint8_t *xt, size_t ldxt,
                                       const float *value, const float *d, size_t ldd,
                                       const struct update *update, float *w, size_t ldw) {
    for (size_t j = 0; j < n; j += ROW_COLUMNS) {
        struct byte_product p = {.rows = k,
                                 .k = m,
                                 .a = xt,
                                 .lda = ldxt,
                                 .value = value,
                                 .b = d + j,
                                 .ldb = ldd,
                                 .epilogue = EPILOGUE_UPDATE,
                                 .rate = update->rate,
                                 .c = w + j,
                                 .ldc = ldw};
        if (m > BYTE_SAMPLES)
            byte_update_long(p, smaller_size(n - j, ROW_COLUMNS));
        else
            byte_update_block(p, smaller_size(n - j, ROW_COLUMNS));
    }
}

/* ---- The transpose, in tiles of 16 · 16 ---- */

enum { BYTE_TILE = 16 };

/* y[16][16] = x[16][16]ᵀ. An element's place has eight bits, four of its row and then four of its column;
   zipping the rows' halves moves the first of them behind the last, and four times that exchanges the two. */
INLINE void transpose_byte_tile(const uint8_t *x, size_t ldx, uint8_t *y, size_t ldy) {
    bvec row[BYTE_TILE], zipped[BYTE_TILE];
    UNROLL
    for (size_t i = 0; i < BYTE_TILE; i++)
        row[i] = b_load(x + i * ldx);
    UNROLL
    for (size_t round = 0; round < 4; round++) {
        UNROLL
        for (size_t i = 0; i < BYTE_TILE / 2; i++) {
            zipped[2 * i] = b_zip_low(row[i], row[i + BYTE_TILE / 2]);
            zipped[2 * i + 1] = b_zip_high(row[i], row[i + BYTE_TILE / 2]);
        }
        UNROLL
        for (size_t i = 0; i < BYTE_TILE; i++)
            row[i] = zipped[i];
    }
    UNROLL
    for (size_t i = 0; i < BYTE_TILE; i++)
        b_store(y + i * ldy, row[i]);
}

/* Through copies that are whole tiles: x[m][n], m and n at most 16. */
static void transpose_bytes_edge(size_t m, size_t n, const uint8_t *x, size_t ldx, uint8_t *y, size_t ldy) {
    uint8_t from[BYTE_TILE][BYTE_TILE] = {{0}}, to[BYTE_TILE][BYTE_TILE];
    for (size_t i = 0; i < m; i++)
        memcpy(from[i], x + i * ldx, n);
    transpose_byte_tile(from[0], BYTE_TILE, to[0], BYTE_TILE);
    for (size_t j = 0; j < n; j++)
        memcpy(y + j * ldy, to[j], m);
}

static void vector_transpose_bytes(size_t m, size_t n, const uint8_t *x, size_t ldx, uint8_t *y, size_t ldy) {
    for (size_t i = 0; i < m; i += BYTE_TILE)
        for (size_t j = 0; j < n; j += BYTE_TILE) {
            const uint8_t *from = x + i * ldx + j;
            uint8_t *to = y + j * ldy + i;
            if (i + BYTE_TILE <= m && j + BYTE_TILE <= n)
                transpose_byte_tile(from, ldx, to, ldy);
            else
                transpose_bytes_edge(smaller_size(m - i, BYTE_TILE), smaller_size(n - j, BYTE_TILE), from,
                                     ldx, to, ldy);
        }
}
