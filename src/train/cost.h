/* What a mini-batch costs, as README.md tells it: roughly, but well enough to choose by. */
#ifndef MINNOW_TRAIN_COST_H
#define MINNOW_TRAIN_COST_H

#include "train/stages/stage.h"

/* A layer in one kind of stage. */
struct stage_choice {
    struct stage_request request;
    const struct stage_kind *kind;
    const struct stage_kind *second; /* worth comparing with it, or NULL */
};

/* The number of threads, at most `most`, that are done first with a step of these stages. */
unsigned cost_best_threads(const struct stage_choice *choices, size_t count, unsigned most);

/* Multiply-adds' worth of adding up the losses of a mini-batch, which only the first thread does. */
double cost_account(size_t batch);

#endif
