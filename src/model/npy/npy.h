/*
 * NumPy's .npy files (numpy.lib.format): "\x93NUMPY", a version, the length of a header, the header as a
 * Python dictionary of descr, fortran_order and shape, and the numbers.
 */
#ifndef MINNOW_MODEL_NPY_H
#define MINNOW_MODEL_NPY_H

#include "model/blueprint.h"

/* Reads versions 1 to 3, float32 and float64 of either byte order, C and Fortran order, at most
   MODEL_MAX_RANK dimensions. Allocates nothing. The array points into `bytes`, and its name is `name`.
   Errors: INPUT. */
minnow_status npy_parse(const char *name, const uint8_t *bytes, size_t size, struct model_array *out);

/* Writes what stands before the numbers of a little-endian float32 array in C order. columns 0: a vector. */
void npy_write_header(struct output *output, size_t rows, size_t columns);

#endif
