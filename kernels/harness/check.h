/*
 * Checks a kernel table against the scalar one, bit by bit: lays out an operation's arguments for a shape,
 * fills them, runs both tables and compares every byte, those that must not change included. Allocates
 * nothing: the caller says where operands go (against guard pages in the tests, in one arena in minnow
 * selftest).
 */
#ifndef MINNOW_CHECK_H
#define MINNOW_CHECK_H

#include "catalogue.h"

enum values {
    VALUES_ORDINARY,        /* finite, of moderate size; factors have zeros by density */
    VALUES_SMALL,           /* so small that products are denormal; zeros of both signs */
    VALUES_SPECIAL_FACTORS, /* NaN, infinities, huge and denormal numbers in some rows and columns; cofactors
                               finite */
    VALUES_SPECIAL_COFACTORS, /* the same for all but the factors, which have no zeros */
    VALUES_KINDS,
    VALUES_TYPICAL = VALUES_KINDS, /* what training sees, to time with: as ordinary ones, but function
                                      arguments within (0, 8) */
};

/* One way to call an operation. */
struct kernel_case {
    struct kernel_shape shape;
    unsigned way; /* the activation or update rule, of an operation that has one; else 0 */
    enum values values;
    bool omit_optional; /* pass NULL for the operand that allows it */
    bool in_place;      /* let the output that may replace an input do so */
    /* The distance between rows is the number of columns, rounded up to a multiple of row_multiple (0: 1) and,
       unless row_padding is 0, that and a little more, which differs from operand to operand. */
    size_t row_multiple, row_padding;
    size_t lead, trail; /* elements before and after each operand that must stay untouched */
    double density;     /* share of the factors' elements that are not 0 */
    float scalar;
    uint64_t seed;
};

/* Whether the operation can be called so. False too for what would repeat another case: dimensions, a
   way or options that the operation does not have must be 1, 0 and off. */
bool kernel_case_valid(const struct kernel_entry *entry, const struct kernel_case *c);

struct kernel_layout {
    size_t rows, columns, ld; /* of sparse arrays and vectors: one row */
    size_t elements;          /* from the first to the last that may be touched */
    size_t bytes;             /* with lead and trail */
    bool present;             /* false: NULL is passed */
    unsigned shares;          /* 1 + the operand whose memory it is, or 0 */
};
/* Lays out operand i. False if its size does not fit into a size_t. */
bool kernel_layout(const struct kernel_entry *entry, const struct kernel_case *c, unsigned i,
                   struct kernel_layout *out);

/* Where an operand's `bytes` bytes go, 4-byte aligned; NULL if there is no room. `copy` is 0 for the
   arguments of the scalar table, 1 for those of the one under test. */
typedef void *kernel_place(void *context, unsigned copy, unsigned operand, size_t bytes);

/* Sets up a call: places and fills every operand, and what must stay untouched around it. */
bool kernel_prepare(const struct kernel_entry *entry, const struct kernel_case *c, unsigned copy,
                    kernel_place *place, void *context, struct kernel_call *call);

struct kernel_fault {
    enum kernel_fault_kind {
        KERNEL_FAULT_NONE,
        KERNEL_FAULT_MEMORY,  /* the case does not fit into memory */
        KERNEL_FAULT_DIFFERS, /* an output element is not scalar's */
        KERNEL_FAULT_INPUT,   /* an input was changed */
        KERNEL_FAULT_OUTSIDE, /* something between or around the elements was written */
    } kind;
    unsigned operand;
    size_t row, column;
    ptrdiff_t distance;       /* OUTSIDE: in elements from the operand's first */
    uint32_t expected, found; /* bits */
};

/* Runs the case through `table` and through scalar. False, and *fault says what is wrong, unless the table
   did what scalar did and touched nothing else. A NaN equals any NaN. */
bool kernel_check(const struct kernels *table, const struct kernel_entry *entry, const struct kernel_case *c,
                  kernel_place *place, void *context, struct kernel_fault *fault);

/* The comparison alone, over slices of two calls as far as they write: both have been run. */
bool kernel_outputs_equal(const struct kernel_entry *entry, const struct kernel_call *expected,
                          const struct kernel_call *found, struct kernel_fault *fault);

/* The case, and what went wrong with it, in one line of words. */
void kernel_case_describe(const struct kernel_entry *entry, const struct kernel_case *c, char *text,
                          size_t size);
void kernel_fault_describe(const struct kernel_entry *entry, const struct kernel_fault *fault, char *text,
                           size_t size);

/* ---- Between check.c and fill.c ---- */

/* Writes what operand i holds before a call, at data: its elements, and a pattern wherever there are none. */
void kernel_fill(const struct kernel_entry *entry, const struct kernel_case *c, unsigned i,
                 const struct kernel_layout *layout, void *data);
/* Sparse rows: the elements of index[] and value[], the gaps between rows included. */
size_t kernel_sparse_length(const struct kernel_case *c, const struct kernel_operand *operand);
/* The pattern of the untouched 4-byte element at a distance from the operand's first. */
uint32_t kernel_pattern(unsigned operand, ptrdiff_t distance);
/* The bits that element (row, column) of an operand starts with. Not for the sparse arrays. */
uint32_t kernel_start_value(const struct kernel_entry *entry, const struct kernel_case *c, unsigned i,
                            size_t row, size_t column);

#endif
