/*
 * NumPy's .npy files (numpy.lib.format): "\x93NUMPY", a version, the length of a header, the header as a
 * Python dictionary of descr, fortran_order and shape, and the numbers.
 */
#ifndef MINNOW_BASE_NPY_H
#define MINNOW_BASE_NPY_H

#include "base/array.h"
#include "base/file_kind.h"
#include "minnow/minnow.h"

/* Reads versions 1 to 3, either byte order, C and Fortran order, at most ARRAY_MAX_RANK dimensions. As a model,
   float32 and float64; as data, integers and bool too. Allocates nothing; the array points into `bytes`. `name`
   is for messages. Errors: INPUT. */
minnow_status npy_read(const char *name, const uint8_t *bytes, size_t size, enum file_use use,
                       struct array *out);

#endif
