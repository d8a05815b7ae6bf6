/* The table of optimisers: how a gradient changes a parameter. */
#ifndef MINNOW_TRAIN_OPTIMIZERS_H
#define MINNOW_TRAIN_OPTIMIZERS_H

#include <stdbool.h>

#include "kernels.h"
#include "minnow/minnow.h"

struct optimizer_row {
    const char *name; /* as the command line and checkpoints spell it */
    const char *help;
    enum update_rule rule; /* what the kernels do */

    /* Values that work without tuning, and that a configuration for this optimiser begins with; 0: it has no such
       constant (of weight_decay: none unless asked for). */
    double learning_rate, momentum, beta1, beta2, epsilon, weight_decay;

    double work; /* multiply-adds that take as long as updating a parameter: fitted to measurements */
};

extern const struct optimizer_row optimizer_rows[]; /* by minnow_optimizer */
extern const size_t optimizer_row_count;

/* The optimiser of that name. False if there is none. */
bool optimizer_find(const char *name, minnow_optimizer *out);

/* The constants that the kernels' updates take for mini-batch `step` (from 0) of a run at this learning rate. */
struct update optimizer_update(const minnow_training_config *config, double rate, uint64_t step);

/* The same for biases, which neither decay nor count in the L2 penalty. */
struct update optimizer_bias_update(struct update update);

#endif
