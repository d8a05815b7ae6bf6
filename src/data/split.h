/* Which samples are held out of training: drawn by a seed, of each class its share. */
#ifndef MINNOW_DATA_SPLIT_H
#define MINNOW_DATA_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "minnow/minnow.h"

/* Samples, and what a division of them is to be even in. */
struct split {
    size_t count;
    const uint32_t *labels; /* [count]: their classes, below `classes`; or NULL */
    size_t classes;         /* 0 without labels */
    const float
        *numbers; /* [count]: what is predicted of them; or NULL. Without either, the draws alone decide */
    const uint32_t *samples; /* [count]: what each sample's draw is counted by; NULL: 0 … count − 1 */
    uint64_t seed;
};

/* The samples (0 … count − 1) ranked by class or number, and at random among equals. Whoever takes each k-th of them
   gets about the k-th part of each class, and of small and large numbers alike: fold f of k has the samples at the
   ranks f, f + k, f + 2k …. The same ranks on every machine. Errors: MEMORY. */
minnow_status split_rank(const struct split *split, uint32_t *order);

/* Marks about share · count samples, 0 < share < 1, evenly spaced in that order. A class that would be held out as a
   whole, so that it could not be learned, stays with one sample. Errors: MEMORY. */
minnow_status split_mark(const struct split *split, double share, bool *held);

/* Gives each class of which all samples are marked one of them back. Without labels it does nothing. Errors: MEMORY. */
minnow_status split_return_lone(const struct split *split, bool *held);

#endif
