/*
 * The kernel table: every arithmetic operation on arrays that training and inference need, once per
 * instruction set.
 *
 * Kernels allocate nothing, do no I/O, start no threads. Matrices are row-major; `ld…` is the distance
 * between rows in elements. Any size may be 0. Pointers need only float alignment, though 64-byte alignment
 * is faster. Nothing is read or written outside the stated elements: padding stays untouched. Outputs do not
 * overlap inputs unless said.
 *
 * The numerics contract (kernels/README.md): each output element is one fixed sequence of IEEE-754
 * single-precision operations, the same in every table, so that results agree bit for bit. Products: one
 * accumulator per output element, acc = fmaf(a[k], b[k], acc) for k ascending from its initial value, and acc
 * + 0.0f at the end. That last addition turns -0 into +0, and so makes skipping the terms whose a[k] is 0
 * invisible (for finite b). Which NaN a NaN is, is not promised.
 */
#ifndef MINNOW_KERNELS_H
#define MINNOW_KERNELS_H

#include <stddef.h>
#include <stdint.h>
#include "activations.h"
#include "updates.h"

/* Sparse rows over a matrix of columns: row r's nonzeros are index[begin[r]] … index[end[r] - 1], ascending,
   with their values beside them. Rows that stand one behind the other need one array: end = begin + 1. */
struct sparse_rows {
    const uint32_t *begin, *end; /* [rows] */
    const uint32_t *index;
    const float *value;
};

struct kernels {
    const char *name;
    uint32_t cpu_features; /* CPU_… bits of cpu.h that must all be there */
    unsigned vector_floats;
    unsigned tile_rows, tile_columns; /* register tile of the products: split work at multiples of these */

    /* The operations: operations.h lists and describes them. */
#define OPERATION(type, name, parameters) type(*name) parameters;
#include "operations.h"
};

/* The tables built into this program, narrowest first; scalar is always the first. */
extern const struct kernels *const kernel_tables[];
extern const size_t kernel_table_count;

/* The names of all instruction sets that there are tables for, on any architecture. */
extern const char *const kernel_set_names[];
extern const size_t kernel_set_count;

/* The table of that name, or NULL. */
const struct kernels *kernels_find(const char *name);
/* Whether this machine (CPU and operating system) can run the table. */
int kernels_usable(const struct kernels *table);
/* The widest table this machine runs. */
const struct kernels *kernels_best(void);

#endif
