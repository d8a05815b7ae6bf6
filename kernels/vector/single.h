/*
 * The products of one sample. Zeros of x are found VEC at a time and their rows of w skipped, which pays
 * twice: the chain of dependent additions per output is the time a narrow layer takes, and reading w the time
 * a wide one takes.
 */

enum { MASK_BITS = 64 };

/* Bit i: x[i] is not 0; for the first `count` ≤ MASK_BITS of x. */
INLINE uint64_t nonzero_bits(const float *x, size_t count) {
    uint64_t bits = 0;
    if (count == MASK_BITS) {
        UNROLL
        for (size_t i = 0; i < MASK_BITS; i += VEC)
            bits |= (uint64_t)v_mask_bits(v_differ(v_load(x + i), v_zero())) << i;
        return bits;
    }
    for (size_t i = 0; i < count; i += VEC)
        bits |= (uint64_t)v_mask_bits(v_differ(v_load_first(x + i, smaller_size(count - i, VEC)), v_zero()))
                << i;
    return bits;
}

struct single {
    size_t k;
    size_t last; /* columns of the block's last vector */
    const float *x, *w;
    size_t ldw;
    const float *bias;
    enum epilogue epilogue;
    float rate;
    const float *other;
    float *c;
};

INLINE void single_product(size_t vectors, bool partial, const struct single *p) {
    vec sum[ROW_VECTORS];
    size_t last = p->last, ldw = p->ldw;
    row_start(vectors, partial, last, p->bias, sum);
    for (size_t i = 0; i < p->k; i += MASK_BITS) {
        const float *x = p->x + i, *w = p->w + i * ldw;
        for (uint64_t bits = nonzero_bits(x, smaller_size(p->k - i, MASK_BITS)); bits; bits &= bits - 1) {
            size_t l = (size_t)__builtin_ctzll(bits);
            row_add(vectors, partial, last, x[l], w + l * ldw, sum);
        }
    }
    switch (p->epilogue) {
#define DO_EPILOGUE(epilogue) row_end(vectors, partial, last, epilogue, 0, p->other, p->c, sum)
        EPILOGUE_CASES
#undef DO_EPILOGUE
    }
}

/* c, the weights: c[i][j] -= rate · x[i] · other[j]. */
INLINE void single_update(size_t vectors, bool partial, const struct single *p) {
    vec d[ROW_VECTORS], rate = v_set(p->rate);
    size_t last = p->last, ldw = p->ldw;
    UNROLL
    for (size_t v = 0; v < vectors; v++)
        d[v] = row_load(p->other, v, vectors, partial, last);
    for (size_t i = 0; i < p->k; i += MASK_BITS) {
        const float *x = p->x + i;
        float *c = p->c + i * ldw;
        for (uint64_t bits = nonzero_bits(x, smaller_size(p->k - i, MASK_BITS)); bits; bits &= bits - 1) {
            size_t l = (size_t)__builtin_ctzll(bits);
            row_update(vectors, partial, last, x[l], d, rate, c + l * ldw);
        }
    }
}

#define SINGLE(vectors)                                                                                      \
    static void single_product_##vectors(const struct single *p) {                                           \
        single_product(vectors, false, p);                                                                   \
    }                                                                                                        \
    static void single_product_##vectors##_partial(const struct single *p) {                                 \
        single_product(vectors, true, p);                                                                    \
    }                                                                                                        \
    static void single_update_##vectors(const struct single *p) {                                            \
        single_update(vectors, false, p);                                                                    \
    }                                                                                                        \
    static void single_update_##vectors##_partial(const struct single *p) {                                  \
        single_update(vectors, true, p);                                                                     \
    }
ROW_FUNCTIONS(SINGLE)

typedef void single_function(const struct single *);

INLINE void single_blocks(single_function *const blocks[ROW_VECTORS][2], struct single p, size_t n) {
    for (size_t j = 0; j < n; j += ROW_COLUMNS) {
        size_t columns = smaller_size(n - j, ROW_COLUMNS), vectors = (columns + VEC - 1) / VEC;
        p.last = columns - (vectors - 1) * VEC;
        blocks[vectors - 1][p.last != VEC](&p);
        if (p.w)
            p.w += ROW_COLUMNS;
        if (p.bias)
            p.bias += ROW_COLUMNS;
        if (p.other)
            p.other += ROW_COLUMNS;
        p.c += ROW_COLUMNS;
    }
}

static single_function *const single_products[ROW_VECTORS][2] = ROW_TABLE(single_product);
static single_function *const single_updates[ROW_VECTORS][2] = ROW_TABLE(single_update);

static void vector_forward_one(size_t k, size_t n, const float *x, const float *w, size_t ldw,
                               const float *bias, enum activation act, float *y) {
    single_blocks(single_products,
                  (struct single){.k = k,
                                  .x = x,
                                  .w = w,
                                  .ldw = ldw,
                                  .bias = bias,
                                  .epilogue = epilogue_of_activation(act),
                                  .c = y},
                  n);
    activate_rows(1, n, act, y, n);
}

static void vector_input_gradient_one(size_t k, size_t n, const float *d, const float *wt, size_t ldwt,
                                      enum activation act, const float *s, float *dx) {
    bool ahead = activation_derivative_needs_input(act);
    if (ahead)
        input_derivatives(n, act, s, dx);
    single_blocks(single_products,
                  (struct single){.k = k,
                                  .x = d,
                                  .w = wt,
                                  .ldw = ldwt,
                                  .epilogue = epilogue_of_derivative(act),
                                  .other = ahead ? dx : s,
                                  .c = dx},
                  n);
}

static void vector_weight_update_one(size_t k, size_t n, const float *x, const float *d,
                                     const struct update *update, float *w, size_t ldw) {
    single_blocks(single_updates,
                  (struct single){.k = k, .x = x, .ldw = ldw, .rate = update->rate, .other = d, .c = w}, n);
}
