/* Which features of a dataset are not zero, so that the first layer need not look at the zeros. */
#ifndef MINNOW_DATA_PREPROCESSING_NONZEROS_H
#define MINNOW_DATA_PREPROCESSING_NONZEROS_H

#include "data/dataset.h"

/* The share of features that are not zero, 0 to 1, from at most a few thousand samples spread over the
 * dataset. */
double nonzeros_density(const minnow_dataset *dataset);

/* nonzeros[features]: in how many of those samples each feature is not zero. Returns how many they are. */
size_t nonzeros_by_feature(const minnow_dataset *dataset, uint32_t *nonzeros);

/* Sample s has the features index[start[s]] … index[start[s + 1] - 1], ascending, and their bytes beside
   them; the values of a dataset of floats are in the dataset. Behind the last entry of index and byte lie
   NONZEROS_SLACK zeros, so that a reader may take whole vectors. */
enum { NONZEROS_SLACK = 16 };
struct nonzeros {
    size_t *start;   /* [count + 1] */
    uint16_t *index; /* [start[count] + NONZEROS_SLACK] */
    uint8_t *byte;   /* likewise, or NULL when the dataset has floats */
    size_t longest;  /* nonzeros of the fullest sample */
};

/* Indexes the dataset, on `threads` threads. At most 65536 features. A sparse dataset is its own index: then only
   `longest` is set. Errors: MEMORY. */
minnow_status nonzeros_index(const minnow_dataset *dataset, unsigned threads, struct nonzeros *out);
void nonzeros_free(struct nonzeros *nonzeros);

#endif
