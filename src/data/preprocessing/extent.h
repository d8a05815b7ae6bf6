/* How large features are. */
#ifndef MINNOW_DATA_PREPROCESSING_EXTENT_H
#define MINNOW_DATA_PREPROCESSING_EXTENT_H

#include "data/dataset.h"

struct extent {
    double least, most, squares; /* squares: the sum of all */
    size_t count, widest;        /* count: of values; widest: the feature that has the largest of them */
    bool whole;                  /* all are integers */
};

/* Of nothing; most and least are 0, as no range that matters leaves 0 out. */
#define EXTENT_NONE                                                                                          \
    { .whole = true }

/* Adds values [count], features `first` and up of a sample. */
void extent_add(struct extent *extent, const float *values, size_t count, size_t first);

/* Of a dataset's features as a network receives them; of large datasets, of some million values of samples at even
   distances. The zeros that sparse samples do not list count too. */
struct extent extent_of(const minnow_dataset *dataset);

/* The largest magnitude, and the square root of the mean square. */
double extent_largest(const struct extent *extent);
double extent_size(const struct extent *extent);

/* Whether the values look like bytes: whole numbers from 0 to 255, and larger ones than 1. */
bool extent_looks_like_bytes(const struct extent *extent);

#endif
