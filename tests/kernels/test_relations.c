/* What must be the same to the last bit although different kernels, or differently sized calls, compute it:
 * in every table. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include "harness/check.h"

static void *memory[3][KERNEL_OPERANDS];

static void *place(void *context, unsigned copy, unsigned operand, size_t bytes) {
    (void)context;
    free(memory[copy][operand]);
    return memory[copy][operand] = malloc(bytes + 1);
}

static struct kernel_call prepare(const struct kernel_entry *entry, const struct kernel_case *c,
                                  unsigned copy) {
    struct kernel_call call;
    cr_assert(kernel_prepare(entry, c, copy, place, NULL, &call));
    return call;
}

static const struct kernel_shape shapes[] = {{1, 784, 10}, {13, 29, 33},  {8, 64, 128},
                                             {37, 5, 17},  {64, 100, 16}, {3, 1, 1},
                                             {0, 4, 5},    {4, 0, 19},    {5, 4, 0}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* Calls `check` for every table this machine runs, with cases of every kind. */
static void for_each_case(void (*check)(const struct kernels *table, const struct kernel_case *c)) {
    for (size_t t = 0; t < kernel_table_count; t++)
        for (size_t s = 0; kernels_usable(kernel_tables[t]) && s < SHAPES; s++)
            for (unsigned way = 0; way < VALUES_KINDS * KERNEL_WAYS; way++)
                check(kernel_tables[t], &(struct kernel_case){.shape = shapes[s],
                                                              .way = way % KERNEL_WAYS,
                                                              .values = (enum values)(way / KERNEL_WAYS),
                                                              .row_padding = way % 3,
                                                              .density = way % 5 ? 0.3 : 0,
                                                              .scalar = 0.17f,
                                                              .seed = s * 64 + way});
}

static void assert_same(const char *what, const struct kernels *table, const struct kernel_entry *entry,
                        const struct kernel_case *c, const struct kernel_call *expected,
                        const struct kernel_call *found) {
    struct kernel_fault fault;
    char how[512], text[256];
    if (kernel_outputs_equal(entry, expected, found, &fault))
        return;
    kernel_case_describe(entry, c, how, sizeof how);
    kernel_fault_describe(entry, &fault, text, sizeof text);
    cr_assert_fail("%s: %s: %s [%s]", table->name, what, text, how);
}

/* ---- A part of the work is the work's part: a sample alone or in any batch, any share of the threads ---- */

static void check_slices(const struct kernels *table, const struct kernel_case *base) {
    for (size_t e = 0; e < kernel_catalogue_count; e++) {
        const struct kernel_entry *entry = &kernel_catalogue[e];
        struct kernel_case c = *base;
        for (enum dimension d = DIMENSION_M; d <= DIMENSION_N; d++)
            if (!kernel_entry_uses(entry, d))
                *(d == DIMENSION_M ? &c.shape.m : d == DIMENSION_K ? &c.shape.k : &c.shape.n) = 1;
        if (!kernel_case_valid(entry, &c))
            continue;
        struct kernel_call whole = prepare(entry, &c, 0), parts = prepare(entry, &c, 1);
        entry->run(table, &whole);
        size_t total = kernel_dimension(c.shape, entry->split);
        for (size_t begin = 0, width = 1; begin < total; begin += width, width = width % 7 + 2) {
            struct kernel_call part =
                kernel_call_slice(entry, &parts, begin, begin + width < total ? begin + width : total);
            entry->run(table, &part);
        }
        assert_same("in parts", table, entry, &c, &whole, &parts);
    }
}

Test(relations, parts_equal_the_whole) {
    for_each_case(check_slices);
}

/* ---- One sample equals a mini-batch of one ---- */

static void check_one(const struct kernels *table, const struct kernel_case *base) {
    static const char *const names[][2] = {{"forward_one", "forward"},
                                           {"input_gradient_one", "input_gradient"},
                                           {"weight_update_one", "weight_update"}};
    for (size_t i = 0; i < 3; i++) {
        const struct kernel_entry *one = kernel_entry_find(names[i][0]),
                                  *many = kernel_entry_find(names[i][1]);
        struct kernel_case c = *base;
        c.shape.m = 1;
        if (!kernel_case_valid(many, &c) || !kernel_case_valid(one, &c))
            continue;
        struct kernel_call expected = prepare(many, &c, 0), found = prepare(one, &c, 1);
        many->run(table, &expected);
        one->run(table, &found);
        assert_same("one sample", table, one, &c, &expected, &found);
    }
}

Test(relations, one_sample_equals_a_batch_of_one) {
    for_each_case(check_one);
}

/* ---- Sparse equals dense ---- */

/* The weights of an update's call, whose operands they are from the i-th on. */
static struct trained trained_of(const struct kernel_call *call, unsigned i) {
    return (struct trained){call->operand[i].data, call->operand[i + 1].data, call->operand[i + 2].data,
                            call->operand[i + 3].data, call->operand[i].ld};
}

/* The sparse rows of a call as a dense matrix [samples][inputs]. */
static float *densify(const struct kernel_call *call, bool transposed) {
    size_t m = call->shape.m, k = call->shape.k;
    const uint32_t *begin = call->operand[0].data, *end = call->operand[1].data,
                   *index = call->operand[2].data;
    const float *value = call->operand[3].data;
    float *x = calloc(m * k + 1, sizeof *x);
    cr_assert(x);
    for (size_t row = 0; row < (transposed ? k : m); row++)
        for (uint32_t i = begin[row]; i < end[row]; i++)
            x[transposed ? index[i] * k + row : row * k + index[i]] = value[i];
    return x;
}

static void check_sparse(const struct kernels *table, const struct kernel_case *c) {
    if (c->values == VALUES_SPECIAL_COFACTORS)
        return; /* zeros times infinity: dense and sparse may differ */
    static const char *const names[] = {"sparse_forward", "sparse_weight_gradient", "sparse_weight_update"};
    for (size_t i = 0; i < 3; i++) {
        const struct kernel_entry *entry = kernel_entry_find(names[i]);
        if (!kernel_case_valid(entry, c))
            continue;
        struct kernel_call found = prepare(entry, c, 0), expected = prepare(entry, c, 1);
        entry->run(table, &found);
        float *x = densify(&expected, i > 0);
        size_t m = c->shape.m, k = c->shape.k, n = c->shape.n, other = expected.operand[4].ld;
        const float *matrix = expected.operand[4].data;
        struct trained trained = trained_of(&expected, 5);
        if (i == 0)
            table->forward(m, k, n, x, k, matrix, other, expected.operand[5].data, expected.activation,
                           expected.operand[6].data, expected.operand[6].ld);
        else if (i == 1)
            table->weight_gradient(m, k, n, x, k, matrix, other, expected.operand[5].data,
                                   expected.operand[5].ld);
        else
            table->weight_update(m, k, n, x, k, matrix, other, &expected.update, &trained);
        assert_same("sparse and dense", table, entry, c, &expected, &found);
        free(x);
    }
}

static void check_sparse_one(const struct kernels *table, const struct kernel_case *c) {
    const struct kernel_entry *entry = kernel_entry_find("sparse_weight_update_one");
    if (c->values == VALUES_SPECIAL_COFACTORS || c->shape.m != 1 || !kernel_case_valid(entry, c))
        return;
    struct kernel_call found = prepare(entry, c, 0), expected = prepare(entry, c, 1);
    entry->run(table, &found);
    float *x = densify(&expected, false);
    struct trained trained = trained_of(&expected, 5);
    table->weight_update_one(c->shape.k, c->shape.n, x, expected.operand[4].data, &expected.update, &trained);
    assert_same("one sparse sample", table, entry, c, &expected, &found);
    free(x);
}

Test(relations, one_sparse_sample_equals_a_dense_one) {
    for_each_case(check_sparse_one);
}

Test(relations, sparse_equals_dense) {
    for_each_case(check_sparse);
}

/* ---- Bytes equal the floats they stand for ---- */

/* The factors of a call that has them as bytes, [rows][columns]. */
static float *floats_of(const struct kernel_call *call, size_t rows, size_t columns) {
    const float *value = call->operand[1].data;
    float *x = calloc(rows * columns + 1, sizeof *x);
    cr_assert(x);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++) {
            const uint8_t *bytes = call->operand[0].data;
            x[row * columns + column] = value[bytes[row * call->operand[0].ld + column]];
        }
    return x;
}

static void check_bytes(const struct kernels *table, const struct kernel_case *c) {
    static const char *const names[] = {"bytes_forward", "bytes_weight_update"};
    for (size_t i = 0; i < 2; i++) {
        const struct kernel_entry *entry = kernel_entry_find(names[i]);
        if (c->values == VALUES_SPECIAL_COFACTORS || !kernel_case_valid(entry, c))
            continue; /* zeros times infinity: skipped or not may differ */
        struct kernel_call found = prepare(entry, c, 0), expected = prepare(entry, c, 1);
        entry->run(table, &found);
        size_t m = c->shape.m, k = c->shape.k, n = c->shape.n;
        bool by_feature = i == 1;
        float *x = floats_of(&expected, by_feature ? k : m, by_feature ? m : k);
        const float *b = expected.operand[2].data;
        size_t ldb = expected.operand[2].ld, ld = expected.operand[4].ld;
        float *result = expected.operand[4].data;
        struct trained trained = trained_of(&expected, 3);
        if (i == 0) {
            table->forward(m, k, n, x, k, b, ldb, expected.operand[3].data, expected.activation, result, ld);
        } else {
            float *by_sample = calloc(m * k + 1, sizeof *by_sample);
            cr_assert(by_sample);
            kernel_tables[0]->transpose(k, m, x, m, by_sample, k);
            table->weight_update(m, k, n, by_sample, k, b, ldb, &expected.update, &trained);
            free(by_sample);
        }
        assert_same("bytes and floats", table, entry, c, &expected, &found);
        free(x);
    }
}

Test(relations, bytes_equal_floats) {
    for_each_case(check_bytes);
}

/* ---- An update is the gradient, then the step ---- */

static void check_update(const struct kernels *table, const struct kernel_case *c) {
    static const char *const names[] = {"weight_update", "bias_update"};
    for (size_t i = 0; i < 2; i++) {
        const struct kernel_entry *entry = kernel_entry_find(names[i]);
        struct kernel_case fitted = *c;
        if (i == 1)
            fitted.shape.k = 1;
        if (!kernel_case_valid(entry, &fitted))
            continue;
        struct kernel_call found = prepare(entry, &fitted, 0), expected = prepare(entry, &fitted, 1);
        entry->run(table, &found);
        size_t m = fitted.shape.m, k = fitted.shape.k, n = fitted.shape.n;
        float *g = calloc(k * n + 1, sizeof *g);
        cr_assert(g);
        if (i == 0)
            table->weight_gradient(m, k, n, expected.operand[0].data, expected.operand[0].ld,
                                   expected.operand[1].data, expected.operand[1].ld, g, n);
        else
            table->bias_gradient(m, n, expected.operand[0].data, expected.operand[0].ld, g);
        struct trained trained = trained_of(&expected, 2 - (unsigned)i);
        table->apply_update(k, n, g, n, &expected.update, &trained);
        assert_same("gradient and step", table, entry, &fitted, &expected, &found);
        free(g);
    }
}

Test(relations, update_equals_gradient_and_step) {
    for_each_case(check_update);
}
