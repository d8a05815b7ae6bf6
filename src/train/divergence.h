/* Training that has gone wrong beyond repair, seen in the mini-batch in which it happens. */
#ifndef MINNOW_TRAIN_DIVERGENCE_H
#define MINNOW_TRAIN_DIVERGENCE_H

#include "minnow/minnow.h"
#include "train/state.h"

struct plan;

/* Where it happened. */
struct divergence {
    size_t minibatch; /* of its epoch, from 1; 0: it has not */
    size_t
        layer; /* the first one whose values are not finite, from 1; 0: all are, and the loss is far too large */
    double loss; /* mean over the mini-batch; 0 where only the parameters tell */
};

/* Whether the mean loss of a mini-batch is no number, or has risen to 10^12 times what
   the run began with, and beyond 10^12: less than that, some runs recover from. Remembers what it began with. */
bool divergence_in_loss(struct training_state *state, double loss);

/* The first layer with outputs that are not finite for the plan's last mini-batch of `count` samples, from 1; or 0. */
size_t divergence_layer(const struct plan *plan, size_t count);

/* Behind an epoch of so many mini-batches: parameters that are not finite, which relu can hide from the loss. */
struct divergence divergence_in_parameters(const minnow_network *network, size_t minibatches);

/* Fails with DIVERGED, saying where and what to try. */
minnow_status divergence_fail(const struct divergence *divergence, const minnow_training_config *config,
                              size_t epoch);

#endif
