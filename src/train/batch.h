/* Samples of a dataset as rows of floats, the form that the kernels take. */
#ifndef MINNOW_TRAIN_BATCH_H
#define MINNOW_TRAIN_BATCH_H

#include <string.h>

#include "data/dataset.h"
#include "kernels.h"

/* The same of a sparse dataset: zeros, and what is listed. */
static inline void batch_scatter(const minnow_dataset *dataset, size_t first, const uint32_t *rows, size_t m,
                                 float *x, size_t ldx) {
    const struct sparse_features *sparse = &dataset->sparse;
    for (size_t i = 0; i < m; i++) {
        size_t sample = rows != NULL ? rows[i] : first + i;
        memset(x + i * ldx, 0, dataset->features * sizeof *x);
        for (size_t e = sparse->start[sample]; e < sparse->start[sample + 1]; e++)
            x[i * ldx + sparse->index[e]] = sparse->value[e];
    }
}

/* x[m][features]: the samples named by rows[m]; rows NULL: samples first … first + m - 1. */
static inline void batch_gather(const struct kernels *kernels, const minnow_dataset *dataset, size_t first,
                                const uint32_t *rows, size_t m, float *x, size_t ldx) {
    size_t n = dataset->features;
    if (dataset_is_sparse(dataset))
        batch_scatter(dataset, first, rows, m, x, ldx);
    else if (dataset->bytes != NULL)
        kernels->gather_bytes(m, n, dataset->bytes + first * n, n, rows, dataset->scale, x, ldx);
    else
        kernels->gather_floats(m, n, dataset->values + first * n, n, rows, x, ldx);
}

#endif
