/*
 * The training step of a network, compiled for a dataset and a configuration: one stage per layer, each of the
 * kind that costs least, and the share of each thread in each phase. A step has two phases:
 *
 *   propagate   split by samples: load, forward, loss, and backward to every delta; no thread needs another's
 *   update      split by rows of weights: each gradient is summed over all samples in order, and applied
 *
 * and, where the configuration asks for it, more:
 *
 *   apply       split by rows of weights: with clip_norm, update only stores the gradient, whose length scales it
 *   limit       split by columns of weights: with max_norm, the columns that are too long are scaled down
 *
 * Threads meet between the phases; no two ever write the same place.
 */
#ifndef MINNOW_TRAIN_PLAN_H
#define MINNOW_TRAIN_PLAN_H

#include "base/team.h"
#include "train/answers.h"
#include "train/cost.h"
#include "train/perturb.h"
#include "train/slots.h"
#include "train/stages/stage.h"
#include "train/sub_batches.h"

/* One thread's part of the step. */
struct share {
    struct range samples;                     /* of a full mini-batch */
    struct range rest;                        /* of the shorter one that may end an epoch */
    struct range rows[NETWORK_MAX_LAYERS];    /* of each stage's weights */
    bool biases[NETWORK_MAX_LAYERS];          /* whether it updates each stage's biases */
    struct range columns[NETWORK_MAX_LAYERS]; /* of each stage's weights, in the phase that limits them */
};

/* A phase: its name, what it shares out, whether a plan has it, and what runs one thread's share. */
struct plan;
struct phase {
    const char *name, *split;
    bool (*needed)(const struct plan *plan);
    void (*run)(struct plan *plan, const struct minibatch *batch, unsigned thread);
};
enum { PLAN_PHASES_MOST = 4 };

struct plan {
    minnow_network *network;
    const minnow_dataset *dataset;
    struct distortion *distortion;     /* of the samples, or NULL */
    struct perturbation *perturbation; /* of the samples beside that, or NULL */
    size_t batch;                      /* samples of a full mini-batch */
    double density;                    /* of the samples: the share of features that are not 0 */
    uint64_t version;                  /* of the parameters that the stages' copies were made from */
    unsigned threads;
    struct share *shares; /* [threads] */
    struct stage_choice choices[NETWORK_MAX_LAYERS];
    const struct phase *phases[PLAN_PHASES_MOST];
    size_t phase_count;

    struct slots slots; /* beside the network's parameters */
    double clip_norm, max_norm;
    double gradient_norm; /* with clip_norm: of the last mini-batch, kept by the first thread */
    float *squares;      /* of the gradient, with clip_norm: of each row of weights and each stage's biases */
    size_t square_count; /* their number */

    struct sub_batches sub; /* by which gradients are summed */
    struct ranks *ranks;    /* with which they are; NULL: alone */

    struct answers answers; /* what the last stage's logits are compared with, and what comes of it */

    size_t stage_count;
    struct stage stages[];
};

/* Chooses kinds by config->sparse and cost, and threads: exactly `threads`, or 0: as many of the
   configuration's as pay, and never more than there are processors, as each step waits for the last thread.
   Mini-batches of one sample have one thread in any case. Network and dataset are borrowed.
   Errors: ARGUMENT (samples that cannot be distorted), MEMORY. */
minnow_status plan_create(minnow_network *network, const minnow_dataset *dataset,
                          const minnow_training_config *config, unsigned threads, struct plan **out);
void plan_free(struct plan *plan);

/* Makes the stages' copies of parameters anew if those were changed by anyone else. */
void plan_refresh(struct plan *plan);

/* Before the first step of an epoch, counted from 0, and of one that a run goes on with. */
void plan_begin_epoch(struct plan *plan, size_t epoch);

/* One step, called by each member of a team of plan->threads. Returns without waiting for the others at the
   end: the caller's own barrier, which must follow before the next step, does. */
void plan_run(struct plan *plan, const struct minibatch *batch, struct team_member member);

/* Chooses the phases that the plan needs, between which the team meets at a barrier. */
void plan_choose_phases(struct plan *plan);

void plan_propagate(struct plan *plan, const struct minibatch *batch, unsigned thread);
void plan_update(struct plan *plan, const struct minibatch *batch, unsigned thread);

/* The phases of plan_constrain.c. */
bool plan_clips(const struct plan *plan);
bool plan_limits(const struct plan *plan);
void plan_square(struct plan *plan, unsigned thread); /* behind update: fills in the thread's squares */
/* The parts of clipping: the squares of these rows of a stage, and of its biases; the factor that the squares of all come
   to; and the update by the gradient that is stored. */
void plan_square_rows(struct plan *plan, size_t l, struct range rows, bool biases);
void plan_clip(struct plan *plan, struct update *update, struct update *bias_update, unsigned thread);
void plan_apply_rows(const struct plan *plan, size_t l, const struct update *update, struct range rows);
void plan_apply_biases(const struct plan *plan, size_t l, const struct update *update);
void plan_apply(struct plan *plan, const struct minibatch *batch, unsigned thread);
void plan_limit(struct plan *plan, const struct minibatch *batch, unsigned thread);

/* The plan as lines of text, from malloc; NULL when there is no memory. */
char *plan_describe(const struct plan *plan);

#endif
