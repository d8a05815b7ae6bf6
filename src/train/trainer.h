/* The trainer behind the public handle, shared by the loop (trainer.c) and the step (step.c). */
#ifndef MINNOW_TRAIN_TRAINER_H
#define MINNOW_TRAIN_TRAINER_H

#include <stdatomic.h>

#include "base/team.h"
#include "data/dataset.h"
#include "net/network.h"
#include "train/bytes.h"
#include "train/cost.h"
#include "train/sparse.h"

struct minnow_trainer {
    minnow_network *network;
    const minnow_dataset *dataset;
    minnow_training_config config;
    unsigned threads;
    uint64_t steps_per_epoch;

    /* Where the run is: between calls of minnow_trainer_advance. */
    size_t epoch;    /* under way or just ended, from 0 */
    size_t position; /* samples of the epoch done; count: it has ended */
    double loss_sum; /* over those, in sample order */
    size_t correct;
    double seconds;
    double last_rate;

    /* The mini-batch under way, rows in the order of the samples. */
    uint32_t *order; /* [count]: the epoch's samples in training order; NULL for the dataset's own order */
    uint32_t *label; /* [batch] */
    uint32_t *predicted;
    float *loss;
    enum input_form form;
    float *input; /* [batch][input_stride]: INPUT_FLOATS */
    size_t input_stride;
    struct byte_batch bytes;               /* INPUT_BYTES */
    struct sparse_batch sparse;            /* INPUT_LISTS */
    float *activation[NETWORK_MAX_LAYERS]; /* [batch][layer's stride]: outputs of each layer but the last */
    float
        *delta[NETWORK_MAX_LAYERS]; /* [batch][layer's stride]: ∂loss/∂z; the last one's logits before that */
    float *arena;
    size_t stride[NETWORK_MAX_LAYERS];            /* of activation and delta */
    struct matrix transposed[NETWORK_MAX_LAYERS]; /* weights, for the backward pass; not the first layer's */

    /* How phase 2 is split: the layers' rows stand in one line, in grains; cost[g] is the work of the grains
     * before g, and of adding up the losses, which comes first. */
    size_t grains;
    double *cost; /* [grains + 1] */

    bool has_fingerprint;
    uint32_t fingerprint; /* of the dataset, taken when first needed */

    atomic_bool stop; /* asked for from outside */
    bool halt;        /* thread 0's answer, between the barriers */
};

/* A trainer at the start of its run, on exactly `threads` threads; or 0: on as many of the configuration's as
   pay. A mini-batch of one has one in any case. Errors: ARGUMENT, MEMORY. */
minnow_status trainer_create(minnow_network *network, const minnow_dataset *dataset,
                             const minnow_training_config *config, unsigned threads, minnow_trainer **out);
/* minnow_trainer_resume, with `threads` as above. */
minnow_status trainer_resume(minnow_network *network, const minnow_dataset *dataset,
                             const minnow_training_config *config, unsigned threads, minnow_trainer **out);
/* Errors: ARGUMENT. */
minnow_status trainer_check_config(const minnow_training_config *config);

/* Puts the samples in the order of the epoch under way. */
void trainer_begin_epoch(minnow_trainer *trainer);

/* Rows of weights that one thread updates together: a whole cache line of the transposed copy. */
enum { ROW_GRAIN = 16 };

/* Makes the transposed copies anew from the weights. */
void trainer_transpose(minnow_trainer *trainer);

/* A mini-batch: m samples from `position` of the epoch. */
struct step {
    size_t position, m;
    float rate, scale; /* learning rate; 1/m */
};

/* Forward, loss and backward to each layer's delta, for rows [begin, end) of the mini-batch. */
void step_propagate(minnow_trainer *trainer, const struct step *step, size_t begin, size_t end);

/* This member's share of the parameters: their gradients, summed over the mini-batch in order, and their
 * update. */
void step_update(minnow_trainer *trainer, const struct step *step, struct team_member member);

/* Both for a mini-batch of one, on one thread. */
void step_one(minnow_trainer *trainer, const struct step *step);

/* Adds the mini-batch to the epoch's loss and accuracy. */
void step_account(minnow_trainer *trainer, const struct step *step);

#endif
