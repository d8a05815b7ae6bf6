/* Arrays of numbers as files hold them: a type, an order of bytes, a shape, and elements without alignment. */
#ifndef MINNOW_BASE_ARRAY_H
#define MINNOW_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARRAY_MAX_RANK = 8 };

enum array_type {
    ARRAY_UINT8, /* also NumPy's bool */
    ARRAY_INT8,
    ARRAY_UINT16,
    ARRAY_INT16,
    ARRAY_UINT32,
    ARRAY_INT32,
    ARRAY_UINT64,
    ARRAY_INT64,
    ARRAY_FLOAT16,
    ARRAY_FLOAT32,
    ARRAY_FLOAT64
};

struct array {
    enum array_type type;
    bool big_endian;
    bool fortran_order; /* the first index runs fastest; otherwise the last */
    size_t rank, shape[ARRAY_MAX_RANK];
    const uint8_t *data; /* inside the bytes that were parsed */
};

/* Bytes of an element. */
size_t array_element_size(enum array_type type);

/* Elements of the indices from `first` to the last: shape[first] · shape[first + 1] · …; false when the product
   does not fit. */
bool array_product(const struct array *array, size_t first, size_t *out);

/* The element at a place in storage order. Integers beyond 2^53 are rounded. */
double array_element(const struct array *array, size_t place);

/* The place, in storage order, of item `n` of the first index and element `k` of those behind it, k counting
   them in C order (the last index fastest). `elements` is array_product(array, 1). */
size_t array_place(const struct array *array, size_t n, size_t k, size_t elements);

#endif
