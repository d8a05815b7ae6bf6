/* The harness must see through kernels that are wrong: a test that cannot fail tests nothing. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <string.h>
#include "cases.h"

/* ---- Every operation, spoiled after scalar has done it ---- */

enum spoil {
    SPOIL_NOTHING_DONE,
    SPOIL_FIRST_ELEMENT, /* of an output, by its last bit */
    SPOIL_LAST_ELEMENT,  /* likewise */
    SPOIL_BETWEEN_ROWS,  /* writes behind an output's first row, as a kernel does that rounds rows up to
                            vectors */
    SPOIL_BEHIND,        /* writes one element too many */
    SPOIL_READ_BEHIND,   /* reads one element too many of an input */
    SPOIL_READ_BEFORE,   /* reads the element before an input */
    SPOIL_INPUT,         /* changes an input's last bit */
    SPOILS
};

static struct kernels wrong_table;
static const struct kernel_entry *original;
static enum spoil spoil;
static volatile char seen;

static size_t last_index(const struct kernel_call *call, unsigned i) {
    const struct kernel_operand *operand = &original->operand[i];
    return (kernel_dimension(call->shape, operand->rows) - 1) * call->operand[i].ld +
           kernel_dimension(call->shape, operand->columns) - 1;
}

static void spoil_element(const struct kernel_call *call, unsigned i, size_t index) {
    size_t size = kernel_element_size(original->operand[i].content);
    ((char *)call->operand[i].data)[index * size] ^= 1;
}

static bool has_elements(const struct kernel_call *call, unsigned i) {
    const struct kernel_operand *operand = &original->operand[i];
    return operand->content < CONTENT_SPARSE_BEGIN && call->operand[i].data &&
           kernel_dimension(call->shape, operand->rows) > 0 &&
           kernel_dimension(call->shape, operand->columns) > 0;
}

static void spoil_output(const struct kernel_call *call, unsigned i) {
    const struct kernel_operand *operand = &original->operand[i];
    if (spoil == SPOIL_FIRST_ELEMENT)
        spoil_element(call, i, 0);
    else if (spoil == SPOIL_LAST_ELEMENT)
        spoil_element(call, i, last_index(call, i));
    else if (spoil == SPOIL_BEHIND)
        spoil_element(call, i, last_index(call, i) + 1);
    else if (spoil == SPOIL_BETWEEN_ROWS &&
             call->operand[i].ld > kernel_dimension(call->shape, operand->columns))
        spoil_element(call, i, kernel_dimension(call->shape, operand->columns));
}

static void spoil_input(const struct kernel_call *call, unsigned i) {
    size_t size = kernel_element_size(original->operand[i].content);
    if (spoil == SPOIL_READ_BEHIND)
        seen = ((char *)call->operand[i].data)[(last_index(call, i) + 1) * size];
    else if (spoil == SPOIL_READ_BEFORE)
        seen = ((char *)call->operand[i].data)[-1];
    else if (spoil == SPOIL_INPUT)
        spoil_element(call, i, last_index(call, i));
}

static void run_wrong(const struct kernels *table, const struct kernel_call *call) {
    if (table != &wrong_table) {
        original->run(table, call);
        return;
    }
    if (spoil != SPOIL_NOTHING_DONE)
        original->run(kernel_tables[0], call);
    for (unsigned i = 0; i < original->operand_count; i++)
        if (!has_elements(call, i))
            continue;
        else if (original->operand[i].access == ACCESS_READ)
            spoil_input(call, i);
        else
            spoil_output(call, i);
}

ParameterizedTestParameters(wrong, spoiled_operation_is_caught) {
    static int entry[256];
    for (size_t e = 0; e < kernel_catalogue_count; e++)
        entry[e] = (int)e;
    return cr_make_param_array(int, entry, kernel_catalogue_count);
}

ParameterizedTest(int *parameter, wrong, spoiled_operation_is_caught) {
    original = &kernel_catalogue[*parameter];
    struct kernel_entry entry = *original;
    entry.run = run_wrong;
    wrong_table = *kernel_tables[0];
    wrong_table.name = "wrong";
    bool has_rows = false; /* an output with something between its rows */
    bool has_inputs = false;
    for (unsigned i = 0; i < entry.operand_count; i++) {
        has_rows |= entry.operand[i].access != ACCESS_READ && entry.operand[i].strided;
        has_inputs |= entry.operand[i].access == ACCESS_READ;
    }
    for (spoil = SPOIL_NOTHING_DONE; spoil < SPOILS; spoil++) {
        char message[CASE_MESSAGE];
        size_t count;
        if ((spoil == SPOIL_BETWEEN_ROWS && !has_rows) || (spoil >= SPOIL_READ_BEHIND && !has_inputs))
            continue;
        cr_expect_not(cases_pass(&wrong_table, &entry, message, &count), "%s, spoil %d was not noticed",
                      entry.name, (int)spoil);
    }
}

/* ---- Mistakes that a vector kernel is apt to make ---- */

enum product_mistake {
    DESCENDING,
    TWO_SUMS,
    NOT_FUSED,
    NEGATIVE_ZERO,
    BIAS_LAST,
    FLUSHES_DENORMALS,
    RELU_OF_NAN
};
static enum product_mistake mistake;

static float flush(float value) {
    return fpclassify(value) == FP_SUBNORMAL ? copysignf(0, value) : value;
}

static float wrong_dot(size_t k, const float *x, const float *w, size_t ldw, float bias) {
    float acc = mistake == BIAS_LAST ? 0 : bias, odd = 0;
    for (size_t j = 0; j < k; j++) {
        size_t i = mistake == DESCENDING ? k - 1 - j : j;
        float *to = mistake == TWO_SUMS && i % 2 ? &odd : &acc;
        if (mistake == NOT_FUSED) {
            volatile float product = x[i] * w[i * ldw];
            *to += product;
        } else {
            *to = fmaf(x[i], w[i * ldw], *to);
        }
    }
    acc += odd;
    if (mistake == BIAS_LAST)
        acc += bias;
    if (mistake != NEGATIVE_ZERO)
        acc += 0.0f;
    return mistake == FLUSHES_DENORMALS ? flush(acc) : acc;
}

static void wrong_forward(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *w,
                          size_t ldw, const float *bias, enum activation act, float *y, size_t ldy) {
    for (size_t row = 0; row < m; row++)
        for (size_t column = 0; column < n; column++) {
            float z = wrong_dot(k, x + row * ldx, w + column, ldw, bias ? bias[column] : 0);
            if (act == ACTIVATION_RELU)
                z = mistake == RELU_OF_NAN ? (z < 0 ? 0 : z) : (z > 0 ? z : 0);
            else
                kernel_tables[0]->activate(1, act, &z, &z);
            y[row * ldy + column] = z;
        }
}

static bool harness_accepts(const struct kernels *table, const char *operation) {
    char message[CASE_MESSAGE] = "";
    size_t count;
    return cases_pass(table, kernel_entry_find(operation), message, &count);
}

Test(wrong, products_are_caught) {
    struct kernels table = *kernel_tables[0];
    table.forward = wrong_forward;
    for (mistake = DESCENDING; mistake <= FLUSHES_DENORMALS; mistake++)
        cr_expect_not(harness_accepts(&table, "forward"), "mistake %d in forward was not noticed",
                      (int)mistake);
}

/* The mutation above is sound: without a mistake in play it does pass. Of the two readings of relu(NaN),
   exactly one is scalar's. */
Test(wrong, product_without_mistake_passes) {
    struct kernels table = *kernel_tables[0];
    table.forward = wrong_forward;
    mistake = (enum product_mistake) - 1;
    bool number = harness_accepts(&table, "forward");
    mistake = RELU_OF_NAN;
    bool nan_kept = harness_accepts(&table, "forward");
    cr_assert(number != nan_kept);
}

static void argmax_last_of_ties(size_t m, size_t n, const float *z, size_t ldz, uint32_t *best) {
    for (size_t row = 0; row < m; row++) {
        float largest = -INFINITY;
        best[row] = 0;
        for (size_t i = 0; i < n; i++)
            if (z[row * ldz + i] >= largest) {
                largest = z[row * ldz + i];
                best[row] = (uint32_t)i;
            }
    }
}

static void exp_of_libm(size_t n, const float *x, float *y) {
    for (size_t i = 0; i < n; i++)
        y[i] = expf(x[i]);
}

static void softmax_in_order(size_t m, size_t n, const float *z, size_t ldz, float *p, size_t ldp) {
    for (size_t row = 0; row < m; row++) {
        float largest = -INFINITY, sum = 0;
        for (size_t i = 0; i < n; i++)
            largest = fmaxf(largest, z[row * ldz + i]);
        for (size_t i = 0; i < n; i++) {
            float e = z[row * ldz + i] - largest;
            kernel_tables[0]->exp(1, &e, &e);
            sum += p[row * ldp + i] = e;
        }
        for (size_t i = 0; i < n; i++)
            p[row * ldp + i] /= sum;
    }
}

static void update_not_fused(size_t k, size_t n, const float *g, size_t ldg, const struct update *update,
                             const struct trained *to) {
    if (update->rule != UPDATE_PLAIN) {
        kernel_tables[0]->apply_update(k, n, g, ldg, update, to);
        return;
    }
    for (size_t i = 0; i < k * n; i++) {
        volatile float step = update->rate * g[i / n * ldg + i % n];
        to->w[i / n * to->ld + i % n] -= step;
    }
}

/* Adam that adds epsilon before it takes the root. */
static void adam_epsilon_inside(size_t k, size_t n, const float *g, size_t ldg, const struct update *update,
                                const struct trained *to) {
    struct update inside = *update;
    if (update->rule == UPDATE_ADAM)
        inside.epsilon = sqrtf(update->epsilon);
    kernel_tables[0]->apply_update(k, n, g, ldg, &inside, to);
}

static void gather_in_order(size_t m, size_t n, const float *x, size_t ldx, const uint32_t *row, float *y,
                            size_t ldy) {
    (void)row;
    for (size_t r = 0; r < m; r++)
        memcpy(y + r * ldy, x + r * ldx, n * sizeof *y);
}

Test(wrong, others_are_caught) {
    struct kernels table = *kernel_tables[0];
    table.argmax = argmax_last_of_ties;
    table.exp = exp_of_libm;
    table.softmax = softmax_in_order;
    table.apply_update = update_not_fused;
    table.gather_floats = gather_in_order;
    cr_expect_not(harness_accepts(&table, "argmax"));
    cr_expect_not(harness_accepts(&table, "exp"));
    cr_expect_not(harness_accepts(&table, "softmax"));
    cr_expect_not(harness_accepts(&table, "apply_update"));
    table.apply_update = adam_epsilon_inside;
    cr_expect_not(harness_accepts(&table, "apply_update"));
    cr_expect_not(harness_accepts(&table, "gather_floats"));
}
