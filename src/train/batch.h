/* Samples of a dataset as rows of floats, the form that the kernels take. */
#ifndef MINNOW_TRAIN_BATCH_H
#define MINNOW_TRAIN_BATCH_H

#include "data/dataset.h"
#include "kernels.h"

/* x[m][features]: the samples named by rows[m]; rows NULL: samples first … first + m - 1. */
static inline void batch_gather(const struct kernels *kernels, const minnow_dataset *dataset, size_t first,
                                const uint32_t *rows, size_t m, float *x, size_t ldx) {
    size_t n = dataset->features;
    if (dataset->bytes != NULL)
        kernels->gather_bytes(m, n, dataset->bytes + first * n, n, rows, dataset->scale, x, ldx);
    else
        kernels->gather_floats(m, n, dataset->values + first * n, n, rows, x, ldx);
}

#endif
