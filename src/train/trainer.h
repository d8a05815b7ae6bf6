/* The trainer behind the public handle: the place in the run, the accounting and the stop. The step itself is
   the plan's. */
#ifndef MINNOW_TRAIN_TRAINER_H
#define MINNOW_TRAIN_TRAINER_H

#include <stdatomic.h>

#include "train/divergence.h"
#include "train/pace.h"
#include "train/ranks.h"
#include "train/state.h"
#include "train/tuner.h"

struct minnow_trainer {
    minnow_network *network;
    const minnow_dataset *dataset;
    minnow_training_config config;
    minnow_distortion_config distortion; /* which config.distortion points to, unless that is NULL */
    struct plan *plan;

    double set_rate;    /* from outside, in place of the schedule's; 0: none */
    struct pace pace;   /* of the first thread */
    struct tuner tuner; /* likewise, but for what it says of the next mini-batch */
    uint64_t steps_per_epoch;
    uint64_t steps_before;       /* of the optimiser, with other samples: see minnow_trainer_continue */
    size_t epochs_before;        /* likewise, of which some may have been broken off */
    struct training_state state; /* between calls of minnow_trainer_advance */
    double plateau_share;        /* of the learning rate, in the epoch under way */
    uint32_t *order; /* [count]: the epoch's samples in training order; NULL for the dataset's own order */

    /* The slot whose parameters have changed places with the network's, from which training goes on; SLOT_COUNT:
       none. */
    enum training_slot shown;

    struct parameters *good;    /* what the network showed when the last epoch ended, or the run began */
    struct divergence diverged; /* none at 0 */

    bool has_dataset_crc32;
    uint32_t dataset_crc32; /* for checkpoints; computed when it is first needed */

    atomic_bool stop; /* asked for from outside */
    bool halt;        /* the first thread's answer, which the others read behind a barrier */
    bool in_callback; /* of minnow_trainer_run, which must not train */
};

/* A trainer of a configuration that has been checked, and is copied, on exactly `threads` threads, or 0: as plan_create
   chooses. state: where it goes on, or NULL for the start. Errors: ARGUMENT, MEMORY. */
minnow_status trainer_create(minnow_network *network, const minnow_dataset *dataset,
                             const minnow_training_config *config, unsigned threads,
                             const struct training_state *state, minnow_trainer **out);

/* From the next mini-batch on, the schedule is that of a run whose learning rate is `rate`: what it says of each mini-batch
   grows or shrinks as the rate did. Checkpoints hold the new rate. Errors: ARGUMENT (it is not above 0, or too large). */
minnow_status trainer_change_rate(minnow_trainer *trainer, double rate);

/* Whether a stop was asked for, which is then no more. */
bool trainer_take_stop(minnow_trainer *trainer);

/* ---- together.c ---- */

/* Behind the making of a trainer, which went as `status` says: whether the other ranks made theirs, for the same. Else *out
   is freed and becomes NULL. comm NULL: alone. Errors: the first one of any rank, COMMUNICATION, MEMORY. */
minnow_status trainer_agree(minnow_comm *comm, minnow_status status, minnow_trainer **out);
/* Behind a call of advance: that all messages arrived, and every rank has the average of the parameters. Errors:
   COMMUNICATION; the run is then over, and the network shows what it showed at the end of the epoch before. */
minnow_status trainer_meet(minnow_trainer *trainer);

/* ---- keep.c ---- */

/* Remembers what the network would show now: the average of the parameters, if there is one. Errors: MEMORY. */
minnow_status trainer_keep_good(minnow_trainer *trainer);
/* Puts it in the network, for good. */
void trainer_restore_good(minnow_trainer *trainer);

/* minnow_trainer_resume (checkpoint.c), with `threads` as above. */
minnow_status trainer_resume(minnow_network *network, const minnow_dataset *dataset,
                             const minnow_training_config *given, unsigned threads, minnow_trainer **out);

#endif
