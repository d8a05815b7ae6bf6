/*
 * The training step of a network, compiled for a dataset and a configuration: one stage per layer, a list of phases, and
 * the share of each thread in each phase. By default a step has two phases:
 *
 *   propagate   split by samples: load, forward, loss, and backward to every delta; no thread needs another's
 *   update      split by rows of weights: each gradient is summed over all samples in order, and applied
 *
 * A stage may be split by columns instead: then each thread owns a slice of its outputs. For all samples it computes these in
 * the forward pass, and it alone updates their weights, which so stay in its cache; activations and deltas move between the
 * threads. Each pass through such a stage is a phase of its own:
 *
 *   forward     split by columns of weights
 *   backward    split by rows of weights, which are columns of the transposed copy
 *
 * Where the configuration asks for it, there are more behind these:
 *
 *   apply       split by rows of weights: with clip_norm, update only stores the gradient, whose length scales it
 *   limit       split by columns of weights: with max_norm, the columns that are too long are scaled down
 *
 * Threads meet between the phases; no two ever write the same place. No sum is ever split, so that the bits are the same
 * for every kind, split and share: a trainer may change them between any two mini-batches, and does (tuner.h).
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
    struct range samples;                  /* of a full mini-batch */
    struct range rest;                     /* of the shorter one that may end an epoch */
    struct range rows[NETWORK_MAX_LAYERS]; /* of each stage's weights, which it updates: the rectangle of */
    struct range columns[NETWORK_MAX_LAYERS]; /* these rows and columns */
    bool biases[NETWORK_MAX_LAYERS];          /* whether it updates each stage's biases */
    struct range outputs[NETWORK_MAX_LAYERS]; /* of each stage, where a phase is split by columns */
    struct range inputs[NETWORK_MAX_LAYERS];  /* likewise, going backward */
};

/* What a phase is split by. How fast a thread is, is known for each by itself. */
enum plan_split { SPLIT_SAMPLES, SPLIT_COLUMNS, SPLIT_UPDATE, SPLIT_COUNT };

/* What the members of a team do between two barriers. Those split by samples do all that stands here for a sample. */
struct plan;
struct phase {
    const char *name, *splits;
    enum plan_split split;
    void (*run)(struct plan *plan, const struct phase *phase, const struct minibatch *batch, unsigned thread);
    bool loads, compares;
    struct range forward, backward; /* stages; backward from the last of them to the first */
};
enum { PLAN_PHASES_MOST = 4 * NETWORK_MAX_LAYERS + 4 };

/* A stage is open as one kind, or as two that are worth comparing. The second has no kind where there is but one. */
enum { PLAN_KINDS_MOST = 2 };
struct opened {
    const struct stage_kind *kind;
    void *own; /* the kind's */
};

/* One way to carry out the step. */
struct plan_way {
    unsigned char kind[NETWORK_MAX_LAYERS]; /* of those that the stage is open as */
    bool owned[NETWORK_MAX_LAYERS];         /* whether the stage is split by columns */
    double *speed[SPLIT_COUNT];             /* [threads]: of each thread beside the others */
    double *line; /* [grains + 1]: the work of the update up to each grain of the stages that are not owned */
};
/* Whether this is a build whose plans are what the cost model says, for debugging. */
#ifdef MINNOW_PLAN_FIXED
enum { PLAN_FIXED = true };
#else
enum { PLAN_FIXED = false };
#endif

enum { PLAN_WAYS = 2 }; /* the one that is followed, and one to compare it with */

/* Seconds that a thread was busy with phases of each split, in some mini-batches. */
enum { PLAN_RECORDS = 8 };
struct record {
    _Alignas(CACHE_LINE) double busy[PLAN_RECORDS][SPLIT_COUNT];
};

struct plan {
    minnow_network *network;
    const minnow_dataset *dataset;
    struct distortion *distortion;     /* of the samples, or NULL */
    struct perturbation *perturbation; /* of the samples beside that, or NULL */
    size_t batch;                      /* samples of a full mini-batch */
    double density;                    /* of the samples: the share of features that are not 0 */
    uint64_t version;                  /* of the parameters that the stages' copies were made from */
    bool tries;                        /* whether a stage may be of two kinds, to be compared */
    unsigned threads;
    struct share *shares; /* [threads], of which `sharing` have the work */
    unsigned sharing;
    struct stage_choice choices[NETWORK_MAX_LAYERS];
    struct opened opened[NETWORK_MAX_LAYERS][PLAN_KINDS_MOST];
    struct plan_way ways[PLAN_WAYS];
    unsigned way;    /* the one that is followed */
    double *numbers; /* what the ways point to */
    float *filled;   /* [features]: the share of samples where it is not 0; NULL where nobody wants to know */
    struct phase phases[PLAN_PHASES_MOST];
    size_t phase_count;
    struct record *records; /* [threads] */

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

/* One step, called by each member of a team of plan->threads or fewer. Returns without waiting for the others at the
   end: the caller's own barrier, which must follow before the next step, does. record: where the member notes how long
   it was busy, or PLAN_RECORDS: nowhere. */
void plan_run(struct plan *plan, const struct minibatch *batch, struct team_member member, unsigned record);

/* Follows a way from the next step on, its work shared by so many members. Only while no step is under way. */
void plan_follow(struct plan *plan, unsigned way, unsigned members);

/* Makes one way like the other. */
void plan_copy_way(struct plan *plan, unsigned from, unsigned to);

/* ---- plan_share.c ---- */

/* Whether a stage may be split by columns, and is wide enough for that. */
bool plan_can_own(const struct plan *plan, size_t layer);

/* Makes room for ways and shares, and sets the first way: threads equally fast. Errors: MEMORY. */
minnow_status plan_open_ways(struct plan *plan);
void plan_close_ways(struct plan *plan);

/* After a change of a way's kinds or splits: what the update costs. */
void plan_measure_way(const struct plan *plan, struct plan_way *way);
/* Shares the work of the way that is followed. */
void plan_share_out(struct plan *plan);

/* ---- plan_phases.c ---- */

/* Lists the phases of the way that is followed, between which the team meets at a barrier. */
void plan_list_phases(struct plan *plan);

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
void plan_apply(struct plan *plan, const struct phase *phase, const struct minibatch *batch, unsigned thread);
void plan_limit(struct plan *plan, const struct phase *phase, const struct minibatch *batch, unsigned thread);

/* The plan as lines of text, from malloc; NULL when there is no memory. */
char *plan_describe(const struct plan *plan);

#endif
