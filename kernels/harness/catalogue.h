/*
 * The catalogue of the kernel table's operations: what each is called, what its arguments look like, how to
 * call it. The tests, minnow selftest and minnow bench work from it, so an operation cannot be left out of
 * any of them; and it does not compile while an operation of operations.h is not described in it.
 */
#ifndef MINNOW_CATALOGUE_H
#define MINNOW_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernels.h"

enum { KERNEL_OPERANDS = 9 };

enum dimension {
    DIMENSION_ONE,
    DIMENSION_M,
    DIMENSION_K,
    DIMENSION_N,
    DIMENSION_2,
    DIMENSION_6,
    DIMENSION_256, /* one element for each value of a byte */
};

/* What an operand's elements mean, and with that their type and which values make sense. */
enum content {
    CONTENT_FACTOR,      /* float: the a[k] of a product, whose zeros may be skipped */
    CONTENT_COFACTOR,    /* float: the b[k] of a product */
    CONTENT_PLAIN,       /* float: biases, gradients, weights being updated, results */
    CONTENT_SQUARE,      /* float: a mean of squares, so not below 0 */
    CONTENT_LOGIT,       /* float: logits; some rows have ties */
    CONTENT_ACTIVATION,  /* float: an activation's output, or its input where the derivative needs that */
    CONTENT_ARGUMENT,    /* float: the argument of an elementary function, so any bits at all */
    CONTENT_BYTE,        /* uint8_t: any byte */
    CONTENT_FACTOR_BYTE, /* uint8_t: the a[k] of a product, as an index into the BYTE_VALUE operand */
    CONTENT_BYTE_VALUE,  /* float: the 256 floats that FACTOR_BYTEs stand for; the first is 0 */
    CONTENT_COUNT,       /* uint32_t: a result */
    CONTENT_LABEL,       /* uint32_t: below n */
    CONTENT_ROW,         /* uint32_t: below k */
    CONTENT_POINT,       /* float: a coordinate in an image of m × k, or near it; m ≥ 2, k ≥ 4 */

    /* The arrays of a struct sparse_rows. The operand's rows and columns are those of the matrix that they
       describe. */
    CONTENT_SPARSE_BEGIN, /* uint32_t: where each row's entries begin */
    CONTENT_SPARSE_END,   /* uint32_t: where they end */
    CONTENT_SPARSE_INDEX, /* uint32_t: each entry's column */
    CONTENT_SPARSE_VALUE, /* float: each entry's value, not 0 */
};

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_UPDATE };

enum presence { PRESENCE_REQUIRED, PRESENCE_OPTIONAL, PRESENCE_OPTIONAL_IF_IDENTITY };

/* One array argument. A vector is a matrix of one row without a stride. */
struct kernel_operand {
    const char *name;
    enum content content;
    enum access access;
    enum dimension rows, columns;
    bool strided;
    enum presence presence;    /* whether NULL may be passed */
    unsigned char may_replace; /* 1 + the index of an operand whose memory this output may be; 0: none */
    unsigned char stride_of;   /* 1 + the index of an operand whose stride it has; 0: its own */
};

struct kernel_shape {
    size_t m, k, n; /* 1 where the operation has no such dimension */
};

/* Everything an operation is handed. */
struct kernel_call {
    struct kernel_shape shape;
    enum activation activation;
    struct update update;
    float scalar; /* scale */
    struct {
        void *data;
        size_t ld; /* in elements */
    } operand[KERNEL_OPERANDS];
};

struct kernel_entry {
    const char *name;
    size_t offset; /* of the function pointer in struct kernels */
    void (*run)(const struct kernels *table, const struct kernel_call *call);
    bool has_activation, has_update;
    bool needs_columns;   /* n > 0 */
    enum dimension split; /* slices along it are independent: how threads share the work */
    double flops; /* per element of the product of its dimensions; 0 where counting them would say little */
    bool bandwidth_bound; /* judge it by bytes per second */
    unsigned operand_count;
    struct kernel_operand operand[KERNEL_OPERANDS];
    const struct kernel_shape *bench_shapes; /* ends with m = 0 */
};

/* In the order of struct kernels. */
extern const struct kernel_entry kernel_catalogue[];
extern const size_t kernel_catalogue_count;

/* The entry of that name, or NULL. */
const struct kernel_entry *kernel_entry_find(const char *name);

/* An update of the rule at that rate; its other constants are such that each of them shows. */
struct update kernel_update(enum update_rule rule, float rate);

/* How many activations or update rules the operation is called with; 1 if it has neither. */
unsigned kernel_ways(const struct kernel_entry *entry);
/* The most of any operation. */
#define KERNEL_WAYS (ACTIVATION_COUNT > UPDATE_COUNT ? ACTIVATION_COUNT : UPDATE_COUNT)

/* Whether any operand has the dimension. */
bool kernel_entry_uses(const struct kernel_entry *entry, enum dimension dimension);

/* Whether the table's pointer for the operation is set. */
bool kernel_entry_present(const struct kernel_entry *entry, const struct kernels *table);

size_t kernel_dimension(struct kernel_shape shape, enum dimension dimension);

/* Bytes of one element. */
size_t kernel_element_size(enum content content);

/* Floating-point operations of one call, a sparse one counted as if it were dense; 0: not counted. */
double kernel_flops(const struct kernel_entry *entry, struct kernel_shape shape);

/* Bytes one call must read and write at least; of sparse rows, as if they were dense; of updates, PLAIN ones. */
double kernel_bytes(const struct kernel_entry *entry, struct kernel_shape shape);

/* The part of the call that works on [begin, end) of the entry's split dimension. */
struct kernel_call kernel_call_slice(const struct kernel_entry *entry, const struct kernel_call *call,
                                     size_t begin, size_t end);

#endif
