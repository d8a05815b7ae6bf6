#include "base/array.h"

#include <math.h>
#include <string.h>

#include "base/byte_order.h"
#include "base/memory.h"

size_t array_element_size(enum array_type type) {
    switch (type) {
    case ARRAY_UINT8:
    case ARRAY_INT8:
        return 1;
    case ARRAY_UINT16:
    case ARRAY_INT16:
    case ARRAY_FLOAT16:
        return 2;
    case ARRAY_UINT32:
    case ARRAY_INT32:
    case ARRAY_FLOAT32:
        return 4;
    case ARRAY_UINT64:
    case ARRAY_INT64:
    case ARRAY_FLOAT64:
        return 8;
    }
    return 0;
}

bool array_product(const struct array *array, size_t first, size_t *out) {
    *out = 1;
    for (size_t i = first; i < array->rank; i++)
        if (!size_multiply(*out, array->shape[i], out))
            return false;
    return true;
}

/* The element's bits, the first byte of the number lowest. */
static uint64_t load_bits(const uint8_t *bytes, size_t size, bool big_endian) {
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)bytes[big_endian ? size - 1 - i : i] << (8 * i);
    return bits;
}

/* IEEE 754's binary16: a sign, 5 bits of an exponent that is 15 too large, and 10 of a fraction. */
static double half_number(unsigned bits) {
    enum { FRACTION_BITS = 10, BIAS = 15, EXPONENT_MOST = 31 };
    int exponent = (int)(bits >> FRACTION_BITS & EXPONENT_MOST);
    unsigned fraction = bits & ((1U << FRACTION_BITS) - 1);
    double size = exponent == 0 ? ldexp(fraction, 1 - BIAS - FRACTION_BITS)
                                : ldexp(fraction + (1U << FRACTION_BITS), exponent - BIAS - FRACTION_BITS);
    if (exponent == EXPONENT_MOST)
        size = fraction == 0 ? INFINITY : NAN;
    return bits >> 15 != 0 ? -size : size;
}

double array_element(const struct array *array, size_t place) {
    size_t size = array_element_size(array->type);
    uint64_t bits = load_bits(array->data + place * size, size, array->big_endian);
    uint32_t low = (uint32_t)bits;
    float single;
    double number;

    switch (array->type) {
    case ARRAY_UINT8:
    case ARRAY_UINT16:
    case ARRAY_UINT32:
    case ARRAY_UINT64:
        return (double)bits;
    case ARRAY_INT8:
        return (double)(int8_t)bits;
    case ARRAY_INT16:
        return (double)(int16_t)bits;
    case ARRAY_INT32:
        return (double)(int32_t)bits;
    case ARRAY_INT64:
        return (double)(int64_t)bits;
    case ARRAY_FLOAT16:
        return half_number((unsigned)bits);
    case ARRAY_FLOAT32:
        memcpy(&single, &low, sizeof single);
        return (double)single;
    case ARRAY_FLOAT64:
        memcpy(&number, &bits, sizeof number);
        return number;
    }
    return 0.0;
}

size_t array_place(const struct array *array, size_t n, size_t k, size_t elements) {
    if (!array->fortran_order)
        return n * elements + k;

    /* In Fortran order an index counts as many elements as all indices before it have. */
    size_t place = 0, behind = elements, counts = array->shape[0];
    for (size_t i = 1; i < array->rank; i++) {
        behind /= array->shape[i];
        place += k / behind * counts;
        k %= behind;
        counts *= array->shape[i];
    }
    return place + n;
}
