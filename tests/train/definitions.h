/* Activations and losses as the textbooks have them, in double precision: what the trainer's are held against. */
#ifndef TESTS_TRAIN_DEFINITIONS_H
#define TESTS_TRAIN_DEFINITIONS_H

#include <stddef.h>

#include "minnow/minnow.h"

/* NaN, which no comparison passes, for an enumerator that is not in the public header; so too of a loss. */
double defined_activation(minnow_activation activation, double z);

/* Of one sample with n logits (or, for losses of numbers, outputs) z; target: n numbers, or NULL where the sample has a label. */
double defined_loss(minnow_loss loss, const double *z, size_t n, size_t label, const float *target);

#endif
