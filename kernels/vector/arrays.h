/* Updates, sums over samples, gathers, transpose, and the measuring loops. */

static void vector_sgd_update(size_t n, const struct update *update, const float *g, float *w) {
    vec by = v_set(update->rate);
    size_t i = 0;
    for (; i + VEC <= n; i += VEC)
        v_store(w + i, v_fnma(by, v_load(g + i), v_load(w + i)));
    if (i < n)
        v_store_first(w + i, v_fnma(by, v_load_first(g + i, n - i), v_load_first(w + i, n - i)), n - i);
}

/* Columns of d, as many as a row block has, summed over the samples. */
INLINE void bias_block(size_t vectors, bool partial, const struct single *p) {
    vec sum[ROW_VECTORS];
    row_start(vectors, partial, p->last, NULL, sum);
    const float *d = p->w;
    for (size_t i = 0; i < p->k; i++, d += p->ldw)
        UNROLL
    for (size_t v = 0; v < vectors; v++)
        sum[v] = v_add(sum[v], row_load(d, v, vectors, partial, p->last));
    if (p->epilogue == EPILOGUE_UPDATE)
        row_end(vectors, partial, p->last, EPILOGUE_UPDATE, p->rate, p->c, p->c, sum);
    else
        row_end(vectors, partial, p->last, EPILOGUE_IDENTITY, 0, NULL, p->c, sum);
}

#define BIAS_BLOCK(vectors)                                                                                  \
    static void bias_block_##vectors(const struct single *p) {                                               \
        bias_block(vectors, false, p);                                                                       \
    }                                                                                                        \
    static void bias_block_##vectors##_partial(const struct single *p) {                                     \
        bias_block(vectors, true, p);                                                                        \
    }
ROW_FUNCTIONS(BIAS_BLOCK)

static single_function *const bias_blocks[ROW_VECTORS][2] = ROW_TABLE(bias_block);

static void vector_bias_update(size_t m, size_t n, const float *d, size_t ldd, const struct update *update,
                               float *bias) {
    single_blocks(
        bias_blocks,
        (struct single){
            .k = m, .w = d, .ldw = ldd, .epilogue = EPILOGUE_UPDATE, .rate = update->rate, .c = bias},
        n);
}

static void vector_bias_gradient(size_t m, size_t n, const float *d, size_t ldd, float *g) {
    single_blocks(bias_blocks,
                  (struct single){.k = m, .w = d, .ldw = ldd, .epilogue = EPILOGUE_IDENTITY, .c = g}, n);
}

static void vector_gather_bytes(size_t m, size_t n, const uint8_t *x, size_t ldx, const uint32_t *row,
                                float scale, float *y, size_t ldy) {
    vec by = v_set(scale);
    for (size_t i = 0; i < m; i++, y += ldy) {
        const uint8_t *from = x + (row ? row[i] : i) * ldx;
        size_t j = 0;
        for (; j + VEC <= n; j += VEC)
            v_store(y + j, v_mul(v_load_bytes(from + j), by));
        for (; j < n; j++)
            y[j] = (float)from[j] * scale;
    }
}

static void vector_gather_floats(size_t m, size_t n, const float *x, size_t ldx, const uint32_t *row,
                                 float *y, size_t ldy) {
    for (size_t i = 0; i < m; i++, y += ldy) {
        const float *from = x + (row ? row[i] : i) * ldx;
        size_t j = 0;
        for (; j + VEC <= n; j += VEC)
            v_store(y + j, v_load(from + j));
        if (j < n)
            v_store_first(y + j, v_load_first(from + j, n - j), n - j);
    }
}

/* Tiles within bands of rows, so that a band's pages of x stay mapped and its lines of y are filled in one
 * go. */
static void vector_transpose(size_t m, size_t n, const float *x, size_t ldx, float *y, size_t ldy) {
    enum { BAND = 64 };
    for (size_t band = 0; band < m; band += BAND) {
        size_t rows = smaller_size(m - band, BAND), whole_rows = rows - rows % TRANSPOSE_TILE;
        const float *from = x + band * ldx;
        float *to = y + band;
        size_t j = 0;
        for (; j + TRANSPOSE_TILE <= n; j += TRANSPOSE_TILE) {
            for (size_t i = 0; i < whole_rows; i += TRANSPOSE_TILE)
                v_transpose_tile(from + i * ldx + j, ldx, to + j * ldy + i, ldy);
            for (size_t l = j; l < j + TRANSPOSE_TILE; l++)
                for (size_t i = whole_rows; i < rows; i++)
                    to[l * ldy + i] = from[i * ldx + l];
        }
        for (; j < n; j++)
            for (size_t i = 0; i < rows; i++)
                to[j * ldy + i] = from[i * ldx + j];
    }
}

/* Enough independent chains to hide a latency of 6 at 2 per cycle, or of 3 at 4. */
static double vector_measure_fma(size_t rounds, float *sink) {
    enum { CHAINS = 12 };
    vec factor = v_set(*sink), sum[CHAINS];
    UNROLL
    for (size_t i = 0; i < CHAINS; i++)
        sum[i] = v_set((float)i); /* all different, or compilers make one chain of them */
    for (size_t round = 0; round < rounds; round++)
        UNROLL
    for (size_t i = 0; i < CHAINS; i++)
        sum[i] = v_fma(sum[i], factor, factor);
    UNROLL
    for (size_t i = 1; i < CHAINS; i++)
        sum[0] = v_add(sum[0], sum[i]);
    *sink += v_sum_lanes(sum[0]);
    return 2.0 * CHAINS * VEC * (double)rounds;
}

static void vector_measure_read(size_t rounds, size_t n, const float *x, float *sink) {
    enum { CHAINS = 8 };
    vec all[CHAINS];
    UNROLL
    for (size_t c = 0; c < CHAINS; c++)
        all[c] = v_zero();
    for (size_t round = 0; round < rounds; round++) {
        size_t i = 0;
        for (; i + CHAINS * VEC <= n; i += CHAINS * VEC)
            UNROLL
        for (size_t c = 0; c < CHAINS; c++)
            all[c] = v_or(all[c], v_load(x + i + c * VEC));
        for (; i + VEC <= n; i += VEC)
            all[0] = v_or(all[0], v_load(x + i));
        if (i < n)
            all[0] = v_or(all[0], v_load_first(x + i, n - i));
        __asm__ volatile("" ::: "memory"); /* each round reads again */
    }
    UNROLL
    for (size_t c = 1; c < CHAINS; c++)
        all[0] = v_or(all[0], all[c]);
    *sink += v_sum_lanes(all[0]);
}
