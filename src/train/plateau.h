/* The schedule that waits for the loss to stop falling: PyTorch's ReduceLROnPlateau, with a relative threshold of 1e-4,
   and neither a cooldown nor a least rate. */
#ifndef MINNOW_TRAIN_PLATEAU_H
#define MINNOW_TRAIN_PLATEAU_H

#include <stddef.h>

#include "minnow/minnow.h"

/* Where it stands, between two epochs. */
struct plateau {
    size_t judged; /* epochs */
    size_t bad;    /* of those, the last ones in a row without progress */
    size_t cuts;   /* how often the rate was reduced */
    double best;   /* the least loss; any while none was judged */

    size_t
        told_epoch; /* from 1: whose loss on other samples somebody has told, to take the place of its own; 0: none */
    double told;
};

/* Takes the epoch, from 1, that has ended with a mean loss on its own samples. */
void plateau_judge(struct plateau *plateau, const minnow_training_config *config, size_t epoch, double loss);

/* What is left of the learning rate. */
double plateau_share(const struct plateau *plateau, const minnow_training_config *config);

#endif
