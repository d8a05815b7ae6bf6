/* Rows of draws as the kernels take them, a row for each sample of a mini-batch. */
#ifndef MINNOW_TRAIN_DRAWS_H
#define MINNOW_TRAIN_DRAWS_H

#include "base/random.h"
#include "train/stages/stage.h"

enum { DRAWS_WORDS = 6 };

/* The key and counter of a sample's draws: a pure function of the seed, the purpose, the epoch and the sample, whatever
   mini-batch, thread or order it comes in. */
static inline void draws_of(uint64_t seed, uint32_t purpose, const struct minibatch *batch, size_t sample,
                            uint32_t draws[DRAWS_WORDS]) {
    draws[0] = (uint32_t)seed;
    draws[1] = (uint32_t)(seed >> 32);
    draws[2] = 0;
    draws[3] = (uint32_t)sample;
    draws[4] = batch->epoch;
    draws[5] = purpose;
}

#endif
