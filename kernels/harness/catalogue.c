#include "catalogue.h"
#include <string.h>

/* ---- Shapes that bench times unless told otherwise ---- */

static const struct kernel_shape product_shapes[] = {{128, 784, 128},    {128, 784, 512}, {128, 1000, 500},
                                                     {512, 784, 1000},   {64, 512, 256},  {127, 783, 101},
                                                     {1024, 4096, 4096}, {128, 64, 10},   {0, 0, 0}};
static const struct kernel_shape sparse_shapes[] = {
    {128, 784, 128}, {128, 784, 512}, {64, 784, 128}, {0, 0, 0}};
static const struct kernel_shape single_shapes[] = {
    {1, 784, 128}, {1, 784, 16}, {1, 128, 784}, {1, 1024, 1024}, {0, 0, 0}};
static const struct kernel_shape row_shapes[] = {{128, 1, 10}, {128, 1, 128}, {128, 1, 1000}, {0, 0, 0}};
static const struct kernel_shape array_shapes[] = {{1, 1, 4096}, {1, 1, 1000000}, {0, 0, 0}};
static const struct kernel_shape update_shapes[] = {{1, 784, 128}, {1, 784, 1000}, {0, 0, 0}};
static const struct kernel_shape gather_shapes[] = {{128, 4096, 784}, {0, 0, 0}};
static const struct kernel_shape image_shapes[] = {{31, 33, 784}, {35, 37, 1024}, {0, 0, 0}};
static const struct kernel_shape transpose_shapes[] = {{128, 1, 784}, {784, 1, 512}, {0, 0, 0}};

/* ---- Words for the descriptions below ---- */

#define MATRIX(name, content, access, rows, columns, ...)                                                    \
    { name, CONTENT_##content, ACCESS_##access, DIMENSION_##rows, DIMENSION_##columns, true, __VA_ARGS__ }
#define VECTOR(name, content, access, columns, ...)                                                          \
    { name, CONTENT_##content, ACCESS_##access, DIMENSION_ONE, DIMENSION_##columns, false, __VA_ARGS__ }
#define NEEDED PRESENCE_REQUIRED, 0, 0
#define OPTIONAL PRESENCE_OPTIONAL, 0, 0
#define OPTIONAL_IF_IDENTITY PRESENCE_OPTIONAL_IF_IDENTITY, 0, 0
#define MAY_REPLACE(i) PRESENCE_REQUIRED, 1 + (i), 0
#define BESIDE(i) PRESENCE_REQUIRED, 0, 1 + (i)
#define OPTIONAL_BESIDE(i) PRESENCE_OPTIONAL, 0, 1 + (i)

#define BIAS VECTOR("bias", PLAIN, READ, N, OPTIONAL)
#define SPARSE_ROWS(rows, columns)                                                                           \
    SPARSE_ARRAY("begin", BEGIN, rows, columns), SPARSE_ARRAY("end", END, rows, columns),                    \
        SPARSE_ARRAY("index", INDEX, rows, columns), SPARSE_ARRAY("value", VALUE, rows, columns)
#define SPARSE_ARRAY(name, content, rows, columns)                                                           \
    { name, CONTENT_SPARSE_##content, ACCESS_READ, DIMENSION_##rows, DIMENSION_##columns, false, NEEDED }
#define BYTE_VALUES VECTOR("value", BYTE_VALUE, READ, 256, NEEDED)
/* Operands i to i + 3, of which the first has the others' stride. */
#define TRAINED_OPERANDS(i)                                                                                  \
    MATRIX("w", PLAIN, UPDATE, K, N, NEEDED), MATRIX("first", PLAIN, UPDATE, K, N, BESIDE(i)),               \
        MATRIX("second", SQUARE, UPDATE, K, N, BESIDE(i)),                                                   \
        MATRIX("average", PLAIN, UPDATE, K, N, OPTIONAL_BESIDE(i))
#define TRAINED_VECTORS(i)                                                                                   \
    VECTOR("w", PLAIN, UPDATE, N, NEEDED), VECTOR("first", PLAIN, UPDATE, N, BESIDE(i)),                     \
        VECTOR("second", SQUARE, UPDATE, N, BESIDE(i)),                                                      \
        VECTOR("average", PLAIN, UPDATE, N, OPTIONAL_BESIDE(i))
#define LOSS                                                                                                 \
    .needs_columns = true, .split = DIMENSION_M, .bench_shapes = row_shapes, .operand_count = 4,             \
    .operand = {MATRIX("z", LOGIT, READ, M, N, NEEDED), VECTOR("label", LABEL, READ, M, NEEDED),             \
                MATRIX("d", PLAIN, WRITE, M, N, MAY_REPLACE(0)), VECTOR("loss", PLAIN, WRITE, M, NEEDED)}
#define TARGET_LOSS                                                                                          \
    .split = DIMENSION_M, .bench_shapes = row_shapes, .operand_count = 4,                                    \
    .operand = {MATRIX("z", LOGIT, READ, M, N, NEEDED), MATRIX("t", PLAIN, READ, M, N, NEEDED),              \
                MATRIX("d", PLAIN, WRITE, M, N, MAY_REPLACE(0)), VECTOR("loss", PLAIN, WRITE, M, NEEDED)}
#define ELEMENTARY                                                                                           \
    .split = DIMENSION_N, .bandwidth_bound = true, .bench_shapes = array_shapes, .operand_count = 2,         \
    .operand = {VECTOR("x", ARGUMENT, READ, N, NEEDED), VECTOR("y", PLAIN, WRITE, N, MAY_REPLACE(0))}

/* An operation's operands, and the arguments it is called with. */
#define DATA(i) call->operand[i].data
#define LD(i) call->operand[i].ld
#define SHAPE_M call->shape.m
#define SHAPE_K call->shape.k
#define SHAPE_N call->shape.n
#define SPARSE (&(const struct sparse_rows){DATA(0), DATA(1), DATA(2), DATA(3)})
#define UPDATE (&call->update)
#define TRAINED(i) (&(const struct trained){DATA(i), DATA((i) + 1), DATA((i) + 2), DATA((i) + 3), LD(i)})

/* RUN(operation, its arguments …), from the operands of its description, which follows. */
#define RUN(operation, ...)                                                                                  \
    static void run_##operation(const struct kernels *table, const struct kernel_call *call) {               \
        table->operation(__VA_ARGS__);                                                                       \
    }

/* ---- The operations: how to call each, and what describes it. ---- */

RUN(forward, SHAPE_M, SHAPE_K, SHAPE_N, DATA(0), LD(0), DATA(1), LD(1), DATA(2), call->activation, DATA(3),
    LD(3))
#define DESCRIPTION_forward                                                                                  \
    .has_activation = true, .split = DIMENSION_M, .flops = 2, .bench_shapes = product_shapes,                \
    .operand_count = 4,                                                                                      \
    .operand = {MATRIX("x", FACTOR, READ, M, K, NEEDED), MATRIX("w", COFACTOR, READ, K, N, NEEDED), BIAS,    \
                MATRIX("y", PLAIN, WRITE, M, N, NEEDED)}

RUN(input_gradient, SHAPE_M, SHAPE_K, SHAPE_N, DATA(0), LD(0), DATA(1), LD(1), call->activation, DATA(2),
    LD(2), DATA(3), LD(3))
#define DESCRIPTION_input_gradient                                                                           \
    .has_activation = true, .split = DIMENSION_M, .flops = 2, .bench_shapes = product_shapes,                \
    .operand_count = 4,                                                                                      \
    .operand = {MATRIX("d", FACTOR, READ, M, K, NEEDED), MATRIX("wt", COFACTOR, READ, K, N, NEEDED),         \
                MATRIX("s", ACTIVATION, READ, M, N, OPTIONAL_IF_IDENTITY),                                   \
                MATRIX("dx", PLAIN, WRITE, M, N, MAY_REPLACE(2))}

RUN(weight_gradient, SHAPE_M, SHAPE_K, SHAPE_N, DATA(0), LD(0), DATA(1), LD(1), DATA(2), LD(2))
#define DESCRIPTION_weight_gradient                                                                          \
    .split = DIMENSION_K, .flops = 2, .bench_shapes = product_shapes, .operand_count = 3,                    \
    .operand = {MATRIX("x", FACTOR, READ, M, K, NEEDED), MATRIX("d", COFACTOR, READ, M, N, NEEDED),          \
                MATRIX("g", PLAIN, WRITE, K, N, NEEDED)}

RUN(weight_update, SHAPE_M, SHAPE_K, SHAPE_N, DATA(0), LD(0), DATA(1), LD(1), UPDATE, TRAINED(2))
#define DESCRIPTION_weight_update                                                                            \
    .has_update = true, .split = DIMENSION_K, .flops = 2, .bench_shapes = product_shapes,                    \
    .operand_count = 6,                                                                                      \
    .operand = {MATRIX("x", FACTOR, READ, M, K, NEEDED), MATRIX("d", COFACTOR, READ, M, N, NEEDED),          \
                TRAINED_OPERANDS(2)}

RUN(bias_update, SHAPE_M, SHAPE_N, DATA(0), LD(0), UPDATE, TRAINED(1))
#define DESCRIPTION_bias_update                                                                              \
    .has_update = true, .split = DIMENSION_N, .bandwidth_bound = true, .bench_shapes = row_shapes,           \
    .operand_count = 5, .operand = {MATRIX("d", PLAIN, READ, M, N, NEEDED), TRAINED_VECTORS(1)}

RUN(bias_gradient, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1))
#define DESCRIPTION_bias_gradient                                                                            \
    .split = DIMENSION_N, .bandwidth_bound = true, .bench_shapes = row_shapes, .operand_count = 2,           \
    .operand = {MATRIX("d", PLAIN, READ, M, N, NEEDED), VECTOR("g", PLAIN, WRITE, N, NEEDED)}

RUN(forward_one, SHAPE_K, SHAPE_N, DATA(0), DATA(1), LD(1), DATA(2), call->activation, DATA(3))
#define DESCRIPTION_forward_one                                                                              \
    .has_activation = true, .split = DIMENSION_N, .flops = 2, .bandwidth_bound = true,                       \
    .bench_shapes = single_shapes, .operand_count = 4,                                                       \
    .operand = {VECTOR("x", FACTOR, READ, K, NEEDED), MATRIX("w", COFACTOR, READ, K, N, NEEDED), BIAS,       \
                VECTOR("y", PLAIN, WRITE, N, NEEDED)}

RUN(input_gradient_one, SHAPE_K, SHAPE_N, DATA(0), DATA(1), LD(1), call->activation, DATA(2), DATA(3))
#define DESCRIPTION_input_gradient_one                                                                       \
    .has_activation = true, .split = DIMENSION_N, .flops = 2, .bandwidth_bound = true,                       \
    .bench_shapes = single_shapes, .operand_count = 4,                                                       \
    .operand = {VECTOR("d", FACTOR, READ, K, NEEDED), MATRIX("wt", COFACTOR, READ, K, N, NEEDED),            \
                VECTOR("s", ACTIVATION, READ, N, OPTIONAL_IF_IDENTITY),                                      \
                VECTOR("dx", PLAIN, WRITE, N, MAY_REPLACE(2))}

RUN(weight_update_one, SHAPE_K, SHAPE_N, DATA(0), DATA(1), UPDATE, TRAINED(2))
#define DESCRIPTION_weight_update_one                                                                        \
    .has_update = true, .split = DIMENSION_K, .flops = 2, .bandwidth_bound = true,                           \
    .bench_shapes = single_shapes, .operand_count = 6,                                                       \
    .operand = {VECTOR("x", FACTOR, READ, K, NEEDED), VECTOR("d", COFACTOR, READ, N, NEEDED),                \
                TRAINED_OPERANDS(2)}

RUN(sparse_forward, SHAPE_M, SHAPE_N, SPARSE, DATA(4), LD(4), DATA(5), call->activation, DATA(6), LD(6))
#define DESCRIPTION_sparse_forward                                                                           \
    .has_activation = true, .split = DIMENSION_M, .flops = 2, .bench_shapes = sparse_shapes,                 \
    .operand_count = 7,                                                                                      \
    .operand = {SPARSE_ROWS(M, K), MATRIX("w", COFACTOR, READ, K, N, NEEDED), BIAS,                          \
                MATRIX("y", PLAIN, WRITE, M, N, NEEDED)}

RUN(sparse_weight_gradient, SHAPE_K, SHAPE_N, SPARSE, DATA(4), LD(4), DATA(5), LD(5))
#define DESCRIPTION_sparse_weight_gradient                                                                   \
    .split = DIMENSION_K, .flops = 2, .bench_shapes = sparse_shapes, .operand_count = 6,                     \
    .operand = {SPARSE_ROWS(K, M), MATRIX("d", COFACTOR, READ, M, N, NEEDED),                                \
                MATRIX("g", PLAIN, WRITE, K, N, NEEDED)}

RUN(sparse_weight_update, SHAPE_K, SHAPE_N, SPARSE, DATA(4), LD(4), UPDATE, TRAINED(5))
#define DESCRIPTION_sparse_weight_update                                                                     \
    .has_update = true, .split = DIMENSION_K, .flops = 2, .bench_shapes = sparse_shapes, .operand_count = 9, \
    .operand = {SPARSE_ROWS(K, M), MATRIX("d", COFACTOR, READ, M, N, NEEDED), TRAINED_OPERANDS(5)}

RUN(sparse_weight_update_one, SHAPE_K, SHAPE_N, SPARSE, DATA(4), UPDATE, TRAINED(5))
#define DESCRIPTION_sparse_weight_update_one                                                                 \
    .has_update = true, .split = DIMENSION_N, .flops = 2, .bench_shapes = single_shapes, .operand_count = 9, \
    .operand = {SPARSE_ROWS(ONE, K), VECTOR("d", COFACTOR, READ, N, NEEDED), TRAINED_OPERANDS(5)}

RUN(bytes_forward, SHAPE_M, SHAPE_K, SHAPE_N, DATA(0), LD(0), DATA(1), DATA(2), LD(2), DATA(3),
    call->activation, DATA(4), LD(4))
#define DESCRIPTION_bytes_forward                                                                            \
    .has_activation = true, .split = DIMENSION_M, .flops = 2, .bench_shapes = sparse_shapes,                 \
    .operand_count = 5,                                                                                      \
    .operand = {MATRIX("x", FACTOR_BYTE, READ, M, K, NEEDED), BYTE_VALUES,                                   \
                MATRIX("w", COFACTOR, READ, K, N, NEEDED), BIAS, MATRIX("y", PLAIN, WRITE, M, N, NEEDED)}

RUN(bytes_weight_update, SHAPE_M, SHAPE_K, SHAPE_N, DATA(0), LD(0), DATA(1), DATA(2), LD(2), UPDATE,
    TRAINED(3))
#define DESCRIPTION_bytes_weight_update                                                                      \
    .has_update = true, .split = DIMENSION_K, .flops = 2, .bench_shapes = sparse_shapes, .operand_count = 7, \
    .operand = {MATRIX("xt", FACTOR_BYTE, READ, K, M, NEEDED), BYTE_VALUES,                                  \
                MATRIX("d", COFACTOR, READ, M, N, NEEDED), TRAINED_OPERANDS(3)}

RUN(softmax, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), LD(1))
#define DESCRIPTION_softmax                                                                                  \
    .split = DIMENSION_M, .bench_shapes = row_shapes, .operand_count = 2,                                    \
    .operand = {MATRIX("z", LOGIT, READ, M, N, NEEDED), MATRIX("p", PLAIN, WRITE, M, N, MAY_REPLACE(0))}

RUN(softmax_loss, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), call->scalar, DATA(2), LD(2), DATA(3))
#define DESCRIPTION_softmax_loss LOSS

RUN(logistic_loss, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), call->scalar, DATA(2), LD(2), DATA(3))
#define DESCRIPTION_logistic_loss LOSS

RUN(quadratic_loss, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), call->scalar, DATA(2), LD(2), DATA(3))
#define DESCRIPTION_quadratic_loss LOSS

RUN(softmax_target_loss, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), LD(1), call->scalar, DATA(2), LD(2),
    DATA(3))
#define DESCRIPTION_softmax_target_loss TARGET_LOSS

RUN(logistic_target_loss, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), LD(1), call->scalar, DATA(2), LD(2),
    DATA(3))
#define DESCRIPTION_logistic_target_loss TARGET_LOSS

RUN(squared_loss, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), LD(1), call->scalar, DATA(2), LD(2), DATA(3))
#define DESCRIPTION_squared_loss TARGET_LOSS

RUN(absolute_loss, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), LD(1), call->scalar, DATA(2), LD(2), DATA(3))
#define DESCRIPTION_absolute_loss TARGET_LOSS

RUN(huber_loss, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), LD(1), call->scalar, DATA(2), LD(2), DATA(3))
#define DESCRIPTION_huber_loss TARGET_LOSS

RUN(argmax, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1))
#define DESCRIPTION_argmax                                                                                   \
    .needs_columns = true, .split = DIMENSION_M, .bench_shapes = row_shapes, .operand_count = 2,             \
    .operand = {MATRIX("z", LOGIT, READ, M, N, NEEDED), VECTOR("best", COUNT, WRITE, M, NEEDED)}

RUN(exp, SHAPE_N, DATA(0), DATA(1))
#define DESCRIPTION_exp ELEMENTARY

RUN(log, SHAPE_N, DATA(0), DATA(1))
#define DESCRIPTION_log ELEMENTARY

RUN(activate, SHAPE_N, call->activation, DATA(0), DATA(1))
#define DESCRIPTION_activate .has_activation = true, ELEMENTARY

RUN(apply_update, SHAPE_K, SHAPE_N, DATA(0), LD(0), UPDATE, TRAINED(1))
#define DESCRIPTION_apply_update                                                                             \
    .has_update = true, .split = DIMENSION_K, .flops = 2, .bandwidth_bound = true,                           \
    .bench_shapes = update_shapes, .operand_count = 5,                                                       \
    .operand = {MATRIX("g", PLAIN, READ, K, N, NEEDED), TRAINED_OPERANDS(1)}

RUN(sum_squares, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1))
#define DESCRIPTION_sum_squares                                                                              \
    .split = DIMENSION_M, .flops = 2, .bandwidth_bound = true, .bench_shapes = row_shapes,                   \
    .operand_count = 2,                                                                                      \
    .operand = {MATRIX("x", PLAIN, READ, M, N, NEEDED), VECTOR("sum", PLAIN, WRITE, M, NEEDED)}

RUN(limit_columns, SHAPE_K, SHAPE_N, call->scalar, DATA(0), LD(0))
#define DESCRIPTION_limit_columns                                                                            \
    .split = DIMENSION_N, .bandwidth_bound = true, .bench_shapes = single_shapes, .operand_count = 1,        \
    .operand = {MATRIX("w", PLAIN, UPDATE, K, N, NEEDED)}

RUN(gather_bytes, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), call->scalar, DATA(2), LD(2))
#define DESCRIPTION_gather_bytes                                                                             \
    .split = DIMENSION_M, .bandwidth_bound = true, .bench_shapes = gather_shapes, .operand_count = 3,        \
    .operand = {MATRIX("x", BYTE, READ, K, N, NEEDED), VECTOR("row", ROW, READ, M, OPTIONAL),                \
                MATRIX("y", PLAIN, WRITE, M, N, NEEDED)}

RUN(gather_floats, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), DATA(2), LD(2))
#define DESCRIPTION_gather_floats                                                                            \
    .split = DIMENSION_M, .bandwidth_bound = true, .bench_shapes = gather_shapes, .operand_count = 3,        \
    .operand = {MATRIX("x", PLAIN, READ, K, N, NEEDED), VECTOR("row", ROW, READ, M, OPTIONAL),               \
                MATRIX("y", PLAIN, WRITE, M, N, NEEDED)}

RUN(transpose, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), LD(1))
#define DESCRIPTION_transpose                                                                                \
    .split = DIMENSION_M, .bandwidth_bound = true, .bench_shapes = transpose_shapes, .operand_count = 2,     \
    .operand = {MATRIX("x", PLAIN, READ, M, N, NEEDED), MATRIX("y", PLAIN, WRITE, N, M, NEEDED)}

RUN(transpose_bytes, SHAPE_M, SHAPE_N, DATA(0), LD(0), DATA(1), LD(1))
#define DESCRIPTION_transpose_bytes                                                                          \
    .split = DIMENSION_M, .bandwidth_bound = true, .bench_shapes = transpose_shapes, .operand_count = 2,     \
    .operand = {MATRIX("x", BYTE, READ, M, N, NEEDED), MATRIX("y", BYTE, WRITE, N, M, NEEDED)}

#define RESAMPLE(pixel)                                                                                      \
    .split = DIMENSION_N, .bandwidth_bound = true, .bench_shapes = image_shapes, .operand_count = 5,         \
    .operand = {MATRIX("x", pixel, READ, M, K, NEEDED), VECTOR("map", PLAIN, READ, 6, NEEDED),               \
                MATRIX("grid", POINT, READ, 2, N, NEEDED), MATRIX("field", PLAIN, READ, 2, N, OPTIONAL),     \
                VECTOR("y", pixel, WRITE, N, NEEDED)}

RUN(resample_bytes, SHAPE_M, SHAPE_K, SHAPE_N, DATA(0), LD(0), DATA(1), DATA(2), LD(2), DATA(3), LD(3),
    DATA(4))
#define DESCRIPTION_resample_bytes RESAMPLE(BYTE)

RUN(resample_floats, SHAPE_M, SHAPE_K, SHAPE_N, DATA(0), LD(0), DATA(1), DATA(2), LD(2), DATA(3), LD(3),
    DATA(4))
#define DESCRIPTION_resample_floats RESAMPLE(PLAIN)

#define DRAWS                                                                                                \
    { "draws", CONTENT_COUNT, ACCESS_READ, DIMENSION_M, DIMENSION_6, false, NEEDED }

RUN(draw_kept, SHAPE_M, SHAPE_N, DATA(0), call->scalar, DATA(1), LD(1))
#define DESCRIPTION_draw_kept                                                                                \
    .split = DIMENSION_M, .bandwidth_bound = true, .bench_shapes = row_shapes, .operand_count = 2,           \
    .operand = {DRAWS, MATRIX("kept", BYTE, WRITE, M, N, NEEDED)}

RUN(add_normal, SHAPE_M, SHAPE_N, DATA(0), call->scalar, DATA(1), LD(1))
#define DESCRIPTION_add_normal                                                                               \
    .split = DIMENSION_M, .bandwidth_bound = true, .bench_shapes = row_shapes, .operand_count = 2,           \
    .operand = {DRAWS, MATRIX("x", PLAIN, UPDATE, M, N, NEEDED)}

RUN(keep, SHAPE_M, SHAPE_N, DATA(0), LD(0), call->scalar, DATA(1), LD(1), DATA(2), LD(2))
#define DESCRIPTION_keep                                                                                     \
    .split = DIMENSION_M, .bandwidth_bound = true, .bench_shapes = row_shapes, .operand_count = 3,           \
    .operand = {MATRIX("kept", BYTE, READ, M, N, NEEDED), MATRIX("x", PLAIN, READ, M, N, NEEDED),            \
                MATRIX("y", PLAIN, WRITE, M, N, MAY_REPLACE(1))}

/* ---- The catalogue ---- */

/* An operation that is not described above does not compile here. */
#define MEASUREMENT(type, operation, parameters)
#define OPERATION(type, operation, parameters)                                                               \
    {.name = #operation,                                                                                     \
     .offset = offsetof(struct kernels, operation),                                                          \
     .run = run_##operation,                                                                                 \
     DESCRIPTION_##operation},
const struct kernel_entry kernel_catalogue[] = {
#include "operations.h"
};
const size_t kernel_catalogue_count = sizeof kernel_catalogue / sizeof *kernel_catalogue;

/* ---- Questions about entries ---- */

const struct kernel_entry *kernel_entry_find(const char *name) {
    for (size_t i = 0; i < kernel_catalogue_count; i++)
        if (strcmp(kernel_catalogue[i].name, name) == 0)
            return &kernel_catalogue[i];
    return NULL;
}

struct update kernel_update(enum update_rule rule, float rate) {
    return (struct update){
        .rule = rule,
        .rate = rate,
        .clip = 0.75f,
        .l2 = 0.01f,
        .decay = 0.02f,
        .momentum = 0.9f,
        .first_share = 0.3f,
        .second_kept = 0.95f,
        .second_share = 0.06f,
        .epsilon = 1e-3f,
        .average_share = 0.125f,
    };
}

unsigned kernel_ways(const struct kernel_entry *entry) {
    return entry->has_activation ? ACTIVATION_COUNT : entry->has_update ? UPDATE_COUNT : 1;
}

bool kernel_entry_uses(const struct kernel_entry *entry, enum dimension dimension) {
    for (unsigned i = 0; i < entry->operand_count; i++)
        if (entry->operand[i].rows == dimension || entry->operand[i].columns == dimension)
            return true;
    return false;
}

bool kernel_entry_present(const struct kernel_entry *entry, const struct kernels *table) {
    void (*pointer)(void);
    memcpy(&pointer, (const char *)table + entry->offset, sizeof pointer);
    return pointer != NULL;
}

size_t kernel_dimension(struct kernel_shape shape, enum dimension dimension) {
    switch (dimension) {
    case DIMENSION_ONE:
        return 1;
    case DIMENSION_M:
        return shape.m;
    case DIMENSION_K:
        return shape.k;
    case DIMENSION_N:
        return shape.n;
    case DIMENSION_2:
        return 2;
    case DIMENSION_6:
        return 6;
    case DIMENSION_256:
        return 256;
    }
    return 1;
}

size_t kernel_element_size(enum content content) {
    return content == CONTENT_BYTE || content == CONTENT_FACTOR_BYTE ? 1 : 4;
}

static bool is_gather(const struct kernel_entry *entry) {
    return entry->operand_count > 1 && entry->operand[1].content == CONTENT_ROW;
}

double kernel_flops(const struct kernel_entry *entry, struct kernel_shape shape) {
    double count = entry->flops;
    for (enum dimension d = DIMENSION_M; d <= DIMENSION_N; d++)
        if (kernel_entry_uses(entry, d))
            count *= (double)kernel_dimension(shape, d);
    return count;
}

double kernel_bytes(const struct kernel_entry *entry, struct kernel_shape shape) {
    double bytes = 0;
    for (unsigned i = 0; i < entry->operand_count; i++) {
        const struct kernel_operand *operand = &entry->operand[i];
        if (operand->stride_of)
            continue; /* kept beside the weights, which a PLAIN update leaves alone */
        /* A gather reads as many rows as it writes, whatever there is to choose from. */
        enum dimension rows = is_gather(entry) && operand->rows == DIMENSION_K ? DIMENSION_M : operand->rows;
        double elements =
            (double)kernel_dimension(shape, rows) * (double)kernel_dimension(shape, operand->columns);
        bytes += elements * (double)kernel_element_size(operand->content) *
                 (operand->access == ACCESS_UPDATE ? 2 : 1);
    }
    return bytes;
}

struct kernel_call kernel_call_slice(const struct kernel_entry *entry, const struct kernel_call *call,
                                     size_t begin, size_t end) {
    struct kernel_call slice = *call;
    *(entry->split == DIMENSION_M   ? &slice.shape.m
      : entry->split == DIMENSION_K ? &slice.shape.k
                                    : &slice.shape.n) = end - begin;
    for (unsigned i = 0; i < entry->operand_count; i++) {
        const struct kernel_operand *operand = &entry->operand[i];
        size_t skip = 0;
        if (operand->content == CONTENT_SPARSE_INDEX || operand->content == CONTENT_SPARSE_VALUE)
            skip = 0; /* begin[] and end[] say where in them */
        else if (operand->content == CONTENT_SPARSE_BEGIN || operand->content == CONTENT_SPARSE_END)
            skip = operand->rows == entry->split ? begin : 0;
        else if (operand->rows == entry->split || (i == 0 && is_gather(entry) && !call->operand[1].data))
            skip = begin * call->operand[i].ld; /* a gather without row[] takes the rows in their order */
        else if (operand->columns == entry->split)
            skip = begin;
        if (slice.operand[i].data)
            slice.operand[i].data =
                (char *)slice.operand[i].data + skip * kernel_element_size(operand->content);
    }
    return slice;
}
