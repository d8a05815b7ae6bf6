/* Softmax, the losses, argmax: scalar/losses.c over rows cut into 16 columns, PARTS vectors, the last of them
 * partial. */

enum { PARTS = SUM_PARTS / VEC };

/* How many of the 16 columns' v-th vector there are. */
INLINE size_t part_count(size_t columns, size_t v) {
    return columns <= v * VEC ? 0 : smaller_size(columns - v * VEC, VEC);
}

INLINE vec part_load(const float *p, size_t columns, size_t v) {
    return columns >= SUM_PARTS ? v_load(p + v * VEC) : v_load_first(p + v * VEC, part_count(columns, v));
}

INLINE void part_store(float *p, size_t columns, size_t v, vec x) {
    if (columns >= SUM_PARTS)
        v_store(p + v * VEC, x);
    else
        v_store_first(p + v * VEC, x, part_count(columns, v));
}

/* x, but `other` in columns that are not there. */
INLINE vec part_keep(vec x, vec other, size_t columns, size_t v) {
    return columns >= SUM_PARTS ? x : v_select(v_first(part_count(columns, v)), x, other);
}

/* All bits of the label's column on; label counted from the 16 columns' first. */
INLINE vec part_label(size_t label, size_t v) {
    return v_load((const float *)(const void *)(one_lane + 16 - smaller_size(label, SUM_PARTS) + v * VEC));
}

INLINE float tree_sum(vec part[PARTS]) {
    UNROLL
    for (size_t width = PARTS / 2; width > 0; width /= 2)
        UNROLL
    for (size_t v = 0; v < width; v++)
        part[v] = v_add(part[v], part[v + width]);
    return v_sum_lanes(part[0]);
}

INLINE float row_max(size_t n, const float *z) {
    vec lowest = v_set(-INFINITY), max[PARTS];
    UNROLL
    for (size_t v = 0; v < PARTS; v++)
        max[v] = lowest;
    for (size_t j = 0; j < n; j += SUM_PARTS)
        UNROLL
    for (size_t v = 0; v < PARTS; v++)
        max[v] = v_larger(part_keep(part_load(z + j, n - j, v), lowest, n - j, v), max[v]);
    UNROLL
    for (size_t v = 1; v < PARTS; v++)
        max[0] = v_larger(max[v], max[0]);
    return v_max_lanes(max[0]);
}

/* e[j] = exp(z[j] - max); returns their sum. */
INLINE float row_exp(size_t n, const float *z, float max, float *e) {
    vec part[PARTS], largest = v_set(max);
    UNROLL
    for (size_t v = 0; v < PARTS; v++)
        part[v] = v_zero();
    for (size_t j = 0; j < n; j += SUM_PARTS)
        UNROLL
    for (size_t v = 0; v < PARTS; v++) {
        vec power = v_exp(v_sub(part_load(z + j, n - j, v), largest));
        part_store(e + j, n - j, v, power);
        part[v] = v_add(part[v], part_keep(power, v_zero(), n - j, v));
    }
    return tree_sum(part);
}

static void vector_softmax(size_t m, size_t n, const float *z, size_t ldz, float *p, size_t ldp) {
    for (size_t i = 0; i < m; i++, z += ldz, p += ldp) {
        vec sum = v_set(row_exp(n, z, row_max(n, z), p));
        for (size_t j = 0; j < n; j += SUM_PARTS)
            UNROLL
        for (size_t v = 0; v < PARTS; v++)
            part_store(p + j, n - j, v, v_div(part_load(p + j, n - j, v), sum));
    }
}

INLINE float log_of(float x) {
    float y;
    v_store_first(&y, v_log(v_set(x)), 1);
    return y;
}

static void vector_softmax_loss(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label,
                                float scale, float *d, size_t ldd, float *loss) {
    vec by = v_set(scale);
    for (size_t i = 0; i < m; i++, z += ldz, d += ldd) {
        if (n == 0) {
            loss[i] = 0.0f;
            continue;
        }
        float max = row_max(n, z), of_label = z[label[i]] - max;
        float sum = row_exp(n, z, max, d);
        loss[i] = log_of(sum) - of_label;
        float p = d[label[i]] / sum;
        for (size_t j = 0; j < n; j += SUM_PARTS)
            UNROLL
        for (size_t v = 0; v < PARTS; v++)
            part_store(d + j, n - j, v, v_mul(v_div(part_load(d + j, n - j, v), v_set(sum)), by));
        d[label[i]] = (p - 1.0f) * scale;
    }
}

static void vector_logistic_loss(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label,
                                 float scale, float *d, size_t ldd, float *loss) {
    vec by = v_set(scale), minus = v_set(-0.0f), one = v_set(1.0f);
    for (size_t i = 0; i < m; i++, z += ldz, d += ldd) {
        vec part[PARTS];
        UNROLL
        for (size_t v = 0; v < PARTS; v++)
            part[v] = v_zero();
        for (size_t j = 0; j < n; j += SUM_PARTS)
            UNROLL
        for (size_t v = 0; v < PARTS; v++) {
            vec zj = part_load(z + j, n - j, v), is_label = part_label(label[i] - j, v);
            vec e = v_exp(v_negative(zj));
            vec term = v_add(v_relu(v_xor(zj, v_and(is_label, minus))), v_log_1_plus(e));
            part[v] = v_add(part[v], part_keep(term, v_zero(), n - j, v));
            vec error = v_sub(v_sigmoid_from(zj, e), v_and(is_label, one));
            part_store(d + j, n - j, v, v_mul(error, by));
        }
        loss[i] = tree_sum(part);
    }
}

static void vector_quadratic_loss(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label,
                                  float scale, float *d, size_t ldd, float *loss) {
    vec by = v_set(scale), one = v_set(1.0f);
    for (size_t i = 0; i < m; i++, z += ldz, d += ldd) {
        vec part[PARTS];
        UNROLL
        for (size_t v = 0; v < PARTS; v++)
            part[v] = v_zero();
        for (size_t j = 0; j < n; j += SUM_PARTS)
            UNROLL
        for (size_t v = 0; v < PARTS; v++) {
            vec a = v_sigmoid(part_load(z + j, n - j, v));
            vec error = v_sub(a, v_and(part_label(label[i] - j, v), one));
            vec term = part_keep(error, v_zero(), n - j, v);
            part[v] = v_fma(term, term, part[v]);
            part_store(d + j, n - j, v, v_mul(v_mul(error, v_mul(a, v_sub(one, a))), by));
        }
        loss[i] = 0.5f * tree_sum(part);
    }
}

static void vector_argmax(size_t m, size_t n, const float *z, size_t ldz, uint32_t *best) {
    for (size_t i = 0; i < m; i++, z += ldz) {
        vec max = v_set(row_max(n, z));
        best[i] = 0;
        for (size_t j = 0; j < n; j += VEC) {
            size_t count = smaller_size(n - j, VEC);
            vmask largest = v_equal(count == VEC ? v_load(z + j) : v_load_first(z + j, count), max);
            unsigned bits = v_mask_bits(largest) & ((1u << count) - 1);
            if (bits) {
                best[i] = (uint32_t)(j + (size_t)__builtin_ctz(bits));
                break;
            }
        }
    }
}
