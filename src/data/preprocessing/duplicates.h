/* Samples that are in two datasets. */
#ifndef MINNOW_DATA_PREPROCESSING_DUPLICATES_H
#define MINNOW_DATA_PREPROCESSING_DUPLICATES_H

#include "data/dataset.h"

/* How many samples of `test` have the same features, to the bit, as one of `train`; 0 where one has
   bytes and the other floats, or another number of features. Errors: MEMORY. */
minnow_status duplicates_count(const minnow_dataset *train, const minnow_dataset *test, unsigned threads,
                               size_t *count);

#endif
