/* Where a run of training stands, between two mini-batches. */
#ifndef MINNOW_TRAIN_STATE_H
#define MINNOW_TRAIN_STATE_H

#include <stddef.h>

#include "train/plateau.h"

struct training_state {
    size_t epoch;     /* under way or just ended, from 0 */
    size_t position;  /* samples of the epoch done; all of them: it has ended */
    size_t correct;   /* of those, predicted rightly, each before its own update */
    double loss_sum;  /* over those, in sample order */
    double seconds;   /* spent on the epoch */
    double last_rate; /* the learning rate of the last mini-batch */

    /* Mean over the run's first mini-batch, or the first one behind a checkpoint that does not tell it; 0 before it. */
    double first_loss;

    size_t best_epoch; /* whose parameters are kept as the best ones, from 1; 0: none are */
    double best_score; /* of those */

    struct plateau plateau;
};

#endif
