/* The table of optimisers: how a gradient changes a parameter. */
#ifndef MINNOW_TRAIN_OPTIMIZERS_H
#define MINNOW_TRAIN_OPTIMIZERS_H

#include <stdbool.h>

#include "kernels.h"
#include "minnow/minnow.h"

struct optimizer_row {
    const char *name; /* as the command line and checkpoints spell it */
    const char *help;

    /* The constants that the kernels' updates take for one mini-batch at this learning rate. */
    struct update (*update)(double rate);
};

extern const struct optimizer_row optimizer_rows[]; /* by minnow_optimizer */
extern const size_t optimizer_row_count;

/* The optimiser of that name. False if there is none. */
bool optimizer_find(const char *name, minnow_optimizer *out);

#endif
